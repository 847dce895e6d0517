"""Functions that make values fit."""

from typing import Any

import pytest

from datagen.columns.column_type import FLOAT, INSTANT, INT, TEXT, list_type
from datagen.instants import NAIVE
from datagen.language.conversions import CONVERSIONS, converted, instant_of

CASES: list[tuple[str, Any, Any]] = [
    ("truth", [], False), ("truth", "a", True), ("always", 0, True), ("is_null", None, True), ("is_set", None, False),
    ("number_of", 3, 3.0), ("number_of", True, 1.0), ("exact_number_of", 2**53 + 1, 2**53 + 1), ("whole_of", 3.0, 3), ("text_of", "a", "a"), ("written_of", 1.5, "1.5"),
    ("scalar_of", "a", "a"), ("list_of", [1], [1]), ("countable_of", {}, {}), ("is_true", 1, False), ("is_false", False, True),
    ("is_integer", True, False), ("is_number", None, False), ("is_mapping", {}, True),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value", "expected"), CASES)
def test_value_that_fits_is_converted(name: str, value: Any, expected: Any) -> None:
    """To one of the type that is asked for."""
    found = CONVERSIONS[name].compute(value)
    assert (found, type(found)) == (expected, type(expected))


@pytest.mark.parametrize(
    ("name", "value"),
    [("number_of", "1"), ("exact_number_of", "1"), ("number_of", []), ("whole_of", 1.5), ("whole_of", "1"), ("text_of", 1), ("written_of", []), ("written_of", {}),
     ("scalar_of", {}), ("list_of", "a"), ("countable_of", 1)],
)  # fmt: skip
def test_value_that_does_not_fit_is_none(name: str, value: Any) -> None:
    """Of those of several types."""
    with pytest.raises(ValueError):
        CONVERSIONS[name].compute(value)


def test_conversions_have_names_of_their_own() -> None:
    """By which arrays know them; None where there is nothing to convert."""
    float_of_int, text_of_instant = converted(INT, FLOAT, NAIVE), converted(INSTANT, TEXT, NAIVE)
    lists = converted(list_type(INT), list_type(FLOAT), NAIVE)
    assert float_of_int is not None
    assert text_of_instant is not None
    assert lists is not None
    assert [each.name for each in (float_of_int, text_of_instant, lists)] == [
        "float",
        "instant_text",
        "convert",
    ]
    assert repr(lists.compute([1, None])) == "[1.0, None]"
    assert converted(INT, INT, NAIVE) is None


def test_texts_among_mixed_values_are_instants() -> None:
    """Those that are read as such."""
    assert instant_of(NAIVE).compute("1970-01-01T00:00:01") == 1_000_000
    with pytest.raises(ValueError):
        instant_of(NAIVE).compute(5)
