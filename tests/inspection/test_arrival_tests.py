"""Arrivals by the minute, and how many are alive at the end, against the model."""

import numpy as np
import pytest

from datagen.distributions.parsing import parse_timer
from datagen.inspection.arrival_tests import (
    bins_of,
    squared_variation,
)
from datagen.inspection.report_figures import Report
from tests.support.machines import Spec, constant, exponential, spec_of
from tests.support.reports import judged, prepared, watched

STEADY = spec_of({"a": (exponential(20), {"a": 0.5, "stop": 0.5})}, exponential(0.5))


def not_tested(report: Report) -> dict[str, str]:
    """Return the reasons by subject."""
    return {each.subject: each.why for each in report.not_tested}


def test_a_cap_that_is_not_expected_is_named() -> None:
    """Fewer come, and fewer are alive; where the cap is expected, what it held back is said instead."""
    run = watched(STEADY, "-r", "2H", "-m", "20")
    assert not_tested(run.report())["arrivals"] == "some waited for a place under -m 20"
    found = judged(run, prepared(STEADY, "-r", "2H", "-m", "none"))
    assert {each.subject for each in found.red} >= {"arrivals", "records in all"}


def test_a_cap_that_is_never_reached_is_none() -> None:
    """Then arrivals are as the model says."""
    report = watched(STEADY, "-r", "2H", "-m", "1000").report()
    assert report.red == ()
    assert {"arrivals", "workers alive at the end"} <= {each.subject for each in report.tests}


@pytest.mark.parametrize(
    "interarrival", [constant(0.5), {"type": "gamma", "shape": 4, "scale": 0.125}]
)
def test_other_processes_have_another_variance(interarrival: Spec) -> None:
    """More regular ones fit, and what they are not is red."""
    spec = {**STEADY, "interarrival": interarrival}
    run = watched(spec, "-r", "5H", "-m", "none")
    assert run.report().red == ()
    other = {**STEADY, "interarrival": constant(0.51)}
    found = judged(run, prepared(other, "-r", "5H", "-m", "none"))
    assert "arrivals" in {each.subject for each in found.red}


def test_squared_variation() -> None:
    """1 of an exponential time, 0 of a constant one, a quarter of a gamma of shape 4; no number of a constant 0."""
    found = [
        squared_variation(parse_timer(raw))
        for raw in (
            exponential(3),
            constant(2),
            {"type": "gamma", "shape": 4, "scale": 9},
            constant(0),
        )
    ]
    assert found == [1.0, 0.0, pytest.approx(0.25, abs=1e-3), np.inf]


def test_spans_expect_enough() -> None:
    """None where all of it does not."""
    assert bins_of(np.full(10, 30.0), 100) is not None
    assert bins_of(np.full(10, 50.0), 100).tolist() == [0, 2, 4, 6, 8]  # type: ignore[union-attr]
    assert bins_of(np.full(3, 30.0), 100) is None
