"""Parameters take the places of their references, with their types, and nothing else changes."""

import json
from pathlib import Path
from typing import Any

import pytest

from datagen.errors import SpecError
from datagen.running.params import Params, with_params
from tests.support.helpers import Outcome, invoke

MB = 1 << 20
RUN = ("-n", "5", "-s", "2027-03-12", "--seed", "1", "-q")
SPEC: dict[str, Any] = {
    "states": [{"name": "a", "emitter": "e", "delay": {"type": "constant", "value": 1},
                "transitions": [{"next": "a", "probability": 1}]}],
    "emitters": [{"name": "e", "dimensions": [{"name": "id", "type": "string:static", "value": "x"}]}],
    "interarrival": "1S",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def replaced(params: Any, value: Any, key: str = "x") -> Any:
    """Return a value with parameters, under a key of a specification."""
    return with_params({"params": params, key: value}, "f", MB)[0][key]


def problems(raw: Any, limit: int = MB) -> list[str]:
    """Return what is wrong, a line each."""
    with pytest.raises(SpecError) as raised:
        with_params(raw, "f", limit)
    return [str(each) for each in raised.value.problems]


def run(value: str, *arguments: str, **keys: Any) -> Outcome:
    """Run a specification whose records hold a text."""
    spec = json.loads(json.dumps(SPEC))
    spec["emitters"][0]["dimensions"][0]["value"] = value
    return invoke(*RUN, *arguments, spec={**spec, **keys})


@pytest.mark.parametrize(
    "value", [4000, 0.5, True, None, "x", "$${y}", [1, {"a": "b"}], {"mean": 2}]
)
def test_alone_it_has_its_type(value: Any) -> None:
    """Any that JSON has; what it holds is not looked at again."""
    expected = "${y}" if value == "$${y}" else value
    for made in (replaced({"users": value}, "${users}"), *replaced({"users": value}, ["${users}"])):
        assert (made, type(made)) == (expected, type(value))


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("n=${n} f=${f} b=${b} s=${s}", "n=4000 f=0.5 b=true s=x"),
        ("${s}${s}", "xx"),
        ("$${n} costs $5 and ${s}$", "${n} costs $5 and x$"),
        ("$$${n}", "$${n}"),
        ("${", "${"),
        ("{n} $n ${s", "{n} $n ${s"),
    ],
)
def test_inside_a_text_it_is_text(text: str, made: str) -> None:
    """Numbers as JSON writes them; `$${` stands for `${`."""
    assert replaced({"n": 4000, "f": 0.5, "b": True, "s": "x"}, text) == made


def test_without_parameters_nothing_is_replaced() -> None:
    """Specifications of today mean what they meant."""
    raw = {"x": "${users} $${y}"}
    assert with_params(raw, "f", MB) == (raw, Params())
    assert run("${users} $${y}").records[0]["id"] == "${users} $${y}"


def test_keys_and_comments_stay() -> None:
    """Only values are looked at; the declaration goes away."""
    raw = {
        "params": {"n": 1, "_": "${gone}"},
        "_": "${gone}",
        "x": {"a${n}": "${n}", "${n}": "${gone}"},
    }
    assert with_params(raw, "f", MB)[0] == {"_": "${gone}", "x": {"a${n}": 1, "${n}": "${gone}"}}


@pytest.mark.parametrize(
    ("raw", "lines"),
    [
        ({"params": [1]}, ['f: params: expected an object such as {"users": 4000}, not a list']),
        ({"params": {"users": 1}, "x": ["${usres}", {"y": "a ${z}"}]},
         ['f: x[0]: no parameter "usres"; did you mean "users"?', 'f: x[1].y: no parameter "z"; one of users']),
        ({"params": {}, "x": "${HOME}"}, ['f: x: no parameter "HOME"']),
        ({"params": {"a": 1, "b": ["${a}"]}}, ["f: params.b[0]: a parameter does not refer to another; write $${a} for the text itself"]),
        ({"params": {"a": [1], "n": None}, "x": "a${a}", "y": "n${n}"},
         ['f: x: the parameter "a" is a list: no part of a text', 'f: y: the parameter "n" is null: no part of a text']),
    ],
)  # fmt: skip
def test_what_cannot_be_replaced(raw: Any, lines: list[str]) -> None:
    """All at once, with their places."""
    assert problems(raw) == lines


def test_what_they_add_is_bounded() -> None:
    """Alone and inside texts."""
    for text in ("${a}", "b${a}"):
        raw = {"params": {"a": "x" * 10_000}, "x": [text] * 200}
        assert problems(raw) == ["f: params: its parameters make it larger than 1 MB"]
    assert problems({"params": {"a": [[]] * 200}, "x": ["${a}"] * 200})[0].endswith(
        "larger than 1 MB"
    )


def test_what_they_add_is_not_too_deep() -> None:
    """As if it stood there."""
    deep: Any = []
    for _ in range(150):
        deep = [deep]
    place: Any = "${a}"
    for _ in range(100):
        place = [place]
    assert problems({"params": {"a": deep}, "x": place})[0].endswith(
        'the parameter "a" is nested too deeply here'
    )


def test_result_counts_for_checkpoints() -> None:
    """A run goes on with the value in the place of the parameter."""
    with_parameter = {**SPEC, "interarrival": "${every}", "params": {"every": "2S"}}
    first = invoke(*RUN, "--resume", "cp", spec=with_parameter)
    second = invoke("-n", "5", "-q", "--resume", "cp", spec={**SPEC, "interarrival": "2S"})
    assert (first.status, second.status) == (0, 0), second.err
    changed = {**with_parameter, "params": {"every": "3S"}}
    assert "the specification" in invoke("-n", "5", "-q", "--resume", "cp", spec=changed).err


def test_in_targets_they_come_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is no parameter is a variable, and the value of a parameter is never one."""
    monkeypatch.setenv("NAME", "environment")
    monkeypatch.setenv("OTHER", "other")
    for path, made in (
        ("${NAME}-${OTHER}", "parameter-other"),
        ("$${NAME}-${OTHER}", "${NAME}-other"),
        ("${text}", "${OTHER}"),
        ("a${text}", "a${OTHER}"),
    ):
        params = {"NAME": "parameter", "text": "$${OTHER}"}
        target = {"type": "file", "path": path}
        assert run("x", params=params, target=target).status == 0
        assert Path(made).stat().st_size > 0
        Path(made).unlink()
        Path("tar.json").write_text(json.dumps(target))
        assert run("x", "-t", "tar.json", params=params).status == 0
        assert Path(made).stat().st_size > 0
        Path(made).unlink()
        assert run("x", params=params, truth=target).status == 0
        assert Path(made).stat().st_size > 0
        Path(made).unlink()


def test_unknown_names_in_targets_are_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where they are not set, the problem is that of today."""
    monkeypatch.delenv("NO_SUCH", raising=False)
    done = run("x", params={"a": 1}, target={"type": "file", "path": "${NO_SUCH}"})
    assert 'target.path: the environment variable "NO_SUCH" is not set' in done.err


def test_strangers_may_have_parameters_but_no_files_by_them() -> None:
    """What a parameter has put there is refused like all else."""
    assert run("${x}", "--untrusted", params={"x": "y"}).records[0]["id"] == "y"
    assert run("x", "--untrusted", params={"x": "office"}, schedule="${x}").status == 0
    done = run("x", "--untrusted", params={"x": "/etc/passwd"}, schedule="${x}")
    assert done.err == 'stdin: schedule: "/etc/passwd" is a file; --untrusted refuses it\n'
