"""The schemas take what loads, refuse what a schema can refuse, and are those that are shipped.

An independent validator, the package jsonschema, judges.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from datagen.inspection.json_schema import ROOTS, json_schema
from tests.fields import test_bad_fields
from tests.spec import test_bad_input, test_process_input
from tests.support import bad_input
from tests.support.helpers import invoke
from tests.test_docs import FRAGMENTS, REPLAYS, SPECS, named

ROOT = Path(__file__).parent.parent.parent
SHIPPED = ROOT / "docs" / "schema"
COMPAT = sorted((ROOT.parent / "shared" / "compat").rglob("*.json"))
CONF = {"spec": "gen", "target": "tar", "schedule": "sched"}
FILES = [(kind, path) for kind, folder in CONF.items() for path in sorted((ROOT / "conf" / folder).glob("*.json"))]  # fmt: skip


@cache
def validator(kind: str, definition: str = "") -> Any:
    """Return what judges by the schema of a kind of file, or by one of its definitions."""
    schema = json_schema(kind)
    if definition:
        schema = {"$defs": schema["$defs"], "$ref": f"#/$defs/{definition}"}
    return jsonschema.Draft202012Validator(schema)


def problems(kind: str, value: Any, definition: str = "") -> list[str]:
    """Return what the schema has against a value."""
    return [
        f"{[*each.absolute_path]}: {each.message[:200]}"
        for each in validator(kind, definition).iter_errors(value)
    ]


@pytest.mark.parametrize("kind", ROOTS)
def test_schema_is_one_and_is_shipped(kind: str) -> None:
    """docs/schema holds what the program prints; write it anew with --json-schema."""
    printed = invoke("--json-schema", kind).out
    jsonschema.Draft202012Validator.check_schema(json.loads(printed))
    assert (SHIPPED / f"{kind}.json").read_bytes() == printed


@pytest.mark.parametrize("kind", ROOTS)
def test_all_references_lead_somewhere(kind: str) -> None:
    """And every definition is used."""
    text, schema = json.dumps(json_schema(kind)), json_schema(kind)
    used = {each.split('"')[0] for each in text.split('"#/$defs/')[1:]}
    assert used == set(schema["$defs"])


@pytest.mark.parametrize(("kind", "path"), FILES, ids=[path.name for _, path in FILES])
def test_what_comes_with_the_program_is_taken(kind: str, path: Path) -> None:
    """Presets, targets and schedules."""
    assert problems(kind, json.loads(path.read_text(encoding="utf-8"))) == []


@pytest.mark.skipif(not COMPAT, reason="../shared/compat is not here")
def test_files_of_other_programs_are_taken() -> None:
    """With their old words, and children that are none by themselves."""
    found = {}
    for path in COMPAT:
        raw = json.loads(path.read_text(encoding="utf-8"))
        kind = "spec" if "states" in raw else "schedule"
        found[str(path)] = problems(kind, raw)
    assert {name: each for name, each in found.items() if each} == {}
    assert len(found) > 90


@named([*SPECS, *REPLAYS])
def test_specifications_of_the_docs_are_taken(block: Any, thing: Any) -> None:
    assert problems("spec", thing) == []


KINDS_OF_PARTS = ("field", "timer", "effect", "format", "state", "curve", "target")


@named([(block, thing) for block, thing in FRAGMENTS if "type" in thing])
def test_parts_in_the_docs_are_taken(block: Any, thing: Any) -> None:
    """Some definition takes each of them."""
    assert any(problems("spec", thing, each) == [] for each in KINDS_OF_PARTS)


@pytest.mark.parametrize(
    "change",
    [
        ("$schema", "https://example.org/spec.json"),
        ("states[0]._why", None),
        ("states[0].delay", 2.5),
        ("states[0].delay", "90S"),
        ("states[0].delay", {"type": "normal", "mean": "2M", "stddev": {"expr": "user"}, "min": 0}),
        ("states[0].delay.hours", "office"),
        ("states[0].emitter", None),
        ("interarrival", {"type": "exponential", "rate": "5000/s"}),
        ("emitters[0].dimensions[2].type", "generator:uuid"),
        ("emitters[0].dimensions[2]", {"name": "a", "type": "static", "value": 5}),
        ("emitters[0].dimensions[2]", {"name": "a", "type": "generator:static", "value": True}),
        ("target", {"type": "file", "path": "x", "mode": "${MODE}", "_note": 5}),
        ("target", None),
        ("truth", "truth.jsonl"),
        ("schedule", "office"),
        ("format", "csv"),
    ],
    ids=str,
)
def test_short_and_old_ways_are_taken(change: tuple[str, Any]) -> None:
    """Whatever loads beyond the models: numbers and texts for distributions, old words, names of variables."""
    assert problems("spec", bad_input.edited(change)) == []


def test_files_that_include_others_may_leave_keys_to_them() -> None:
    """And parameters may stand for any value."""
    spec = bad_input.edited(("params", {"users": 5}), ("states[0].delay", "${wait}"))
    spec["interarrival"]["mean"] = "${users}"
    spec["states"][0]["transitions"][0]["probability"] = "${p}"
    assert problems("spec", spec) == []
    del spec["emitters"]
    assert problems("spec", spec)
    assert problems("spec", {**spec, "include": ["emitters.yaml"]}) == []
    assert problems("spec", {**spec, "include": "emitters.yaml"})


def wrong() -> list[tuple[Any, str]]:
    """Return the wrong specifications of other tests, with what the program says of each."""
    place = "emitters[0].dimensions[3]"
    fields: list[tuple[Any, str]] = [*test_bad_fields.FIELDS]
    edited = bad_input.edited
    cases = [(edited((path, value)), text) for path, value, text in test_bad_input.STRUCTURE]
    cases += [(edited(("interarrival", each)), text) for each, text in test_bad_fields.PARAMETERS]
    cases += [(edited((place, {"name": "x", **each})), text) for each, text in fields]
    cases += [
        (edited((place, {"name": "x", "type": "timestamp", "distribution": each})), text)
        for each, text in test_bad_fields.INSTANTS
    ]
    edited = test_process_input.edited
    return cases + [
        (edited((path, value)), text) for path, value, text in test_process_input.MISTAKES
    ]


BY_ITSELF = (  # of what is wrong with a value, whatever the rest of the file is
    *("unknown key", "expected a list", "expected an object", "expected a text", "expected a number, not"),
    *("no distribution", "no field type", "no target type", "no state type", "no format"),
    *("expected a probability", "expected a percentage", "expected at least one", "expected 24 numbers"),
)  # fmt: skip
NOT_IN_A_SCHEMA = (  # although it begins with one of these
    "expected at least one weight above 0",
    "expected at least one, where workers end",
    "no state type of",
)


def test_wrong_specifications_are_refused() -> None:
    """All that are wrong in one value; and two thirds of all."""
    missed = [text for spec, text in wrong() if validator("spec").is_valid(spec)]
    sayable = [
        text
        for text in missed
        if any(each in text for each in BY_ITSELF)
        and not any(each in text for each in NOT_IN_A_SCHEMA)
    ]
    assert sayable == []
    assert len(missed) <= len(wrong()) / 3 + 5


@pytest.mark.parametrize(
    "target",
    [
        {"type": "file"},
        {"type": "file", "path": "x", "mode": "apend"},
        {"type": "kafka", "endpoint": "a:1", "topic": 5},
        {"type": "http", "url": "ftp://x"},
        {"type": "udp", "host": "a", "port": 70_000},
        {"type": "tee", "targets": []},
        {"type": "tee", "targets": [{"type": "stdout", "optional": 1}]},
        {"type": "stdout", "optional": True},
        {"type": "stdout", "format": {"type": "csv", "delimiter": ";;"}},
        {"path": "x"},
    ],
    ids=json.dumps,
)
def test_wrong_target_is_refused(target: Any) -> None:
    assert problems("target", target)
    assert problems("spec", bad_input.edited(("target", target)))


def test_descriptions_come_from_docstrings() -> None:
    """Of models, and of the keys that their docstrings name; what is no key has examples."""
    definitions = json_schema("spec")["$defs"]
    string = definitions["field:string"]
    assert string["description"].startswith("Text of random characters")
    assert string["properties"]["chars"]["description"].endswith(
        "each of which counts as one character."
    )
    assert "5000/s" in definitions["rate"]["examples"]
    assert string["properties"]["percent_nulls"]["default"] == 0
