"""The pool of workers as plainly as it can be written: a heap of what happens next.

It shares nothing with the engine but the draws of a machine. A machine of a part has every K-th worker of
all: each is due K interarrival times after the last one's start, and there is room for every K-th.
"""

from collections.abc import Callable
from heapq import heappop, heappush

import numpy as np

from datagen.randomness import visit_bits, worker_bits
from datagen.simulation.machine import Machine
from datagen.spec.state_graph import STOP

Visit = tuple[int, int, int, int]  # instant, worker, number of the visit, state
Step = Callable[
    [Machine, int, int, int, int], tuple[int, int]
]  # of a visit: its delay, what follows
MINUTE, END, VISIT, ARRIVAL = 0, 1, 2, 3  # what comes first at one instant


def plain_visits(
    machine: Machine,
    start: int,
    max_workers: int,
    end: int,
    most_at: Callable[[int], int] | None = None,
    step: Step | None = None,
    total: int | None = None,
) -> list[Visit]:
    """Return all visits of a run in order; instants are microseconds. After `total` workers nobody comes.

    The cap is that of all parts, and may depend on the instant, and is then looked at anew each minute. `step` is
    called for each visit, in order.
    """
    step = step or plain_step
    found: list[Visit] = []
    worker_numbers = range(machine.part.index, 1 << 62, machine.part.count)
    agenda = [(_due(machine, worker_numbers[0], start), ARRIVAL, 0, 0, 0)]
    if most_at is not None:
        heappush(agenda, (start - start % 60_000_000, MINUTE, 0, 0, 0))
    alive, started, waiting = 0, 0, False
    while agenda and agenda[0][0] < end:
        instant, kind, worker, number, state = heappop(agenda)
        if kind == VISIT:
            found.append((instant, worker, number, state))
            delay, following = step(machine, instant, worker, number, state)
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
        if waiting and alive < _share(machine, max_workers):
            heappush(agenda, (instant, VISIT, worker_numbers[started], 0, machine.first))
            alive, started, waiting = alive + 1, started + 1, False
            if total is None or worker_numbers[started] < total:
                due = _due(machine, worker_numbers[started], instant)
                heappush(agenda, (due, ARRIVAL, 0, 0, 0))
    return sorted(found)


def plain_waits(
    machine: Machine, start: int, visits: list[Visit], end: int
) -> list[tuple[int, int]]:
    """Return from when until when each arrival waited that was due before the end, which ends waits too."""
    starts = [instant for instant, _, number, _ in visits if number == 0]
    waits, last = [], start
    for place, began in enumerate([*sorted(starts), end]):
        due = _due(machine, machine.part.index + place * machine.part.count, last)
        waits.append((due, began))
        last = began
    return [(due, began) for due, began in waits if due < began]


def _share(machine: Machine, most: int) -> int:
    """Return how many of so many places are the part's."""
    return len(range(machine.part.index, most, machine.part.count))


def _due(machine: Machine, worker: int, last: int) -> int:
    """Return when a worker is due after the start of the last of its part, or after the run's start."""
    for number in range(max(worker - machine.part.count + 1, 0), worker + 1):
        last += int(machine.interarrivals.gaps(np.array([number]), np.array([last]))[0])
    return last


def plain_step(
    machine: Machine, instant: int, worker: int, number: int, state: int
) -> tuple[int, int]:
    """Return how long a visit lasts, and the state that follows, or STOP."""
    bits = visit_bits(worker_bits(machine.seed, np.array([worker])), np.array([number]))
    states = np.array([state])
    delay = machine.delays(bits, states, np.array([instant]))
    return int(delay[0]), int(machine.next_states(bits, states)[0])
