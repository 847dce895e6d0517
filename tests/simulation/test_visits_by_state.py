"""The visits of a window by state and by emitter: each once, in order of (time, worker, visit)."""

from collections.abc import Iterator

import numpy as np

from datagen.simulation.machine import Machine
from datagen.simulation.pool import Pool
from datagen.simulation.visits import Visits
from datagen.simulation.visits_by_state import VisitsByState
from tests.support.machines import ENDING, machine_of


def windows() -> Iterator[tuple[Machine, Visits]]:
    """Yield windows of a machine of several states."""
    machine = machine_of(ENDING)
    for window in Pool(machine, 0, 20, 30_000_000).windows():
        yield machine, window


def test_states_have_their_visits_in_order() -> None:
    """With their bits and instants; several states have theirs together."""
    for machine, window in windows():
        states = len(machine.names)
        by_state = VisitsByState(window, states)
        ordered = window.states[window.order]
        for some in [*([each] for each in range(states)), range(states)]:
            visits, bits, times = by_state.of(list(some))
            assert visits.tolist() == window.order[np.isin(ordered, list(some))].tolist()
            assert bits.tolist() == window.bits[visits].tolist()
            assert times.tolist() == window.times[visits].tolist()


def test_emitters_share_the_visits_that_emit() -> None:
    """Each has its places among them all."""
    for machine, window in windows():
        for emitter_of in (machine.emitter_of, np.arange(len(machine.names)) % 3 - 1):
            by_state = VisitsByState(window, len(machine.names))
            order, emitters = by_state.by_emitter(emitter_of)
            numbers = emitter_of[window.states[window.order]]
            assert order.tolist() == window.order[numbers >= 0].tolist()
            assert [number for number, _, _ in emitters] == sorted(set(numbers.tolist()) - {-1})
            for number, places, visits in emitters:
                assert places.tolist() == np.flatnonzero(numbers[numbers >= 0] == number).tolist()
                assert visits.tolist() == order[places].tolist()


def test_first_visit_of_each_worker() -> None:
    """One row for each worker, where its number comes first."""
    for machine, window in windows():
        rows = VisitsByState(window, len(machine.names)).first_rows
        assert window.workers[rows].tolist() == sorted(set(window.workers.tolist()))
        assert window.visits[rows].tolist() == [
            window.visits[window.workers == each].min() for each in window.workers[rows]
        ]
