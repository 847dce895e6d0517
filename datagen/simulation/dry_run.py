"""Turns a machine into a sample of workers' lives: how long each lives, and when its records come.

Workers are walked by the machine itself, with a seed of their own, all at once and for so many visits at
most. What is left of those that are not at their end then is taken from the means of the chain, or else from
how often others have ended.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from datagen.arrays import Bits, Floats, Ints, Mask
from datagen.instants import SECOND
from datagen.randomness import visit_bits, worker_bits
from datagen.simulation.chain import Chain
from datagen.simulation.machine import Machine
from datagen.spec.state_graph import STOP

_VISITS = 30  # of a worker on average, after which the rest is left to the means
_VISITS_BY_VALUES = 131_072  # of all workers of a machine whose paths depend on values
_MAX_STEPS = 256
_FEW = 500  # one of so many workers, or less, is not worth a step


@dataclass(frozen=True)
class Lives:
    """A sample of n workers that start at `begins`, microseconds; times are seconds from their starts.

    `ends`, float64[n], are how long they live, or at least as long as was asked for; infinite where they
    never end. `records` are the times of their records, of all workers in order, and `owners` whose each is. Those that were not
    walked to their end were walked for `walked`, live for `rest_of` in all, and have `paces` records a second.
    `visits` are those that were made of all of them.
    """

    begins: Ints
    ends: Floats
    records: Floats
    owners: Ints
    walked: Floats
    rest_of: Floats
    paces: Floats
    visits: int

    def mean_life(self, until: float) -> float:
        """Return the mean life up to an age."""
        return float(np.minimum(self.ends, until).mean())

    def mean_records(self, until: float) -> float:
        """Return how many records a worker has up to an age."""
        later = np.maximum(np.minimum(self.rest_of, until) - self.walked, 0.0)
        with np.errstate(invalid="ignore"):
            of_rest = float(np.where(self.paces > 0, self.paces * later, 0.0).sum())
        return (float(self.records.searchsorted(until, "right")) + of_rest) / len(self.ends)

    def mean_square(self, since: float, until: float) -> float:
        """Return the mean square of how many records a worker has from an age on, and up to another, as far as it was walked."""
        first, last = self.records.searchsorted([since, until], "right")
        counts = np.bincount(self.owners[first:last], minlength=len(self.ends))
        return float((counts.astype(np.float64) ** 2).mean())

    def records_in(self, seconds: float) -> float:
        """Return how many records come in so many seconds for one arrival a second."""
        some = self.records[: self.records.searchsorted(seconds, "right")]
        ages = np.maximum(np.minimum(self.rest_of, seconds) - self.walked, 0.0)
        after = np.maximum(seconds - np.maximum(self.walked, self.rest_of), 0.0)
        later = ages**2 / 2 + np.where(ages > 0, after, 0.0) * ages
        return float((seconds - some).sum() + (self.paces * later).sum()) / len(self.ends)

    @property
    def pace(self) -> float:
        """Return how many records a second one makes of those that were not walked to their end."""
        return float(self.paces.mean()) if len(self.paces) else 0.0


class Visits(NamedTuple):
    """One visit of each of some workers: `states` from `times` on, then `nexts` from `ends` on; int64[k] each."""

    rows: Ints
    states: Ints
    times: Ints
    nexts: Ints
    ends: Ints

    @property
    def over(self) -> Mask:
        """Return which workers end then: bool[k]."""
        found: Mask = self.nexts == STOP
        return found


Watch = Callable[[Visits], None]


def walk(
    machine: Machine,
    begins: Ints,
    horizon: Floats,
    few: int = 0,
    most: int | None = None,
    steps: int = _MAX_STEPS,
) -> Iterator[Visits]:
    """Yield a visit of each worker, then the next one of those that go on before their horizon, and so on.

    int64[n], float64[n]: microseconds. The walk ends with as few workers or less, or after about `most` visits; without it as many as make
    sense for the machine; and after so many `steps` of each worker.
    """
    rows, held = np.arange(len(begins)), np.zeros_like(begins)
    bits, states = worker_bits(machine.seed, rows), np.full_like(rows, machine.first)
    times = begins.copy()
    made, most = 0, most or _most_visits(machine, len(begins))
    for number in range(steps):
        if len(rows) <= few or made > most:
            return
        before, since = states, times
        if machine.values is None:
            states, times = _step(machine, bits, number, states, times)
        else:
            numbers = np.full_like(rows, number)
            step = machine.values.walk(rows, numbers, states, times, held, 1)
            states, times = step.states[1], step.times[1]
            (held,) = machine.values.keep([step.held[1]])
        made += len(rows)
        yield Visits(rows, before, since, states, times)
        on = (states != STOP) & (times < horizon[rows])
        rows, bits, states, times, held = (each[on] for each in (rows, bits, states, times, held))


def sampled_lives(
    machine: Machine,
    chain: Chain | None,
    begins: Ints,
    seconds: float,
    kinds: Ints | None = None,
    most_visits: int | None = None,
    watch: Watch | None = None,
) -> Lives:
    """Walk workers that start at some instants, each for so many seconds: int64[n], microseconds.

    They make about `most_visits` together; without it as many as make sense for the machine.
    `kinds`, int64[S], tell states apart in which workers may stay for ever at another pace. `watch` gets all visits.
    """
    last, horizon = begins.copy(), np.minimum(begins + seconds * SECOND, 2.0**62)
    counts, found, ends = np.zeros(len(begins)), [np.zeros(0)], np.full(len(begins), np.inf)
    owners = [np.zeros(0, dtype=np.int64)]
    made_visits, rows, states = 0, np.arange(len(begins)), np.full(len(begins), machine.first)
    for each in walk(machine, begins, horizon, len(begins) // _FEW, most_visits):
        if watch is not None:
            watch(each)
        made = machine.expected_records[each.states]
        counts[each.rows] += made
        found.append(np.repeat((each.times - begins[each.rows]) / SECOND, made))
        owners.append(np.repeat(each.rows, made))
        made_visits += len(each.rows)
        last[each.rows] = each.ends
        over = each.over | (each.ends >= horizon[each.rows])
        ends[each.rows[over]] = (each.ends - begins[each.rows])[over] / SECOND
        rows, states = each.rows[~over], each.nexts[~over]
    walked = (last[rows] - begins[rows]) / SECOND
    total, ended = float(walked.sum()), np.isfinite(ends)
    if chain is not None:
        rest = chain.seconds[states]
    else:  # as often as one has ended so far
        lived = total + float(ends[ended].sum())
        rest = np.full(len(rows), lived / ended.sum() if ended.any() else np.inf)
    ends[rows] = walked + rest * _even_exponential(len(rows))
    own = np.zeros_like(rows) if kinds is None else kinds[states]
    made_of, walked_of = (np.bincount(own, each) for each in (counts[rows], walked))
    paces = (made_of / np.maximum(walked_of, 1 / SECOND))[own] if len(rows) else walked
    ages = np.concatenate(found)
    order = np.argsort(ages, kind="stable")
    owner = np.concatenate(owners)[order]
    return Lives(begins, ends, ages[order], owner, walked, ends[rows], paces, made_visits)


def _most_visits(machine: Machine, workers: int) -> int:
    return _VISITS_BY_VALUES if machine.values else workers * _VISITS


def _step(
    machine: Machine, bits: Bits, number: int, states: Ints, times: Ints
) -> tuple[Ints, Ints]:
    of_visits = visit_bits(bits, np.full(len(bits), number))
    return (
        machine.next_states(of_visits, states),
        times + machine.delays(of_visits, states, times),
    )


def _even_exponential(count: int) -> Floats:
    """Return quantiles of the exponential distribution: what is left of a life after many rounds."""
    quantiles: Floats = -np.log1p(-(np.arange(count) + 0.5) / max(count, 1))
    return quantiles
