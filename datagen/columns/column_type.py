"""Says what values a field can have, as columns of files need to know: the type of a column.

A name that several emitters, states or elements give values of several types has the union of them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from datagen.columns.json_text import of_value
from datagen.errors import RunError

INT64 = range(-(1 << 63), 1 << 63)


@dataclass(frozen=True)
class ColumnType:
    """The type of a column: one of `int`, `float`, `bool`, `text`, `instant`, `object`, `list`.

    `json` stands for several at once, held as their JSON text, and `nothing` for nothing but null.
    `members` are the parts of objects, in order; `elements` is the column type of what lists hold. `clash`
    tells that it is `json` because several types met.
    """

    kind: str
    members: tuple[tuple[str, "ColumnType"], ...] = ()
    elements: "ColumnType | None" = None
    clash: bool = False

    @property
    def arrow(self) -> Any:
        """Return the Arrow type of such a column. Instants are UTC."""
        if self.kind == "object":
            return pa.struct([(name, column_type.arrow) for name, column_type in self.members])
        if self.elements is not None and self.kind == "list":
            return pa.list_(self.elements.arrow)
        return _ARROW[self.kind]

    def part(self, name: str) -> "ColumnType":
        """Return the column type of what objects hold under a name."""
        return dict(self.members).get(name, NOTHING)

    def plain(self, value: Any) -> Any:
        """Return a JSON value as Arrow takes it for this column_type."""
        if value is None:
            return None
        if self.kind == "json":
            return of_value(value)
        if self.kind == "object":
            return {name: column_type.plain(value.get(name)) for name, column_type in self.members}
        if self.kind == "list" and self.elements is not None:
            return [self.elements.plain(each) for each in value]
        if self.kind == "text":
            return value.encode("utf-8", "replace").decode()
        if self.kind == "int" and value not in INT64:
            raise RunError(f"a counter has reached {value}, which no column of 64 bits holds")
        return float(value) + 0.0 if self.kind == "float" else value


NOTHING = ColumnType("nothing")
INT, FLOAT, BOOL = ColumnType("int"), ColumnType("float"), ColumnType("bool")
TEXT, INSTANT, JSON = ColumnType("text"), ColumnType("instant"), ColumnType("json")
_ARROW = {
    "nothing": pa.string(),
    "int": pa.int64(),
    "float": pa.float64(),
    "bool": pa.bool_(),
    "text": pa.string(),
    "instant": pa.timestamp("us", tz="UTC"),
    "json": pa.string(),
}


def object_type(members: Mapping[str, ColumnType]) -> ColumnType:
    """Return the column type of objects; one without members has no columns, and stays JSON."""
    return ColumnType("object", tuple(members.items())) if members else JSON


def list_type(elements: ColumnType) -> ColumnType:
    """Return the column type of lists."""
    return ColumnType("list", elements=elements)


def union(column_types: Iterable[ColumnType]) -> ColumnType:
    """Return the column type that holds the values of all: int with float is float, any other clash JSON."""
    found = list(
        dict.fromkeys(column_type for column_type in column_types if column_type.kind != "nothing")
    )
    kinds = {column_type.kind for column_type in found}
    if not found:
        return NOTHING
    if kinds == {"list"}:
        return list_type(union(column_type.elements or NOTHING for column_type in found))
    names = dict.fromkeys(name for column_type in found for name, _ in column_type.members)
    members = tuple(
        (name, union(column_type.part(name) for column_type in found)) for name in names
    )
    if kinds <= {"int", "float"}:
        return FLOAT if "float" in kinds else INT
    if len(kinds) == 1:
        return ColumnType(
            found[0].kind, members, clash=any(column_type.clash for column_type in found)
        )
    return ColumnType("json", members, clash=True)


def type_of_value(value: Any) -> ColumnType:  # noqa: PLR0911 - one line a type
    """Return the column type of a JSON value as Python holds it."""
    match value:
        case None:
            return NOTHING
        case bool():
            return BOOL
        case int():
            return INT if value in INT64 else JSON
        case float():
            return FLOAT
        case str():
            return TEXT
        case dict():
            return object_type({name: type_of_value(each) for name, each in value.items()})
        case _:
            return list_type(union(map(type_of_value, value)))
