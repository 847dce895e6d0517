"""What a worker comes to on average, against what is done by hand and by walking."""

import math

import numpy as np
import pytest

from datagen.simulation import chain as chain_module
from datagen.simulation.chain import Chain, chain_of
from datagen.simulation.pool import Pool
from datagen.spec.parsing import parse_spec
from tests.support.machines import (
    BURSTS,
    ENDING,
    NEVER_ENDING,
    NO_DURATION,
    Spec,
    constant,
    exponential,
    machine_of,
    spec_of,
)


def chain(spec: Spec) -> Chain:
    """Return the chain of a specification."""
    found = chain_of(parse_spec(spec, "test.json")[0])
    assert found is not None
    return found


def test_means_of_a_loop() -> None:
    """Solved by hand: a = 2 + 0.7 b, b = 0.5 + 0.5 a + 0.3 b."""
    assert chain(ENDING).seconds.tolist() == pytest.approx([5, 30 / 7])
    a, b = chain(ENDING).records
    assert (a, b) == (pytest.approx(1 + 0.7 * b), pytest.approx(1 + 0.5 * a + 0.3 * b))


@pytest.mark.parametrize("spec", [ENDING, BURSTS, NO_DURATION])
def test_records_of_a_worker_are_those_that_are_made(spec: Spec) -> None:
    """In the long run, by the pool, of some thousand workers or more: 4 standard errors of 2 %."""
    pool, visits = Pool(machine_of(spec), 0, None, 4000 * 10**6), 0
    for window in pool.windows():
        pool.request_window_size(20_000)
        visits += len(window)
    assert visits / pool.state.started == pytest.approx(chain(spec).records[0], rel=0.08)


def test_worker_that_never_ends() -> None:
    """Also one that only may come where it cannot leave; whoever cannot come there ends."""
    assert np.isinf(chain(NEVER_ENDING).seconds).all()
    assert chain(NEVER_ENDING).endless.all()
    trap = spec_of(
        {
            "a": (constant(1), {"b": 0.01, "c": 0.99}),
            "b": (constant(1), {"b": 1}),
            "c": (constant(2), {"stop": 1}),
        },
        constant(1),
    )
    found = chain(trap)
    assert found.seconds.tolist() == [math.inf, math.inf, 2]
    assert found.endless.tolist() == [False, True, False]


def test_infinite_mean_is_no_end() -> None:
    """Of a delay, or of a loop that is hardly ever left."""
    pareto = {"type": "pareto", "alpha": 0.9, "min": 1}
    spec = spec_of(
        {"a": (constant(1), {"b": 0.5, "stop": 0.5}), "b": (pareto, {"stop": 1})}, constant(1)
    )
    assert np.isinf(chain(spec).seconds).all()
    assert chain(spec).records.tolist() == [1.5, 1]


def test_delays_below_zero_count_as_none() -> None:
    """So the mean of what is waited is above that of the distribution: half of 2 phi(0)."""
    normal = {"type": "normal", "mean": 0, "stddev": 1}
    spec = spec_of({"a": (normal, {"stop": 1})}, constant(1))
    assert chain(spec).seconds[0] == pytest.approx(1 / math.sqrt(2 * math.pi), rel=1e-3)


def test_states_that_nobody_reaches_do_not_matter() -> None:
    """And nothing is solved where there are too many."""
    spec = spec_of({"a": (exponential(3), {"stop": 1}), "b": (constant(1), {"b": 1})}, constant(1))
    assert chain(spec).seconds[0] == 3


def test_too_many_states_are_not_solved(monkeypatch: pytest.MonkeyPatch) -> None:
    """The dry run has to do."""
    monkeypatch.setattr(chain_module, "MAX_STATES", 1)
    assert chain_of(parse_spec(ENDING, "test.json")[0]) is None
