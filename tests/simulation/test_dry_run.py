"""A sample of lives, against what is known of them."""

import math

import numpy as np
import pytest

from datagen.simulation.chain import chain_of
from datagen.simulation.dry_run import Lives, sampled_lives
from datagen.spec.parsing import parse_spec
from tests.support.machines import (
    ENDING,
    NEVER_ENDING,
    Spec,
    constant,
    exponential,
    machine_of,
    spec_of,
)

FOREVER = 1e10


def lives_of(spec: Spec, seconds: float = FOREVER, workers: int = 4096) -> Lives:
    """Return a sample of the lives of a specification."""
    chain = chain_of(parse_spec(spec, "test.json")[0])
    return sampled_lives(machine_of(spec), chain, np.zeros(workers, dtype=np.int64), seconds)


def test_lives_up_to_an_age() -> None:
    """Of exponential lives it is mean x (1 - exp(-age / mean)): 4,096 workers, 4 standard errors of 1.6 %."""
    lives = lives_of(spec_of({"a": (exponential(3), {"stop": 1})}, constant(1)))
    for age in (0.1, 1, 3, 30):
        assert lives.mean_life(age) == pytest.approx(3 * -math.expm1(-age / 3), rel=0.06)
        assert lives.mean_records(age) == 1
        assert lives.records_in(age) == pytest.approx(age)


def test_records_at_fixed_times() -> None:
    """Three records, ten seconds apart, then the end."""
    spec = spec_of(
        {
            "a": (constant(10), {"b": 1}),
            "b": (constant(10), {"c": 1}),
            "c": (constant(10), {"stop": 1}),
        },
        constant(1),
    )
    lives = lives_of(spec)
    assert set(lives.ends) == {30}
    assert [lives.mean_records(age) for age in (0, 9, 10, 25, 90)] == [1, 1, 2, 3, 3]
    assert lives.records_in(25) == 25 + 15 + 5
    assert len(lives.walked) == 0


def test_who_is_old_enough_is_walked_no_further() -> None:
    """So a long life costs nothing where a run is short."""
    lives = lives_of(NEVER_ENDING, seconds=5)
    assert (lives.ends >= 5).all()
    assert lives.records.max() < 5
    assert lives.mean_life(5) == 5


def test_rest_of_long_lives_is_that_of_the_chain() -> None:
    """A loop of 10,000 rounds is not walked to its end: its length is within 4 standard errors."""
    spec = spec_of({"a": (constant(1), {"a": 0.9999, "stop": 0.0001})}, constant(1))
    lives = lives_of(spec)
    assert len(lives.walked) > 3000
    assert lives.mean_life(1e9) == pytest.approx(10_000, rel=0.07)
    assert lives.mean_records(1e9) == pytest.approx(10_000, rel=0.07)
    assert lives.records_in(1000) == pytest.approx(1000**2 / 2, rel=0.07)


def test_who_never_ends_goes_on_at_its_pace() -> None:
    """Of a record a second in state a for one in three in b, each second in b: 0.4 a second."""
    lives = lives_of(NEVER_ENDING)
    assert np.isinf(lives.ends).all()
    assert lives.pace == pytest.approx(1 / (1 / 3 * 1 + 2 / 3 * 3), rel=0.05)
    assert lives.mean_records(10_000) == pytest.approx(10_000 * lives.pace, rel=0.05)


def test_sample_is_always_the_same() -> None:
    """So a run is warned of or not, whatever its seed."""
    one, other = lives_of(ENDING), lives_of(ENDING)
    assert np.array_equal(one.ends, other.ends)
    assert np.array_equal(one.records, other.records)


def test_unknown_rest_is_without_end() -> None:
    """Without a chain nothing says when those end that were not walked so far."""
    machine = machine_of(NEVER_ENDING)
    lives = sampled_lives(machine, None, np.zeros(64, dtype=np.int64), FOREVER)
    assert np.isinf(lives.ends).all()
