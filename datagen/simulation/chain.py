"""Turns the states of a machine into what a worker comes to on average: an absorbing Markov chain.

With Q the probabilities of going from one state to another and r what a visit of each brings, a worker
brings (I - Q)^-1 r on average until it ends (Kemeny and Snell, "Finite Markov Chains", 1960, section 3.3).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from datagen.arrays import Floats, Mask
from datagen.spec.generator import Generator
from datagen.spec.state_graph import STOP, reachable, traps

MAX_STATES = 1000  # that are solved for


@dataclass(frozen=True)
class Chain:
    """What is left of a worker that comes to a state, by the number of the state.

    `seconds` and `records`, float64[S], are how long it still lives and how many visits with a record it
    still has, on average: infinite where it may never end. `endless`, bool[S], are the states that no
    worker can leave for its end.
    """

    seconds: Floats
    records: Floats
    endless: Mask


def chain_of(spec: Generator, rewards: Floats | None = None) -> Chain | None:
    """Return the chain of a specification, or None where there are too many states to solve for.

    With `rewards`, float64[S], those of a visit of each state take the place of its records.
    """
    graph = spec.graph()
    reached = sorted(reachable(graph))
    if len(reached) > MAX_STATES:
        return None
    count = len(spec.states)
    endless = np.zeros(count, dtype=bool)
    for trap in traps(graph, set(reached)):
        endless[trap] = True
    seconds = np.array([state.delay.mean_duration() for state in spec.states])
    if np.isnan(seconds).any():  # delays that depend on values
        return None
    records = rewards
    if records is None:
        records = np.array([float(len(state.emitter)) for state in spec.states])
    follow = probabilities(spec)
    return Chain(
        _until_end(follow, seconds, endless, reached),
        _until_end(follow, records, endless, reached),
        endless,
    )


class Trap(NamedTuple):
    """States that a worker stays in for ever, how likely it comes there, and what it brings a second then."""

    states: list[int]
    likely: float
    pace: float


def long_run_pace(spec: Generator, first: int, rewards: Floats) -> float:
    """Return the rewards a second, float64[S] for a visit of each state, of a worker that never ends, once it lives long.

    Of several sets of states that it cannot leave it is the mean by how likely it comes to each.
    """
    total, share = 0.0, 0.0
    for trap in trap_paces(spec, first, rewards):
        total += trap.likely * trap.pace
        share += trap.likely
    return total / share if share else 0.0


def trap_paces(spec: Generator, first: int, rewards: Floats) -> list[Trap]:
    """Return the sets of states that a worker cannot leave, with its rewards a second there: float64[S] for a visit of each state.

    That is the sum of p r over that of p d, with p the stationary probabilities and d the mean delays (renewal
    reward: Ross, "Stochastic Processes", 2nd edition, 1996, section 4.8).
    """
    return [
        Trap(trap, likely, float((stationary * rewards[trap]).sum()) / lasts)
        for likely, trap, stationary, lasts in _stays(spec, first)
    ]


def long_run_visits(spec: Generator, first: int) -> Floats:
    """Return how often a second a worker that never ends is in each state, once it lives long: float64[S], as `long_run_pace` does."""
    visits, share = np.zeros(len(spec.states)), 0.0
    for likely, trap, stationary, lasts in _stays(spec, first):
        visits[trap] += likely * stationary / lasts
        share += likely
    return visits / share if share else visits


def _stays(spec: Generator, first: int) -> Iterator[tuple[float, list[int], Floats, float]]:
    """Yield each set of states that a worker cannot leave.

    How likely it comes to it, the states, their stationary probabilities, and how long a visit lasts there on average.
    """
    graph, follow = spec.graph(), probabilities(spec)
    seconds = np.array([state.delay.mean_duration() for state in spec.states])
    reached = reachable(graph)
    closed = traps(graph, reached)
    free = sorted(reached - {state for trap in closed for state in trap})
    for trap in closed:
        likely = float(first in trap)
        if first in free:
            onward = follow[np.ix_(free, trap)].sum(axis=1)
            inner = np.eye(len(free)) - follow[np.ix_(free, free)]
            likely = float(np.linalg.solve(inner, onward)[free.index(first)])
        inside = follow[np.ix_(trap, trap)]
        equations = inside.T - np.eye(len(trap))
        equations[-1] = 1.0
        stationary = np.linalg.solve(equations, np.eye(len(trap))[-1])
        yield likely, trap, stationary, float((stationary * seconds[trap]).sum())


def probabilities(spec: Generator) -> Floats:
    """Return how likely each state leads to each other one: float64[S, S]."""
    numbers = {state.name: number for number, state in enumerate(spec.states)}
    follow = np.zeros((len(numbers), len(numbers)))
    for number, state in enumerate(spec.states):
        total = sum(each.probability for each in state.transitions)
        for each in state.transitions:
            to = numbers.get(each.next, STOP)
            if to != STOP:
                follow[number, to] += each.probability / total
    return follow


def _until_end(follow: Floats, rewards: Floats, endless: Mask, reached: list[int]) -> Floats:
    """Return the sum of rewards until the end: infinite where what never ends can be come to."""
    never = endless | np.isinf(rewards)
    while True:
        more = never | (follow[:, never].sum(axis=1) > 0)
        if (more == never).all():
            break
        never = more
    left = np.full(len(rewards), np.inf)
    rows = np.array([state for state in reached if not never[state]], dtype=np.int64)
    if len(rows):
        try:
            left[rows] = np.linalg.solve(
                np.eye(len(rows)) - follow[np.ix_(rows, rows)], rewards[rows]
            )
        except np.linalg.LinAlgError:  # an end so unlikely that 1 minus it is 1
            return left
    return np.where(left >= 0, left, np.inf)
