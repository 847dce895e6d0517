"""What is too large to be remembered."""

from typing import Any

import pytest

from datagen.columns.column_type import FLOAT, JSON, TEXT
from datagen.simulation.setting import MAX_CHARACTERS, MAX_ELEMENTS, is_bounded, is_too_large
from tests.simulation.test_variables import records, shown, spec_of, state


def nested(depth: int) -> list[Any]:
    """Return lists in lists."""
    made: list[Any] = []
    for _ in range(depth):
        made = [made]
    return made


@pytest.mark.parametrize(
    ("value", "large"),
    [
        ("x" * MAX_CHARACTERS, False),
        ("x" * (MAX_CHARACTERS + 1), True),
        ([0] * MAX_ELEMENTS, False),
        ([0] * (MAX_ELEMENTS + 1), True),
        ({"a": [["x" * (MAX_CHARACTERS + 1)]]}, True),
        ({"a": [{"b": [0] * (MAX_ELEMENTS + 1)}]}, True),
        ([[0] * MAX_ELEMENTS] * 99, False),
        ([[0] * MAX_ELEMENTS] * 101, True),
        (nested(20), False),
        (nested(40), True),
        (None, False),
        (1 << 62, False),
    ],
)
def test_texts_lists_and_all_in_them_have_limits(value: Any, large: bool) -> None:
    """4,096 characters, 1,000 elements; and no value holds more than 100,000, or 32 in each other."""
    assert is_too_large(value) is large


def test_numbers_have_none() -> None:
    """They need no look."""
    assert is_bounded(FLOAT)
    assert not is_bounded(TEXT)
    assert not is_bounded(JSON)


@pytest.mark.parametrize("workers", [1, 300])
def test_what_is_too_large_is_null(workers: int) -> None:
    """Also what grows at each visit; what was null begins anew where the expression says so."""
    thousand, hundreds = "x" * 1000, [0] * 300
    grows = {"type": "expression", "expr": f"default(text, '') ~ '{thousand}'"}
    many = {"type": "expression", "initial": [], "expr": f"many + {hundreds}"}
    spec = spec_of([state("a", {"a": 1}, text=grows, many=many)], a=[shown("text"), shown("many")])
    found = records(spec, 12 * workers, workers)
    lengths = {None if each["text"] is None else len(each["text"]) for each in found}
    assert lengths == {1000, 2000, 3000, 4000, None}
    assert {None if each["many"] is None else len(each["many"]) for each in found} == {
        300,
        600,
        900,
        None,
    }
