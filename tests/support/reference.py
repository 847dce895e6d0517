"""The pool of workers as plainly as it can be written: a heap of what happens next.

It shares nothing with the engine but the draws of a machine.
"""

from collections.abc import Callable
from heapq import heappop, heappush

import numpy as np

from datagen.randomness import visit_bits, worker_bits
from datagen.simulation.machine import Machine
from datagen.spec.state_graph import STOP

Visit = tuple[int, int, int, int]  # instant, worker, number of the visit, state
MINUTE, END, VISIT, ARRIVAL = 0, 1, 2, 3  # what comes first at one instant


def plain_visits(
    machine: Machine,
    start: int,
    max_workers: int,
    end: int,
    most_at: Callable[[int], int] | None = None,
) -> list[Visit]:
    """Return all visits of a run in order; instants are microseconds.

    The cap may depend on the instant, and is then looked at anew each minute.
    """
    found: list[Visit] = []
    agenda = [(start, ARRIVAL, 0, 0, 0)]
    if most_at is not None:
        agenda.append((start - start % 60_000_000, MINUTE, 0, 0, 0))
    alive, started, waiting = 0, 0, False
    while agenda and agenda[0][0] < end:
        instant, kind, worker, number, state = heappop(agenda)
        if kind == VISIT:
            found.append((instant, worker, number, state))
            delay, following = _step(machine, instant, worker, number, state)
            event = (
                (END, worker, 0, 0) if following == STOP else (VISIT, worker, number + 1, following)
            )
            heappush(agenda, (instant + delay, *event))
            continue
        if kind == MINUTE and most_at is not None:
            max_workers = most_at(instant)
            heappush(agenda, (instant + 60_000_000, MINUTE, 0, 0, 0))
        alive -= kind == END
        waiting = waiting or kind == ARRIVAL
        if waiting and alive < max_workers:
            heappush(agenda, (instant, VISIT, started, 0, 0))
            alive, started, waiting = alive + 1, started + 1, False
            gap = int(machine.interarrivals.gaps(np.array([started]), np.array([instant]))[0])
            heappush(agenda, (instant + gap, ARRIVAL, 0, 0, 0))
    return sorted(found)


def plain_waits(
    machine: Machine, start: int, visits: list[Visit], end: int
) -> list[tuple[int, int]]:
    """Return from when until when each arrival waited that was due before the end, which ends waits too."""
    starts = [instant for instant, _, number, _ in visits if number == 0]
    waits, last = [], start
    for worker, began in enumerate([*sorted(starts), end]):
        due = last + int(machine.interarrivals.gaps(np.array([worker]), np.array([last]))[0])
        waits.append((due, began))
        last = began
    return [(due, began) for due, began in waits if due < began]


def _step(machine: Machine, instant: int, worker: int, number: int, state: int) -> tuple[int, int]:
    bits = visit_bits(worker_bits(machine.seed, np.array([worker])), np.array([number]))
    states = np.array([state])
    delay = machine.delays(bits, states, np.array([instant]))
    return int(delay[0]), int(machine.next_states(bits, states)[0])
