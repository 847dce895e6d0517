"""Turns draws into durations: how long visits last.

A duration is time independent, or it follows curves: then it depends on the instant at which it begins.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np

from datagen.arrays import Bits, Floats, Ints, Mask
from datagen.columns.column import Column
from datagen.curves.curve import Curve
from datagen.curves.rate_integral import RateIntegral
from datagen.distributions.base import Distribution
from datagen.language import Expression
from datagen.randomness import dither

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

    def delay(self, place: int, instant: int) -> int:
        """Return how long the visit of a draw lasts, which begins at an instant."""
        state, duration, amount, dithered = self._draws[place]
        integral = self._integrals[state]
        return duration if integral is None else integral.gap(instant, amount, dithered)

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
