"""What the functions of lists compute, and what reaches into lists, texts, objects and tables.

Each raises ArithmeticError or ValueError where there is no value.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from datagen.columns import json_text
from datagen.language import bounds
from datagen.language.scope import Table
from datagen.language.tree import Function
from datagen.language.values import loading, value_text


def _numbers(values: Sequence[Any]) -> list[Any]:
    """Return the numbers of a list without its nulls. Raises ValueError where something else is in it."""
    found = [each for each in values if each is not None]
    if not all(isinstance(each, int | float) for each in found):
        raise bounds.NoValueError("adds what is no number")
    return found


def _sum(values: list[Any]) -> int:
    return bounds.whole(sum(_numbers(values)))


def _sum_floats(values: list[Any]) -> float:
    """Return the sum of doubles, from left to right."""
    total = 0.0
    for each in _numbers(values):
        total += each
    return bounds.finite(total)


def _average(values: list[Any]) -> float | None:
    """Return the sum, from left to right, by the count of what is not null."""
    found = _numbers(values)
    if not found:
        return None
    whole = all(isinstance(each, int) for each in found)
    total = sum(found) if whole else _sum_floats(found)
    return bounds.finite(total / len(found))


def _extreme(choose: Callable[[list[Any]], Any]) -> Callable[[list[Any]], Any]:
    """Return what chooses from numbers, or from texts, that are not null; null of nothing."""

    def compute(values: list[Any]) -> Any:
        found = [each for each in values if each is not None]
        kinds: Any = str if found and isinstance(found[0], str) else (int, float)
        if not all(isinstance(each, kinds) for each in found):
            raise bounds.NoValueError("orders values of different types")
        return choose(found) if found else None

    return compute


def _count(values: list[Any]) -> int:
    return len(values)


def _first(values: list[Any]) -> Any:
    return values[0] if values else None


def _last(values: list[Any]) -> Any:
    return values[-1] if values else None


def _unique(values: list[Any]) -> list[Any]:
    """Return the elements that differ from all before them; those are alike that have one JSON text."""
    first: dict[tuple[type, Any], Any] = {}
    for each in values:
        is_nested = isinstance(each, list | dict)
        key = type(each), json_text.of_value(each) if is_nested else each
        first.setdefault(key, each)
    return list(first.values())


def _join(values: list[Any], separator: str = "") -> str:
    """Return the texts of elements, with one between them; null has none."""
    texts = ["" if each is None else value_text(each) for each in values]
    length = sum(map(len, texts)) + len(separator) * max(len(texts) - 1, 0)
    if length > bounds.MAX_CHARACTERS:
        raise bounds.NoValueError(f"makes a text of more than {bounds.MAX_CHARACTERS:,} characters")
    return separator.join(texts)


def _element(values: Any, place: int) -> Any:
    """Return the element of a list, or the character of a text, at a place from 0, or from the end."""
    return values[place] if -len(values) <= place < len(values) else None


def _member(value: dict[str, Any], name: str) -> Any:
    return value.get(name)


def _member_of_each(values: list[Any], name: str) -> list[Any]:
    """Return the member of each object of a list, null where an element is null."""
    return [None if each is None else each.get(name) for each in values]


def _member_mixed(value: Any, name: str) -> Any:
    """Return the member of an object, or of each object of a list."""
    if isinstance(value, dict):
        return value.get(name)
    if isinstance(value, list) and all(each is None or isinstance(each, dict) for each in value):
        return _member_of_each(value, name)
    raise bounds.NoValueError("is not an object")


def _element_mixed(value: Any, place: Any) -> Any:
    if isinstance(value, str | list) and isinstance(place, int):
        return _element(value, place)
    if isinstance(value, dict) and isinstance(place, str):
        return value.get(place)
    raise bounds.NoValueError("has no such parts")


def sliced(given: tuple[bool, bool, bool]) -> Function:
    """Return the function of a text or a list, and of those bounds of a slice (start, stop, step) that are given."""

    def compute(value: Any, *numbers: int) -> Any:
        if not isinstance(value, str | list):
            raise bounds.NoValueError("has no parts in order")
        rest = iter(numbers)
        start, stop, step = (next(rest) if each else None for each in given)
        return value[start:stop:step]

    return Function("slice", compute, settings=given)


def looked_up(table: Table, column: str) -> Function:
    """Return the function of a key that gives the value of a column in its row, null where there is none."""
    load = loading(table.columns[column])

    def compute(key: Any) -> Any:
        value = table.lookup([key], column)[0]
        return value if value is None or load is None else load(value)

    return Function("lookup", compute, settings=(table, column))


_COMPUTES: Mapping[str, Callable[..., Any]] = {
        "sum": _sum, "sum_floats": _sum_floats, "avg": _average,
        "min_of_list": _extreme(min), "max_of_list": _extreme(max), "count": _count,
        "first": _first, "last": _last, "unique": _unique, "join": _join,
        "any": any, "all": all,
        "element": _element, "member": _member, "member_of_each": _member_of_each,
        "member_mixed": _member_mixed, "element_mixed": _element_mixed,
}  # fmt: skip
LIST_FUNCTIONS: Mapping[str, Function] = {
    name: Function(name, compute) for name, compute in _COMPUTES.items()
}
