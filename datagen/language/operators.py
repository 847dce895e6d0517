"""What operators compute: of two values, neither of them null unless it says so.

Each raises ArithmeticError or ValueError where there is no value.
"""

import operator
from collections.abc import Callable, Mapping
from math import isnan
from typing import Any

from datagen import elementary
from datagen.language import bounds
from datagen.language.tree import Function

_NEVER_NULL = frozenset(("equal", "not_equal", "in", "not_in", "not", "concat"))


def _add(left: Any, right: Any) -> Any:
    return bounds.number(left + right)


def _subtract(left: Any, right: Any) -> Any:
    return bounds.number(left - right)


def _multiply(left: Any, right: Any) -> Any:
    return bounds.number(left * right)


def _divide(left: Any, right: Any) -> float:
    return bounds.finite(left / right)


def _floor_divide(left: Any, right: Any) -> Any:
    return bounds.number(left // right)


def _modulo(left: Any, right: Any) -> Any:
    return bounds.number(left % right)


def _power(left: Any, right: Any) -> float:
    value = elementary.of_one(elementary.powers, float(left), float(right))
    if isnan(value):
        raise bounds.NoValueError("has no value")
    return bounds.finite(value)


def _negate(value: Any) -> Any:
    return bounds.number(-value)


def _add_texts(left: str, right: str) -> str:
    return bounds.text(left + right)


def _add_lists(left: list[Any], right: list[Any]) -> list[Any]:
    return bounds.elements(left + right)


def _add_mixed(left: Any, right: Any) -> Any:
    """Return the sum of two numbers, texts or lists."""
    adders: tuple[tuple[Any, Callable[[Any, Any], Any]], ...] = (
        (str, _add_texts), (list, _add_lists), ((int, float), _add),
    )  # fmt: skip
    for kinds, add in adders:
        if isinstance(left, kinds) and isinstance(right, kinds):
            return add(left, right)
    raise bounds.NoValueError("adds values of different types")


def _concat(*texts: str | None) -> str:
    return bounds.text("".join([each or "" for each in texts]))


def _not(value: Any) -> bool:
    return not value


def _in(needle: Any, container: Any) -> bool:
    """Return whether a list has an element, an object a name, a text a part. Python's rules, for null too."""
    if isinstance(container, str):
        if not isinstance(needle, str):
            raise bounds.NoValueError("looks for what is no text in a text")
        return needle in container
    if isinstance(container, list):
        return needle in container
    if isinstance(container, dict):
        return isinstance(needle, str) and needle in container
    raise bounds.NoValueError("looks into what is neither list nor text")


def _not_in(needle: Any, container: Any) -> bool:
    return not _in(needle, container)


def contained_in(name: str, elements: list[Any]) -> Function:
    """Return the function `in` or `not_in` of a value and a list that is always the same: found at once, however long."""
    nested = [each for each in elements if isinstance(each, list | dict)]
    scalars = frozenset(each for each in elements if not isinstance(each, list | dict))
    wanted = name == "in"

    def compute(needle: Any, container: Any) -> bool:
        del container
        found = needle in (nested if isinstance(needle, list | dict) else scalars)
        return found is wanted

    return Function(name, compute, takes_nulls=True)


def mixed_order(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    """Return an order of two numbers or two texts of mixed types."""

    def ordered(left: Any, right: Any) -> bool:
        kinds: Any
        for kinds in (str, (int, float)):
            if isinstance(left, kinds) and isinstance(right, kinds):
                return compare(left, right)
        raise bounds.NoValueError("orders values of different types")

    return ordered


def _add_seconds(first: int, last: int) -> Callable[[int, float], int]:
    """Return what adds seconds to an instant of a range [first, last), microseconds since 1970."""

    def add(instant: int, seconds: float) -> int:
        moved = instant + micros_of(seconds)
        if not first <= moved < last:
            raise OverflowError("leaves the years 1 to 9999")
        return moved

    return add


def _subtract_seconds(first: int, last: int) -> Callable[[int, float], int]:
    add = _add_seconds(first, last)
    return lambda instant, seconds: add(instant, -seconds)


def micros_of(seconds: float) -> int:
    """Return seconds as whole microseconds, rounded to even."""
    if seconds.__class__ is int:
        return int(seconds) * 1_000_000
    return round(bounds.finite(seconds * 1e6))


def _seconds_between(left: int, right: int) -> float:
    return (left - right) / 1_000_000


def add_seconds(first: int, last: int) -> Function:
    """Return the function `instant + seconds`; its settings are the range of instants that there are."""
    return Function("add_seconds", _add_seconds(first, last), settings=(first, last))


def subtract_seconds(first: int, last: int) -> Function:
    """Return the function `instant - seconds`."""
    return Function("subtract_seconds", _subtract_seconds(first, last), settings=(first, last))


_COMPUTES: Mapping[str, Callable[..., Any]] = {
    "add": _add, "subtract": _subtract, "multiply": _multiply, "divide": _divide,
    "floor_divide": _floor_divide, "modulo": _modulo, "power": _power, "negate": _negate,
    "add_texts": _add_texts, "add_lists": _add_lists, "add_mixed": _add_mixed, "concat": _concat,
    "seconds_between": _seconds_between, "not": _not, "in": _in, "not_in": _not_in,
    "equal": operator.eq, "not_equal": operator.ne,
    "less": operator.lt, "less_equal": operator.le,
    "greater": operator.gt, "greater_equal": operator.ge,
    "less_mixed": mixed_order(operator.lt), "less_equal_mixed": mixed_order(operator.le),
    "greater_mixed": mixed_order(operator.gt), "greater_equal_mixed": mixed_order(operator.ge),
}  # fmt: skip
OPERATORS: Mapping[str, Function] = {
    name: Function(name, compute, takes_nulls=name in _NEVER_NULL)
    for name, compute in _COMPUTES.items()
}
