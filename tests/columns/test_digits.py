"""Numbers as pieces of digits."""

import numpy as np
import pytest

from datagen.columns.digits import float_pieces, int_pieces
from datagen.columns.pieces import joined

EDGES = [0, 7, 9999, 10_000, 10_007, 120_034, 99_999_999]
ROUNDED = [0.0, 0.5, 7.0, 10_000.25, 99_999_999.5, 1234.0625, -3.01, -0.25, 0.0001, 0.1 + 0.7]


@pytest.mark.parametrize("values", [EDGES, EDGES[:3]])
def test_whole_numbers(values: list[int]) -> None:
    """As they are written, without zeros before them."""
    pieces = int_pieces(np.array(values))
    assert pieces is not None
    assert joined(pieces, len(values)).to_pylist() == list(map(str, values))


@pytest.mark.parametrize("value", [-1, 10**8, 2**62])
def test_other_whole_numbers(value: int) -> None:
    """Too large or negative ones are none of ours, and neither is nothing."""
    assert int_pieces(np.array([1, value])) is None
    assert int_pieces(np.array([], dtype=np.int64)) is None


@pytest.mark.parametrize("decimals", [0, 1, 2, 3, 4])
def test_doubles_of_few_decimals(decimals: int) -> None:
    """Each is the text that `repr` gives."""
    random = np.random.default_rng(decimals)
    values = np.round(random.lognormal(3, 4, 5000), decimals)
    values = np.concatenate([values[values < 1e8], np.round(ROUNDED, decimals) + 0.0])
    values = values[values < 1e8]
    pieces = float_pieces(values)
    assert pieces is not None
    assert joined(pieces, len(values)).to_pylist() == list(map(repr, values.tolist()))


@pytest.mark.parametrize(
    "value", [0.1 + 0.2, 1e8, 1e300, 1e-5, 0.12345, np.nextafter(0.25, 1), 1234567.00004]
)
def test_other_doubles(value: float) -> None:
    """More decimals, too large ones, and what is only near a few decimals are none of ours."""
    assert float_pieces(np.array([0.5, value])) is None
    assert float_pieces(np.array([*[0.5] * 1000, value])) is None
