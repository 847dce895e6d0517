"""What is said of workers that did not come."""

from tests.support.helpers import invoke
from tests.support.machines import constant, spec_of

SPEC = spec_of({"a": (constant(1), {"stop": 1})}, constant(1))
del SPEC["interarrival"]
SPEC["populations"] = [{"name": "x", "start": "a", "interarrival": constant(2), "total": 5}]
BEGINNING = ("-s", "2027-03-12", "--seed", "1")


def test_a_run_that_ends_too_early_for_a_total_says_so() -> None:
    """With the share of a part; nothing is said where all have come."""
    said = invoke(*BEGINNING, "-r", "5S", spec=SPEC).err
    assert 'warning: population "x": 3 of 5 workers had started at the end of the run' in said
    assert "had started" not in invoke(*BEGINNING, "-r", "5M", spec=SPEC).err
    said = invoke(*BEGINNING, "-r", "5S", "--part", "0/2", spec=SPEC).err
    assert 'population "x": 2 of 3 workers had started' in said


def test_a_run_ends_with_its_last_worker() -> None:
    """Whatever was asked for."""
    outcome = invoke(*BEGINNING, "-n", "100", spec=SPEC)
    assert (outcome.status, len(outcome.records)) == (0, 5)
    assert "5 workers" in outcome.err
