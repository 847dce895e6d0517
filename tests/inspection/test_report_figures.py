"""A report has a verdict, and its worst tests come first."""

import json

from datagen.inspection.fit import Fit
from datagen.inspection.report_figures import Made, NotTested, Report, Test, finite, in_family

MADE = Made("a", 1, "b", "c", 1, 1, 1, 1, 1.0)


def named(subject: str, p: float) -> Test:
    """Return a test."""
    return Test.of(subject, "chi-squared", 100, Fit(1.0, p), "so and so")


def test_worst_come_first() -> None:
    """By Holm's method."""
    tests = in_family([named("x", 0.5), named("y", 1e-9), named("z", 0.01)])
    assert [each.subject for each in tests] == ["y", "z", "x"]
    assert [each.fits for each in tests] == [False, True, True]
    assert tests[0].line == "does not fit: y: so and so"


def test_one_verdict_in_all() -> None:
    """Red names the worst; without tests nothing is green."""
    missing = (NotTested("w", "no reason"),)
    red = Report(MADE, in_family([named("y", 1e-9), named("x", 1.0)]), missing)
    assert red.line == "does not fit the model: 1 of 2 tests red, 1 not tested; y: so and so"
    green = Report(MADE, in_family([named("x", 1.0)]), ())
    assert (green.verdict, green.line) == ("fits", "fits the model: 1 test, none red")
    nothing = Report(MADE, (), missing)
    assert (nothing.verdict, nothing.line) == (
        "not tested",
        "nothing could be tested, 1 not tested",
    )


def test_json_has_no_infinity() -> None:
    """Null stands for it."""
    report = Report(MADE, in_family([Test("x", "m", 1, float("inf"), 0.0, "t")]), ())
    document = json.loads(json.dumps(report.to_json(), allow_nan=False))
    assert document["tests"][0]["statistic"] is finite(float("nan")) is None
    assert document["verdict"] == "does not fit"
