"""A part knows its share of what is numbered."""

import pytest

from datagen.part import WHOLE, Part


@pytest.mark.parametrize("number", [0, 1, 2, 3, 7, 100])
@pytest.mark.parametrize("count", [1, 2, 3, 7])
def test_shares_add_up(number: int, count: int) -> None:
    """Each number is in one part."""
    shares = [Part(index, count).share(number) for index in range(count)]
    assert shares == [len(range(index, number, count)) for index in range(count)]
    assert sum(shares) == number


def test_only_one_of_one_is_the_whole() -> None:
    assert WHOLE.is_whole
    assert not Part(0, 2).is_whole
    assert str(Part(2, 7)) == "2/7"
