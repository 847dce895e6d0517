"""Walks a sample of workers by the machine itself, to its end: how long they live, when their records come."""

from dataclasses import dataclass

import numpy as np

from datagen.arrays import Floats, Ints
from datagen.curves.curve import MINUTE
from datagen.randomness import visit_bits, worker_bits
from datagen.simulation.machine import Machine
from datagen.spec.state_graph import STOP

LIVES = 4096
_MOST_VISITS, _MAX_STEPS = 1_000_000, 5_000  # of them in all, of one
_GOLDEN = 0.618033988749895  # whose multiples, without their whole parts, are spread evenly


@dataclass(frozen=True)
class WalkedLives:
    """Workers that begin evenly between two instants, microseconds since 1970, and when they end: int64[n].

    `weights`, float64[n], are how many workers of the run each stands for. Who lives longer than there is time from the first instant to
    the other ends later than that. The records before the other are of `owners` at `times`: int64[m].
    """

    begins: Ints
    ends: Ints
    weights: Floats
    owners: Ints
    times: Ints

    def alive(self, instant: int) -> tuple[float, float]:
        """Return how many workers are alive at an instant on average, and the variance of this estimate."""
        each = self.weights * ((self.begins <= instant) & (self.ends > instant))
        return float(each.sum()), _error(each)

    def records(self, until: int) -> tuple[float, float, float]:
        """Return how many records come before an instant, their variance if arrivals are Poisson, and that of the estimate."""
        owners = self.owners[self.times < until]
        counts = np.bincount(owners, minlength=len(self.begins)).astype(float)
        each = self.weights * counts
        return float(each.sum()), float((each * counts).sum()), _error(each)

    def records_between(self, edges: Ints) -> Floats:
        """Return how many records there are on average between neighbouring instants: int64[k + 1] -> float64[k]."""
        return np.histogram(self.times, edges, weights=self.weights[self.owners])[0].astype(float)


def walked_lives(machine: Machine, begin: int, instant: int) -> WalkedLives | None:
    """Return a sample of the lives of a population that begin between two instants; None: they are too long to walk."""
    places = (np.arange(LIVES) * _GOLDEN) % 1.0
    begins = begin + ((instant - begin) * places).astype(np.int64)
    rates = machine.interarrivals.expected(begins, begins + MINUTE)
    total = float(machine.interarrivals.expected(np.array([begin]), np.array([instant]))[0])
    weights = rates / max(float(rates.sum()), 1e-300) * total
    rows = np.arange(len(begins))
    bits, states, times = worker_bits(machine.seed, rows), np.full_like(rows, machine.first), begins
    ends, made, owners, seen = begins.copy(), 0, [rows[:0]], [rows[:0]]
    for number in range(_MAX_STEPS):
        counts = machine.expected_records[states]
        owners.append(np.repeat(rows, counts))
        seen.append(np.repeat(times, counts))
        of_visits = visit_bits(bits, np.full(len(rows), number))
        times = times + machine.delays(of_visits, states, times)
        states = machine.next_states(of_visits, states)
        made += len(rows)
        ends[rows] = times
        going = (states != STOP) & (times < instant)
        ends[rows[~going & (states != STOP)]] = instant + 1  # however long
        rows, bits, states, times = rows[going], bits[going], states[going], times[going]
        if not len(rows):
            every = np.concatenate(owners), np.concatenate(seen)
            return WalkedLives(begins, ends, weights, *every)
        if made > _MOST_VISITS:
            break
    return None


def _error(each: Floats) -> float:
    """Return the variance of a sum over a sample that is evenly spread: less than this, as it is."""
    return float(each.var()) * len(each)
