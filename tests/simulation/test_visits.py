"""The visits of a window."""

from datagen.randomness import visit_bits, worker_bits
from datagen.simulation.pool import Pool
from tests.support.machines import ENDING, machine_of


def test_bits_are_those_of_worker_and_visit() -> None:
    """Whatever window a visit is in."""
    machine = machine_of(ENDING)
    for window in Pool(machine, 0, 20, 30_000_000).windows():
        expected = visit_bits(worker_bits(machine.seed, window.workers), window.visits)
        assert window.bits.tolist() == expected.tolist()
