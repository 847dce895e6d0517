"""What is known of names when an expression is checked."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from datagen.columns.column_type import ColumnType
from datagen.instants import NAIVE, Style
from datagen.language.tree import TIME
from datagen.timeline import Timeline

NO_TIMELINE = Timeline({})


class Table(Protocol):
    """Rows that `lookup` finds by a key."""

    @property
    def columns(self) -> Mapping[str, ColumnType]:
        """Return the column types, by name."""

    @property
    def key(self) -> str | None:
        """Return the column by which rows are found, None where they are not."""

    def lookup(self, keys: list[Any], column: str) -> list[Any]:
        """Return for each key the value of a column in its row, None where there is none."""


@dataclass(frozen=True)
class Scope:
    """What is known of names when a specification is checked.

    `types` are the column types of the names that an expression sees; `variables` those of variables alone,
    `entities` those of the objects of entities. `style` is how instants are written, whose zone is the default of
    functions; `tables` are those of `lookup` and `row`, `timeline` has the periods of `during`, which
    looks at the instant of the visit, or at the field `clock` of a record. `below` are names that nothing has yet where the expression
    stands: it says to move them. In a fixed set of values, `outside` are the names that only what is not in it sees.
    """

    types: Mapping[str, ColumnType]
    variables: Mapping[str, ColumnType] = field(default_factory=dict)
    style: Style = NAIVE
    tables: Mapping[str, Table] = field(default_factory=dict)
    entities: Mapping[str, ColumnType] = field(default_factory=dict)
    timeline: Timeline = NO_TIMELINE
    clock: str = TIME
    below: Collection[str] = ()
    outside: Collection[str] | None = None

    def of_set(self) -> "Scope":
        """Return what those inside a fixed set of values see, at first: no name, as the set is made before the run."""
        return replace(self, types={}, variables={}, below=(), outside=frozenset(self.types))

    def inside(self, types: Mapping[str, ColumnType], below: Collection[str] = ()) -> "Scope":
        """Return the scope of what sees other names first; more may be put in, and taken out of those below."""
        return replace(self, types=_Inside(types, self.types), below=below)


class _Inside(Mapping[str, ColumnType]):
    """Names, of which the inner ones come first."""

    def __init__(self, inner: Mapping[str, ColumnType], outer: Mapping[str, ColumnType]) -> None:
        self._inner, self._outer = inner, outer

    def __getitem__(self, name: str) -> ColumnType:
        return self._inner[name] if name in self._inner else self._outer[name]

    def __iter__(self) -> Iterator[str]:
        return iter({**self._outer, **self._inner})

    def __len__(self) -> int:
        return len({**self._outer, **self._inner})
