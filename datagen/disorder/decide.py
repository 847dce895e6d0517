"""Turns the records of a batch into the copies that leave: each effect of a list after the other, by arrays.

Draws follow from the record, the copy and the name of the effect, so that they are the same in any batch. The stream of
an effect is ("disorder", its name, role).
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import numpy as np

from datagen.arrays import Bits, Ints, Mask
from datagen.batch import Batch, FaultPlace
from datagen.columns.column import Column
from datagen.columns.truth import truth_of
from datagen.disorder.clean_records import CompiledEffects, evaluated, origins_of
from datagen.disorder.copies import Copies
from datagen.disorder.copy_arrays import CopyArrays, record_bits
from datagen.disorder.effects import (
    MAX_COPIES,
    Corrupt,
    Drop,
    Duplicate,
    Effect,
    Late,
    Outage,
    Skew,
    drift_micros,
    effect_names,
    highest_micros,
    offset_micros,
)
from datagen.disorder.value_words import ValueWords
from datagen.distributions.base import Distribution
from datagen.randomness import (
    blocks,
    draw,
    is_below,
    seed_word,
    stream_key,
)


class Periods(Protocol):
    """The timeline of a run, as far as outages look at it."""

    def periods(self, name: str, begin: int, end: int) -> tuple[Ints, Ints]:
        """Return the begins and the ends of the periods of a name that overlap [begin, end), in order: int64[k] each."""


class Disorder:
    """What the effects of a list do to the records of a run."""

    def __init__(
        self,
        effects: Sequence[Effect],
        seed: int,
        compiled: CompiledEffects,
        timeline: Periods,
    ) -> None:
        """Prepare a run, given the compiled expressions of the effects."""
        self.effects, self.names = tuple(effects), tuple(effect_names(effects))
        self._compiled, self._timeline = compiled, timeline
        self.words, self.start = ValueWords(seed_word(seed)), 0

    def begin(self, start: int) -> None:
        """Take note of when the first run started, microseconds since 1970: clocks drift from there."""
        self.start = start

    def copies(self, batch: Batch) -> Copies:
        """Return the copies of the records of a batch. Raises TypeError for records that have no origins."""
        origins = origins_of(batch)
        arrays = CopyArrays(batch, record_bits(origins.bits, origins.places))
        faults: dict[FaultPlace, Ints] = {}
        for place, effect in enumerate(self.effects):
            step = _Step(self, batch, arrays, place, faults)
            _STEPS[type(effect)](step, effect)
        return arrays.in_order(faults)

    def evaluated(
        self, place: int, key: str, batch: Batch, faults: dict[FaultPlace, Ints]
    ) -> Column:
        """Return the values of an expression of an effect for the records of a batch, and add its faults to others."""
        compiled = self._compiled.by_place[place, key]
        column, rows = evaluated(compiled, batch, self._compiled.fields)
        if len(rows):
            path = ("disorder", self.names[place], key)
            faults[FaultPlace(path, compiled.expression.text)] = rows
        return column

    def periods(self, name: str, begin: int, end: int) -> tuple[Ints, Ints]:
        """Return the periods of the timeline, as Periods does."""
        return self._timeline.periods(name, begin, end)


class _Step:
    """One effect, at its place of the list, for the copies of a batch."""

    def __init__(
        self,
        disorder: Disorder,
        batch: Batch,
        arrays: CopyArrays,
        place: int,
        faults: dict[FaultPlace, Ints],
    ) -> None:
        self._disorder, self._batch, self._arrays = disorder, batch, arrays
        self._place, self._faults = place, faults
        self._name, self._effect = disorder.names[place], disorder.effects[place]
        self._of_values: Bits | None = None
        if self._effect.per is not None:
            column = disorder.evaluated(place, "per", batch, faults)
            self._of_values = disorder.words.of(column)

    def late(self, effect: Late) -> None:
        hits = self._hits(None)
        self._arrays.arrivals[hits] += self._delays(effect.delay, hits)

    def duplicate(self, effect: Duplicate) -> None:
        hits = self._hits(None)
        words = self._of_copies("copies", hits)
        counts = np.clip(effect.copies.sample_rounded(words), 0, MAX_COPIES)
        added = self._arrays.duplicate(self._name, hits, counts)
        self._arrays.arrivals[added] += self._delays(effect.delay, added)

    def drop(self, effect: Drop) -> None:
        del effect
        self._arrays.left[self._hits(None)] = False

    def skew(self, effect: Skew) -> None:
        hits = self._hits(None)
        rows = self._arrays.rows[hits]

        def words(role: str) -> Bits:
            if self._of_values is None:
                return self._of_copies(role, hits)
            return draw(self._of_values[rows], self._key(role))

        since = self._batch.times[rows] - self._disorder.start
        self._arrays.skews[hits] += offset_micros(effect.offset, words)
        self._arrays.skews[hits] += drift_micros(effect.drift, since, words)

    def outage(self, effect: Outage) -> None:
        arrivals = self._arrays.arrivals
        candidates, begins, ends = self._within(effect.period)
        hits = self._hits(candidates)
        if not effect.flushes:
            self._arrays.left[hits] = False
            return
        own = begins.searchsorted(arrivals[hits], side="right") - 1
        since, lengths = arrivals[hits] - begins[own], ends[own] - begins[own]
        arrivals[hits] = ends[own] + (since * float(effect.over) / lengths).astype(np.int64)

    def _within(self, period: str) -> tuple[Ints, Ints, Ints]:
        """Return the copies that leave within periods of a name, rising, then the begins and the ends of these: int64[k] each."""
        candidates = self._arrays.still_there()
        arrivals = self._arrays.arrivals[candidates]
        first, last = int(arrivals.min(initial=1 << 62)), int(arrivals.max(initial=-(1 << 62)))
        if first > last:
            return candidates, candidates, candidates
        begins, ends = self._disorder.periods(period, first, last + 1)
        after = begins.searchsorted(arrivals, side="right")
        within = arrivals < np.append(ends, first)[after - 1]  # nothing is before the first one
        return candidates[within], begins, ends

    def corrupt(self, effect: Corrupt) -> None:
        hits = self._hits(None)
        self._arrays.corrupt(effect, hits, self._of_copies("corrupt", hits))

    def _hits(self, candidates: Ints | None) -> Ints:
        """Return the copies that are hit among candidates, or among all that leave: int64[k], rising."""
        arrays = self._arrays
        when = self._condition()
        if candidates is None and not arrays.left.all():
            candidates = arrays.still_there()
        drawn = self._drawn(candidates)
        if when is not None:
            allowed = when[arrays.rows if candidates is None else arrays.rows[candidates]]
            drawn = allowed if drawn is None else drawn & allowed
        if drawn is None:
            hits = np.arange(len(arrays.rows)) if candidates is None else candidates
        else:
            hits = np.flatnonzero(drawn) if candidates is None else candidates[drawn]
        arrays.mark(self._place, hits)
        return hits

    def _condition(self) -> Mask | None:
        """Return the clean records that may be hit: bool[n], None for all."""
        if self._effect.when is None:
            return None
        return truth_of(self._disorder.evaluated(self._place, "when", self._batch, self._faults))

    def _drawn(self, candidates: Ints | None) -> Mask | None:
        """Return which of the candidates chance hits: bool[k], None for all of them."""
        share, arrays = self._effect.share, self._arrays
        if share >= 1:
            return None
        if self._of_values is not None:
            of_rows = _below(self._of_values, self._key("hit"), share)
            return of_rows[arrays.rows if candidates is None else arrays.rows[candidates]]
        bits = arrays.bits if candidates is None else arrays.bits[candidates]
        return _below(bits, self._key("hit"), share)

    def _delays(self, delay: Distribution, copies: Ints) -> Ints:
        """Return the delays of copies, in microseconds."""
        if (low := delay.bounds()[0]) == delay.bounds()[1]:
            return np.full(len(copies), round(max(low, 0.0) * 1e6))
        found = delay.microseconds(self._of_copies("delay", copies))
        return np.minimum(found, highest_micros(delay))

    def _of_copies(self, role: str, copies: Ints) -> Bits:
        return draw(self._arrays.bits[copies], self._key(role))

    def _key(self, role: str) -> np.uint64:
        return stream_key("disorder", self._name, role)


_STEPS: Mapping[type[Effect], Callable[[_Step, Any], None]] = {
    Late: _Step.late, Duplicate: _Step.duplicate, Drop: _Step.drop, Skew: _Step.skew,
    Outage: _Step.outage, Corrupt: _Step.corrupt,
}  # fmt: skip


def _below(bits: Bits, key: np.uint64, share: float) -> Mask:
    """Return where the uniform draw of a stream is below a share: uint64[n] -> bool[n]."""
    below = np.empty(len(bits), dtype=bool)
    for rows in blocks(len(bits)):
        below[rows] = is_below(draw(bits[rows], key), share)
    return below
