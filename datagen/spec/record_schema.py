"""Turns a specification into the columns of its records: what each name holds, over all emitters."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from datagen.columns.column_type import INSTANT, ColumnType, union
from datagen.instants import Style
from datagen.spec.generator import Emitter, Generator, Template

EMITTER = "emitter"


@dataclass(frozen=True)
class Table:
    """The columns of all records, in order of appearance, and those of each emitter."""

    columns: Mapping[str, ColumnType]
    emitters: Mapping[str, Mapping[str, ColumnType]]

    def clashes(self) -> Iterator[str]:
        """Yield a sentence for each column that holds several types as JSON."""
        for name, column_type in self.columns.items():
            for path in _clashes(name, column_type):
                yield f'the column "{path}" holds values of several types; it is text holding JSON'


class Recorded(Protocol):
    """A specification whose records exist already."""

    @property
    def fields(self) -> Iterable[str]:
        """Return the names of their fields."""

    @property
    def table(self) -> Table:
        """Return their columns. Raises SpecError."""

    @property
    def templates(self) -> Mapping[str, Template]:
        """Return the named templates."""

    @property
    def style(self) -> Style:
        """Say how instants are written where the start does not say it."""

    def described(self) -> str:
        """Say in a line what they are."""


Specification = Generator | Recorded


def table_of(spec: Specification) -> Table:
    """Return the columns of the records of a specification."""
    return _of_emitters(spec) if isinstance(spec, Generator) else spec.table


def fields_of(spec: Specification) -> set[str]:
    """Return the names of the fields of its records."""
    if not isinstance(spec, Generator):
        return set(spec.fields)
    known = {"time"} if spec.timed else set()
    return known | {str(each.name) for emitter in spec.emitters for each in emitter.dimensions}


def _of_emitters(spec: Generator) -> Table:
    variables = variable_types(spec)
    emitters = {emitter.name: _columns(spec, emitter, variables) for emitter in spec.emitters}
    names = dict.fromkeys(name for columns in emitters.values() for name in columns)
    columns = {
        name: union(columns[name] for columns in emitters.values() if name in columns)
        for name in names
    }
    return Table(columns, emitters)


def variable_types(spec: Generator) -> dict[str, ColumnType]:
    """Return what each variable holds, whichever state sets it."""
    found: dict[str, list[ColumnType]] = {}
    for state in spec.states:
        for each in {each.name: each for each in state.variables}.values():  # the last one counts
            found.setdefault(str(each.name), []).append(each.column_type({}))
    return {name: union(column_types) for name, column_types in found.items()}


def _columns(
    spec: Generator, emitter: Emitter, variables: Mapping[str, ColumnType]
) -> dict[str, ColumnType]:
    column_types = {str(each.name): each.column_type(variables) for each in emitter.dimensions}
    return {"time": INSTANT, **column_types} if spec.timed else column_types


def _clashes(name: str, column_type: ColumnType) -> Iterator[str]:
    if column_type.kind == "json" and column_type.clash:
        yield name
    for part, inner in column_type.members if column_type.kind == "object" else ():
        yield from _clashes(f"{name}.{part}", inner)
    if column_type.elements is not None:
        yield from _clashes(f"{name}[]", column_type.elements)
