"""The parts of an expression whose types are known: what is evaluated by arrays, or becomes a Python function.

Operators and functions are calls alike. What need not be evaluated at all, so that no fault of it counts,
is a part of its own: choices, `and`, `or`, defaults.

Values are as `values` says: an instant is an int, whole numbers where the type is `float` are doubles, at any
depth. Parts that meet in one value (of a choice, of a list) have its type, but for null, whose type is
`nothing`, and for a value of type `json`, which may be of any. A part is never in two places.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from datagen.columns.column_type import ColumnType

INSTANT_NAME = (
    "\ud800instant"  # the instant of a visit among values; a lone surrogate is in no name
)
TIME = "time"  # that of a record


@dataclass(frozen=True)
class Function:
    """A function or an operator for arguments of known types.

    `compute` takes Python values and returns one; it raises ArithmeticError or ValueError where there is none: a
    fault, and then the whole expression has no value. All arguments are evaluated, from left to right. Where one is
    null the value is null, and `compute` is not called, unless it `takes_nulls`, as None. Whoever evaluates by arrays
    knows functions by their `name`; `settings` are what is fixed besides the arguments, such as a zone. What is not
    known before a run is not computed `at_once`, even of constants.
    """

    name: str
    compute: Callable[..., Any]
    takes_nulls: bool = False
    settings: tuple[Any, ...] = ()
    at_once: bool = True


@dataclass(frozen=True, eq=False)
class Node:
    """A part of an expression: the type of its values, and its column in the text, from 1."""

    column_type: ColumnType
    at: int

    def parts(self) -> Sequence["Node"]:
        """Return the parts that it is made of."""
        return ()

    def is_null_with(self, name: str) -> bool:
        """Return whether it is null whenever the value of a name is."""
        del name
        return False

    def all_parts(self) -> Iterator["Node"]:
        """Yield it and all parts in it."""
        yield self
        for each in self.parts():
            yield from each.all_parts()


@dataclass(frozen=True, eq=False)
class Constant(Node):
    """A literal value."""

    value: Any

    def is_null_with(self, name: str) -> bool:
        del name
        return self.value is None


@dataclass(frozen=True, eq=False)
class NameRef(Node):
    """The value of a name; a missing one is null."""

    name: str

    def is_null_with(self, name: str) -> bool:
        return self.name == name


@dataclass(frozen=True, eq=False)
class Call(Node):
    """A function or an operator of some arguments."""

    function: Function
    arguments: tuple[Node, ...]

    def parts(self) -> Sequence[Node]:
        return self.arguments

    def is_null_with(self, name: str) -> bool:
        some = any(each.is_null_with(name) for each in self.arguments)
        return some and not self.function.takes_nulls


@dataclass(frozen=True, eq=False)
class Choice(Node):
    """`then if test else other`: one of two parts is evaluated. The test is of type `bool`; null is not true."""

    test: Node
    then: Node
    other: Node

    def parts(self) -> Sequence[Node]:
        return self.test, self.then, self.other

    def is_null_with(self, name: str) -> bool:
        if self.test.is_null_with(name):  # which is not true then
            return self.other.is_null_with(name)
        return self.then.is_null_with(name) and self.other.is_null_with(name)


@dataclass(frozen=True, eq=False)
class Junction(Node):
    """`left and right` (`every`) or `left or right`: one of the operands, by Python's rules. They are no instants."""

    left: Node
    right: Node
    every: bool

    def parts(self) -> Sequence[Node]:
        return self.left, self.right

    def is_null_with(self, name: str) -> bool:
        left = self.left.is_null_with(name)
        return left and (self.every or self.right.is_null_with(name))


@dataclass(frozen=True, eq=False)
class Fallback(Node):
    """`default(value, other)`: the other where the value is null."""

    value: Node
    other: Node

    def parts(self) -> Sequence[Node]:
        return self.value, self.other

    def is_null_with(self, name: str) -> bool:
        return self.value.is_null_with(name) and self.other.is_null_with(name)


@dataclass(frozen=True, eq=False)
class ListOf(Node):
    """A list of parts; instants in it become texts."""

    items: tuple[Node, ...]

    def parts(self) -> Sequence[Node]:
        return self.items


@dataclass(frozen=True, eq=False)
class ObjectOf(Node):
    """An object of parts by constant keys; instants in it become texts."""

    keys: tuple[str, ...]
    values: tuple[Node, ...]

    def parts(self) -> Sequence[Node]:
        return self.values
