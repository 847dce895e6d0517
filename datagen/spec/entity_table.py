"""The members of one pool of a specification as records of their own: dimension tables, compacted topics."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, ClassVar

from datagen.columns.column_type import ColumnType
from datagen.disorder.effects import Effect
from datagen.errors import Problem, SpecError
from datagen.fields.pool import EntityPool
from datagen.instants import Style
from datagen.language import TIME
from datagen.one_line import counted
from datagen.spec.document import Template
from datagen.spec.entities import ENTITIES, entity_types, numbered_pools
from datagen.spec.generator import Generator
from datagen.spec.record_schema import RecordSchema
from datagen.timeline import Timeline
from datagen.validation import did_you_mean, quoted


@dataclass(frozen=True)
class EntityTable:
    """What the records are of which each is a member; with `at_start`, of those alone who are there at the start."""

    spec: Generator
    name: str
    at_start: bool

    schema_known: ClassVar[bool] = True
    has_workers: ClassVar[bool] = False
    arrivals: ClassVar[tuple[Any, ...]] = ()
    clock: ClassVar[str] = TIME
    source_state: ClassVar[tuple[int, ...]] = ()
    time: ClassVar[None] = None
    labels: ClassVar[Mapping[str, Any]] = MappingProxyType({})
    disorder: ClassVar[tuple[Effect, ...]] = ()  # members are sent by nobody

    @property
    def pool(self) -> EntityPool:
        """Return the pool."""
        return self.spec.entities[self.name]

    @property
    def fields(self) -> tuple[str, ...]:
        return self.pool.names

    @property
    def record_schema(self) -> RecordSchema:
        types = entity_types(self.spec.entities, self.spec.tables, timeline=self.run_timeline)
        columns: Mapping[str, ColumnType] = dict(types[self.name].members)
        return RecordSchema(columns, {self.name: columns})

    @property
    def templates(self) -> Mapping[str, Template]:
        return self.spec.templates

    @property
    def tables(self) -> Mapping[str, Any]:
        tables: Mapping[str, Any] = self.spec.tables
        return tables

    @property
    def run_timeline(self) -> Timeline:
        timeline: Timeline = self.spec.run_timeline
        return timeline

    @property
    def style(self) -> Style:
        return self.spec.style

    @property
    def source_files(self) -> tuple[str, ...]:
        return self.spec.source_files

    @property
    def child_documents(self) -> tuple[object, ...]:
        return self.spec.child_documents

    def unresumable(self) -> str:
        return "with --entities there is nothing to go on with; run it again"

    def mean_durations(self) -> Iterator[tuple[str, float]]:
        yield from ()

    def described(self) -> str:
        return f"entities {quoted(self.name)}: {counted(len(self.pool.attributes), 'attribute')}"


def entity_table(
    spec: Generator, name: str, file: str, *, limited: bool, records: bool
) -> EntityTable:
    """Return the table of a pool; a run is `limited` in time, or to so many `records`, or takes who is there at the start.

    Raises SpecError.
    """
    problem = ""
    if name not in spec.entities:
        known = did_you_mean(name, spec.entities) if spec.entities else "; it has none"
        problem = f"no entities {quoted(name)}{known}"
    elif name in numbered_pools(spec) and not records:
        problem = f"{quoted(name)} come into being at visits, however many there are: say how many with -n"
    if problem:
        raise SpecError([Problem((ENTITIES,), f"--entities {name}: {problem}", file)])
    return EntityTable(spec, name, at_start=not (limited or records))
