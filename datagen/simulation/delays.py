"""Turns draws into durations: how long visits last, and how long until the next worker may start.

A duration is time independent, or it follows curves: then it depends on the instant at which it begins.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from datagen.arrays import Bits, Floats, Ints, Mask
from datagen.columns.column import Column
from datagen.curves.curve import Curve
from datagen.curves.rate_integral import RateIntegral
from datagen.distributions.base import Distribution
from datagen.instants import DAY, SECOND, YEAR_10000
from datagen.language import Expression
from datagen.part import WHOLE, Part
from datagen.randomness import dither, draw, stream_key, visit_bits, worker_bits

_INTERARRIVAL = stream_key("interarrival")
_AT_ONCE = 65_536  # interarrival times that are drawn in one go
_TOO_LATE = YEAR_10000 + DAY  # no run gets there
_LONGEST = 1 << 61  # microseconds of a sum of gaps, which no run waits for
_BLOCK = 8192  # visits, whose arrays stay in the processor's cache

_Kind = tuple[Ints | slice, Distribution, int]


class Delays:
    """How long the visits of each state last.

    States whose delays are of one type are sampled together, their parameters side by side, and so
    are those with one and the same delay, of whatever type: steps of few workers cost the calls of
    one quantile function, not of one for each state. States that never wait cost nothing.
    """

    def __init__(self, delays: Sequence[Distribution]) -> None:
        self._integrals = _integrals(delays)
        self.time_dependent = any(self._integrals)
        self._only_delay = delays[0] if all(each == delays[0] for each in delays) else None
        kinds: dict[object, list[int]] = {}
        for state, delay in enumerate(delays):
            alike = type(delay) if delay.stackable else repr(delay)
            kinds.setdefault(alike if delay.can_take_time() else None, []).append(state)
        self._states = list(kinds.values())
        self._members = [
            [delays[state] for state in states if alike is not None]
            for alike, states in kinds.items()
        ]
        self._kind_of = np.zeros(len(delays), dtype=np.int64)
        self._columns: list[dict[str, Floats] | None] = []
        for kind, (states, members) in enumerate(zip(self._states, self._members, strict=True)):
            self._kind_of[states] = kind
            places = np.zeros(len(delays), dtype=np.int64)
            places[states] = np.arange(len(states))
            self._columns.append(_columns(members, places))

    def microseconds(self, bits: Bits, states: Ints, instants: Ints) -> Ints:
        """Return the delay of each visit: uint64[n], int64[n], int64[n] -> int64[n]."""
        result = np.zeros(len(states), dtype=np.int64)
        for first in range(0, len(states), _BLOCK):
            block = slice(first, first + _BLOCK)
            self._write(bits[block], states[block], instants[block], result[block])
        return result

    def instants_along(self, bits: Bits, paths: Ints, begins: Ints, horizon: int) -> Ints:
        """Return when the visits along rows of them begin, as far as they are before the horizon.

        uint64[n, v], states int64[n, v + 1], int64[n] -> int64[n, v + 1].
        """
        if self.time_dependent:
            return self._dependent_instants(bits, paths, begins, horizon)
        states = paths[:, :-1].ravel()
        instants = np.empty_like(paths)
        instants[:, 0] = begins
        delays = self.microseconds(bits.ravel(), states, states)
        np.cumsum(delays.reshape(bits.shape), axis=1, out=instants[:, 1:])
        instants[:, 1:] += begins[:, None]
        return instants

    def draws(self, bits: Bits, paths: Ints) -> "DelayDraws":
        """Draw what the delays along rows of visits depend on, all but the instants.

        uint64[n, v], states int64[n, v + 1]; a row has STOP after the worker's end.
        """
        visited = paths[:, :-1] >= 0
        states, drawn = paths[:, :-1][visited], bits[visited]
        durations, amounts = np.zeros(len(drawn), dtype=np.int64), np.zeros(len(drawn))
        for rows, delay, state in self._kinds(states):
            if self._integrals[state] is None:
                durations[rows] = delay.microseconds(drawn[rows])
            else:
                amounts[rows] = delay.exact_microseconds(drawn[rows])
        columns = (each.tolist() for each in (states, durations, amounts, dither(drawn)))
        draws = list(zip(*columns, strict=True))
        ends = np.cumsum(visited.sum(axis=1)).tolist()
        return DelayDraws(self._integrals, draws, [0, *ends])

    def _kinds(self, states: Ints) -> Iterator[_Kind]:
        """Yield the rows that are sampled together, by which distribution, and one state of them."""
        kinds = self._kind_of[states]
        for kind, members in enumerate(self._members):
            if members and len(rows := np.flatnonzero(kinds == kind)):
                delay, columns = members[0], self._columns[kind]
                if columns is not None:
                    delay = delay.stacked(columns, states[rows])
                every = len(rows) == len(states)
                yield slice(None) if every else rows, delay, self._states[kind][0]

    def _write(self, bits: Bits, states: Ints, instants: Ints, result: Ints) -> None:
        only = self._only_delay
        kinds: Iterable[_Kind] = self._kinds(states) if only is None else [(slice(None), only, 0)]
        for rows, delay, state in kinds:
            integral = self._integrals[state]
            if integral is None:
                result[rows] = delay.microseconds(bits[rows])
            else:
                result[rows] = _gaps(integral, delay, bits[rows], instants[rows])

    def _dependent_instants(self, bits: Bits, paths: Ints, begins: Ints, horizon: int) -> Ints:
        draws, instants = self.draws(bits, paths), np.empty_like(paths)
        for row, begin in enumerate(begins.tolist()):
            walked = draws.instants(row, begin, horizon)
            instants[row, : len(walked)] = walked
            instants[row, len(walked) :] = walked[-1]
        return instants


class ValueTimer:
    """A delay whose parameters are expressions."""

    def __init__(self, delay: Distribution) -> None:
        self._delay = delay
        self._integral = None if delay.curve is None else RateIntegral([delay.curve])

    def microseconds(
        self, bits: Bits, instants: Ints, column_of: Callable[[Expression], Column]
    ) -> tuple[Ints, Mask | None]:
        """Return the delay of each visit, and where there is none: uint64[n], int64[n] -> int64[n], bool[n].

        `column_of` gives the values of an expression at the visits. Where there is no delay it is 0.
        """
        delay, invalid = self._delay.at(column_of, len(bits))
        integral = self._integral
        found = (
            delay.microseconds(bits) if integral is None else _gaps(integral, delay, bits, instants)
        )
        if invalid is not None:
            found = np.where(invalid, 0, found)
        return found, invalid


class DelayDraws:
    """Rows of visits whose delays are drawn, but for the instants at which they begin.

    A draw is (state, duration in microseconds, amount, dither). The duration counts where the state's delay
    follows no curve; else the delay is the time until the curve's integral has grown by the amount.
    `firsts` are the places of each row's first draw.
    """

    def __init__(
        self,
        integrals: Sequence[RateIntegral | None],
        draws: list[tuple[int, int, float, float]],
        firsts: list[int],
    ) -> None:
        self._integrals, self._draws, self._firsts = integrals, draws, firsts

    def instants(self, row: int, instant: int, horizon: int) -> list[int]:
        """Return when the visits of a row begin, the first at an instant; up to its end or a horizon.

        The last is the end, or the first that is not before the horizon.
        """
        instants, integrals = [instant], self._integrals
        append = instants.append
        for state, duration, amount, dithered in self._draws[
            self._firsts[row] : self._firsts[row + 1]
        ]:
            if instant >= horizon:
                break
            integral = integrals[state]
            instant += duration if integral is None else integral.gap(instant, amount, dithered)
            append(instant)
        return instants


class Interarrivals:
    """The time from the start of one worker to the earliest start of the next.

    The next worker of a part of K is K interarrival times later, those of the workers of other parts included.
    """

    def __init__(
        self,
        seed: np.uint64,
        distribution: Distribution,
        arrivals: Curve | None,
        part: Part = WHOLE,
    ) -> None:
        self._seed, self._distribution, self._part = seed, distribution, part
        curves = [curve for curve in (distribution.curve, arrivals) if curve is not None]
        closes = distribution.hours is not None
        self._integral = RateIntegral(curves, closes=closes) if curves else None

    @property
    def time_independent(self) -> bool:
        """Return whether it is the same whenever it begins."""
        return self._integral is None

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
        integral = self._integral
        mean = self._distribution.mean_duration() * SECOND * self._part.count
        passed = (
            (ends - begins).astype(float) if integral is None else integral.growth(begins, ends)
        )
        return passed / mean if mean else np.full(len(begins), np.inf)

    def next_start(self, last: int, draw: Any) -> int:
        """Return the earliest start of a worker, by its draw, after the last one's start."""
        if self._integral is None:
            next_start: int = last + draw
            return next_start
        for amount, dithered in draw:
            if amount >= 0 and last < _TOO_LATE:
                last += self._integral.gap(last, amount, dithered)
        return last

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


def _columns(members: Sequence[Distribution], places: Ints) -> dict[str, Floats] | None:
    """Return the parameters of each state's delay, where these differ and can be sampled together.

    `places` are those of the states' delays among the members; of other states they may be any.
    """
    if len(members) < 2 or not members[0].stackable:
        return None
    return {name: column[places] for name, column in members[0].columns(members).items()}


def _gaps(integral: RateIntegral, delay: Distribution, bits: Bits, instants: Ints) -> Ints:
    return integral.gaps(instants, delay.exact_microseconds(bits), dither(bits))


def _integrals(delays: Sequence[Distribution]) -> list[RateIntegral | None]:
    """Return the integral of each delay's curve, one object for all that are the same."""
    made: list[tuple[tuple[Curve, bool], RateIntegral]] = []
    integrals: list[RateIntegral | None] = []
    for delay in delays:
        if delay.curve is None:
            integrals.append(None)
            continue
        key = delay.curve, delay.hours is not None
        integral = next((integral for other, integral in made if other == key), None)
        if integral is None:
            integral = RateIntegral([delay.curve], closes=key[1])
            made.append((key, integral))
        integrals.append(integral)
    return integrals
