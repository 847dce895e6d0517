"""Values beyond their bounds are faults."""

import pytest

from datagen.language import bounds


def test_values_within_the_bounds_are_given_back() -> None:
    """The last that fits, too."""
    assert bounds.number(2**63 - 1) == 2**63 - 1
    assert bounds.number(-(2**63)) == -(2**63)
    assert bounds.number(1.5) == 1.5
    assert bounds.text("x" * bounds.MAX_CHARACTERS)
    assert bounds.elements([0] * bounds.MAX_ELEMENTS)


@pytest.mark.parametrize("value", [2**63, -(2**63) - 1, float("inf"), float("-inf"), float("nan")])
def test_numbers_beyond_their_types_are_none(value: float) -> None:
    """Whole ones of more than 64 bits, doubles that are not finite."""
    with pytest.raises(OverflowError):
        bounds.number(value)


def test_long_values_are_none() -> None:
    """Texts and lists."""
    with pytest.raises(bounds.NoValueError):
        bounds.text("x" * (bounds.MAX_CHARACTERS + 1))
    with pytest.raises(bounds.NoValueError):
        bounds.elements([0] * (bounds.MAX_ELEMENTS + 1))
