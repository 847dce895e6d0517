"""Distributions given by a table, each value with its weight."""

import numpy as np
import pytest

from datagen.distributions.parsing import parse_distribution
from tests.support.distributions import CASES, INT64_MIN, LEAST_P, choice, columns_of, p_of


def test_integers_of_a_choice_add_up_their_weights() -> None:
    """Values that round to the same integer are one; those without weight are none."""
    choice = parse_distribution(
        {"type": "choice", "values": [1.2, 0.8, 7, 9], "weights": [1, 2, 3, 0]}
    )
    assert choice.possible_integers() == {1: 3.0, 7: 3.0}


def test_a_choice_lists_its_values_and_a_rank_does_not() -> None:
    """Only values that a specification writes are listed."""
    choice = parse_distribution({"type": "choice", "values": [3, 1]})
    assert choice.weighted_values() == [(3, 1.0), (1, 1.0)]
    assert parse_distribution({"type": "zipf", "exponent": 1, "n": 3}).weighted_values() is None


def test_indices_of_a_choice_rise() -> None:
    """Whatever the order of its values, so that what is beyond a pool can be cut off."""
    made = parse_distribution({"type": "choice", "values": [9, 0, 5], "weights": [1, 2, 3]})
    u = (np.arange(6) + 0.5) / 6
    assert made.of_indices().quantile(u).tolist() == [0, 0, 5, 5, 5, 9]
    assert made.quantile(u).tolist() == [9, 0, 0, 5, 5, 5]


@pytest.mark.parametrize(("mean", "first"), [(0.5, 0), (1e6, 987_960)])
def test_counts_of_a_poisson_process_surround_the_mean(mean: float, first: int) -> None:
    """Twelve standard deviations and forty on either side, never below 0."""
    counts, weights = parse_distribution({"type": "poisson", "mean": mean}).table()  # type: ignore[attr-defined]
    assert counts[0] == first
    assert counts[-1] > mean
    assert (weights >= 0).all()


@pytest.mark.statistical
def test_discrete_ints_and_indices_are_the_values_themselves() -> None:
    """Poisson counts, Zipf ranks and choices come out as integers with their chances."""
    cases = [(kind, case) for kind in ("poisson", "zipf") for case in CASES[kind]]
    cases.append(("choice", choice([INT64_MIN, -3, 0, 2**53], [1, 2, 3, 4])))
    columns = columns_of([
        {"type": "int", "distribution": {"type": kind, **case.parameters}} for kind, case in cases
    ])  # fmt: skip
    for place, (_, case) in enumerate(cases):
        assert columns[f"f{place}"].dtype == np.int64
        assert p_of(columns[f"f{place}"], case.reference) > LEAST_P
