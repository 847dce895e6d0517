"""Delays of states and interarrival times, by arrays and one by one."""

import numpy as np
import pytest

from datagen.part import WHOLE, Part
from datagen.randomness import seed_word, visit_bits, worker_bits
from datagen.simulation import interarrivals
from datagen.simulation.delays import Delays
from datagen.simulation.interarrivals import Interarrivals
from datagen.spec.state_graph import STOP
from tests.support.machines import Spec, constant, distribution_of, exponential
from tests.support.plain_curves import SECOND, micros

START = micros("2027-03-12T08:00:00")
CURVED: Spec = {
    "type": "gmm_temporal",
    "mean": 60,
    "days": {"5": [{"utc_hour": 9, "sigma": 3, "weight": 1}]},
}


def delays_of(*specs: Spec) -> Delays:
    """Return the delays of states."""
    return Delays([distribution_of(spec) for spec in specs])


def bits_of(count: int) -> np.ndarray:
    """Return the random bits of visits."""
    return visit_bits(worker_bits(seed_word(1), np.array([5])), np.arange(count))


def test_states_of_one_type_are_sampled_as_if_alone() -> None:
    """Parameters side by side give what each gives by itself."""
    bits, zeros = bits_of(6), np.zeros(6, dtype=np.int64)
    together = delays_of(exponential(1), exponential(9), constant(2))
    states = np.array([0, 1, 2, 1, 0, 2])
    found = together.microseconds(bits, states, zeros).tolist()
    alone = [delays_of(exponential(1)), delays_of(exponential(9)), delays_of(constant(2))]
    assert found == [
        int(alone[state].microseconds(bits[n : n + 1], zeros[:1], zeros[:1])[0])
        for n, state in enumerate(states.tolist())
    ]


@pytest.mark.parametrize("specs", [(exponential(1), constant(2)), (CURVED, constant(2))])
def test_instants_along_a_row_add_up_its_delays(specs: tuple[Spec, Spec]) -> None:
    """Each visit begins when the one before it ends, whether delays depend on the instant or not."""
    delays, bits, paths = delays_of(*specs), bits_of(3), np.array([[0, 1, 0, 1]])
    [row] = delays.instants_along(bits[None, :], paths, np.array([START]), 1 << 62).tolist()
    for n in range(3):
        one = delays.microseconds(bits[n : n + 1], paths[0, n : n + 1], np.array([row[n]]))
        assert row[n + 1] == row[n] + int(one[0])


def test_draws_end_with_the_path() -> None:
    """Visits after the end have no delay."""
    draws = delays_of(constant(2)).draws(bits_of(3)[None, :], np.array([[0, 0, STOP, STOP]]))
    assert draws.instants(0, START, 1 << 62) == [START, START + 2 * SECOND, START + 4 * SECOND]


def test_only_curves_make_delays_depend_on_the_instant() -> None:
    """Of any state."""
    assert delays_of(constant(2), CURVED).time_dependent
    assert not delays_of(constant(2), exponential(1)).time_dependent


@pytest.mark.parametrize("spec", [exponential(3), CURVED])
def test_interarrivals_one_by_one_are_those_by_arrays(spec: Spec) -> None:
    """The first worker starts at once."""
    interarrivals = Interarrivals(seed_word(1), distribution_of(spec), None)
    workers, lasts = np.arange(4), np.full(4, START)
    gaps = interarrivals.gaps(workers, lasts).tolist()
    draws = interarrivals.draws(workers)
    assert [interarrivals.next_start(START, draw) - START for draw in draws] == gaps
    assert gaps[0] == 0


def test_expected_arrivals_are_those_that_come() -> None:
    """Of a steady rate and of one with a curve: 100,000 each, 4 standard errors of 0.3 %."""
    for spec in (exponential(0.5), CURVED):
        interarrivals = Interarrivals(seed_word(1), distribution_of(spec), None)
        draws, last = interarrivals.draws(np.arange(1, 100_001)), START
        for draw in draws:
            last = interarrivals.next_start(last, draw)
        ((found,),) = [interarrivals.expected(np.array([START]), np.array([last])).tolist()]
        assert found == pytest.approx(len(draws), rel=0.013)


def test_expected_arrivals_without_a_pause_are_without_number() -> None:
    """They would all come at once."""
    interarrivals = Interarrivals(seed_word(1), distribution_of(constant(0)), None)
    assert interarrivals.expected(np.array([0]), np.array([SECOND])).tolist() == [np.inf]


@pytest.mark.parametrize("spec", [exponential(3), CURVED])
@pytest.mark.parametrize("count", [2, 7, 1000])
@pytest.mark.parametrize("at_once", [1, 10, 999, 1 << 16])
def test_worker_of_a_part_is_due_after_those_of_other_parts(
    spec: Spec, count: int, at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Just when it is due in the whole stream, however many draws are made in one go."""
    if at_once < 10 and count == 1000:
        pytest.skip("is slow and shows nothing more")
    monkeypatch.setattr(interarrivals, "_AT_ONCE", at_once)
    whole = Interarrivals(seed_word(1), distribution_of(spec), None)
    starts, last = [], START
    for each in whole.draws(np.arange(3 * count)):
        last = whole.next_start(last, each)
        starts.append(last)
    for index in {0, 1, count - 1}:
        part = Interarrivals(seed_word(1), distribution_of(spec), None, Part(index, count))
        numbers, last, found = index + count * np.arange(3), START, []
        for each in [*part.draws(numbers[:1]), *part.draws(numbers[1:])]:
            last = part.next_start(last, each)
            found.append(last)
        assert found == starts[index::count]


def test_sum_of_interarrivals_that_no_run_waits_for_is_no_smaller_number() -> None:
    """A thousand times 300 years are more than 64 bits hold."""
    part = Interarrivals(seed_word(1), distribution_of(constant(1e10)), None, Part(5, 1_000_000))
    first, second = part.draws(np.array([5, 1_000_005]))
    assert first == 5 * 10**16
    assert second >= 1 << 61
    curved = Interarrivals(
        seed_word(1), distribution_of({**CURVED, "mean": 1e10}), None, Part(5, 1000)
    )
    [steps] = curved.draws(np.array([1005]))
    assert len(steps) == 1000
    assert curved.next_start(START, steps) > 10**16


def test_parts_expect_their_share_of_arrivals() -> None:
    """A third of all."""
    begins, ends = np.array([START]), np.array([START + 3600 * SECOND])
    for spec in (exponential(0.5), CURVED):
        whole, part = (
            Interarrivals(seed_word(1), distribution_of(spec), None, each).expected(begins, ends)
            for each in (WHOLE, Part(1, 3))
        )
        assert part * 3 == pytest.approx(whole)
