"""Each problem has its line and column, in JSON and in YAML.

In a document below, what a problem should point at stands behind a mark, `@1` to `@9`.
"""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from datagen.errors import Problem
from datagen.running.document_name import DocumentName
from datagen.running.positions import located
from tests.support.helpers import invoke

RUN = ("-n", "3", "-s", "2027-03-12", "--seed", "1", "-q")
REST = '"emitters": [{"name": "e", "dimensions": []}]'
STATE = '{"name": "a", "emitter": "e", "transitions": [{"next": "stop", "probability": 1}]}'
YAML_REST = "emitters:\n- {name: e, dimensions: []}\n"
YAML_STATE = "- {name: a, emitter: e, transitions: [{next: stop, probability: 1}]}\n"
# the text of a file, and what the problems say, by their marks in it
JSON_FILES = [
    ('@1{"states": [' + STATE + "], " + REST + "}", ["interarrival: missing"]),
    ('{"interarrival": "1S",\n "states": @1[],\n ' + REST + "}", ["states: expected at least one state"]),
    ('{"interarrival": @1"x",\n "states": [' + STATE + "],\n " + REST + "}", ["interarrival: "]),
    ('{"interarrival": {"type": @1"expo"},\n "states": [' + STATE + "],\n " + REST + "}", ["interarrival.type: no distribution"]),
    ('{"interarrival": @1{"type": "constant"},\n "states": [' + STATE + "],\n " + REST + "}", ["interarrival.value: missing"]),
    ('{"interarrival": {"type": "constant", "value": 1,\n  @1"valeu": 2},\n "states": [' + STATE + "],\n " + REST + "}",
     ["interarrival.valeu: unknown key"]),
    ('{"interarrival": "1S", "states": [' + STATE + "],\n" + REST + ',\n\t@1"oops": {"a": 1}}', ["oops: unknown key"]),
    ('{"interarrival": "1S", @1"interarrival": "2S", "states": [' + STATE + "],\n" + REST + "}", ["interarrival: appears twice"]),
    ('{"interarrival": "1S", "states": [' + STATE + ",\n" + '{"name": "b", @1"name": "c"}],' + REST + "}", ["states[1].name: appears twice"]),
    ('{"interarrival": "1S", "states": [\n' + STATE.replace('"e"', '@1"x"') + "],\n" + REST + "}", ["states[0].emitter: no emitter"]),
    ('{"interarrival": "1S", "states": [\n' + STATE.replace(": [", ": @1[").replace('"stop"', '@2"b"').replace(": 1", ": 0.5") + "],\n" + REST + "}",
     ["states[0].transitions: the probabilities", "states[0].transitions[0].next: no state"]),
    ('{"interarrival": "1S", "states": [' + STATE + '],\n "emitters": [{"name": "e", "dimensions": [{"name": "x", "type": "int"},\n @1{"name": "é"}]}]}',
     ["emitters[0].dimensions[1].type: missing"]),
    ('{"interarrival": "1S", "states": [' + STATE + '],\n "emitters": [{"name": "e", "dimensions": [{"name": "é", "type": "list", "elements":\n[{"type": @1"x"}]}]}]}',
     ["emitters[0].dimensions[0].elements[0].type: no field type"]),
    ('{"interarrival": "1S", "states": [' + STATE + "],\n" + REST + ',\n "target": {"type": "file", "path": @15}}', ["target.path: "]),
    ('{"interarrival": "1S", "states": [' + STATE + "],\n" + REST + ',\n "format": {"type": "csv",\n"delimiter": @1"--"}}', ["format.delimiter: "]),
    ('{"interarrival": "1S", "states": [' + STATE + "],\n" + REST + ',\n "schedule": @1"no such"}', ["schedule: "]),
    ('{"interarrival": "1S",\n "states": [@1,' + STATE + "]}", ["is not JSON: Expecting value"]),
    ('{"interarrival": "1S",\n "states": [@1NaN]}', ["is not JSON: NaN is not a number"]),
    ("@1[1, 2]", ["expected an object, not a list"]),
    ('\n\n  @1{"type": "generator"}', ["states: missing"]),
]  # fmt: skip
YAML_FILES = [
    ("@1states:\n" + YAML_STATE + YAML_REST, ["interarrival: missing"]),
    ("interarrival: @11X\nstates:\n" + YAML_STATE + YAML_REST, ["interarrival: "]),
    ("interarrival:\n  @1type: constant\nstates:\n" + YAML_STATE + YAML_REST, ["interarrival.value: missing"]),
    ("interarrival:\n  type: constant\n  value: 1\n  @1valeu: 2\nstates:\n" + YAML_STATE + YAML_REST, ["interarrival.valeu: unknown key"]),
    ("interarrival: 1S # é\nstates:\n" + YAML_STATE + YAML_REST + "@1interarrival: 2S\n", ["interarrival: appears twice"]),
    ("interarrival: 1S\nstates:\n" + YAML_STATE.replace("{name", "{@1nme") + YAML_REST, ["states[0].nme: unknown key"]),
    ("interarrival: 1S\nstates:\n" + YAML_STATE.replace("stop", "@1b") + YAML_REST, ["states[0].transitions[0].next: no state"]),
    ("interarrival: 1S\nstates:\n" + YAML_STATE + "emitters:\n- name: e\n  dimensions:\n  - name: x\n    type: list\n    elements:\n    - type: @1x\n",
     ["emitters[0].dimensions[0].elements[0].type: no field type"]),
    ("interarrival: &x {type: constant, value: @1a}\nstates:\n" + YAML_STATE.replace("e: a", "e: a, delay: *x") + YAML_REST,
     ["interarrival.value: " ]),
    ("interarrival: 1S\nstates:\n" + YAML_STATE + YAML_REST + "target:\n  type: file\n  path: out\n  @1pth: x\n", ["target.pth: unknown key"]),
    ("interarrival: 1S\nstates:\n" + YAML_STATE + YAML_REST + "@12: x\n", ["the key 2 is no text"]),
    ("interarrival: 1S\nstates: @1!x []\n", ['states: the tag "!x" is refused']),
    ("interarrival: 1S\nstates: [@1*y]\n", ['is not YAML: there is no anchor "y"']),
]  # fmt: skip
FILES = [("spec.json", *each) for each in JSON_FILES] + [
    ("spec.yaml", *each) for each in YAML_FILES
]


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def without_marks(text: str) -> tuple[str, list[tuple[int, int]]]:
    """Return a text without its marks, and the lines and columns at which they stood."""
    places = []
    while (mark := re.search(r"@\d", text)) is not None:
        before = text[: mark.start()]
        places.append((before.count("\n") + 1, len(before.rpartition("\n")[2]) + 1))
        text = before + text[mark.end() :]
    return text, places


@pytest.mark.parametrize(
    ("name", "text", "problems"), FILES, ids=[f"{n}-{each[0]}" for n, each in enumerate(FILES)]
)
def test_problem_is_where_it_can_be_mended(name: str, text: str, problems: list[str]) -> None:
    """A value where it begins, a key that should not be there, the object in which one is missing."""
    clean, places = without_marks(text)
    Path(name).write_text(clean, encoding="utf-8")
    told = invoke("-c", name, *RUN).told.splitlines()
    for problem, (line, column) in zip(problems, places, strict=True):
        start = f"{name}:{line}:{column}: {problem}"
        assert any(each.startswith(start) for each in told), (start, told)


@pytest.mark.parametrize("name", ["spec.json", "spec.yaml", "stdin"])
def test_all_problems_of_a_document_have_positions(name: str) -> None:
    """Stdin is such a document, too."""
    raw = {"interarrival": "x", "states": [{"name": 1, "oops": 2}], "emitters": 3, "target": {}}
    Path(name).write_text(json.dumps(raw, indent=1))
    told = invoke("-c", name, *RUN).told if "." in name else invoke(*RUN, spec=raw).told
    assert len(told.splitlines()) > 4
    assert all(re.match(rf"{name}:\d+:\d+: ", line) for line in told.splitlines()), told


def test_other_files_have_positions() -> None:
    """Targets, schedules, effects, children: each problem in the file that has it."""
    spec: dict[str, Any] = {
        "interarrival": "1S",
        "states": [json.loads(STATE)],
        "emitters": [{"name": "e", "dimensions": []}],
    }
    for flag, text, problem in (
        ("-t", '{"type": "file",\n"pth": 1}', "f.json:2:1: pth: unknown key"),
        ("-t", '{"type": "file", "path": "x",\n"format": {"type": "parquet", "compression": 5}}', "f.json:2:46: format.compression: "),
        ("--schedule", '{"type": "constant",\n"value": "x"}', "f.json:2:10: value: "),
        ("--disorder", '[{"type": "drop", "share": 0.1},\n {"type": "duplicate", "share": "x"}]', "f.json:2:33: [1].share: "),
        ("--truth", '{"type": "file",\n"pth": 1}', "f.json:2:1: pth: unknown key"),
    ):  # fmt: skip
        Path("f.json").write_text(text)
        told = invoke(*RUN, flag, "f.json", spec=spec).told.splitlines()
        assert any(line.startswith(problem) for line in told), (problem, told)


def test_included_files_have_positions() -> None:
    """In their own text."""
    Path("common.yaml").write_text("interarrival:\n  type: constant\n  value: x\n")
    spec = {
        "include": ["common.yaml"],
        "states": [json.loads(STATE)],
        "emitters": [{"name": "e", "dimensions": []}],
    }
    assert invoke(*RUN, spec=spec).told.startswith("common.yaml:3:10: interarrival.value: ")


def test_children_have_positions() -> None:
    """Whichever file names them."""
    start = {
        "name": "in",
        "type": "event:start:timer",
        "cardinality_distribution": "1S",
        "next": "run",
    }
    run = {"name": "run", "type": "subprocess", "states": "child.json", "next": "out"}
    spec = {"states": [start, run, {"name": "out", "type": "event:end"}], "emitters": []}
    Path("child.json").write_text(
        '{"states": [{"name": "a", "type": "event:start:message",\n "next": "b"}]}'
    )
    assert invoke(*RUN, spec=spec).told.splitlines()[1:] == [
        'child.json:2:10: states[0].next: no state "b"'
    ]


def test_warnings_have_positions() -> None:
    """Those of --validate -v too."""
    spec = {"interarrival": "1S", "states": [json.loads(STATE)], "emitters": [
        {"name": "e", "dimensions": [{"name": "x", "type": "generator:int", "distribution": {"type": "constant", "value": 1}}]},
        {"name": "unused", "dimensions": []}]}  # fmt: skip
    told = invoke("--validate", "-v", "-s", "2027-03-12", spec=spec).told
    lines = [line for line in told.splitlines() if re.search(r"stdin:1:\d+: emitters\[", line)]
    assert len(lines) == 1, told
    quiet = invoke("--validate", spec=spec).told
    assert "generator:int" not in quiet


def test_document_without_problems_is_not_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Positions cost nothing until there is a problem."""
    monkeypatch.setattr("datagen.running.positions._places", None)
    spec = {
        "interarrival": "1S",
        "states": [json.loads(STATE)],
        "emitters": [{"name": "e", "dimensions": []}],
    }
    assert invoke(*RUN, spec=spec).status == 0


def test_problems_go_where_their_parts_come_from() -> None:
    """What has no text has no position; minor ones have one only if that is asked for."""
    other = DocumentName("b.json", b'{"states": [\n1]}')
    name = DocumentName("spec.json", b"{}").with_origins({("states", 1): (other, ("states", 0))})
    one, minor = Problem(("states", 1), "wrong", name), Problem((), "wrong", name, minor=True)
    made = located([one, minor, Problem((), "wrong", "plain"), Problem((), "wrong")], minor=False)
    assert [str(each) for each in made] == [
        "b.json:2:1: states[0]: wrong",
        "spec.json: wrong",
        "plain: wrong",
        "wrong",
    ]
    assert [str(each) for each in located([minor])] == ["spec.json:1:1: wrong"]
