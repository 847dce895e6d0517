"""What operators compute, and of what they have no value."""

from typing import Any

import pytest

from datagen.instants import NAIVE
from datagen.language.operators import OPERATORS, add_seconds, contained_in, subtract_seconds

CASES: list[tuple[str, tuple[Any, ...], Any]] = [
    ("add", (2**62, 2**62 - 1), 2**63 - 1), ("subtract", (1, 2.5), -1.5), ("multiply", (3, 2.5), 7.5), ("divide", (7, 2), 3.5),
    ("floor_divide", (-7, 2), -4), ("floor_divide", (-7.5, 2), -4.0), ("modulo", (-7, 3), 2), ("modulo", (7, -3), -2), ("power", (2, 10), 1024.0),
    ("power", (-2.0, 3.0), -8.0), ("power", (0.0, 0.0), 1.0), ("power", (9.0, 0.5), 3.0), ("negate", (5,), -5), ("add_texts", ("a", "b"), "ab"),
    ("add_lists", ([1], [2]), [1, 2]), ("add_mixed", ("a", "b"), "ab"), ("add_mixed", (1, 2.5), 3.5), ("add_mixed", ([1], [2]), [1, 2]),
    ("concat", ("a", None, "b"), "ab"), ("seconds_between", (1_500_000, 0), 1.5), ("not", (None,), True), ("not", ("",), True),
    ("equal", (None, None), True), ("equal", (1, 1.0), True), ("not_equal", (None, 0), True), ("in", (None, [1, None]), True), ("in", ("a", "abc"), True),
    ("in", ("a", {"a": 1}), True), ("in", (1, {"a": 1}), False), ("not_in", (1, [1.0]), False), ("less", (1, 1.5), True),
    ("greater_equal_mixed", ("b", "a"), True), ("less_mixed", (1, 2), True),
]  # fmt: skip


@pytest.mark.parametrize(("name", "arguments", "expected"), CASES)
def test_operator_computes(name: str, arguments: tuple[Any, ...], expected: Any) -> None:
    """By Python's rules; null only where the language says so."""
    found = OPERATORS[name].compute(*arguments)
    assert (found, type(found)) == (expected, type(expected))


NO_VALUE: list[tuple[str, tuple[Any, ...]]] = [
    ("add", (2**63 - 1, 1)), ("add", (1e308, 1e308)), ("subtract", (-(2**63), 1)), ("multiply", (2**62, 2)), ("multiply", (1e300, 1e300)),
    ("divide", (1, 0)), ("divide", (1e308, 1e-10)), ("floor_divide", (1.0, 0.0)), ("floor_divide", (-(2**63), -1)), ("modulo", (1, 0)),
    ("power", (0.0, -1.0)), ("power", (-8.0, 1 / 3)), ("power", (10.0, 400.0)), ("negate", (-(2**63),)), ("add_texts", ("a" * 10_000, "b" * 10_000)),
    ("add_lists", ([1] * 3000, [2] * 3000)), ("add_mixed", (1, "a")), ("add_mixed", ([1], "a")), ("concat", ("a" * 10_000, "b" * 10_000)),
    ("in", (1, "abc")), ("in", (None, "abc")), ("in", ("a", None)), ("not_in", ("a", 5)), ("less_mixed", (1, "a")), ("less_mixed", ([1], [2])),
]  # fmt: skip


@pytest.mark.parametrize(("name", "arguments"), NO_VALUE)
def test_operator_has_no_value(name: str, arguments: tuple[Any, ...]) -> None:
    """It raises one of two errors."""
    with pytest.raises((ArithmeticError, ValueError)):
        OPERATORS[name].compute(*arguments)


def test_only_some_operators_take_nulls() -> None:
    """Those of Python's, and the joining of texts."""
    taking = {name for name, each in OPERATORS.items() if each.takes_nulls}
    assert taking == {"equal", "not_equal", "in", "not_in", "not", "concat"}


def test_instants_move_by_seconds() -> None:
    """To whole microseconds, a tie to the even one; whole seconds are exact; they stay among those that there are."""
    first, last = NAIVE.limits
    add, subtract = add_seconds(first, last).compute, subtract_seconds(first, last).compute
    assert [add(0, 1.5), add(0, 2.5e-6), subtract(0, 1), add(first, 0)] == [
        1_500_000,
        2,
        -1_000_000,
        first,
    ]
    for instant, seconds in ((last - 1, 1e-6), (0, 10**15), (0, 1e300), (first, -1)):
        with pytest.raises(ArithmeticError):
            add(instant, seconds)


VALUES: list[Any] = [None, True, False, 0, 1, -0.0, 1.0, 2.5, 2**53 + 1, 2.0**53, "", "1", "a", [], [1], [1.0, None], {"a": 1}]  # fmt: skip


@pytest.mark.parametrize("name", ["in", "not_in"])
def test_what_is_always_the_same_list_has_the_same_elements(name: str) -> None:
    """As Python's `in` says: 1, 1.0 and true are alike, lists and objects by their elements, null is one of them."""
    for elements in ([], VALUES, VALUES[::2], VALUES[1::2]):
        function = contained_in(name, elements)
        for needle in VALUES:
            assert function.compute(needle, elements) is OPERATORS[name].compute(needle, elements)


class Counted(int):
    """A number that counts how often it is compared."""

    compared = 0
    __hash__ = int.__hash__

    def __eq__(self, other: object) -> bool:
        Counted.compared += 1
        return int(self) == other


def test_long_lists_are_not_gone_through() -> None:
    """A look into 9,000 elements compares a few of them, also where none is equal."""
    elements = [Counted(each) for each in range(9_000)]
    compute = contained_in("in", elements).compute
    Counted.compared = 0
    assert compute(8_999, elements) is True
    assert compute(9_000, elements) is False
    assert Counted.compared < 10
