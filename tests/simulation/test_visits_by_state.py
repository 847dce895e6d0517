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
            order, emissions = by_state.single_emissions(emitter_of)
            numbers = emitter_of[window.states[window.order]]
            assert order.tolist() == window.order[numbers >= 0].tolist()
            known = [each.emitter for each in emissions]
            assert known == sorted(set(numbers.tolist()) - {-1})
            for each in emissions:
                rows = np.flatnonzero(numbers[numbers >= 0] == each.emitter)
                assert each.begins.tolist() == rows.tolist()
                assert each.visits.tolist() == order[rows].tolist()
                assert each.counts is None
                assert not each.places.any()


def test_states_may_have_several_emitters() -> None:
    """Records are in order of visits, then emitters, then elements; some visits have none of an emitter."""
    for machine, window in windows():
        states = len(machine.names)
        emitters_of = [[(2, 0), (), (1,), (0, 1, 2)][each % 4] for each in range(states)]
        by_state = VisitsByState(window, states)
        order, emissions = by_state.emissions(
            emitters_of, lambda number, visits: visits % 3 if number == 1 else None
        )
        expected = [
            (visit, emitter)
            for visit in window.order.tolist()
            for emitter in emitters_of[window.states[visit]]
            for _ in range(visit % 3 if emitter == 1 else 1)
        ]
        found: list[tuple[int, int]] = [(-1, -1)] * len(order)
        for each in emissions:
            counts = np.ones_like(each.visits) if each.counts is None else each.counts
            for visit, begin, place, count in zip(
                each.visits, each.begins, each.places, counts, strict=True
            ):
                for number in range(count):
                    found[begin + number] = (int(visit), each.emitter)
                first = [own for own, _ in expected].index(int(visit)) if count else begin - place
                assert begin - place == first
        assert found == expected
        assert order.tolist() == [visit for visit, _ in expected]


def test_first_visit_of_each_worker() -> None:
    """One row for each worker, where its number comes first."""
    for machine, window in windows():
        rows = VisitsByState(window, len(machine.names)).first_rows
        assert window.workers[rows].tolist() == sorted(set(window.workers.tolist()))
        assert window.visits[rows].tolist() == [
            window.visits[window.workers == each].min() for each in window.workers[rows]
        ]
