"""What is kept are the draws with the lowest words, however they come."""

import numpy as np
import pyarrow as pa
import pytest

from datagen.inspection.draw_sample import (
    EVEN,
    SLICE,
    DrawSample,
    least_word,
    words_in_slices,
    words_of,
)

WORDS = words_of(np.arange(1000, dtype=np.uint64))
VALUES = np.arange(1000)


@pytest.mark.parametrize("chunk", [1, 7, 300, 1000])
def test_same_sample_however_draws_come(chunk: int) -> None:
    """And no more than asked for, nor less than half."""
    sample = DrawSample(100)
    for first in range(0, 1000, chunk):
        rows = slice(first, first + chunk)
        own = sample.admit(WORDS[rows])
        assert len(sample) + own.sum() <= 100
        texts = pa.array(list(map(str, VALUES[rows][own].tolist())))
        sample.add(WORDS[rows][own], {"value": VALUES[rows][own], "text": texts})
    kept = sample.columns()
    assert 50 <= len(sample) <= 100
    assert kept["value"].tolist() == VALUES[sample.limit >= WORDS].tolist()
    assert kept["text"].to_pylist() == list(map(str, kept["value"].tolist()))


def test_nothing_is_kept_of_nothing() -> None:
    """No columns are known then."""
    sample = DrawSample()
    sample.add(WORDS[:0], {"value": VALUES[:0]})
    assert (len(sample), sample.columns()) == (0, {})


@pytest.mark.parametrize("begin", [0, 1 << EVEN, 1 << EVEN + 3])
def test_low_words_are_in_few_slices_of_time(begin: int) -> None:
    """The root of their share of all slices, a sixteenth at last, the first of a turn among them."""
    width = SLICE + max(begin.bit_length() - 1 - EVEN, 0)
    times = begin + np.repeat(np.arange(32) << width, 8000)
    words = words_in_slices(np.arange(256_000, dtype=np.uint64), times)
    for parts, slices in ((1, 32), (4, 16), (16, 8), (64, 4), (256, 2), (1024, 2)):
        low = words < np.uint64(2**64 // parts - 1)
        found = np.unique((times[low] - begin) >> width)
        assert len(found) == slices
        assert found[0] == 0
        assert low.sum() == pytest.approx(256_000 / parts, rel=0.15)


def test_least_word_of_a_time() -> None:
    """No word is below it, so that what is between two times need not be looked at."""
    for width, begin in ((SLICE, 0), (SLICE + 2, 4 << EVEN)):
        for first, last in ((0, 5), (1, 1), (5, 7), (15, 17), (3, 60)):
            times = begin + np.repeat(np.arange(first, last + 1) << width, 2000)
            words = words_in_slices(np.arange(len(times), dtype=np.uint64), times)
            assert least_word(int(times[0]), int(times[-1])) <= words.min()
    assert least_word(1 << SLICE, 1 << SLICE) == 8**2 << 56
    assert least_word(4 << SLICE, 5 << SLICE) == 2**2 << 56
    assert least_word((1 << EVEN) - 1, 1 << EVEN) == 0
    assert least_word((2 << EVEN) - 1, 2 << EVEN) == 0
