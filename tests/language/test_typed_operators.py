"""Operators of parts of known types: what they give, and which do not go together."""

import pytest

from datagen.language import FAULT
from tests.support.expressions import TIME, compiled, kind_of, mistakes_of, value_of

KINDS = {
    "quantity + 1": "int", "quantity + 1.0": "float", "quantity / 1": "float", "quantity // 2": "int",
    "quantity ** 2": "float", "price % 2": "float", "name + 'x'": "text", "tags + tags": "list",
    "time + 1": "instant", "1 + time": "instant", "time - 1.5": "instant", "time - time": "float",
    "mix + 1": "float", "mix + mix": "json", "mix + 'x'": "text", "(quantity > 1) + 1": "int",
    "none + 1": "nothing", "none < 1": "nothing", "none == 1": "bool", "quantity in [1]": "bool",
}  # fmt: skip


@pytest.mark.parametrize("text", KINDS)
def test_operator_gives_a_type(text: str) -> None:
    """Known before any value is; what is always null has none."""
    assert kind_of(text) == KINDS[text]


def test_instants_are_moved_by_seconds() -> None:
    """And part by seconds; they stay within the years that can be written."""
    assert value_of("time + hours(1)") == TIME + 3_600_000_000
    assert value_of("time - 0.5") == TIME - 500_000
    assert value_of("(time + 90) - time") == 90.0
    assert value_of("time + 1e12") is FAULT


def test_instants_beside_something_else_count_as_texts() -> None:
    """In comparisons for equality, and among elements."""
    assert value_of("time == '2027-03-12T10:30:00.000'") is True
    assert value_of("time in [time, 'x']") is True
    assert value_of("time == time + 1") is False


def test_what_is_never_equal_is_a_warning() -> None:
    """It is false, which nobody means."""
    assert compiled("quantity == name").warnings == [
        "column 10: a whole number and a text are never equal"
    ]
    assert compiled("mix == name").warnings == []
    assert value_of("quantity == name") is False


def test_order_of_a_mixed_value_and_a_number_is_exact() -> None:
    """Also of integers that no double is."""
    assert value_of("['x', 9007199254740993][1] < quantity * 0 + 9007199254740993") is False
    assert value_of("['x', 9007199254740993][1] > quantity * 0.0 + 9007199254740992") is True
    assert value_of("['x', quantity][quantity * 0] < quantity") is FAULT


BAD = {
    "'a' + 1": 'column 5: a text "+" a whole number has no value; "~" joins as text, float(...) reads a number',
    "name * 3": 'column 6: a text "*" a whole number has no value',
    "'%d' % 3": 'column 6: a text "%" a whole number has no value; format(text, ...) fills in values',
    "tags * 2": 'column 6: a list "*" a whole number has no value',
    "tags + 1": 'column 6: a list "+" a whole number has no value',
    "1 - time": 'column 3: a whole number "-" an instant has no value',
    "time + time": 'column 6: an instant "+" an instant has no value',
    "time < '2027'": 'column 6: an instant "<" a text has no value; instant(...) reads a text',
    "name < 1": 'column 6: a text "<" a whole number has no value',
    "tags < tags": 'column 6: a list "<" a list has no value',
    "-name": 'column 2: "-" takes a number, not a text; float(...) reads a text',
    "1 in name": 'column 3: "in" a text takes a text, not a whole number',
    "1 in price": 'column 3: "in" looks into a list or a text, not into a number',
    "name ** 2": 'column 1: "**" takes a number, not a text; float(...) reads a text',
}  # fmt: skip


@pytest.mark.parametrize("text", BAD)
def test_what_does_not_go_together_is_a_problem(text: str) -> None:
    """At the column of the operator."""
    assert mistakes_of(text) == [BAD[text]]
