"""The types of columns: which values a field can have, and the Arrow type that holds them.

A name to which several emitters, states or elements give values of different types has their union.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from datagen.columns import json_text
from datagen.errors import RunError

INT64 = range(-(1 << 63), 1 << 63)


@dataclass(frozen=True)
class ColumnType:
    """The type of a column: one of `int`, `float`, `bool`, `text`, `instant`, `object`, `list`.

    `json` stands for several at once, held as their JSON text, and `nothing` for nothing but null.
    `members` are the members of objects, in order; `elements` is the column type of the elements of
    lists. `clash` is true of a `json` that is the union of different types.
    """

    kind: str
    members: tuple[tuple[str, "ColumnType"], ...] = ()
    elements: "ColumnType | None" = None
    clash: bool = False

    @property
    def arrow_type(self) -> Any:
        """Return the Arrow type of such a column. Instants are UTC."""
        if self.kind == "object":
            return pa.struct([(name, column_type.arrow_type) for name, column_type in self.members])
        if self.elements is not None and self.kind == "list":
            return pa.list_(self.elements.arrow_type)
        return _ARROW[self.kind]

    @property
    def may_be_number(self) -> bool:
        """Return whether there may be numbers among the values, or nothing but null."""
        return self.kind in ("int", "float", "nothing", "json")

    def member(self, name: str) -> "ColumnType":
        """Return the column type of a member of objects."""
        return dict(self.members).get(name, NOTHING)

    def for_arrow(self, value: Any) -> Any:
        """Return a JSON value of this type as an Arrow array of `arrow_type` takes it.

        Raises RunError for an integer of more than 64 bits.
        """
        convert = _FOR_ARROW.get(self.kind)
        return value if value is None or convert is None else convert(self, value)


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
    """Return the type that holds the values of all: int with float is float, any other clash JSON."""
    distinct = [each for each in dict.fromkeys(column_types) if each.kind != "nothing"]
    kinds = {each.kind for each in distinct}
    if not kinds:
        return NOTHING
    if kinds <= {"int", "float"}:
        return FLOAT if "float" in kinds else INT
    if kinds == {"list"}:
        return list_type(union(each.elements or NOTHING for each in distinct))
    members = _union_of_members(distinct)
    if len(kinds) == 1:
        return ColumnType(distinct[0].kind, members, clash=any(each.clash for each in distinct))
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


def _union_of_members(column_types: Sequence[ColumnType]) -> tuple[tuple[str, ColumnType], ...]:
    names = dict.fromkeys(name for each in column_types for name, _ in each.members)
    return tuple((name, union(each.member(name) for each in column_types)) for name in names)


def _int_for_arrow(column_type: ColumnType, value: int) -> int:
    del column_type
    if value not in INT64:
        raise RunError(f"a counter has reached {value}, which does not fit in a 64-bit column")
    return value


def _object_for_arrow(column_type: ColumnType, value: Mapping[str, Any]) -> dict[str, Any]:
    return {name: member.for_arrow(value.get(name)) for name, member in column_type.members}


def _list_for_arrow(column_type: ColumnType, value: Sequence[Any]) -> list[Any]:
    elements = column_type.elements or NOTHING
    return [elements.for_arrow(each) for each in value]


_FOR_ARROW: Mapping[str, Callable[[ColumnType, Any], Any]] = {  # any other kind: as it is
    "int": _int_for_arrow,
    "float": lambda _, value: float(value) + 0.0,  # never -0.0
    "text": lambda _, value: value.encode("utf-8", "replace").decode(),
    "json": lambda _, value: json_text.of_value(value),
    "object": _object_for_arrow,
    "list": _list_for_arrow,
}
