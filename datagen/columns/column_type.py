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
class Shape:
    """The type of a column: one of `int`, `float`, `bool`, `text`, `instant`, `object`, `list`.

    `json` stands for several at once, held as their JSON text, and `nothing` for nothing but null.
    `members` are the parts of objects, in order; `elements` is the shape of what lists hold. `clash`
    tells that it is `json` because several types met.
    """

    kind: str
    members: tuple[tuple[str, "Shape"], ...] = ()
    elements: "Shape | None" = None
    clash: bool = False

    @property
    def arrow(self) -> Any:
        """Give the Arrow type of such a column. Instants are UTC."""
        if self.kind == "object":
            return pa.struct([(name, shape.arrow) for name, shape in self.members])
        if self.elements is not None and self.kind == "list":
            return pa.list_(self.elements.arrow)
        return _ARROW[self.kind]

    def part(self, name: str) -> "Shape":
        """Give the shape of what objects hold under a name."""
        return dict(self.members).get(name, NOTHING)

    def plain(self, value: Any) -> Any:
        """Give a JSON value as Arrow takes it for this shape."""
        if value is None:
            return None
        if self.kind == "json":
            return of_value(value)
        if self.kind == "object":
            return {name: shape.plain(value.get(name)) for name, shape in self.members}
        if self.kind == "list" and self.elements is not None:
            return [self.elements.plain(each) for each in value]
        if self.kind == "text":
            return value.encode("utf-8", "replace").decode()
        if self.kind == "int" and value not in INT64:
            raise RunError(f"a counter has reached {value}, which no column of 64 bits holds")
        return float(value) + 0.0 if self.kind == "float" else value


NOTHING = Shape("nothing")
INT, FLOAT, BOOL = Shape("int"), Shape("float"), Shape("bool")
TEXT, INSTANT, JSON = Shape("text"), Shape("instant"), Shape("json")
_ARROW = {
    "nothing": pa.string(),
    "int": pa.int64(),
    "float": pa.float64(),
    "bool": pa.bool_(),
    "text": pa.string(),
    "instant": pa.timestamp("us", tz="UTC"),
    "json": pa.string(),
}


def an_object(members: Mapping[str, Shape]) -> Shape:
    """Give the shape of objects; one without members has no columns, and stays JSON."""
    return Shape("object", tuple(members.items())) if members else JSON


def a_list(elements: Shape) -> Shape:
    """Give the shape of lists."""
    return Shape("list", elements=elements)


def union(shapes: Iterable[Shape]) -> Shape:
    """Give the shape that holds the values of all: int with float is float, any other clash JSON."""
    found = list(dict.fromkeys(shape for shape in shapes if shape.kind != "nothing"))
    kinds = {shape.kind for shape in found}
    if not found:
        return NOTHING
    if kinds == {"list"}:
        return a_list(union(shape.elements or NOTHING for shape in found))
    names = dict.fromkeys(name for shape in found for name, _ in shape.members)
    members = tuple((name, union(shape.part(name) for shape in found)) for name in names)
    if kinds <= {"int", "float"}:
        return FLOAT if "float" in kinds else INT
    if len(kinds) == 1:
        return Shape(found[0].kind, members, clash=any(shape.clash for shape in found))
    return Shape("json", members, clash=True)


def shape_of_value(value: Any) -> Shape:  # noqa: PLR0911 - one line a type
    """Give the shape of a JSON value as Python holds it."""
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
            return an_object({name: shape_of_value(each) for name, each in value.items()})
        case _:
            return a_list(union(map(shape_of_value, value)))
