"""What does not fit a model is found and named; what fits is left alone."""

from typing import Any

import pytest

from datagen.inspection.report import RunReport
from tests.support.machines import exponential
from tests.support.reports import MODEL, WEIGHTS, changed, judged, prepared, watched

OFF = [{"next": "enters", "probability": 0.48}, {"next": "stop", "probability": 0.52}]
LENGTH = ("-r", "20H", "-m", "none")


@pytest.fixture(scope="module")
def run() -> RunReport:
    """Return a run of the model as it is."""
    return watched(MODEL, *LENGTH)


def test_a_run_fits_its_own_model(run: RunReport) -> None:
    """With every kind of test in it."""
    report = run.report()
    assert report.red == ()
    methods = {each.method for each in report.tests}
    assert methods == {"chi-squared", "Kolmogorov-Smirnov", "binomial", "normal"}


@pytest.mark.parametrize(
    ("path", "value", "named"),
    [
        ("states.1.transitions", OFF, 'transitions of "looks"'),
        ("states.0.delay.mean", 4.5, 'delay of "enters"'),
        ("states.1.delay.max", 3.4, 'delay of "looks"'),
        ("states.0.variables.0.weights", [72, 28], 'variable "plan" set by "enters"'),
        ("states.0.variables.1.cardinality_distribution.exponent", 0.7, 'variable "user.id"'),
        ("emitters.0.dimensions.2.percent_nulls", 7, 'nulls of field "price" of "e"'),
        ("emitters.0.dimensions.2.percent_nulls", None, 'nulls of field "price" of "e"'),
        ("emitters.0.dimensions.2.distribution.stddev", 5.6, 'field "price" of "e"'),
        ("emitters.0.dimensions.3.percent_missing", 3, 'missing values of field "count" of "e"'),
        ("emitters.0.dimensions.3.distribution.mean", 3.2, 'field "count" of "e"'),
        ("interarrival", exponential(0.55), "arrivals"),
        ("schedule.weights", WEIGHTS[-1:] + WEIGHTS[:-1], "arrivals"),
    ],
)  # fmt: skip
def test_a_planted_fault_is_named(run: RunReport, path: str, value: Any, named: str) -> None:
    """The worst test names what the expectation has wrong, and its sentence both figures."""
    report = judged(run, prepared(changed(path, value), *LENGTH))
    assert report.verdict == "does not fit"
    assert report.red[0].subject.startswith(named), report.line


def test_what_is_impossible_is_named(run: RunReport) -> None:
    """A way that the model does not know, and a value."""
    no_sale = [{"next": "looks", "probability": 0.9}, {"next": "stop", "probability": 0.1}]
    found = judged(run, prepared(changed("states.0.transitions", no_sale), *LENGTH))
    assert found.red[0].line == (
        'does not fit: transitions of "enters": goes to buys in 29.64 % of 16,680 draws, expected 0 %'
    )
    assert found.to_json()["worst"][0]["statistic"] is None
    other = changed("states.0.variables.0.values", ["free", "gold"])
    found = judged(run, prepared(other, *LENGTH))
    assert 'is "paid" in ' in found.red[0].text
    assert found.red[0].text.endswith("expected 0 %")


def test_sets_are_held_against_their_own_members(run: RunReport) -> None:
    """Those of another seed are others."""
    found = judged(run, prepared(MODEL, *LENGTH, "-s", "2027-03-12", "--seed", "2"))
    assert [each.subject for each in found.red] == ['variable "user.id" set by "enters"']


def test_what_has_no_distribution_is_never_green() -> None:
    """What is computed, decided by conditions, or a text: each is listed with its reason."""
    spec = changed(
        "emitters.0.dimensions.2", {"name": "twice", "type": "expression", "expr": "visit * 2"}
    )
    spec = changed("states.0.transitions.0", {"next": "looks", "when": "plan == 'paid'"}, spec)
    spec = changed("states.0.transitions.1", {"next": "buys", "when": "else"}, spec)
    spec = changed("states.0.transitions.2", None, spec)
    spec = changed("states.0.delay", {"type": "exponential", "mean": {"expr": "1 + visit"}}, spec)
    report = watched(spec, "-r", "2H", "-m", "none").report()
    assert report.red == ()
    why = {each.subject: each.why for each in report.not_tested}
    assert why['field "twice" of "e"'] == "it is computed of other values"
    assert why['transitions of "enters"'] == "conditions decide"
    assert why['delay of "enters"'] == "the delay is computed of values"
    assert why["workers alive at the end"] == "paths look at values"
    assert not {each.subject for each in report.tests} & set(why)


def test_values_that_decide_are_tested_where_they_are_drawn() -> None:
    """Who shows a value later has been chosen by it: that would look like another distribution."""
    spec = changed("states.0.transitions", [
        {"next": "looks", "when": "plan == 'paid'"}, {"next": "stop", "when": "else"},
    ])  # fmt: skip
    report = watched(spec, "-r", "10H", "-m", "none").report()
    [test] = [each for each in report.tests if each.subject == 'variable "plan" set by "enters"']
    assert report.red == ()
    assert test.draws > 5000
