"""Turns curves into paces: how long it takes, from an instant on, until so much has passed.

A process whose rate is g(t) times what it would be otherwise is that process on another clock, which
has passed the integral of g. The integral is tabulated for each minute of a week and linear between.
One gap and arrays of gaps come out the same to the bit: both do the same steps in doubles.
"""

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from datagen.arrays import Floats, Ints
from datagen.curves.curve import MINUTE, MINUTES, Curve, Weeks
from datagen.curves.zones import WEEK, week_begins, week_of, weeks_of
from datagen.instants import SECOND

MOST = 10**10 * SECOND  # a gap is held at that, as all times are
_MINUTE = float(MINUTE)
_SLICES = 12  # of a minute, in the middle of which the curve is looked at


Lists = tuple[list[float], list[float], float]


@dataclass(frozen=True)
class _Table:
    """A week: what has passed at each minute's beginning, and the height of each minute."""

    passed: Floats
    heights: Floats
    lists: Lists  # the same, and what has passed at the end


class Pace:
    """The pace that the product of curves sets."""

    def __init__(self, curves: Sequence[Curve]) -> None:
        self._curves = curves
        self._weeks = Weeks(curves, self._table)
        self._turn_to(0)

    def mean(self) -> float:
        """Return the mean height, over an ordinary week."""
        return self._weeks.of(0).lists[2] / WEEK

    def gap(self, instant: int, amount: float, dither: float) -> int:
        """Return the microseconds from an instant until so many microseconds have passed at the pace.

        They are rounded down after something inside (0, 1) is added.
        """
        place = instant - self._begins
        if not 0 <= place < WEEK:
            self._turn_to(instant)
            place = instant - self._begins
        passed, heights, total = self._lists
        minute = place // MINUTE
        begun = passed[minute] + (place - minute * MINUTE) * heights[minute]
        goal = begun + amount
        if goal >= total:
            return self._long_gap(instant, amount - (total - begun), dither)
        minute = bisect_right(passed, goal, minute) - 1
        rest = (amount - (passed[minute] - begun)) / heights[minute]
        rest = 0.0 if rest < 0.0 else min(rest, _MINUTE)
        gap = int((minute * MINUTE - place) + rest + dither)
        return max(0, gap)

    def gaps(self, instants: Ints, amounts: Floats, dithers: Floats) -> Ints:
        """Return the gap from each instant: int64[n], float64[n], float64[n] -> int64[n]."""
        numbers, places = weeks_of(instants)
        if self._weeks.alike or not len(numbers) or (numbers == numbers[0]).all():
            first = int(numbers[0]) if len(numbers) else 0
            return self._of_week(first, instants, places, amounts, dithers)
        gaps = np.empty(len(instants), dtype=np.int64)
        for number in np.unique(numbers).tolist():
            rows = np.flatnonzero(numbers == number)
            gaps[rows] = self._of_week(
                number, instants[rows], places[rows], amounts[rows], dithers[rows]
            )
        return gaps

    def _of_week(
        self, number: int, instants: Ints, places: Ints, amounts: Floats, dithers: Floats
    ) -> Ints:
        table = self._weeks.of(number)
        minutes = places // MINUTE
        begun = table.passed[minutes] + (places - minutes * MINUTE) * table.heights[minutes]
        goals = begun + amounts
        late = np.flatnonzero(goals >= table.lists[2])
        goals[late] = 0.0
        minutes = np.searchsorted(table.passed, goals, side="right") - 1
        rests = (amounts - (table.passed[minutes] - begun)) / table.heights[minutes]
        gaps = (minutes * MINUTE - places) + np.minimum(np.maximum(rests, 0.0), _MINUTE)
        micros = np.maximum(np.floor(gaps + dithers), 0.0).astype(np.int64)
        columns = (column[late].tolist() for column in (instants, amounts, dithers))
        micros[late] = [self.gap(*each) for each in zip(*columns, strict=True)]
        return micros

    def _turn_to(self, instant: int) -> None:
        """Keep the week of an instant at hand."""
        number = week_of(instant)[0]
        self._begins, self._lists = week_begins(number), self._weeks.of(number).lists

    def _long_gap(self, instant: int, amount: float, dither: float) -> int:
        """Return a gap that ends in a later week, by the amount that is left then."""
        number, place = week_of(instant)
        later, amount = self._later(number + 1, max(amount, 0.0))
        offset = (later - number) * WEEK - place
        if offset > MOST:
            return MOST
        passed, heights, _ = self._weeks.of(later).lists
        minute = bisect_right(passed, amount) - 1
        rest = min((amount - passed[minute]) / heights[minute], _MINUTE)
        return min(int((minute * MINUTE + offset) + rest + dither), MOST)

    def _later(self, number: int, amount: float) -> tuple[int, float]:
        """Return the week in which an amount is reached that counts from the beginning of another."""
        if self._weeks.alike:
            total = self._weeks.of(0).lists[2]
            rest = math.fmod(amount, total)
            return number + round(min((amount - rest) / total, MOST / WEEK + 1)), rest
        last = number + MOST // WEEK + 1
        while number < last and amount >= (total := self._weeks.of(number).lists[2]):
            amount -= total
            number += 1
        return number, amount

    def _table(self, begins: int) -> _Table:
        middles = begins + (np.arange(MINUTES * _SLICES) * MINUTE + MINUTE // 2) // _SLICES
        heights = np.ones(len(middles))
        for curve in self._curves:
            heights *= curve.at(middles)
        of_minutes = heights.reshape(MINUTES, _SLICES).mean(axis=1)
        passed = np.concatenate([[0.0], np.cumsum(of_minutes * MINUTE)])
        slopes = np.diff(passed) / MINUTE
        return _Table(passed, slopes, (passed.tolist(), slopes.tolist(), float(passed[-1])))
