"""The tests that follow `is`."""

from typing import Any

import pytest

from tests.support.expressions import mistakes_of, value_of

CASES = [
    ("note is none", True), ("name is none", False), ("note is defined", False), ("name is defined", True), ("note is undefined", True),
    ("note is not none", False), ("(price > 1) is true", True), ("1 is true", False), ("(price > 9) is false", True),
    ("price is number", True), ("name is number", False), ("quantity is integer", True), ("true is integer", False),
    ("price is float", True), ("quantity is float", False), ("name is string", True), ("time is string", True), ("note is string", False),
    ("true is boolean", True), ("user is mapping", True), ("tags is mapping", False), ("quantity is odd", True), ("quantity is even", False),
    ("quantity is divisibleby(3)", True), ("quantity is divisibleby 2", False), ("quantity is in([1, 3])", True), ("note is number", False),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_test_says_what_a_value_is(text: str, expected: Any) -> None:
    """Null and missing values are `none` and `undefined`, and nothing else."""
    assert value_of(text) is expected


def test_wrong_test_is_a_problem() -> None:
    """With its column."""
    assert mistakes_of("name is odd") == [
        'column 1: "is odd" takes a whole number, not a text; int(...) reads a text'
    ]
    assert mistakes_of("name is divisibleby") == [
        "column 6: is divisibleby(n) takes 2 values, not 1"
    ]
