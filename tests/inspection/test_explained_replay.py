"""What is said of a replay before it is run, against runs of it."""

import io
import json
import math
from pathlib import Path
from typing import Any

import pytest

import datagen
import generator
from datagen.errors import RunError
from datagen.inspection import explained_replay
from datagen.inspection.explaining import described
from datagen.inspection.explanation import ReplayExplanation
from datagen.running.loading import load
from datagen.running.options import Request
from tests.support.explanations import NOW, START
from tests.support.helpers import invoke

TIMES = ["00:00:00", "00:00:10", "00:00:20", "00:01:00"]
SECOND = 1_000_000


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Return a file of four records over a minute, whose median gap is 10 s."""
    file = tmp_path / "four.csv"
    file.write_text("t,n\n" + "".join(f"2026-01-01T{each},1\n" for each in TIMES))
    return file


def spec_of(source: Path, **keys: Any) -> dict[str, Any]:
    """Return a replay of a file."""
    return {"type": "replay", "source_file": str(source), "time_field": "t", **keys}


def said_of(spec: dict[str, Any], **flags: Any) -> ReplayExplanation:
    """Return what is said of a replay."""
    plan, _ = load(Request(start=START, **flags), 1, io.BytesIO(json.dumps(spec).encode()))
    found = described(plan, plan.start_at(NOW))
    assert isinstance(found, ReplayExplanation)
    return found


def test_small_source_is_read_to_its_end(source: Path) -> None:
    """By hand: 4 records over 60 s, again 10 s later: 4 in 70 s."""
    said = said_of(spec_of(source))
    assert (said.rows, said.read_to_end, said.span, said.gap) == (4, True, 60, 10)
    assert (said.first or "")[:19] == "2026-01-01T00:00:00"
    assert (said.last or "")[:19] == "2026-01-01T00:01:00"
    assert said.rate == pytest.approx(4 / 70)
    assert said.run.limited_by == ""


@pytest.mark.parametrize(
    ("keys", "seconds"),
    [
        ({}, 15), ({}, 70), ({}, 71), ({}, 1000), ({"stretch": 2}, 300), ({"loop": False}, 30), ({"loop": False}, 90),
        ({"loop": False, "stretch": 0.5}, 11), ({"sort": True}, 200),
    ],
)  # fmt: skip
def test_records_of_a_time_are_those_of_a_run(
    source: Path, keys: dict[str, Any], seconds: int
) -> None:
    """Exactly: passes, the gap between them, and the last one, which the end cuts."""
    spec = spec_of(source, **keys)
    run = datagen.run(spec, target={"type": "null"}, start=START, duration=f"{seconds}S")
    assert said_of(spec, duration=seconds * SECOND).run.records == run["generated"]


def test_run_ends_with_its_file_or_its_records(source: Path) -> None:
    """Whichever comes first."""
    once = spec_of(source, loop=False)
    assert (said_of(once).run.records, said_of(once).run.seconds) == (4, 60)
    few, many = said_of(once, records=3).run, said_of(once, records=100).run
    assert (few.limited_by, few.records) == ("records", 3)
    assert (many.limited_by, many.records) == ("time", 4)
    looped = said_of(spec_of(source), records=101).run
    assert looped.seconds == pytest.approx(100 / (4 / 70))


def test_what_is_not_read_is_as_its_size_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of 40,000 records, one a second, of which some thousand are read: their number and span within 1 %, and said to be an estimate."""
    monkeypatch.setattr(explained_replay, "_MOST", 5000)
    monkeypatch.setattr(explained_replay, "_READ_BYTES", 1 << 16)
    file = tmp_path / "many.csv"
    stamps = (f"2026-01-01T{n // 3600:02}:{n // 60 % 60:02}:{n % 60:02},x\n" for n in range(40_000))
    file.write_text("t,n\n" + "".join(stamps))
    said = said_of(spec_of(file))
    assert (said.read_to_end, said.last) == (False, None)
    assert said.rows == pytest.approx(40_000, rel=0.01)
    assert said.span == pytest.approx(40_000, rel=0.01)
    assert said.rate == pytest.approx(1, rel=0.01)
    assert "it is taken that they are alike" in said.notes[0]


def test_skipping_leaves_a_share(tmp_path: Path) -> None:
    """Of a record a second, at one in a hundred a minute is left out: 1 / 1.6 are left. Seed 1, some 2,200 periods: 4 standard errors are 4 %."""
    file = tmp_path / "even.csv"
    stamps = (f"2026-01-01T00:{n // 60:02}:{n % 60:02},x\n" for n in range(1000))
    file.write_text("t,n\n" + "".join(stamps))
    skipping = {"skip_probability": 0.01, "min_skip_duration": 30, "max_skip_duration": 90}
    spec = spec_of(file, time_skipping=skipping)
    run = datagen.run(spec, target={"type": "null"}, start=START, duration="4D", seed=1)
    said = said_of(spec, duration=4 * 86_400 * SECOND)
    assert said.run.records == pytest.approx(4 * 86_400 / 1.6, rel=0.01)
    assert said.run.records == pytest.approx(run["generated"], rel=0.04)
    assert "skipped" in said.notes[0]


def test_what_can_be_read_once_is_left_to_the_run(tmp_path: Path) -> None:
    """Nothing is read, and nothing made up."""
    config = tmp_path / "pipe.json"
    config.write_text(json.dumps(spec_of(Path("-"), loop=False, source_format="csv")))
    out, flags = io.BytesIO(), ["-c", str(config), "-s", START, "-q", "--explain", "json"]
    assert generator.main(flags, io.BytesIO(b"t\n2027-01-01\n"), out, io.StringIO()) == 0
    said = json.loads(out.getvalue())
    assert (said["rows"], said["span"], said["rate"], said["first"]) == (None, None, None, None)
    assert "can be read only once" in said["notes"][0]


def test_mistake_in_a_record_is_shown(tmp_path: Path) -> None:
    """As by a run: with its line, however late it comes."""
    file = tmp_path / "bad.csv"
    file.write_text("t,n\n" + "2026-01-01T00:00:00,1\n" * 1500 + "soon,1\n")
    with pytest.raises(RunError, match=r"line 1502: .*soon"):
        said_of(spec_of(file))


def test_forms(source: Path, tmp_path: Path) -> None:
    """Text, JSON and a page, of the command and of the library."""
    spec = spec_of(source)
    text = invoke("-s", START, "-r", "140S", "-q", "--explain", spec=spec).out.decode()
    assert "the source: 4 records over 1 min, from 2026-01-01T00:00:00" in text
    assert "passes: one after the other, 10.0 s in between" in text
    assert "this run: about 8.00 records" in text
    explained = datagen.explain(spec, duration="140S", start=START)
    assert explained.to_dict()["rows"] == 4
    assert "the source: 4 records" in str(explained)
    page = tmp_path / "page.html"
    invoke("-s", START, "-q", "--explain", str(page), spec=spec)
    assert "the source: 4 records" in page.read_text()
    assert math.isfinite(explained.figures.size)
