"""What is kept are the draws with the lowest words, however they come."""

import numpy as np
import pyarrow as pa
import pytest

from datagen.inspection.draw_sample import DrawSample, words_of

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
