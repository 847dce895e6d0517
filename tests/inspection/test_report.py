"""The report of a run: its figures, its notes, and that presets fit their own models."""

import json
from pathlib import Path

import pytest

from datagen.errors import UsageError
from tests.guarantees.golden import SPECS
from tests.support.reports import MODEL, prepared, watched

PRESETS = sorted(path.stem for path in SPECS.glob("*.json"))


def test_report_says_what_was_made() -> None:
    """And the document holds all of it."""
    report = watched(MODEL, "-n", "2000").report()
    assert (report.made.records, report.made.delivered) == (2000, 2000)
    assert report.made.begin == "2027-03-12T00:00:00.000000"
    assert {each.field for each in report.fields} == {"plan", "user", "price", "count"}
    assert json.loads(json.dumps(report.to_json()))["made"]["seed"] == 1


def test_notes_say_what_it_is_of() -> None:
    """A part, a run that goes on, one that was cut short."""
    assert watched(MODEL, "-n", "100").report().notes == ()
    part = watched(MODEL, "-n", "100", "--part", "1/2").report(complete=False)
    assert part.notes == (
        "part 1 of 2 of the stream",
        "the run was cut short: what it had made until then",
    )


def test_parts_fit_as_well() -> None:
    """Their arrivals are those of the part."""
    report = watched(MODEL, "-r", "10H", "-m", "none", "--part", "1/3").report()
    assert report.red == ()
    assert "arrivals" in {each.subject for each in report.tests}


def test_replays_have_no_model(tmp_path: Path) -> None:
    """Nothing to hold them against."""
    (tmp_path / "a.jsonl").write_text('{"time": "2027-03-12T00:00:00"}\n')
    spec = {
        "type": "replay",
        "source_file": str(tmp_path / "a.jsonl"),
        "time_field": "time",
    }
    with pytest.raises(UsageError, match="there is no model to hold a replay against"):
        prepared(spec)


@pytest.mark.parametrize(
    ("seed", "n"),
    [
        ("1", "20000"),
        *(pytest.param(str(seed), "20000", marks=pytest.mark.long) for seed in range(2, 8)),
        *(pytest.param(str(seed), "60000", marks=pytest.mark.long) for seed in range(8, 11)),
    ],
)
@pytest.mark.parametrize("name", PRESETS)
def test_presets_fit_their_own_models(name: str, seed: str, n: str) -> None:
    """Ten seeds of each: a level that is wrong shows in many runs, an expectation that is a little off in large ones."""
    flags = ("-n", n, "-m", "none", "-s", "2027-03-12", "--seed", seed)
    report = watched(None, *flags, name=name).report()
    assert report.red == (), report.line
    assert len(report.tests) > 10
