"""Evaluates the parts of an expression for one row, by Python values."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from datagen.language.tree import (
    Call,
    Choice,
    Constant,
    Fallback,
    Junction,
    ListOf,
    NameRef,
    Node,
    ObjectOf,
)

Row = Sequence[Any]
Evaluate = Callable[[Row], Any]


def evaluation(node: Node, names: Sequence[str]) -> Evaluate:
    """Return the function from the values of names, in this order, to the value of a part.

    It raises ArithmeticError or ValueError where there is none.
    """
    places = {name: place for place, name in enumerate(names)}
    return _evaluation(node, places)


def _evaluation(node: Node, places: Mapping[str, int]) -> Evaluate:
    return (
        _EVALUATIONS[type(node)](node, *(_evaluation(each, places) for each in node.parts()))
        if not isinstance(node, NameRef)
        else _name(places[node.name])
    )


def _name(place: int) -> Evaluate:
    return lambda row: row[place]


def _constant(node: Constant) -> Evaluate:
    value = node.value
    return lambda _: value


def _call(node: Call, *arguments: Evaluate) -> Evaluate:
    compute = node.function.compute
    if node.function.takes_nulls:
        return lambda row: compute(*[each(row) for each in arguments])

    def evaluate(row: Row) -> Any:
        values = [each(row) for each in arguments]
        return None if None in values else compute(*values)

    return evaluate


def _choice(node: Choice, test: Evaluate, then: Evaluate, other: Evaluate) -> Evaluate:
    del node
    return lambda row: then(row) if test(row) else other(row)


def _junction(node: Junction, left: Evaluate, right: Evaluate) -> Evaluate:
    if node.every:
        return lambda row: left(row) and right(row)
    return lambda row: left(row) or right(row)


def _fallback(node: Fallback, value: Evaluate, other: Evaluate) -> Evaluate:
    del node

    def evaluate(row: Row) -> Any:
        found = value(row)
        return other(row) if found is None else found

    return evaluate


def _list(node: ListOf, *items: Evaluate) -> Evaluate:
    del node
    return lambda row: [each(row) for each in items]


def _object(node: ObjectOf, *values: Evaluate) -> Evaluate:
    keys = node.keys
    return lambda row: {key: each(row) for key, each in zip(keys, values, strict=True)}


_EVALUATIONS: Mapping[type[Node], Callable[..., Evaluate]] = {
    Constant: _constant,
    Call: _call,
    Choice: _choice,
    Junction: _junction,
    Fallback: _fallback,
    ListOf: _list,
    ObjectOf: _object,
}
