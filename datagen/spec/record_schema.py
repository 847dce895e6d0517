"""The columns of records, over all emitters: what formats and targets know of a specification."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, cast

from datagen.columns.column_type import ColumnType, union
from datagen.disorder.effects import Effect
from datagen.instants import Style
from datagen.language import Expression
from datagen.spec.document import Template
from datagen.spec.time_form import TimeForm
from datagen.timeline import Timeline


@dataclass(frozen=True)
class RecordSchema:
    """The types of the columns of all records, in order of appearance, and of those of each emitter."""

    columns: Mapping[str, ColumnType]
    emitters: Mapping[str, Mapping[str, ColumnType]]

    def with_column(self, name: str, column_type: ColumnType) -> "RecordSchema":
        """Return the same with a column besides, of all emitters that have none of its name."""
        extra = {name: column_type}
        emitters = {emitter: {**extra, **own} for emitter, own in self.emitters.items()}
        return RecordSchema({**extra, **self.columns}, emitters)

    def of_emitters(self, emitters: Collection[str]) -> "RecordSchema":
        """Return the columns that some emitters have, in the same order."""
        own = {name: columns for name, columns in self.emitters.items() if name in emitters}
        types: dict[str, list[ColumnType]] = {}
        for columns in own.values():
            for name, column_type in columns.items():
                types.setdefault(name, []).append(column_type)
        names = [name for name in self.columns if name in types]
        return RecordSchema({name: union(types[name]) for name in names}, own)

    def clashes(self) -> Iterator[str]:
        """Yield a sentence for each column that holds several types as JSON."""
        for name, column_type in self.columns.items():
            for path in _clashes(name, column_type):
                yield f'the column "{path}" holds values of several types; it is text that contains JSON'


class Specification(Protocol):
    """What every kind of specification says about its records."""

    @property
    def fields(self) -> Iterable[str]:
        """Return the names of their fields."""

    @property
    def record_schema(self) -> RecordSchema:
        """Return their columns. Raises SpecError."""

    @property
    def templates(self) -> Mapping[str, Template]:
        """Return the named templates."""

    @property
    def labels(self) -> Mapping[str, Expression]:
        """Return what the truth labels their events with."""

    @property
    def time(self) -> TimeForm | None:
        """Return how outputs call and write the instants of records; None: as they are."""

    @property
    def disorder(self) -> Sequence[Effect]:
        """Return what a network does to them."""

    @property
    def tables(self) -> Mapping[str, Any]:
        """Return the tables that `lookup` finds, by name."""

    @property
    def run_timeline(self) -> Timeline:
        """Return the periods of a run, which begins them once its start is known."""

    @property
    def clock(self) -> str:
        """Return the name of the field that is the instant of a record."""

    @property
    def style(self) -> Style:
        """Return how instants are written when the run's start has no offset."""

    @property
    def schema_known(self) -> bool:
        """Return whether the columns are known before the run."""

    @property
    def has_workers(self) -> bool:
        """Return whether workers make the records, so that a cap and a schedule mean something."""

    @property
    def arrivals(self) -> tuple[Any, ...]:
        """Return how the workers of each population come; nothing where there are no workers."""

    @property
    def source_files(self) -> tuple[str, ...]:
        """Return the files that the records are read from."""

    @property
    def child_documents(self) -> tuple[Any, ...]:
        """Return the JSON of the other files that it is made of."""

    @property
    def source_state(self) -> tuple[int, ...]:
        """Return what changes when such a file does. Raises OSError."""

    def unresumable(self) -> str:
        """Return why no run can be resumed, or "" if one can."""

    def mean_durations(self) -> Iterator[tuple[str, float]]:
        """Yield everything that takes time: what it is, and its mean in seconds."""

    def described(self) -> str:
        """Return a description on one line: how large it is."""


class WrittenSpec:
    """A specification whose records are written with other columns, all else as it is."""

    def __init__(
        self, spec: Specification, written: Callable[[RecordSchema], RecordSchema]
    ) -> None:
        self._spec, self._written = spec, written

    @property
    def fields(self) -> Iterable[str]:
        """Return the names of the fields that are written."""
        return self.record_schema.columns if self._spec.schema_known else self._spec.fields

    @property
    def record_schema(self) -> RecordSchema:
        """Return their columns. Raises SpecError."""
        return self._written(self._spec.record_schema)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._spec, name)


def written_with(
    spec: Specification, written: Callable[[RecordSchema], RecordSchema]
) -> Specification:
    """Return a specification whose columns are those that `written` makes of its own."""
    return cast("Specification", WrittenSpec(spec, written))


def _clashes(name: str, column_type: ColumnType) -> Iterator[str]:
    if column_type.kind == "json" and column_type.clash:
        yield name
    for part, inner in column_type.members if column_type.kind == "object" else ():
        yield from _clashes(f"{name}.{part}", inner)
    if column_type.elements is not None:
        yield from _clashes(f"{name}[]", column_type.elements)
