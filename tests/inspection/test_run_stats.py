"""Statistics of a whole run."""

import json
from pathlib import Path

from datagen.inspection.observing import Observation
from datagen.inspection.run_stats import RunStatistics, run_statistics
from datagen.running.loading import load
from datagen.running.options import Request
from tests.running.test_plan import NOW, plan
from tests.support.helpers import invoke


def statistics(request: Request) -> RunStatistics:
    """Return the statistics of a request."""
    loaded, _ = load(request, 1)
    return run_statistics(Observation(loaded), loaded.start_at(NOW))


def test_all_records_count_and_no_other() -> None:
    """From the first to the last, as a run writes them."""
    found = statistics(Request(config="payments", start="2027-03-12", records=500))
    lines = invoke("-c", "payments", "-s", "2027-03-12", "--seed", "1", "-n", "500").records
    assert found.records == 500
    assert [str(found.first)[:23], str(found.last)[:23]] == [lines[0]["time"], lines[-1]["time"]]
    assert found.fields[0].records == 500
    assert found.transitions
    assert found.delays
    assert found.interarrivals


def test_limits_are_those_of_the_plan() -> None:
    """No records at all, too."""
    made = plan(max_records=0)
    found = run_statistics(Observation(made), made.start_at(NOW))
    assert (found.records, found.first, found.fields, found.transitions) == (0, None, (), ())


def test_a_replay_has_fields_only(tmp_path: Path) -> None:
    """Whose types nobody knows beforehand."""
    lines = [f'{{"t": "2027-03-12T00:00:{n:02}", "n": {n}}}\n' for n in range(50)]
    (tmp_path / "log.jsonl").write_text("".join(lines))
    spec = {"type": "replay", "source_file": str(tmp_path / "log.jsonl"), "time_field": "t"}
    (tmp_path / "r.json").write_text(json.dumps(spec))
    found = statistics(Request(config=str(tmp_path / "r.json"), start="2027-03-12", records=50))
    assert [each.name for each in found.fields] == ["t", "n"]
    assert found.fields[1].numbers.mean == 24.5
    assert (found.transitions, found.delays, found.interarrivals) == ((), (), ())
