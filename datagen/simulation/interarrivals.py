"""Turns draws into the time until the next worker may start, which may follow curves, stand still, and end.

Without curves and openings it is time independent: the same whenever it begins.
"""

from typing import Any

import numpy as np

from datagen.arrays import Bits, Floats, Ints
from datagen.curves.curve import Curve
from datagen.curves.rate_integral import RateIntegral
from datagen.distributions.base import Distribution
from datagen.instants import DAY, SECOND, YEAR_10000
from datagen.part import WHOLE, Part
from datagen.randomness import dither, draw, stream_key, visit_bits, worker_bits
from datagen.simulation.cap import NEVER
from datagen.simulation.openings import Openings

_INTERARRIVAL = stream_key("interarrival")
_AT_ONCE = 65_536  # interarrival times that are drawn in one go
_TOO_LATE = YEAR_10000 + DAY  # no run gets there
_LONGEST = 1 << 61  # microseconds of a sum of gaps, which no run waits for


class Interarrivals:
    """The time from the start of one worker to the earliest start of the next; none comes after `total` workers.

    The next worker of a part of K is K interarrival times later, those of the workers of other parts included.
    The time passes within `openings` only, where there are any.
    """

    def __init__(
        self,
        seed: np.uint64,
        distribution: Distribution,
        arrivals: Curve | None,
        part: Part = WHOLE,
        total: int | None = None,
        openings: Openings | None = None,
    ) -> None:
        self._seed, self._distribution, self._part = seed, distribution, part
        self._total, self.openings = total, openings
        curves = [curve for curve in (distribution.curve, arrivals) if curve is not None]
        closes = distribution.hours is not None
        self._integral = RateIntegral(curves, closes=closes) if curves else None

    @property
    def time_independent(self) -> bool:
        """Return whether it is the same whenever it begins."""
        return self._integral is None and self.openings is None

    def left(self, number: int) -> int:
        """Return how many workers of the part have numbers from this one on, which is one of them."""
        if self._total is None:
            return NEVER
        return max(self._part.share(self._total) - number // self._part.count, 0)

    def gaps(self, workers: Ints, lasts: Ints) -> Ints:
        """Return the interarrival time before each worker, microseconds: int64[n], int64[n] -> int64[n].

        `lasts` are the starts of the workers before; they do not matter where it is time independent.
        """
        bits = self._bits(workers)
        if self._integral is None:
            gaps = self._distribution.microseconds(bits)
        else:
            gaps = self._integral.gaps(
                lasts, self._distribution.exact_microseconds(bits), dither(bits)
            )
        gaps[workers == 0] = 0
        return gaps

    def draws(self, workers: Ints) -> list[Any]:
        """Return for each worker of the part, int64[n], one after the other, what `next_start` takes.

        That is its time after the last worker of the part where that is time independent, else a list of the
        draws of all interarrival times that it consists of.
        """
        numbers, firsts = self._all_until(workers)
        if self._integral is None:
            return self._sums(numbers, firsts)
        bits = self._bits(numbers)
        amounts: Floats = self._distribution.exact_microseconds(bits)
        amounts[numbers == 0] = -1.0
        steps = list(zip(amounts.tolist(), dither(bits).tolist(), strict=True))
        ends = [*firsts[1:].tolist(), len(steps)]
        return [steps[first:end] for first, end in zip(firsts.tolist(), ends, strict=True)]

    def expected(self, begins: Ints, ends: Ints) -> Floats:
        """Return how many arrivals of the part the time between instants brings on average.

        int64[n], int64[n] -> float64[n]; infinite where nobody waits between arrivals.
        """
        mean = self._distribution.mean_duration() * SECOND * self._part.count
        if not mean:
            return np.full(len(begins), np.inf)
        if self.openings is None or not len(begins):
            return self._passed(begins, ends) / mean
        passed = np.zeros(len(begins))
        for opens, closes in self.openings.within(int(begins.min()), int(ends.max())):
            passed += self._passed(*(np.clip(each, opens, closes) for each in (begins, ends)))
        return passed / mean

    def next_start(self, last: int, draw: Any) -> int:
        """Return the earliest start of a worker, by its draw, after the last one's start; NEVER where there is none."""
        if self.openings is not None:
            return self._next_open(self.openings, last, draw)
        if self._integral is None:
            next_start: int = last + draw
            return next_start
        for amount, dithered in draw:
            if amount >= 0 and last < _TOO_LATE:
                last += self._integral.gap(last, amount, dithered)
        return last

    def _next_open(self, openings: Openings, last: int, draw: Any) -> int:
        """Return the same where the time passes within openings only."""
        if self._integral is None:
            return openings.after(last, draw)
        last = openings.opening(last)
        for amount, dithered in draw:
            if amount >= 0:
                last = self._along(self._integral, openings, last, amount, dithered)
        return last

    @staticmethod
    def _along(
        integral: RateIntegral, openings: Openings, instant: int, amount: float, dithered: float
    ) -> int:
        """Return the open instant at which the integral has grown by an amount."""
        while (opening := openings.first(instant)) is not None:
            instant = max(instant, opening[0])
            there = float(integral.growth(np.array([instant]), np.array([opening[1]]))[0])
            if amount < there:
                return openings.opening(instant + integral.gap(instant, amount, dithered))
            amount, instant = amount - there, opening[1]
        return NEVER

    def _passed(self, begins: Ints, ends: Ints) -> Floats:
        """Return how much of its own time passes between instants, microseconds: int64[n], int64[n] -> float64[n]."""
        if self._integral is None:
            return (ends - begins).astype(float)
        return self._integral.growth(begins, ends)

    def _all_until(self, workers: Ints) -> tuple[Ints, Ints]:
        """Return the numbers of some workers of the part, and of those of other parts between them.

        And, int64[n], where those after the last worker of the part before each begin.
        """
        if self._part.is_whole:
            return workers, np.arange(len(workers))
        befores = np.maximum(workers - self._part.count + 1, 0)
        return np.arange(befores[0], workers[-1] + 1), befores - befores[0]

    def _sums(self, numbers: Ints, firsts: Ints) -> list[int]:
        """Return the sum of the gaps from each place of the numbers to the next, as far as a run can wait."""
        if self._part.is_whole:
            gaps: list[int] = self.gaps(numbers, numbers).tolist()
            return gaps
        sums = np.zeros(len(firsts), dtype=np.int64)
        for begin in range(0, len(numbers), _AT_ONCE):
            some = numbers[begin : begin + _AT_ONCE]
            first, last = np.searchsorted(firsts, [begin, begin + len(some) - 1], side="right") - 1
            places = np.maximum(firsts[first : last + 1] - begin, 0)
            found = self.gaps(some, some)
            total, rough = np.add.reduceat(found, places), np.add.reduceat(found / 1.0, places)
            added = sums[first : last + 1] + np.where(rough < _LONGEST, total, _LONGEST)
            sums[first : last + 1] = np.minimum(added, _LONGEST)
        summed: list[int] = sums.tolist()
        return summed

    def _bits(self, workers: Ints) -> Bits:
        zeros = np.zeros(len(workers), dtype=np.int64)
        return draw(visit_bits(worker_bits(self._seed, workers), zeros), _INTERARRIVAL)
