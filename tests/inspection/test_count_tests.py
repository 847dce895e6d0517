"""Records in all, and workers alive at the end, against the model."""

from datagen.inspection.count_tests import rate_figures
from tests.inspection.test_walked_lives import STEADY
from tests.support.machines import constant, exponential, spec_of
from tests.support.reports import judged, prepared, watched

LENGTH = ("-r", "10H", "-m", "none")
MORE = spec_of({"a": (exponential(20), {"a": 0.55, "stop": 0.45})}, exponential(0.5))


def test_records_by_the_minute() -> None:
    """In few enough steps, with those expected."""
    report = watched(STEADY, *LENGTH)
    [figures] = rate_figures(report.collected())
    assert (figures.seconds, len(figures.found), figures.expected) == (180.0, 200, ())
    [figures] = report.report().rates
    assert 0.97 < sum(figures.expected) / sum(figures.found) < 1.03
    assert {each.subject for each in report.report().tests} >= {
        "records in all",
        "workers alive at the end",
    }
    assert report.report().red == ()


def test_more_records_than_expected() -> None:
    """Of a model whose workers come to fewer."""
    found = judged(watched(MORE, *LENGTH), prepared(STEADY, *LENGTH))
    assert "records in all" in {each.subject for each in found.red}


def test_what_cannot_be_walked_is_not_tested() -> None:
    """With its reason: values decide, workers come at once, or there is no minute."""

    def why(*flags: str, **keys: object) -> str:
        report = watched({**STEADY, **keys}, *flags).report()
        return {each.subject: each.why for each in report.not_tested}["records in all"]

    assert why("-r", "30S", "-m", "none") == "the run is too short"
    assert why("-n", "2000", "-m", "10") == "some waited for a place under -m 10"
    assert (
        why("-r", "10M", "-m", "50", interarrival=constant(0))
        == "some waited for a place under -m 50"
    )
