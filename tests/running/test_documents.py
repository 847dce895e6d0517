"""Files become JSON, strictly, and JSON a target or a schedule."""

import io
from typing import Any

import pytest

from datagen.errors import SpecError
from datagen.running.documents import parse_json, parse_schedule, parse_target, read_document


def problems(call: Any, *arguments: Any) -> list[str]:
    """Return what is wrong, a line for each problem."""
    with pytest.raises(SpecError) as raised:
        call(*arguments)
    return [str(problem) for problem in raised.value.problems]


def test_dash_is_stdin() -> None:
    """Problems go by that name."""
    assert read_document("-", "gen", io.BytesIO(b"{}")) == (b"{}", "stdin")


def test_name_without_a_file_is_a_problem_with_a_hint() -> None:
    """A bare name may be one of those that ship with the program."""
    (line,) = problems(read_document, "clickstraem", "gen", io.BytesIO())
    assert line.startswith("clickstraem: there is no such file (nor in conf/gen); did you mean")


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b" ", "f: is empty"),
        (b"\xff", "f:1:1: is not UTF-8 text (byte 0)"),
        (b"{", "f:1:2: is not JSON: Expecting property name enclosed in double quotes"),
        (b"[NaN]", "f:1:2: is not JSON: NaN is not a number"),
        (b"[" * 100_000, "f: is nested too deeply"),
        (b'{"a": [{"b": 1, "b": 2}]}', "f: a[0].b: appears twice"),
        (b"1" * 5000, "f:1:1: is not JSON: a number of 5000 digits is too long"),
    ],
    ids=lambda value: str(value)[:12],
)  # fmt: skip
def test_json_is_read_strictly(data: bytes, line: str) -> None:
    """Each refusal names the file and the place."""
    assert problems(parse_json, data, "f") == [line]


def test_comment_may_stand_there_twice() -> None:
    """It says nothing."""
    assert parse_json(b'{"_": 1, "_": 2, "a": 3}', "f")["a"] == 3


def test_variables_of_a_target_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """All that are not set are told in one go."""
    monkeypatch.setenv("FOLDER", "logs")
    target = parse_target({"type": "file", "path": "${FOLDER}/out"}, "t.json")
    assert target.files().paths[0] == "logs/out"
    raw = {"type": "file", "path": "${NO_1}", "mode": "${NO_2}"}
    assert problems(parse_target, raw, "t.json") == [
        't.json: path: the environment variable "NO_1" is not set',
        't.json: mode: the environment variable "NO_2" is not set',
    ]


def test_part_of_a_document_has_its_place_in_the_whole() -> None:
    """The path begins where the part stands."""
    (line,) = problems(parse_target, {"type": "fiel"}, "s.json", ("target",))
    assert line.startswith("s.json: target.type: no target type")
    (line,) = problems(parse_schedule, {"type": "crve"}, "s.json", ("schedule",))
    assert line.startswith("s.json: schedule.type: no ")


@pytest.mark.parametrize("raw", [[], "web_access", None])
@pytest.mark.parametrize("parse", [parse_target, parse_schedule])
def test_what_is_no_object_is_a_problem(parse: Any, raw: Any) -> None:
    """With the place in the document that it is a part of."""
    (line,) = problems(parse, raw, "f", ("part",))
    assert line.startswith("f: part: expected an object such as {")
