"""What is kept are the draws with the lowest words, however they come."""

import numpy as np
import pyarrow as pa
import pytest

from datagen.inspection.draw_sample import SLICE, DrawSample, least_word, words_in_slices, words_of

WORDS = words_of(np.arange(1000, dtype=np.uint64))
VALUES = np.arange(1000)


@pytest.mark.parametrize("chunk", [1, 7, 300, 1000])
def test_same_sample_however_draws_come(chunk: int) -> None:
    """And no more than asked for, nor less than half."""
    sample = DrawSample(100)
    for first in range(0, 1000, chunk):
        rows = slice(first, first + chunk)
        own = WORDS[rows] <= sample.limit
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


def test_low_words_are_in_few_slices_of_time() -> None:
    """Half of them in half of the slices, a sixteenth and all below in one of sixteen, the first among them."""
    times = np.repeat(np.arange(64) << SLICE, 1000)
    words = words_in_slices(np.arange(64_000, dtype=np.uint64), times)
    for halvings, slices in ((0, 64), (1, 32), (2, 16), (4, 4), (9, 4)):
        low = words <= (np.uint64((1 << 64) - 1) >> np.uint64(halvings))
        found = np.unique(times[low] >> SLICE)
        assert len(found) == slices
        assert found[0] == 0
        assert low.sum() == pytest.approx(slices * 1000 / 2**halvings, rel=0.5)


def test_least_word_of_a_time() -> None:
    """No word is below it, so that what is between two times need not be looked at."""
    for first, last in ((0, 5), (1, 1), (5, 7), (15, 17), (3, 90)):
        times = np.repeat(np.arange(first, last + 1) << SLICE, 2000)
        words = words_in_slices(np.arange(len(times), dtype=np.uint64), times)
        assert least_word(first << SLICE, last << SLICE) <= words.min()
    assert least_word(1 << SLICE, 1 << SLICE) == 1 << 63
    assert least_word(4 << SLICE, 5 << SLICE) == 1 << 61
