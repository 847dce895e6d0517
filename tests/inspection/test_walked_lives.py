"""Lives that the model walks: as many are alive as by Little's law, and have as many records."""

import numpy as np
import pytest

from datagen.inspection.walked_lives import WalkedLives, walked_lives
from datagen.instants import SECOND
from tests.support.machines import constant, exponential, machine_of, spec_of

STEADY = spec_of({"a": (exponential(20), {"a": 0.5, "stop": 0.5})}, exponential(0.5))
END = 4000 * SECOND


def lives(end: int = END) -> WalkedLives:
    """Return lives of two workers a second, each for 40 seconds with 2 records."""
    found = walked_lives(machine_of(STEADY), 0, end)
    assert found is not None
    return found


def test_alive() -> None:
    """Two a second, each for 40 seconds; less at the beginning."""
    mean, variance = lives().alive(END)
    assert mean == pytest.approx(80, abs=4 * variance**0.5)
    assert mean == pytest.approx(80, rel=0.2)
    early, _ = lives(40 * SECOND).alive(40 * SECOND)
    assert early == pytest.approx(80 * (1 - np.exp(-1)), rel=0.05)


def test_records() -> None:
    """Their variance is that of a compound Poisson number: of a geometric number of them, E[R^2] = 6."""
    mean, variance, error = lives().records(END)
    assert mean == pytest.approx(2 * 4000 * 2 - 80, rel=0.02)
    assert variance == pytest.approx(2 * 4000 * 6, rel=0.1)
    assert error < variance
    assert lives().records(END // 2)[0] == pytest.approx(mean / 2, rel=0.05)


def test_records_over_time() -> None:
    """All of them, the last steps as many as the others."""
    steps = lives().records_between(np.linspace(0, END, 11).astype(np.int64))
    assert steps.sum() == pytest.approx(lives().records(END)[0])
    assert steps[1:] == pytest.approx(np.full(9, 1600), rel=0.1)


def test_lives_too_long_to_walk() -> None:
    """Nothing is said of them."""
    never = machine_of(spec_of({"a": (constant(1e-6), {"a": 1})}, exponential(1)))
    assert walked_lives(never, 0, END) is None
