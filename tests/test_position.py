"""Packed arrays and jumps."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datagen.position import Jump, pack, unpack


@given(st.lists(st.integers(-(2**63), 2**63 - 1), max_size=30))
def test_whole_numbers_come_back(values: list[int]) -> None:
    """Also the least and the greatest, next to each other."""
    array = np.array(values, dtype=np.int64)
    assert unpack(pack(array)).tolist() == values


@pytest.mark.parametrize("text", ["?", "AAAA", "eAEzNDI2MQUAAvgBAA=="])
def test_text_that_is_no_array_is_refused(text: str) -> None:
    """With the one error that readers of checkpoints expect."""
    with pytest.raises(ValueError, match=r"."):
        unpack(text)


def test_jump_ends_after_what_it_leaves_out() -> None:
    """So a run goes on at its beginning plus its length."""
    assert Jump(at=100, by=25).until == 125
