"""A request becomes a plan, or all problems of its files."""

import io
import json
from pathlib import Path
from typing import Any

import pytest

from datagen.curves.zone_style import ZoneStyle
from datagen.errors import SpecError, UsageError
from datagen.file_set import FileSet
from datagen.formats import JsonLines
from datagen.instants import parse_instant
from datagen.running.loading import load
from datagen.running.options import DEFAULT_MAX_WORKERS, Request
from datagen.running.plan import Plan
from tests.support.helpers import invoke
from tests.support.machines import ENDING, constant

NOW = parse_instant("2027-05-01")


def loaded(spec: Any = ENDING, **keys: Any) -> tuple[Plan, list[str]]:
    """Load a specification from stdin; give the plan and the warnings."""
    stdin = io.BytesIO(json.dumps(spec).encode())
    plan, warnings = load(Request(**keys), 7, stdin, now=NOW)
    return plan, [str(each) for each in warnings]


def problems(spec: Any = ENDING, **keys: Any) -> list[str]:
    """Return what is wrong with a request."""
    with pytest.raises(SpecError) as raised:
        loaded(spec, **keys)
    return [str(problem) for problem in raised.value.problems]


def test_name_of_a_specification_is_a_request() -> None:
    """All else has a default: the real clock, stdout, JSON, a hundred workers."""
    plan, warnings = load(Request(config="clickstream"), 7, io.BytesIO())
    assert (plan.seed, plan.start, plan.real_clock, plan.max_workers) == (7, None, True, 100)
    assert (plan.target.type, plan.formats, warnings) == ("stdout", (JsonLines(),), [])
    assert DEFAULT_MAX_WORKERS == 100


def test_now_is_the_instant_that_is_handed_in() -> None:
    """For the start and for the end."""
    plan, _ = loaded(start="now", until="now")
    assert plan.start == plan.until == NOW
    assert not plan.real_clock


@pytest.mark.parametrize("flag", ["start", "until"])
def test_text_that_is_no_instant_is_wrong_usage(flag: str) -> None:
    """It names the flag."""
    with pytest.raises(UsageError, match=r"^(-s|--until) soon: "):
        loaded(**{flag: "soon"})


def test_problems_of_all_files_come_in_one_go(tmp_path: Path) -> None:
    """Of the specification, the target, the format, the schedule: in this order."""
    target, schedule = tmp_path / "t.json", tmp_path / "s.json"
    target.write_text('{"type": "fiel"}')
    schedule.write_text("{}")
    found = problems(
        {**ENDING, "interarival": 1, "format": "cvs"}, target=str(target), schedule=str(schedule)
    )
    files = [line.split(":")[0] for line in found]
    assert files == ["stdin", str(target), "stdin", str(schedule)]


def test_format_of_the_request_is_for_all_targets() -> None:
    """That of the specification stays the default."""
    plan, _ = loaded({**ENDING, "format": "csv"}, kind="tsv")
    assert plan.format is not None
    assert plan.format.type == "csv"
    assert [each.type for each in plan.formats] == ["tsv"]


def test_format_that_the_target_cannot_have_comes_with_a_remedy(tmp_path: Path) -> None:
    """It names the flag that asked for it."""
    target = tmp_path / "t.json"
    target.write_text(json.dumps({"type": "file", "path": "out.parquet"}))
    (line,) = problems(target=str(target), kind="csv")
    assert line.startswith(f"{target}: ")
    assert line.endswith(": leave out --csv")


def test_target_may_not_be_the_source_of_a_replay(tmp_path: Path) -> None:
    """Whoever asks is told of the source before it is opened."""
    source = tmp_path / "in.jsonl"
    source.write_text('{"t": "2027-03-12", "n": 1}\n')
    spec = {
        "type": "replay", "source_file": str(source), "source_format": "json", "time_field": "t",
        "target": {"type": "file", "path": str(source)},
    }  # fmt: skip
    seen: list[FileSet] = []
    with pytest.raises(SpecError, match="the target would overwrite the source"):
        load(Request(), 7, io.BytesIO(json.dumps(spec).encode()), seen.append, NOW)
    assert seen == [FileSet("source", (str(source),))]


def test_notes_are_warnings_of_the_specification() -> None:
    """A schedule that lowers nothing is one."""
    _, warnings = loaded({**ENDING, "schedule": {"type": "constant", "value": 2}})
    assert warnings == [
        "stdin:1:1: the schedule is never below 1, so it never lowers the limit of workers"
    ]


def test_request_alone_is_enough() -> None:
    """No stdin and no seed are needed where the request names a specification."""
    plan, _ = load(Request(config="clickstream", seed=7))
    assert plan.seed == 7
    assert (
        load(Request(config="clickstream"))[0].seed != load(Request(config="clickstream"))[0].seed
    )


def test_request_without_a_specification_is_refused() -> None:
    """There is nothing to read one from."""
    with pytest.raises(UsageError, match="no specification"):
        load(Request())


def test_schedule_of_the_specification_can_be_switched_off() -> None:
    """`--schedule none`; what a checkpoint keeps of the run is that of one without the key."""
    curve = {"type": "constant", "value": 0.5}
    with_none, warnings = loaded({**ENDING, "schedule": curve}, schedule="none")
    without, _ = loaded({**ENDING})
    assert (with_none.schedule, warnings) == (None, [])
    assert with_none.fingerprint == without.fingerprint
    assert loaded({**ENDING, "schedule": curve})[0].schedule is not None


def test_zone_is_checked_with_the_other_flags() -> None:
    """The plan writes in it; a name of no zone is wrong usage."""
    plan, _ = load(Request(config="example", start="2027-07-01", timezone="Europe/Berlin"), seed=1)
    assert str(plan.start) == "2027-07-01T00:00:00.000000+02:00"
    assert plan.style == ZoneStyle(zone="Europe/Berlin")
    with pytest.raises(UsageError, match='--timezone Berlin: no time zone "Berlin"'):
        load(Request(config="example", timezone="Berlin"), seed=1)


@pytest.mark.parametrize(
    ("value", "said"),
    [(1.4e-6, "interarrival: a mean is rounded from 1.4e-06 s to 1 microsecond"), (1.004e-4, "")],
)
def test_interarrival_that_rounding_changes_is_warned_of(value: float, said: str) -> None:
    """The rate would be another than it says, silently."""
    spec = {**ENDING, "interarrival": constant(value)}
    told = invoke("--validate", spec=spec).err
    assert ("is rounded" in told, said in told) == (bool(said), True)
