"""A run in disorder keeps the guarantees: any window, process, resumed run and clock; nothing lost, nothing twice."""

import json
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from datagen.running import pipeline
from datagen.running.batch_stream import WindowLimits
from tests.support.helpers import invoke
from tests.support.machines import Spec, exponential

BEGINNING = ("--seed", "3", "-s", "2027-03-12", "-m", "none")
MOST = 60.0  # seconds of a delay
LATE: Spec = {
    "type": "late",
    "share": 0.2,
    "delay": {"type": "exponential", "mean": 8, "max": MOST},
}
TWICE: Spec = {"type": "duplicate", "share": 0.1, "copies": 2, "delay": {"type": "uniform", "min": 0, "max": 20}}  # fmt: skip
DROP: Spec = {"type": "drop", "share": 0.05}
SKEW: Spec = {"type": "skew", "offset": "-90S", "share": 0.3, "per": "user"}
CORRUPT: Spec = {"type": "corrupt", "how": "truncate", "share": 0.02}
EFFECTS: dict[str, list[Spec]] = {
    "late": [LATE],
    "duplicate": [TWICE],
    "drop": [DROP],
    "skew": [SKEW],
    "all": [LATE, TWICE, DROP, SKEW, {**LATE, "when": "user > 40", "share": 1}],
}


def spec_with(effects: list[Spec] | None) -> Spec:
    """Return a specification with disorder."""
    uniform = {"type": "uniform", "min": 1, "max": 50}
    spec: Spec = {
        "interarrival": exponential(0.1),
        "states": [{
            "name": "a", "emitter": "e", "delay": exponential(2),
            "variables": [{"name": "user", "type": "int", "distribution": uniform}],
            "transitions": [{"next": "a", "probability": 0.7}, {"next": "stop", "probability": 0.3}],
        }],
        "emitters": [{"name": "e", "dimensions": [
            {"name": "n", "type": "counter"},
            {"name": "user", "type": "variable", "variable": "user"},
            {"name": "seen", "type": "clock"},
        ]}],
    }  # fmt: skip
    return spec if effects is None else {**spec, "disorder": effects}


def lines(spec: Any, *arguments: str) -> list[bytes]:
    """Return the records of a run."""
    outcome = invoke(*BEGINNING, *arguments, spec=spec)
    assert outcome.status == 0, outcome.err
    return outcome.out.splitlines()


@pytest.mark.parametrize("name", EFFECTS)
def test_runs_of_any_kind_make_the_same(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Resumed by time and by number, in tiny windows; a number of records is a prefix."""
    spec = spec_with(EFFECTS[name])
    whole = lines(spec, "-r", "6M")
    resumed = [each for _ in range(9) for each in lines(spec, "-r", "40S", "--resume", str(tmp_path / "at"))]  # fmt: skip
    assert resumed == whole
    counted = [each for _ in range(4) for each in lines(spec, "-n", "333", "--resume", str(tmp_path / "n"))]  # fmt: skip
    assert counted == whole[: 4 * 333]
    monkeypatch.setattr(pipeline, "SIMULATED", WindowLimits(40, 1 << 20))
    assert lines(spec, "-r", "6M") == whole
    assert lines(spec, "-n", "500") == whole[:500]
    resumed = [each for _ in range(9) for each in lines(spec, "-r", "40S", "--resume", str(tmp_path / "t"))]  # fmt: skip
    assert resumed == whole


@pytest.mark.long
def test_processes_make_the_same() -> None:
    """What disorder does, it does where text is made."""
    spec = spec_with([*EFFECTS["all"], CORRUPT])
    assert lines(spec, "-r", "6M", "-j", "3") == lines(spec, "-r", "6M")


@pytest.mark.parametrize("name", EFFECTS)
def test_clean_stream_is_the_same(name: str, tmp_path: Path) -> None:
    """With `--no-disorder`; a file of effects does what the key does."""
    clean, spec = spec_with(None), spec_with(EFFECTS[name])
    assert lines(spec, "-r", "2M", "--no-disorder") == lines(clean, "-r", "2M")
    (tmp_path / "e.json").write_text(json.dumps(EFFECTS[name]))
    assert lines(clean, "-r", "2M", "--disorder", str(tmp_path / "e.json")) == lines(spec, "-r", "2M")  # fmt: skip


def test_records_are_those_of_the_clean_stream() -> None:
    """Each late one is there once, each dropped one is not, each copy is what it is a copy of."""
    clean = lines(spec_with(None), "-r", "6M")
    late = lines(spec_with([LATE]), "-r", "8M")
    assert set(clean) <= set(late)
    assert len(set(late)) == len(late)
    assert late[: len(clean)] != clean
    dropped = lines(spec_with([DROP]), "-r", "6M")
    assert [each for each in clean if each in set(dropped)] == dropped
    assert 0.03 < 1 - len(dropped) / len(clean) < 0.07
    twice = Counter(lines(spec_with([TWICE]), "-r", "8M"))
    assert {twice[each] for each in clean} == {1, 3}


def test_what_a_record_says_of_its_time_is_off_by_its_source() -> None:
    """All records of a user, in the field `time` and in clocks; the order is that of the truth."""
    clean = [json.loads(each) for each in lines(spec_with(None), "-r", "2M")]
    skewed = [json.loads(each) for each in lines(spec_with([SKEW]), "-r", "2M")]
    assert [each["n"] for each in skewed] == [each["n"] for each in clean]
    offs: dict[int, set[float]] = {}
    for mine, other in zip(skewed, clean, strict=True):
        assert (mine["time"] == other["time"]) == (mine["seen"] == other["seen"])
        off = datetime.fromisoformat(mine["seen"]) - datetime.fromisoformat(other["seen"])
        offs.setdefault(mine["user"], set()).add(off.total_seconds())
    assert {len(each) for each in offs.values()} == {1}
    assert {next(iter(each)) for each in offs.values()} == {0, -90}


def test_a_corrupt_line_is_one_line() -> None:
    """All others are as they were."""
    clean, corrupt = (lines(spec_with(each), "-r", "2M") for each in (None, [CORRUPT]))
    assert len(corrupt) == len(clean)
    broken = [mine for mine, other in zip(corrupt, clean, strict=True) if mine != other]
    assert broken
    for each in broken:
        with pytest.raises(ValueError, match=r"."):
            json.loads(each)


def test_summary_says_what_is_under_way(tmp_path: Path) -> None:
    """How much, and until when; nothing where all has left."""
    file = tmp_path / "s.json"
    said = invoke(*BEGINNING, "-r", "2M", "--summary", str(file), spec=spec_with([LATE])).err
    count = json.loads(file.read_text())["under_way"]
    assert count > 5
    assert f"{count} records still under way, the last until 2027-03-12T00:0" in said
    said = invoke(*BEGINNING, "-r", "2M", "--summary", str(file), spec=spec_with([SKEW])).err
    assert "under way" not in said
    assert json.loads(file.read_text())["under_way"] == 0


def test_columns_keep_their_types(tmp_path: Path) -> None:
    """Times are instants in typed files, also where clocks are off."""
    pq = pytest.importorskip("pyarrow.parquet")
    file = tmp_path / "x.parquet"
    target = {"type": "file", "path": str(file)}
    spec = {**spec_with(EFFECTS["all"]), "target": target}
    assert invoke(*BEGINNING, "-r", "2M", spec=spec).status == 0
    table = pq.read_table(file)
    expected = [json.loads(each) for each in lines(spec_with(EFFECTS["all"]), "-r", "2M")]
    assert table.column("n").to_pylist() == [each["n"] for each in expected]
    assert str(table.schema.field("time").type).startswith("timestamp")


WRONG: list[tuple[Any, str]] = [
    ({"type": "late"}, "disorder: expected a list, not an object"),
    ([{"type": "late"}], "disorder[0].delay: missing"),
    ([{"type": "late", "delay": exponential(5)}], 'disorder[0].delay: "exponential" has no greatest value'),
    ([DROP | {"share": 1}], "disorder[0]: drops every record"),
    ([DROP, DROP | {"name": "drop"}], 'disorder[1].name: "drop" is the name of effect 1 too'),
    ([LATE | {"when": "usr == 1"}], "disorder[0].when: "),
    ([{"type": "laet"}], 'disorder[0].type: no effect "laet"; did you mean "late"?'),
    ([{"type": "outage", "period": "x", "then": "drop"}], 'disorder[0].period: the timeline has no "x"'),
    ([DROP | {"shre": 1}], 'disorder[0].shre: unknown key; did you mean "share"?'),
]  # fmt: skip


@pytest.mark.parametrize(("effects", "expected"), WRONG)
def test_wrong_disorder_is_refused(effects: Any, expected: str) -> None:
    """With its place and a remedy."""
    outcome = invoke(*BEGINNING, "-n", "5", spec=spec_with(None) | {"disorder": effects})
    assert outcome.status == 1
    assert f"stdin: {expected}" in outcome.err


def test_what_corrupts_no_target_is_refused(tmp_path: Path) -> None:
    """A file of columns has no lines."""
    target = {"type": "file", "path": str(tmp_path / "x.parquet")}
    outcome = invoke(*BEGINNING, "-n", "5", spec={**spec_with([CORRUPT]), "target": target})
    assert (outcome.status, "disorder[0].how: " in outcome.err) == (1, True)


def test_too_much_under_way_is_refused() -> None:
    """With what it takes, and what to do."""
    late = {"type": "late", "delay": 3600}
    outcome = invoke(*BEGINNING, "-r", "2H", "--memory", "1M", spec=spec_with([late]))
    assert (outcome.status, outcome.out) == (2, b"")
    assert "more than the 1 MB of --memory" in outcome.err


def test_changed_disorder_is_told_on_resume(tmp_path: Path) -> None:
    """It is part of the stream."""
    file = str(tmp_path / "at")
    lines(spec_with([LATE]), "-n", "50", "--resume", file)
    outcome = invoke(*BEGINNING, "-n", "50", "--resume", file, spec=spec_with([LATE, DROP]))
    assert outcome.status == 1
    assert "the disorder changed since the previous run" in outcome.err


def test_validation_says_how_late_records_can_be() -> None:
    """With -v."""
    said = invoke("--validate", "-v", spec=spec_with(EFFECTS["all"])).err
    assert (
        "disorder: late, duplicate, drop, skew, late-2; no record is more than 140 s late" in said
    )
