"""Turns curves into the time until their integral has grown by an amount.

A process whose rate is g(t) times a steady one is the steady process on another clock, which shows
the integral of g (time rescaling: Cinlar, "Introduction to Stochastic Processes", 1975, section 4.7).
So a gap of the steady process is an amount of that integral, and its inverse gives the time.

The integral is tabulated at each minute of a week, and linear in between. Factors, which change slowly or at
midnight, count as they are in the middle of the minute. One gap and arrays of gaps are equal to the bit: both
are computed by the same steps in doubles.
"""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from datagen.arrays import Floats, Ints
from datagen.curves.curve import MINUTE, MINUTES_PER_WEEK, Curve, WeekCache
from datagen.curves.zones import WEEK, week_and_offset, week_start, weeks_and_offsets
from datagen.instants import SECOND

MAX_GAP = 10**10 * SECOND  # to which all times are clipped
_MINUTE = float(MINUTE)
_SAMPLES = 12  # of the curve in a minute, for the mean height of the minute
_MOST_TOTALS = 1_000_000  # of weeks: more than there are until the year 9999
_NEVER = MAX_GAP // WEEK + 1  # weeks, after which no gap ends


@dataclass(frozen=True)
class _Week:
    """The integral since a week began, at the start of each minute and at the end; heights.

    `integral` has 10081 values, `heights` (the mean of each minute) 10080. The lists hold the same,
    but for the integral at the end: reading one value of a list is faster.
    """

    integral: Floats
    heights: Floats
    integral_list: list[float]
    height_list: list[float]
    total: float


class RateIntegral:
    """The integral, over time, of the product of curves.

    Where it stands still when an amount is reached, the gap ends with that time, or, where it `closes`, before it.
    """

    def __init__(self, curves: Sequence[Curve], *, closes: bool = False) -> None:
        self._closes = closes
        self._find = bisect_left if closes else bisect_right
        members = [each for curve in curves for each in curve.members]
        self._profiles = [each for each in members if each.repeats]
        self._factors = [each for each in members if not each.repeats]
        self._profile = WeekCache(self._profiles, self._tabulate_profile)
        self._weeks = WeekCache(members, self._tabulate)
        self._totals = WeekCache(members, self._sum_up, _MOST_TOTALS)
        self._begins = 1 << 62  # of the week that is selected: none yet
        self._selected: tuple[list[float], list[float], float] = [], [], 0.0

    def mean(self) -> float:
        """Return the mean height over the week in which 1970 began, where factors count as 1."""
        return float(_integral(self._profile.for_week(0))[-1]) / WEEK

    def gap(self, instant: int, amount: float, dither: float) -> int:
        """Return the microseconds from an instant until the integral has grown by an amount.

        The amount is in microseconds too. The result is rounded down after `dither`, inside (0, 1),
        is added.
        """
        offset = instant - self._begins
        if not 0 <= offset < WEEK:
            self._select_week(instant)
            offset = instant - self._begins
        integral, heights, total = self._selected
        minute = offset // MINUTE
        begun = integral[minute] + (offset - minute * MINUTE) * heights[minute]
        goal = begun + amount
        if goal >= total and (goal > total or not self._closes):
            return self._long_gap(instant, amount - (total - begun), dither)
        minute = max(self._find(integral, goal, minute) - 1, minute)
        if not heights[minute]:  # nothing has to pass
            return 0
        rest = (amount - (integral[minute] - begun)) / heights[minute]
        rest = 0.0 if rest < 0.0 else min(rest, _MINUTE)
        gap = int((minute * MINUTE - offset) + rest + dither)
        return max(0, gap)

    def gaps(self, instants: Ints, amounts: Floats, dithers: Floats) -> Ints:
        """Return the gap from each instant: int64[n], float64[n], float64[n] -> int64[n]."""
        numbers, offsets = weeks_and_offsets(instants)
        if self._weeks.all_alike or not len(numbers) or (numbers == numbers[0]).all():
            first = int(numbers[0]) if len(numbers) else 0
            return self._gaps_in_week(first, instants, offsets, amounts, dithers)
        gaps = np.empty(len(instants), dtype=np.int64)
        for number in np.unique(numbers).tolist():
            rows = np.flatnonzero(numbers == number)
            gaps[rows] = self._gaps_in_week(
                number, instants[rows], offsets[rows], amounts[rows], dithers[rows]
            )
        return gaps

    def growth(self, begins: Ints, ends: Ints) -> Floats:
        """Return how much the integral grows between instants: int64[n], int64[n] -> float64[n]."""
        if not len(begins):
            return np.zeros(0)
        first = int(weeks_and_offsets(begins)[0].min())
        return self._since(first, ends) - self._since(first, begins)

    def _since(self, first: int, instants: Ints) -> Floats:
        """Return the integral from the beginning of a week on, by its number."""
        numbers, offsets = weeks_and_offsets(instants)
        grown = np.empty(len(instants))
        before, at = 0.0, first
        for number in np.unique(numbers).tolist():
            rows, week = np.flatnonzero(numbers == number), self._weeks.for_week(number)
            if self._weeks.all_alike:
                before, at = (number - first) * week.total, number
            before, at = before + sum(map(self._total, range(at, number))), number
            minutes = offsets[rows] // MINUTE
            rest = (offsets[rows] - minutes * MINUTE) * week.heights[minutes]
            grown[rows] = before + week.integral[minutes] + rest
        return grown

    def _gaps_in_week(
        self, number: int, instants: Ints, offsets: Ints, amounts: Floats, dithers: Floats
    ) -> Ints:
        week = self._weeks.for_week(number)
        minutes = offsets // MINUTE
        begun = week.integral[minutes] + (offsets - minutes * MINUTE) * week.heights[minutes]
        goals = begun + amounts
        late = np.flatnonzero(goals > week.total if self._closes else goals >= week.total)
        goals[late] = 0.0
        side: Literal["left", "right"] = "left" if self._closes else "right"
        found = np.searchsorted(week.integral, goals, side=side) - 1
        minutes = np.maximum(found, minutes) if self._closes else found
        heights = week.heights[minutes]
        rests = amounts - (week.integral[minutes] - begun)
        if self._closes:  # where nothing has to pass, nothing does
            rests, heights = np.where(heights > 0, rests, 0.0), np.where(heights > 0, heights, 1.0)
        rests /= heights
        gaps = (minutes * MINUTE - offsets) + np.minimum(np.maximum(rests, 0.0), _MINUTE)
        micros = np.maximum(np.floor(gaps + dithers), 0.0).astype(np.int64)
        columns = (column[late].tolist() for column in (instants, amounts, dithers))
        micros[late] = [self.gap(*each) for each in zip(*columns, strict=True)]
        return micros

    def _select_week(self, instant: int) -> None:
        """Make the week of an instant the one in which `gap` looks first."""
        number = week_and_offset(instant)[0]
        week = self._weeks.for_week(number)
        self._begins = week_start(number)
        self._selected = week.integral_list, week.height_list, week.total

    def _long_gap(self, instant: int, amount: float, dither: float) -> int:
        """Return a gap that ends in a later week, by the amount that is left at the next one."""
        number, offset = week_and_offset(instant)
        later, amount = self._skip_weeks(number + 1, max(amount, 0.0))
        until_week = (later - number) * WEEK - offset
        if until_week > MAX_GAP:
            return MAX_GAP
        week = self._weeks.for_week(later)
        minute = max(self._find(week.integral_list, amount) - 1, 0)
        if not week.height_list[minute]:  # rounding left nothing to pass
            return min(until_week, MAX_GAP)
        rest = min((amount - week.integral_list[minute]) / week.height_list[minute], _MINUTE)
        return min(int((minute * MINUTE + until_week) + rest + dither), MAX_GAP)

    def _skip_weeks(self, number: int, amount: float) -> tuple[int, float]:
        """Return the week in which an amount from a week's beginning on is reached, and the rest."""
        if self._weeks.all_alike:
            total = self._total(0)
            if not total:
                return number + _NEVER, 0.0
            rest = math.fmod(amount, total) or (total if self._closes else 0.0)
            return number + round(min((amount - rest) / total, MAX_GAP / WEEK + 1)), rest
        last = number + _NEVER
        while number < last and (
            amount > (total := self._total(number)) or (amount == total and not self._closes)
        ):
            if not total and self._is_over(number):
                return last, 0.0
            amount -= total
            number += 1
        return number, amount

    def _total(self, number: int) -> float:
        """Return how much the integral grows within a week, by its number."""
        if not self._factors:
            return self._weeks.for_week(number).total
        return self._totals.for_week(number)

    def _sum_up(self, begins: int) -> float:
        return float(_integral(self._minute_means(begins))[-1])

    def _is_over(self, number: int) -> bool:
        """Return whether the product is 0 from a week on, for ever."""
        known = [each.zero_from for each in self._factors]
        return any(each is not None and each <= week_start(number) for each in known)

    def _tabulate(self, begins: int) -> _Week:
        integral = _integral(self._minute_means(begins))
        slopes = np.diff(integral) / MINUTE
        return _Week(integral, slopes, integral.tolist(), slopes.tolist(), float(integral[-1]))

    def _minute_means(self, begins: int) -> Floats:
        """Return the mean height in each minute of a week: float64[10080]."""
        means = self._profile.for_week(week_and_offset(begins)[0])
        middles = begins + np.arange(MINUTES_PER_WEEK) * MINUTE + MINUTE // 2
        for each in self._factors:
            means = means * each.heights(middles)
        return means

    def _tabulate_profile(self, begins: int) -> Floats:
        """Return the mean heights of what repeats itself in each minute of a week: float64[10080]."""
        middles = (
            begins + (np.arange(MINUTES_PER_WEEK * _SAMPLES) * MINUTE + MINUTE // 2) // _SAMPLES
        )
        heights = np.ones(len(middles))
        for each in self._profiles:
            heights *= each.heights(middles)
        means: Floats = np.cumsum(heights.reshape(-1, _SAMPLES), axis=1)[:, -1] / _SAMPLES
        return means


def _integral(means: Floats) -> Floats:
    """Return the integral at the start of each minute, and at the end, by the means of the minutes."""
    return np.concatenate([[0.0], np.cumsum(means * MINUTE)])
