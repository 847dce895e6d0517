"""The truth explains every record of a stream, and each of its events is there, was dropped, or is under way."""

import json
from pathlib import Path
from typing import Any

import pytest

from datagen.running import pipeline
from datagen.running.batch_stream import WindowLimits
from tests.guarantees.test_disorder import BEGINNING, CORRUPT, EFFECTS, LATE, spec_with
from tests.support.helpers import invoke
from tests.support.machines import Spec, constant
from tests.support.truth_checker import unexplained

OUTAGE: Spec = {"type": "outage", "period": "incident", "then": "flush", "over": "20S"}
LOST: Spec = {"type": "outage", "period": "incident", "then": "drop", "share": 0.5}
ALL: dict[str, list[Spec]] = {
    **EFFECTS,
    "none": [],
    "corrupt": [CORRUPT],
    "outage": [OUTAGE],
    "lost": [LOST],
    "everything": [*EFFECTS["all"], CORRUPT, OUTAGE, LOST],
}
TOLD: Spec = {
    "timeline": {"incident": {"at": "+40S", "for": "30S"}},
    "labels": {"incident": "'INC-1' if during('incident') else null", "high": "user > 25"},
}


def both(name: str, folder: Path, *arguments: str, **keys: Any) -> tuple[list[bytes], list[bytes]]:
    """Return the truth and the records of a run."""
    file = folder / "t.jsonl"
    file.unlink(missing_ok=True)
    spec = {**spec_with(ALL[name]), **TOLD, **keys}
    outcome = invoke(*BEGINNING, "--truth", str(file), *arguments, spec=spec)
    assert outcome.status == 0, outcome.err
    return file.read_bytes().splitlines(), outcome.out.splitlines()


@pytest.mark.parametrize("name", ALL)
def test_every_record_and_every_event_is_explained(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the effects and the windows, and however the run ends."""
    truth, records = both(name, tmp_path, "-r", "3M")
    assert unexplained(truth, records) == []
    assert len(truth) > 1000
    some, first = both(name, tmp_path, "-n", "500")
    assert unexplained(some, first) == []
    assert first == records[:500]
    assert 400 < len(some) < 700
    monkeypatch.setattr(pipeline, "SIMULATED", WindowLimits(50, 1 << 20))
    assert both(name, tmp_path, "-r", "3M") == (truth, records)
    assert both(name, tmp_path, "-n", "500") == (some, first)


@pytest.mark.long
@pytest.mark.parametrize("name", ["none", "everything"])
def test_a_long_stream_is_explained(name: str, tmp_path: Path) -> None:
    """Of hundreds of thousands of records."""
    truth, records = both(name, tmp_path, "-n", "300000")
    assert unexplained(truth, records) == []


@pytest.mark.long
@pytest.mark.parametrize("name", ["none", "everything"])
def test_processes_tell_the_same(name: str, tmp_path: Path) -> None:
    """The texts of events come from where records are made."""
    assert both(name, tmp_path, "-r", "3M", "-j", "3") == both(name, tmp_path, "-r", "3M")


def test_the_stream_is_the_same_with_and_without_its_truth(tmp_path: Path) -> None:
    """It is beside the stream."""
    for name in ("none", "everything"):
        spec = {**spec_with(ALL[name]), **TOLD}
        clean = invoke(*BEGINNING, "-r", "3M", spec=spec).out.splitlines()
        assert both(name, tmp_path, "-r", "3M")[1] == clean


def test_truth_of_a_part_has_numbers_of_its_own(tmp_path: Path) -> None:
    """The j-th event of part I of K is I + jK; `records` count in its own output."""
    for part in range(3):
        truth, records = both("late", tmp_path, "-r", "3M", "--part", f"{part}/3")
        numbers = [json.loads(each)["event"] for each in truth]
        assert numbers == list(range(part, part + 3 * len(truth), 3))
        found = sorted(number for each in truth for number in json.loads(each)["records"])
        assert found == list(range(len(records)))


def test_labels_are_not_in_the_records(tmp_path: Path) -> None:
    """They are in the truth, of all events alike."""
    truth, records = both("everything", tmp_path, "-r", "3M")
    assert not any(b"INC-1" in each for each in records)
    for line in map(json.loads, truth):
        within = "2027-03-12T00:00:40" <= line["time"] < "2027-03-12T00:01:10"
        assert line["labels"]["incident"] == ("INC-1" if within else None)
        assert isinstance(line["labels"]["high"], bool)


def test_a_warm_up_has_no_events_but_what_arrives_after_it(tmp_path: Path) -> None:
    """Records are numbered from the start on."""
    truth, records = both("late", tmp_path, "-r", "1M", "--warm-up", "2M")
    lines = [json.loads(each) for each in truth]
    early = [each for each in lines if each["time"] < "2027-03-12"]
    assert early
    assert all(each["arrivals"][-1] >= "2027-03-12" for each in early)
    assert sorted(n for each in lines for n in each["records"]) == list(range(len(records)))


def test_truth_is_counted(tmp_path: Path) -> None:
    """In the summary, for people and programs."""
    file, summary = tmp_path / "t.jsonl", tmp_path / "s.json"
    spec = {**spec_with([LATE]), "truth": str(file)}
    said = invoke(*BEGINNING, "-n", "100", "--summary", str(summary), spec=spec).err
    size, count = file.stat().st_size, len(file.read_bytes().splitlines())
    assert f"truth: {count} events, {size:,} bytes" in said
    told = json.loads(summary.read_text())["truth"]
    assert told == {"name": "file", "delivered": count, "failed": 0, "bytes": size}


WRONG = [
    ({"labels": {"x": "usr > 1"}}, (), 'labels.x: column 1: no value "usr"; did you mean "user"?'),
    ({"truth": 5}, (), "truth: expected the path of a file, or a target such as"),
    ({"truth": "x.parquet"}, (), "truth.format: the truth is written as json, a line for each event"),
    ({"truth": {"type": "stdout"}}, (), "truth: stdout is for records; give a file"),
    ({}, ("--truth", "-"), "--truth -: stdout is for records; give a file"),
]  # fmt: skip


@pytest.mark.parametrize(("keys", "flags", "expected"), WRONG)
def test_wrong_truth_is_refused(
    keys: Spec,
    flags: tuple[str, ...],
    expected: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Before a record is made."""
    monkeypatch.chdir(tmp_path)
    outcome = invoke(*BEGINNING, "-n", "5", *flags, spec=spec_with(None) | keys)
    assert outcome.status
    assert not outcome.out
    assert expected in outcome.err


def kept(name: str, folder: Path, flags: list[list[str]]) -> tuple[list[bytes], list[bytes]]:
    """Return the truth and the records of runs that resume each other."""
    folder.mkdir()
    file, out = folder / "t.jsonl", b""
    spec = {**spec_with(ALL[name]), **TOLD}
    beginning = BEGINNING
    for each in flags:
        more = ("--truth", str(file), "--resume", str(folder / "at"))
        outcome = invoke(*beginning, *more, *each, spec=spec)
        assert outcome.status == 0, outcome.err
        out += outcome.out
    return file.read_bytes().splitlines(), out.splitlines()


@pytest.mark.parametrize("name", ["none", "late", "drop", "everything"])
def test_resumed_runs_tell_the_same(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However they are divided: the bytes of one run that is kept, main and truth, a prefix of those of one that is not."""
    whole = kept(name, tmp_path / "a", [["-r", "6M"]])
    assert kept(name, tmp_path / "b", [["-r", "40S"]] * 9) == whole
    truth, records = both(name, tmp_path, "-r", "6M")
    assert records == whole[1]
    assert truth[: len(whole[0])] == whole[0]
    assert len(whole[0]) > 500
    some = kept(name, tmp_path / "c", [["-n", "300"]] * 5)
    assert some == kept(name, tmp_path / "d", [["-n", "1500"]])
    assert (some[0], some[1]) == (truth[: len(some[0])], records[:1500])
    monkeypatch.setattr(pipeline, "SIMULATED", WindowLimits(60, 1 << 20))
    assert kept(name, tmp_path / "e", [["-r", "1M"]] * 6) == whole


def test_truth_does_not_begin_in_the_middle(tmp_path: Path) -> None:
    """Nor does it change its place."""
    spec, at = spec_with([LATE]), str(tmp_path / "at")
    assert invoke(*BEGINNING, "-n", "50", "--resume", at, spec=spec).status == 0
    flags = ("-n", "50", "--resume", at, "--truth", str(tmp_path / "t"))
    outcome = invoke(*BEGINNING, *flags, spec=spec)
    assert (outcome.status, "was written without the truth" in outcome.err) == (1, True)


@pytest.mark.parametrize("name", ["all", "%H"])
def test_resumed_hours_are_one_day(name: str, tmp_path: Path) -> None:
    """Main and truth, with delays of up to 10 minutes and an outage over the border of two hours."""
    late = {"type": "late", "share": 0.2, "delay": {"type": "exponential", "mean": 120, "max": 600}}
    outage = {"type": "outage", "period": "down", "then": "flush", "over": "5M"}
    spec = {**spec_with([late, {**late, "type": "duplicate"}, outage]), "labels": TOLD["labels"]}
    periods = {"incident": TOLD["timeline"]["incident"], "down": {"at": "+115M", "for": "10M"}}
    spec |= {"timeline": periods, "interarrival": constant(30)}

    def made(folder: str, hours: int) -> dict[str, bytes]:
        """Return the files of runs of so many hours each."""
        place = tmp_path / folder
        place.mkdir()
        target = {"type": "file", "path": str(place / f"records-{name}.jsonl"), "mode": "append"}
        keep = ("--truth", str(place / f"truth-{name}.jsonl"), "--resume", str(place / "at"))
        for _ in range(24 // hours):
            outcome = invoke(*BEGINNING, *keep, "-r", f"{hours}H", spec={**spec, "target": target})
            assert outcome.status == 0, outcome.err
        return {each.name: each.read_bytes() for each in place.glob("*-*")}

    day = made("day", 24)
    assert sum(len(text) for text in day.values()) > 1_000_000
    assert len(day) == (2 if name == "all" else 48)
    assert made("hours", 1) == day
