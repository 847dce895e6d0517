"""What is wrong with effects is found on load, with its place, in both forms and in a replay."""

import json
from pathlib import Path
from typing import Any

import pytest

from datagen.disorder.checks import effect_problems, effects_of_records
from datagen.formats.base import any_format
from datagen.spec.parsing import parse_spec
from tests.support.bad_input import BASE
from tests.support.disorder import effects_of
from tests.support.helpers import invoke
from tests.support.replays import rows_of, spec_of, write

WRONG: list[dict[str, Any]] = [
    {"type": "drop", "when": "usr > 5", "share": 0.5},
    {"type": "late", "delay": {"type": "exponential", "mean": 1, "max": 9}, "per": "cty"},
]
TOLD = (
    'stdin: disorder[0].when: column 1: no value "usr"; did you mean "user"?\n'
    'stdin: disorder[1].per: column 1: no value "cty"; did you mean "city"?\n'
)
PROCESS: dict[str, Any] = {
    "states": [
        {"type": "event:start:timer", "name": "go", "next": "home", "cardinality_distribution": 1},
        {"type": "activity", "name": "home", "emitter": "page", "next": "end",
         "variables": BASE["states"][0]["variables"]},
        {"type": "event:end", "name": "end"},
    ],
    "emitters": BASE["emitters"][:1],
}  # fmt: skip


def validated(spec: dict[str, Any], *flags: str) -> str:
    """Return what --validate says of a specification that is wrong."""
    outcome = invoke("--validate", *flags, spec=spec)
    assert outcome.status != 0
    return outcome.err


@pytest.mark.parametrize("spec", [BASE, PROCESS], ids=["classic", "process"])
def test_expressions_see_the_fields_of_all_emitters(spec: dict[str, Any]) -> None:
    """And no variables: these are not in the record."""
    assert validated({**spec, "disorder": WRONG}) == TOLD
    right = {"type": "drop", "when": "user > 5 and state == 'home'", "per": "city"}
    assert invoke("--validate", spec={**spec, "disorder": [right]}).status == 0


def test_a_replay_has_the_fields_of_its_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where it may be read."""
    monkeypatch.chdir(tmp_path)
    write(rows_of(5))
    spec = spec_of(disorder=[{"type": "drop", "when": "m > '3'"}])
    assert 'disorder[0].when: column 1: no value "m"' in validated(spec)
    spec["disorder"][0]["when"] = "n > '3' and worker == 0"
    assert invoke("--validate", spec=spec).status == 0
    unread = {**spec, "source_file": "-", "source_format": "csv", "loop": False}
    Path("r.json").write_text(json.dumps(unread))
    assert invoke("--validate", "-c", "r.json").status == 0


def test_keys_are_checked_as_all_others() -> None:
    """All problems at once."""
    said = validated({**BASE, "disorder": [{"type": "late"}, {"type": "skew", "ofset": 1}]})
    assert "disorder[0].delay: missing" in said
    assert 'disorder[1].ofset: unknown key; did you mean "offset"?' in said
    assert "disorder: expected a list" in validated({**BASE, "disorder": {}})


@pytest.mark.parametrize(
    ("effect", "formats", "told"),
    [
        ({"type": "corrupt", "how": "type"}, ["csv", "json"], []),
        ({"type": "corrupt", "how": "bytes"}, ["parquet", "csv"], []),
        ({"type": "corrupt", "how": "bytes"}, ["parquet", "avro"],
         [((0, "how"), 'records in "parquet", "avro" are not lines of text, which is all that can be corrupted')]),
        ({"type": "corrupt", "how": "type"}, ["csv"],
         [((0, "how"), '"type" is for records in json, and these are in "csv"')]),
        ({"type": "drop"}, ["json"], [((0,), 'drops every record: give it a "share" below 1, or "when"')]),
        ({"type": "drop", "per": "client"}, ["json"], [((0,), 'drops every record: give it a "share" below 1, or "when"')]),
        ({"type": "drop", "share": 0.999}, ["json"], []),
        ({"type": "drop", "when": "true"}, ["json"], []),
        ({"type": "outage", "period": "a", "then": "drop"}, ["json"],
         [((0, "period"), 'the timeline has no "a"; one of b')]),
    ],
)  # fmt: skip
def test_effects_fit_the_targets_and_the_timeline(
    effect: dict[str, Any], formats: list[str], told: list[Any]
) -> None:
    """One format of several is enough."""
    forms = [any_format(each) for each in formats]
    assert list(effect_problems(effects_of(effect), {"b": 1}, forms)) == told


def test_typed_records_are_not_corrupted() -> None:
    """The whole program says so."""
    spec = {**BASE, "disorder": [{"type": "corrupt", "how": "bytes"}]}
    assert invoke("--validate", spec=spec).status == 0
    typed = {**spec, "target": {"type": "file", "path": "x.parquet", "format": "parquet"}}
    assert 'disorder[0].how: records in "parquet" are not lines' in validated(typed)


def test_effects_without_expressions_need_no_schema() -> None:
    """Nothing is compiled."""
    spec, _ = parse_spec({**BASE, "disorder": [{"type": "late", "delay": 1}]}, "x.json")
    assert not effects_of_records(spec, spec.disorder).by_place
    assert [each.type for each in spec.disorder] == ["late"]
