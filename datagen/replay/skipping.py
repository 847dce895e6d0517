"""Turns the instants of records into which of them are kept: time_skipping leaves others out."""

import numpy as np

from datagen.arrays import Bits, Ints
from datagen.instants import SECOND
from datagen.randomness import draw, stream_key, uniform
from datagen.replay.spec import TimeSkipping

_MAX_SECONDS = 1e12  # longer than the calendar


def unskipped(
    skipping: TimeSkipping, bits: Bits, micros: Ints, until: int | None, stretch: float = 1
) -> tuple[Ints, int | None]:
    """Return the rows of n records that are not left out, and the end of the last skip.

    uint64[n], int64[n] (microseconds, rising) -> int64[k]. `until` is the end of the last skip of the
    records before. Each record that is not left out begins a skip, after itself, with skip_probability;
    `stretch` is how long a second of the source takes.
    """
    chance = uniform(draw(bits, stream_key("replay", "skip")))
    begins = np.flatnonzero(chance < skipping.skip_probability)
    spans = _spans(skipping, stretch, draw(bits[begins], stream_key("replay", "span")))
    kept, past = np.ones(len(micros), dtype=bool), 0
    if until is not None:
        past = int(np.searchsorted(micros, until))
        kept[:past] = False
    for row, span in zip(begins.tolist(), spans.tolist(), strict=True):
        if row >= past:
            until = int(micros[row]) + span
            past = max(int(np.searchsorted(micros, until)), row + 1)
            kept[row + 1 : past] = False
    return np.flatnonzero(kept), until


def _spans(skipping: TimeSkipping, stretch: float, bits: Bits) -> Ints:
    """Return how long each skip is, in microseconds."""
    low, high = skipping.min_skip_duration, skipping.max_skip_duration
    seconds = np.minimum((low + uniform(bits) * (high - low)) * stretch, _MAX_SECONDS)
    spans: Ints = np.rint(seconds * SECOND).astype(np.int64)
    return spans
