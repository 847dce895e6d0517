"""The page of a report shows the verdict, the worst, and everything else, and stays small."""

from dataclasses import replace

from datagen.inspection.report_figures import NotTested, RateFigures, Report, in_family
from datagen.inspection.report_page import report_page
from tests.inspection.test_report_figures import MADE, named
from tests.support.html import problems_of
from tests.support.reports import MODEL, changed, judged, prepared, watched

LENGTH = ("-r", "2H", "-m", "none")


def test_page_of_a_run_that_fits() -> None:
    """All of its tests, and a card for each field."""
    report = watched(MODEL, *LENGTH).report()
    text = report_page(report)
    assert problems_of(text) == []
    assert text.count('<span class="mark good">fits</span>') == len(report.tests) + 4
    assert all(f"<h2>{each} (e)</h2>" in text for each in ("plan", "user", "price", "count"))
    assert "Records over time" in text


def test_page_of_a_fault_names_it_first() -> None:
    """In red, in the first card."""
    other = changed("states.0.delay.mean", 9)
    report = judged(watched(MODEL, *LENGTH), prepared(other, *LENGTH))
    text = report_page(report)
    verdict = text.split("</section>")[0]
    assert "does not fit the model: " in verdict
    assert (
        '<span class="mark bad">does not fit</span> delay of &quot;enters&quot;: the mean of '
        in verdict
    )


def test_page_stays_small() -> None:
    """Of however many tests, fields and steps; what is left out is counted."""
    fields = watched(MODEL, "-n", "2000").report().fields * 100
    tests = in_family([named("something with a long name " * 4, 0.5)] * 2000)
    rates = (RateFigures("records", 60, (1234567,) * 200, (1.5e6,) * 200),)
    many = (NotTested("something with a long name " * 2, "a reason"),) * 2000
    text = report_page(replace(Report(MADE, tests, many, rates, fields), notes=("a note",)))
    assert problems_of(text) == []
    assert len(text.encode()) < 200_000
    assert "and 1,700 tests, all of which fit better" in text
    assert "and 340 fields" in text
    assert "blue: found, orange: expected" in text
