"""Curves that a specification names as the hours of what takes time."""

import io
import json
from pathlib import Path
from typing import Any

import pytest

from datagen.running.open_hours import named_hours, with_hours
from tests.support.helpers import invoke
from tests.support.machines import spec_of

START = ("-s", "2027-03-01T10:00:00", "--seed", "1", "-q")
TWO_DAYS: dict[str, Any] = {"type": "constant", "value": "16H", "hours": "office"}
SPEC = spec_of({"a": (TWO_DAYS, {"b": 1}), "b": ({"type": "constant", "value": 0}, {"stop": 1})},
               {"type": "constant", "value": "1W"})  # fmt: skip
PROCESS: dict[str, Any] = {
    "states": [
        {"type": "event:start:timer", "name": "begin", "cardinality_distribution": "1W", "next": "open"},
        {"type": "activity", "name": "open", "emitter": "e", "next": "work"},
        {"type": "event:intermediate:timer", "name": "work", "cardinality_distribution": TWO_DAYS, "next": "close"},
        {"type": "activity", "name": "close", "emitter": "e", "next": "end"},
        {"type": "event:end", "name": "end"},
    ],
    "emitters": [{"name": "e", "dimensions": [{"name": "time", "type": "clock"}]}],
}  # fmt: skip


def times(spec: dict[str, Any], *flags: str) -> list[str]:
    """Return the instants of two records."""
    outcome = invoke(*START, "-n", "2", *flags, spec=spec)
    assert outcome.status == 0, outcome.err
    return [each["time"] for each in outcome.records]


def test_office_hours_ship() -> None:
    """Two working days are 16 hours of them, in both forms and under the old word of a timer."""
    assert times(SPEC) == ["2027-03-01T10:00:00.000", "2027-03-03T10:00:00.000"]
    assert times(PROCESS) == ["2027-03-01T10:00:00.000+00:00", "2027-03-03T10:00:00.000+00:00"]
    old = json.loads(json.dumps(PROCESS))
    old["states"][2]["delay"] = old["states"][2].pop("cardinality_distribution")
    assert times(old) == times(PROCESS)
    assert times(SPEC, "--untrusted") == times(SPEC)


def test_a_file_of_hours_is_read(tmp_path: Path) -> None:
    """By its path; --untrusted refuses it."""
    file = tmp_path / "late.json"
    file.write_text(json.dumps({"type": "hourly", "steps": True, "weights": [0] * 20 + [1] * 4}))
    spec = json.loads(json.dumps(SPEC).replace("office", str(file)))
    assert times(spec) == ["2027-03-01T10:00:00.000", "2027-03-05T00:00:00.000"]
    refused = invoke(*START, "-n", "1", "--untrusted", spec=spec)
    place = "states[0].delay.hours"
    assert refused.err.startswith(f"stdin: {place}: ")
    assert refused.err.endswith(" is a file; --untrusted refuses it\n")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (None, 'stdin: states[0].delay.hours: "hours/of.json": there is no such file'),
        ("{", "{file}: is not JSON: Expecting property name enclosed in double quotes"),
        ('{"type": "hourly"}', "{file}: weights: missing"),
        ('{"type": "constant", "value": 0}', "stdin: states[0].delay.hours: these hours are never open; expected a height above 0"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_of_the_file(tmp_path: Path, text: str | None, problem: str) -> None:
    """Or of the place that names it; together with what else is wrong."""
    file = tmp_path / "hours.json"
    if text is not None:
        file.write_text(text)
    name = str(file) if text else "hours/of.json"
    spec = json.loads(json.dumps(SPEC).replace("office", name))
    spec["states"][1]["delay"]["value"] = -3
    spec["interarrival"] = {"type": "zipf"}
    told = invoke("--validate", spec=spec).err.splitlines()
    assert problem.replace("{file}", str(file)) in told
    assert "stdin: interarrival.n: missing" in told


def test_a_name_that_is_misspelt_is_found() -> None:
    """As the names of schedules are; stdin is for the specification."""
    told = invoke("--validate", spec=json.loads(json.dumps(SPEC).replace("office", "offce"))).err
    assert told == (
        'stdin: states[0].delay.hours: "offce": there is no such file (nor in conf/sched); did you mean "office"?\n'
    )
    raw = {"interarrival": {"hours": "-"}}
    assert with_hours(raw, "f", io.BytesIO())[1][0].text == '"-": stdin has no curve'


def test_other_hours_are_another_stream(tmp_path: Path) -> None:
    """A checkpoint knows the curve, not only its name."""
    file, checkpoint = tmp_path / "h.json", tmp_path / "checkpoint"
    spec = tmp_path / "spec.json"
    spec.write_text(json.dumps(SPEC).replace("office", str(file)))
    file.write_text('{"type": "constant", "value": 1}')
    target = tmp_path / "target.json"
    target.write_text(json.dumps({"type": "file", "path": str(tmp_path / "out")}))
    flags = ("-c", str(spec), "--resume", str(checkpoint), "-t", str(target), *START)
    assert invoke(*flags, "-n", "2").status == 0
    file.write_text('{"type": "constant", "value": 0.5}')
    assert "the specification" in invoke(*flags, "-n", "4").err


def test_only_times_have_hours() -> None:
    """Whatever else is called so is left alone."""
    raw = {
        "hours": "office",
        "interarrival": {"hours": "a"},
        "states": [
            {"hours": "x", "delay": {"hours": "b"}, "timer": {"hours": {"type": "constant"}}}
        ],
    }
    found = {".".join(map(str, path)): name for path, name in named_hours(raw)}
    assert found == {"interarrival.hours": "a", "states.0.delay.hours": "b"}
    assert raw["states"][0]["delay"] == {"hours": "b"}  # type: ignore[index]
