"""Turns the states of a machine into the means and variances of what a worker brings: of records, of its life.

With Q the probabilities of going from one state to another, N = (I - Q)^-1, and a visit to state s that brings an independent X[s],
the sum S[s] of all from there on has the mean h = N E[X] and the second moment g = N (E[X^2] + 2 E[X] (Q h)), by conditioning on
the first visit (Kemeny and Snell, "Finite Markov Chains", 1960, sections 3.2 and 3.3).
"""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from datagen.arrays import Floats
from datagen.distributions.base import MAX_SECONDS, Distribution
from datagen.simulation.chain import MAX_STATES, probabilities
from datagen.spec.deciding import decisions_of
from datagen.spec.generator import Generator
from datagen.spec.state_graph import reachable, traps

_STRATA = 1024  # of equal probability, of the lower half and of each octave of the upper one
_OCTAVES = 46
_HEAVY = 0.9995  # of what an octave of the tail brings: as much as that brings the next one, and all have no end
_ROUNDED = 1e-13  # of a mean square: a difference so small is what sums are rounded by


@dataclass(frozen=True)
class Moments:
    """The mean and the standard deviation of something; either may be infinite."""

    mean: float
    sd: float


@dataclass(frozen=True)
class WorkerMoments:
    """What a worker comes to: `visits`, float64[S], are how often it is in each state, on average."""

    visits: Floats
    records: Moments
    life: Moments  # seconds


class WorkerChain:
    """The chain of a specification whose paths depend on nothing but chance, solved once for all first states."""

    def __init__(self, spec: Generator, records: Floats) -> None:
        """Prepare; `records`, float64[S], are how many records a visit of each state brings."""
        graph = spec.graph()
        reached = reachable(graph)
        self._count = len(spec.states)
        endless = np.zeros(self._count, dtype=bool)
        for trap in traps(graph, reached):
            endless[trap] = True
        self._follow = probabilities(spec)
        while True:  # whoever may come to where no end is, may have none
            more = endless | (self._follow[:, endless].sum(axis=1) > 0)
            if (more == endless).all():
                break
            endless = more
        self._rows = np.array([n for n in sorted(reached) if not endless[n]], dtype=np.int64)
        self._places = {int(state): place for place, state in enumerate(self._rows)}
        self._records = records
        self._spec = spec

    @cached_property
    def _fundamental(self) -> Floats:
        follow = self._follow[np.ix_(self._rows, self._rows)]
        return np.asarray(np.linalg.inv(np.eye(len(self._rows)) - follow), dtype=np.float64)

    @cached_property
    def _durations(self) -> tuple[Floats, Floats]:
        """Return the means of delays and of their squares: float64[S] each."""
        found = [duration_moments(state.delay) for state in self._spec.states]
        means, squares = (np.array(each) for each in zip(*found, strict=True))
        return means, squares

    def moments(self, first: int) -> WorkerMoments | None:
        """Return what a worker comes to that begins in a state, or None where it may never end."""
        place = self._places.get(first)
        if place is None:
            return None
        visits = np.zeros(self._count)
        visits[self._rows] = self._fundamental[place]
        ones = self._records
        return WorkerMoments(
            visits,
            self._of(place, ones, ones**2),
            self._of(place, *self._durations),
        )

    def _of(self, place: int, means: Floats, squares: Floats) -> Moments:
        means, squares = means[self._rows], squares[self._rows]
        comes = self._fundamental[place] > 0
        if np.isinf(means[comes]).any():
            return Moments(math.inf, math.inf)
        means = np.where(np.isinf(means), 0.0, means)
        follow = self._follow[np.ix_(self._rows, self._rows)]
        sums = self._fundamental @ means
        mean = float(sums[place])
        if np.isinf(squares[comes]).any():
            return Moments(mean, math.inf)
        squares = np.where(np.isinf(squares), 0.0, squares)
        second = float(self._fundamental[place] @ (squares + 2 * means * (follow @ sums)))
        variance = second - mean**2
        return Moments(mean, math.sqrt(variance) if variance > _ROUNDED * second else 0.0)


def worker_chain(spec: Generator, records: Floats) -> WorkerChain | None:
    """Return the chain of a specification, None where nothing exact is known.

    That is where paths depend on values, delays on instants or values, or there are too many states.
    """
    delays = [state.delay for state in spec.states]
    if any(True for _ in decisions_of(spec.states)) or len(delays) > MAX_STATES:
        return None
    if any(each.temporal or each.hours is not None or each.varies for each in delays):
        return None
    try:
        return WorkerChain(spec, records)
    except np.linalg.LinAlgError:
        return None


def duration_moments(delay: Distribution) -> tuple[float, float]:
    """Return the mean of a delay in seconds, where what is below 0 counts as 0, and the mean of its square.

    The latter comes from quantiles: of the lower half, and of the upper one in octaves. Where these bring no less and less, it is infinite.
    """
    mean = delay.mean_duration()
    low, high = delay.bounds()
    if low == high:
        return mean, max(low, 0.0) ** 2
    middles = (np.arange(_STRATA) + 0.5) / _STRATA / 2
    tails = 2.0 ** -np.arange(1, _OCTAVES + 1)  # the probability beyond the begin of each octave
    beyond = tails[:, None] * (1 - middles)
    with np.errstate(over="ignore"):
        lower = np.clip(delay.quantile(middles), 0.0, MAX_SECONDS)
        upper = np.clip(delay.quantile(1 - beyond.ravel()), 0.0, MAX_SECONDS)
    of_octaves = (upper**2).reshape(beyond.shape).mean(axis=1) * tails / 2
    total = float((lower**2).mean()) / 2 + float(of_octaves.sum())
    if math.isinf(high) and of_octaves[-1] > 0:
        ratio = float((of_octaves[-1] / of_octaves[-9]) ** (1 / 8)) if of_octaves[-9] else 0.0
        if ratio >= _HEAVY:
            return mean, math.inf
        total += float(of_octaves[-1]) * ratio / (1 - ratio)
    return mean, max(total, mean**2)
