"""`{@event}` is the number of the event in the clean stream, in patterns, templates, keys and headers."""

import json
from pathlib import Path
from typing import Any

import pytest

from datagen.running import pipeline
from datagen.running.batch_stream import WindowLimits
from tests.guarantees.test_disorder import BEGINNING, EFFECTS, spec_with
from tests.support.helpers import invoke
from tests.support.machines import Spec

PATTERN: Spec = {"format": {"type": "pattern", "pattern": "{@event} {n}"}}
TEMPLATE: Spec = {
    "format": {"type": "template", "name": "t"},
    "templates": {"t": {"body": "{{ event_number }} {{ n }}"}},
}


def numbers(spec: Spec, *arguments: str) -> list[list[int]]:
    """Return the number of the event, and that of the clean stream, of each record."""
    outcome = invoke(*BEGINNING, *arguments, spec=spec)
    assert outcome.status == 0, outcome.err
    return [[int(word) for word in line.split()] for line in outcome.out.splitlines()]


@pytest.mark.parametrize("shown", [PATTERN, TEMPLATE], ids=["pattern", "template"])
@pytest.mark.parametrize("name", ["none", "all"])
def test_it_numbers_the_clean_stream(
    name: str, shown: Spec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For any window, process and resumed run; a duplicate has the number of its original."""
    spec = {**spec_with(EFFECTS["all"] if name == "all" else []), **shown}
    made = numbers(spec, "-r", "3M")
    assert len(made) > 1000
    assert all(event == n for event, n in made)
    assert (len({event for event, _ in made}) == len(made)) == (name == "none")
    assert numbers(spec, "-n", "500") == made[:500]
    assert numbers(spec, "-r", "3M", "-j", "2") == made
    monkeypatch.setattr(pipeline, "SIMULATED", WindowLimits(50, 1 << 20))
    assert numbers(spec, "-r", "3M") == made
    keep = "--resume", str(tmp_path / "at")
    assert [each for _ in range(9) for each in numbers(spec, "-r", "20S", *keep)] == made
    keep = "--resume", str(tmp_path / "other")
    assert [each for _ in range(4) for each in numbers(spec, "-n", "123", *keep)] == made[:492]


def test_it_is_that_of_the_truth(tmp_path: Path) -> None:
    """Of each record: also with a warm-up, and in a part of the stream."""
    for arguments in (("--warm-up", "1M"), ("--part", "1/3")):
        spec = {**spec_with(EFFECTS["all"]), **PATTERN}
        file = tmp_path / "truth.jsonl"
        file.unlink(missing_ok=True)
        made = numbers(spec, "-n", "1000", "--truth", str(file), *arguments)
        truth = [json.loads(line) for line in file.read_text().splitlines()]
        told = {record: each["event"] for each in truth for record in each["records"]}
        assert [event for event, _ in made] == [told[record] for record in range(len(made))]


def test_numbers_cannot_begin_in_the_middle_of_a_stream(tmp_path: Path) -> None:
    """A run that did not count its events leaves nothing to go on from; with disorder it had to count them."""
    for name in ("none", "all"):
        spec = spec_with(EFFECTS.get(name, []))
        keep = "-n", "500", "--resume", str(tmp_path / name)
        assert invoke(*BEGINNING, *keep, spec=spec).status == 0
        outcome = invoke(*BEGINNING, *keep, spec={**spec, **PATTERN})
        why = "was written by a run that did not number its events, which cannot begin now"
        assert (why in outcome.err) is (name == "none")
        assert outcome.status == (name == "none")
        lines = outcome.out.splitlines()
        assert all(event == n for event, n in map(bytes.split, lines))
        assert len(lines) == (0 if name == "none" else 500)


def test_lists_have_a_number_each() -> None:
    """Where the number of records depends on values, processes are not known to help, and change nothing."""
    base = spec_with([])
    emitters = [*base["emitters"], {"name": "line", "for_each": "lines", "dimensions": [{"name": "n", "type": "counter"}]}]  # fmt: skip
    (state,) = base["states"]
    lines = {"name": "lines", "type": "expression", "initial": [], "expr": "(lines + [user])[-3:]"}
    state = {**state, "emitter": ["e", "line"], "variables": [*state["variables"], lines]}
    pattern = {"format": {"type": "pattern", "pattern": "{@event} {n}"}}
    spec = {**base, **pattern, "states": [state], "emitters": emitters}
    made = numbers(spec, "-r", "1M")
    assert [event for event, _ in made] == list(range(len(made)))
    assert numbers(spec, "-r", "1M", "-j", "2") == made


def test_a_replay_has_numbers_too(tmp_path: Path) -> None:
    """Those of its records."""
    (tmp_path / "in.csv").write_text("t,n\n" + "".join(f"{n},{n}\n" for n in range(100)))
    spec = {
        "type": "replay", "source_file": str(tmp_path / "in.csv"), "time_field": "t", "time_format": "seconds",
        "disorder": [{"type": "late", "share": 0.3, "delay": 7}], **PATTERN,
    }  # fmt: skip
    made = numbers(spec, "-n", "95")
    assert all(event == n for event, n in made)
    assert made != sorted(made)


def test_names_besides_fields_give_way_to_fields() -> None:
    """`population` in a template, where no field is called so."""
    body = "{{ population }} {{ event_number }}"
    spec: dict[str, Any] = {**spec_with(None), "templates": {"t": {"body": body}}}
    del spec["interarrival"]
    populations = [{"name": "people", "start": "a", "interarrival": 1}]
    outcome = invoke(
        *BEGINNING, "-n", "2", "--template", "t", spec={**spec, "populations": populations}
    )
    assert outcome.out == b"people 0\npeople 1\n"
    fields = [
        {"name": "population", "type": "enum", "values": ["mine"], "cardinality_distribution": 0}
    ]
    emitters = [{"name": "e", "dimensions": fields}]
    outcome = invoke(*BEGINNING, "-n", "2", "--template", "t", spec={**spec, "emitters": emitters, "populations": populations})  # fmt: skip
    assert outcome.out == b"mine 0\nmine 1\n"


def test_another_name_is_none() -> None:
    """A clear error, with the nearest."""
    spec = {**spec_with(None), "format": {"type": "pattern", "pattern": "{@evnt}"}}
    outcome = invoke(*BEGINNING, "-n", "2", spec=spec)
    assert (outcome.status, outcome.out) == (1, b"")
    assert 'no emitter has a field "@evnt"; did you mean "@event"?' in outcome.err
