"""The key `timeline`: what periods may be, and what is said of those that cannot be."""

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from datagen.columns.column_type import BOOL, FLOAT
from datagen.instants import DAY, SECOND, parse_instant
from datagen.spec.parsing import parse_spec
from datagen.spec.timeline import Periods, rules_of
from datagen.timeline import PeriodRule
from datagen.validation import messages_of
from tests.support.helpers import invoke

PERIODS = TypeAdapter(Periods)
MINUTE = 60 * SECOND


def problems(raw: Any) -> list[str]:
    """Return the problems of a timeline, each with its path."""
    with pytest.raises(ValidationError) as error:
        PERIODS.validate_python(raw)
    return [f"{'.'.join(map(str, path))}: {text}" for path, text in messages_of(error.value)]


@pytest.mark.parametrize(
    ("raw", "rule"),
    [
        ({"at": "2027-03-12T15:00", "for": "20M", "ramp": "10M"},
         PeriodRule("instant", parse_instant("2027-03-12T15:00").micros, 20 * MINUTE, 10 * MINUTE, naive=True)),
        ({"at": "2027-03-12T15:00Z", "for": "20M"},
         PeriodRule("instant", parse_instant("2027-03-12T15:00Z").micros, 20 * MINUTE)),
        ({"at": " +3H ", "for": "1H", "every": "90M"},
         PeriodRule("start", 180 * MINUTE, 60 * MINUTE, every=90 * MINUTE)),
        ({"at": "+0S", "for": "1s", "every": "1s"}, PeriodRule("start", 0, SECOND, every=SECOND)),
        ({"at": "02:00:01.5", "for": "15M", "every": "1W", "timezone": "Europe/Berlin"},
         PeriodRule("day", 7201_500_000, 15 * MINUTE, every=7 * DAY, zone="Europe/Berlin")),
        ({"at": "2027-03-12", "for": "1D", "every": "1D", "timezone": "UTC", "_why": "a comment"},
         PeriodRule("instant", parse_instant("2027-03-12").micros, DAY, every=DAY, zone="UTC", naive=True)),
    ],
)  # fmt: skip
def test_a_period_says_when_it_is(raw: dict[str, Any], rule: PeriodRule) -> None:
    """Instants, offsets from the start, times of local days."""
    assert rules_of(PERIODS.validate_python({"outage": raw, "_a": "comment"})) == {"outage": rule}


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ({"o": {}}, ["o.at: missing", "o.for: missing"]),
        ({"o": {"at": "+1H", "fro": "1H"}}, ['o.fro: unknown key; did you mean "for"?']),
        ({"": {"at": "+1H", "for": "1H"}}, [': expected names of periods, not ""']),
        ({"o": 5}, ["o: expected an object, not 5"]),
        ({"o": {"at": "+1H", "for": "1H", "every": "30M"}},
         ["o.for: is longer than every: one would begin before the last has ended"]),
        ({"o": {"at": "02:00", "for": "1H"}},
         [('o.every: missing: a local time comes every day, or every so many: "every": "1D"; '
          'for once give "at" an instant or an offset')]),
        ({"o": {"at": "02:00", "for": "1H", "every": "36H"}},
         [('o.every: a local time comes again after whole days; a shorter "every" needs an instant or an '
          'offset as "at"')]),
        ({"o": {"at": "25:00", "for": "1H", "every": "1D"}}, ['o.at: "25:00" is no time of a day']),
        ({"o": {"at": "-1H", "for": "1H"}},
         ['o.at: "-1H" is before the first start; an offset begins with +']),
        ({"o": {"at": "3H", "for": "1H"}},
         [("o.at: expected an instant such as 2027-03-12T15:00, an offset from the start such as +3H, or a "
          'local time such as 02:00, not "3H"; an offset is +3H')]),
        ({"o": {"at": 3, "for": "1H"}},
         [("o.at: expected an instant such as 2027-03-12T15:00, an offset from the start such as +3H, or a "
          "local time such as 02:00, not 3")]),
        ({"o": {"at": "+3", "for": "1H"}},
         ['o.at: "3": a number needs a unit: 3S, 3M (minutes), 3H, 3D or 3W']),
        ({"o": {"at": "+1H", "for": 20}}, ["o.for: expected a duration such as 20M, a text, not 20"]),
        ({"o": {"at": "+1H", "for": "0S"}}, ['o.for: expected a duration above 0, not "0S"']),
        ({"o": {"at": "+1H", "for": "1H", "ramp": "20000Y"}},
         ['o.ramp: "20000Y": months and years have no fixed length; give days or weeks']),
        ({"o": {"at": "+1H", "for": "9999999W"}}, ['o.for: "9999999W" is longer than 10,000 years']),
        ({"o": {"at": "+1H", "for": "1H", "timezone": "Europe/Berlin"}},
         ["o.timezone: has no effect: an offset counts from the first start"]),
        ({"o": {"at": "2027-01-01T00:00Z", "for": "1H", "timezone": "Europe/Berlin"}},
         ["o.timezone: has no effect: the instant tells its offset"]),
        ({"o": {"at": "02:00", "for": "1H", "every": "1D", "timezone": "Europe/Berln"}},
         ['o.timezone: no time zone "Europe/Berln"; did you mean "Europe/Berlin"?']),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(raw: Any, expected: list[str]) -> None:
    """With its path."""
    assert problems(raw) == expected


CLASSIC: dict[str, Any] = {
    "timeline": {"outage": {"at": "+1H", "for": "20M", "ramp": "10M"}},
    "interarrival": 1,
    "states": [{"name": "a", "emitter": "e", "delay": 1, "variables": [
        {"name": "hit", "type": "expression", "expr": "during('outage')"}],
        "transitions": [{"next": "stop", "probability": 1, "when": "during('outage')"}, {"next": "a", "probability": 1}]}],
    "emitters": [{"name": "e", "dimensions": [
        {"name": "hit", "type": "variable", "variable": "hit"},
        {"name": "level", "type": "expression", "expr": "ramp('outage')"},
        {"name": "part", "type": "expression", "expr": "progress('outage')"}]}],
}  # fmt: skip
PROCESS: dict[str, Any] = {
    "timeline": {"outage": {"at": "+1H", "for": "20M"}},
    "states": [
        {"name": "start", "type": "event:start:timer", "cardinality_distribution": 1, "next": "a"},
        {"name": "a", "type": "activity", "emitter": "e", "next": "wait"},
        {"name": "wait", "type": "event:intermediate:timer", "cardinality_distribution": {"type": "constant", "value": {"expr": "1 + ramp('outage')"}}, "next": "ask"},
        {"name": "ask", "type": "gateway:exclusive", "transitions": [
            {"next": "a", "probability": 1, "when": "not during('outage')"}, {"next": "end", "probability": 1}]},
        {"name": "end", "type": "event:end"}],
    "emitters": [{"name": "e", "dimensions": [{"name": "time", "type": "clock"}]}],
}  # fmt: skip


def told(raw: dict[str, Any], *changes: tuple[str, str]) -> list[str]:
    """Return what `--validate` says of a specification with texts replaced."""
    text = json.dumps(raw)
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    outcome = invoke("--validate", spec=json.loads(text))
    return [line.removeprefix("stdin: ") for line in outcome.err.splitlines()]


def test_columns_have_the_types_of_the_functions() -> None:
    """A truth, and numbers; also where a variable shows one."""
    spec, _ = parse_spec(CLASSIC, "test.json")
    columns = spec.record_schema.columns
    assert [columns[name] for name in ("hit", "level", "part")] == [BOOL, FLOAT, FLOAT]


@pytest.mark.parametrize("raw", [CLASSIC, PROCESS])
def test_both_forms_have_the_key(raw: dict[str, Any]) -> None:
    """A wrong period is told by its path, in either."""
    [line] = told(raw)
    assert line.startswith("ok: ")
    assert told(raw, ('"for": "20M"', '"for": "20"')) == [
        'timeline.outage.for: "20": a number needs a unit: 20S, 20M (minutes), 20H, 20D or 20W'
    ]


def test_a_name_of_no_period_is_told_wherever_it_stands() -> None:
    """By its path and its column, with the one that was meant."""
    no = 'no period "outage"; did you mean "outages"?'
    assert told(CLASSIC, ('"outage":', '"outages":')) == [
        f"states[0].variables[0].expr: column 8: {no}",
        f"states[0].transitions[0].when: column 8: {no}",
        f"emitters[0].dimensions[1].expr: column 6: {no}",
        f"emitters[0].dimensions[2].expr: column 10: {no}",
    ]
    assert told(PROCESS, ('"outage":', '"outages":')) == [
        f"states[2].cardinality_distribution.value: column 10: {no}",
        f"states[3].transitions[0].when: column 12: {no}",
    ]


def test_what_is_made_before_the_run_looks_at_no_visit() -> None:
    """Members of a fixed set, and attributes of entities."""
    inner = {"name": "x", "type": "expression", "expr": "during('outage')"}
    members = {"name": "set", "type": "object", "dimensions": [inner], "cardinality": 3}
    members["cardinality_distribution"] = 0
    fixed = {**CLASSIC, "emitters": [{"name": "e", "dimensions": [members]}]}
    pool = {
        "users": {
            "count": 3,
            "attributes": [{"name": "x", "type": "expression", "expr": "during('outage')"}],
        }
    }
    why = "during looks at the time of a visit, which is not known here; name an instant: during(period, instant)"
    no_periods = (
        "in a field with cardinality, whose values are made before the run, no periods are known"
    )
    assert told(fixed) == [f"emitters[0].dimensions[0].dimensions[0].expr: column 8: {no_periods}"]
    assert told({**CLASSIC, "entities": pool}) == [
        f"entities.users.attributes[0].expr: column 1: {why}"
    ]


def test_the_members_of_a_pool_know_the_periods() -> None:
    """By an instant of their own."""
    raw = {**CLASSIC, "entities": {"users": {"count": {"initial": 1, "per_day": 500}, "attributes": [
        {"name": "late", "type": "expression", "expr": "during('outage', born)"}]}}}  # fmt: skip
    flags = ("--entities", "users", "-s", "2027-03-12", "-r", "3H", "-q", "--seed", "1")
    members = invoke(*flags, spec=raw).records
    assert [each["late"] for each in members] == [
        "T01:00" <= each["born"][10:16] < "T01:20" for each in members
    ]
    assert len({each["late"] for each in members}) == 2


def test_a_template_of_variables_knows_no_periods() -> None:
    """A variable may show what it would."""
    text = {
        "name": "t",
        "type": "variable:template",
        "template": "{{ hit }} {{ during('outage') }}",
    }
    raw = {**CLASSIC, "emitters": [{"name": "e", "dimensions": [text]}]}
    [line] = told(raw)
    assert line == (
        "emitters[0].dimensions[0].template: line 1: during is not known here; have a variable show it"
    )


def test_a_child_has_no_timeline_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It sees that of the file that runs it."""
    monkeypatch.chdir(tmp_path)
    child: dict[str, Any] = {
        "states": [
            {"name": "begin", "type": "event:start:message", "next": "c"},
            {"name": "c", "type": "activity", "emitter": "e", "next": "ask"},
            {"name": "ask", "type": "gateway:exclusive", "transitions": [
                {"next": "c", "probability": 0.1, "when": "during('outage')"}, {"next": "end", "probability": 0.9}]},
            {"name": "end", "type": "event:end"}]}  # fmt: skip
    states = [*PROCESS["states"]]
    states[1] = {**states[1], "next": "run"}
    states.insert(2, {"name": "run", "type": "subprocess", "config": "child.json", "next": "wait"})
    (tmp_path / "child.json").write_text(json.dumps(child))
    [line] = told({**PROCESS, "states": states})
    assert line.startswith("ok: ")
    (tmp_path / "child.json").write_text(json.dumps({**child, "timeline": PROCESS["timeline"]}))
    [line] = told({**PROCESS, "states": states})
    assert (
        line == "child.json: timeline: belongs in the file that is run, whose periods children see"
    )
