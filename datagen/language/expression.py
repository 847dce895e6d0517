"""Turns the text of an expression into what computes its value for each row.

An `Expression` is a text without mistakes of its own; compiled in a `Scope`, which says what the names
are, it has a column type and gives columns.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Annotated, Any, Protocol

from pydantic import PlainValidator

from datagen.arrays import Mask
from datagen.columns.column import Column
from datagen.columns.column_type import ColumnType
from datagen.instants import NAIVE, Style
from datagen.language import naive
from datagen.validation import invalid_value, quoted


class ExpressionError(ValueError):
    """An expression has mistakes: for each the column in the text, from 1, and a sentence."""

    def __init__(self, problems: list[tuple[int, str]]) -> None:
        self.problems = problems
        self.texts = [f"column {column}: {text}" for column, text in problems]
        super().__init__(self.texts[0])


class Table(Protocol):
    """Rows that `lookup` finds by a key."""

    @property
    def columns(self) -> Mapping[str, ColumnType]:
        """Return the column types, by name."""

    def lookup(self, keys: list[Any], column: str) -> list[Any]:
        """Return for each key the value of a column in its row, None where there is none."""


@dataclass(frozen=True)
class Scope:
    """What is known of names when a specification is checked.

    `types` are the column types of the names that an expression sees; `variables` those of variables alone,
    `entities` those of the objects of entities. `style` is how instants are written, whose zone is the default of
    functions; `tables` are those of `lookup` and `row`.
    """

    types: Mapping[str, ColumnType]
    variables: Mapping[str, ColumnType] = field(default_factory=dict)
    style: Style = NAIVE
    tables: Mapping[str, Table] = field(default_factory=dict)
    entities: Mapping[str, ColumnType] = field(default_factory=dict)

    def inside(self, types: Mapping[str, ColumnType]) -> "Scope":
        """Return the scope of what sees other names first; more may be put in."""
        return replace(self, types=_Inside(types, self.types))


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


@dataclass(frozen=True)
class Values:
    """The value of an expression for each of n rows, and where it could not be computed: bool[n], None for nowhere.

    There the value is null.
    """

    column: Column
    faults: Mask | None = None


class Compiled:
    """An expression in a scope."""

    def __init__(self, expression: "Expression", scope: Scope) -> None:
        self.expression = expression
        self.names = expression.names
        self.warnings: list[str] = []
        self.column_type = naive.type_of(expression.text, scope.types)

    def values(self, column_of: Callable[[str], Column], rows: int) -> Values:
        """Return the value for each of n rows; `column_of` gives the column of a name, of n rows."""
        columns = {name: column_of(name) for name in self.names}
        return Values(naive.column(self.expression.text, columns, rows, self.column_type))

    @cached_property
    def function(self) -> Callable[..., Any]:
        """Return a Python function of the values of `names`, in this order; null is None, a fault is FAULT."""
        return naive.function(self.expression.text, self.names)


FAULT = object()  # what a function gives where the value cannot be computed


@dataclass(frozen=True)
class Expression:
    """The text of an expression, which Jinja2 reads."""

    text: str

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Return the names whose values it reads, in order of appearance; of `a.b` that is `a`."""
        return naive.names(self.text)

    def compiled(self, scope: Scope) -> Compiled:
        """Return the expression in a scope. Raises ExpressionError with all mistakes."""
        return Compiled(self, scope)


def parse_expression(data: Any) -> Expression:
    """Return the expression of a text. Raises PydanticCustomError."""
    if not isinstance(data, str):
        raise invalid_value(f"expected an expression, a text, not {quoted(data)}")
    return Expression(data)


AnyExpression = Annotated[Expression, PlainValidator(parse_expression)]
