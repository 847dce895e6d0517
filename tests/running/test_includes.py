"""A specification is put together from files, and each problem is shown in the file that has it."""

import json
from pathlib import Path
from typing import Any

import pytest

from datagen.errors import SpecError
from datagen.running.document_name import located
from datagen.running.documents import read_json
from datagen.running.includes import with_includes
from tests.support.helpers import Outcome, invoke

RUN = ("-n", "20", "-s", "2027-03-12", "--seed", "1", "-q")
STOP = [{"next": "stop", "probability": 1}]
HOME = {"name": "home", "emitter": "page", "transitions": [{"next": "exit", "probability": 1}]}
EXIT = {"name": "exit", "emitter": "page", "transitions": STOP}
PAGE = {"name": "page", "dimensions": [{"name": "id", "type": "uuid"}]}
COMMON = {"states": [EXIT], "emitters": [PAGE], "interarrival": "5S"}


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def write(**files: Any) -> None:
    """Write files of JSON; `a__b` is `a/b.json`."""
    for name, raw in files.items():
        path = Path(name.replace("__", "/") + ".json")
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(raw))


def merged(**files: Any) -> Any:
    """Return what `spec` is with its includes."""
    write(**files)
    return with_includes(*read_json("spec.json"))[0]


def problems(**files: Any) -> list[str]:
    """Return what is wrong, a line each."""
    with pytest.raises(SpecError) as raised:
        merged(**files)
    return [str(each) for each in located(raised.value.problems)]


def run(*arguments: str, **files: Any) -> Outcome:
    """Run `spec`."""
    write(**files)
    return invoke("-c", "spec.json", *RUN, *arguments)


def test_put_together_it_is_the_same() -> None:
    """Bytes and checkpoints are those of one file that says it all."""
    whole = {"states": [HOME, EXIT], "emitters": [PAGE], "interarrival": "2S"}
    first = run("--resume", "cp", spec=whole)
    parts = {"include": ["lib/common.json"], "states": [HOME], "interarrival": "2S"}
    second = run("--resume", "cp", spec=parts, lib__common=COMMON)
    assert (first.status, second.status) == (0, 0), second.err
    Path("cp").unlink()
    again = invoke("-c", "spec.json", "-n", "40", *RUN[2:])
    assert again.out == first.out + second.out


def test_lists_are_joined_own_first() -> None:
    """Then the included ones in their order."""
    made = merged(
        spec={"include": ["a.json", "b.json"], "states": [{"name": "own"}], "emitters": []},
        a={"states": [{"name": "a1"}, {"name": "a2"}], "populations": [{"name": "p"}]},
        b={"states": [{"name": "b1"}]},
    )
    names = [each["name"] for each in made["states"]]
    assert names == ["own", "a1", "a2", "b1"]
    assert made["populations"] == [{"name": "p"}]
    assert "include" not in made


@pytest.mark.parametrize("key", ["tables", "entities", "templates", "timeline", "params", "labels"])
def test_objects_are_joined_by_name(key: str) -> None:
    """The including file wins, then the first one that is included; nothing is joined further inside."""
    made = merged(
        spec={"include": ["a.json", "b.json"], key: {"x": {"own": 1}}},
        a={key: {"x": {"a": 1}, "y": {"a": 1}}},
        b={key: {"y": {"b": 1}, "z": {"b": 1}}},
    )
    assert made[key] == {"x": {"own": 1}, "y": {"a": 1}, "z": {"b": 1}}


def test_other_keys_replace() -> None:
    """As wholes, also lists and objects; comments of others are left out."""
    made = merged(
        spec={"include": ["a.json"], "interarrival": {"type": "constant"}, "disorder": []},
        a={
            "interarrival": {"value": 1},
            "disorder": [{"type": "late"}],
            "schedule": "office",
            "_": "a",
        },
    )
    assert made == {"interarrival": {"type": "constant"}, "disorder": [], "schedule": "office"}


def test_paths_begin_at_the_including_file() -> None:
    """Also those of files that are included; any may be YAML."""
    Path("lib").mkdir()
    Path("lib/c.yaml").write_text("schedule: office\n")
    made = merged(
        spec={"include": ["lib/a.json"]}, lib__a={"include": ["b.json", "c.yaml"]}, lib__b={"x": 1}
    )
    assert made == {"x": 1, "schedule": "office"}


def test_stdin_includes_from_the_current_folder() -> None:
    """It has no folder of its own."""
    write(common=COMMON)
    assert invoke(*RUN, spec={"include": ["common.json"], "states": [HOME]}).status == 0


def test_a_child_may_include() -> None:
    """From its own folder."""
    start = {
        "name": "in",
        "type": "event:start:timer",
        "cardinality_distribution": "1S",
        "next": "run",
    }
    spec = {
        "states": [start, {"name": "run", "type": "subprocess", "states": "lib/child.json", "next": "out"},
                   {"name": "out", "type": "event:end"}],
        "emitters": [PAGE],
    }  # fmt: skip
    child = {
        "include": ["rest.json"],
        "states": [{"name": "begin", "type": "event:start:message", "next": "work"}],
    }
    rest = {"states": [{"name": "work", "type": "activity", "emitter": "page", "next": "end"},
                       {"name": "end", "type": "event:end"}]}  # fmt: skip
    done = run(spec=spec, lib__child=child, lib__rest=rest)
    assert (done.status, len(done.records)) == (0, 20), done.err
    rest["states"][0]["emitter"] = "pgae"
    done = run(spec=spec, lib__child=child, lib__rest=rest)
    assert "lib/rest.json: states[0].emitter: no emitter" in done.err


@pytest.mark.parametrize(
    ("files", "lines"),
    [
        ({"spec": {"include": "a.json"}}, ['spec.json: include: expected a list of files such as ["common.yaml"], not "a.json"']),
        ({"spec": {"include": [1, "", "x.json"]}},
         ["spec.json: include[0]: expected the path of a file, not 1",
          'spec.json: include[1]: expected the path of a file, not ""',
          'spec.json: include[2]: "x.json": there is no such file']),
        ({"spec": {"include": ["a\0b"]}}, ['spec.json: include[0]: "a\\x00b": there is no such file']),
        ({"spec": {"include": ["spec.json"]}}, ['spec.json: include[0]: "spec.json": includes itself']),
        ({"spec": {"include": ["a.json"]}, "a": {"include": ["./spec.json"]}}, ['a.json: include[0]: "./spec.json": includes itself']),
        ({"spec": {"include": ["a.json"]}, "a": []}, ["a.json: expected an object with keys of a specification, not a list"]),
        ({"spec": {"include": ["lib/a.json"]}, "lib__a": {"include": ["b.json"]}}, ['lib/a.json: include[0]: "b.json": there is no such file']),
        ({"spec": {"include": ["a.json"], "states": [{"name": "x"}]}, "a": {"states": [{"name": "y"}, {"name": "x"}]}},
         ['spec.json: states[0].name: "x" is a name in a.json, too; choose another']),
        ({"spec": {"include": ["a.json", "b.json"]}, "a": {"states": [{"name": "x"}]}, "b": {"states": [{"name": "x"}]}},
         ['a.json: states[0].name: "x" is a name in b.json, too; choose another']),
    ],
)  # fmt: skip
def test_what_cannot_be_included(files: dict[str, Any], lines: list[str]) -> None:
    """Each problem is that of the file that is to be mended."""
    assert problems(**files) == lines


def test_a_file_that_doubles_at_each_level_is_stopped() -> None:
    """No circle, and yet without end."""
    files: dict[str, Any] = {f"f{n}": {"include": [f"f{n + 1}.json"] * 2} for n in range(40)}
    (first, *_) = problems(spec={"include": ["f0.json"]}, **files, f40={})
    assert first.endswith("more than 1000 files are included")


def test_problems_are_those_of_the_file_that_has_them() -> None:
    """With their paths there, whatever the list has become."""
    spec = {"include": ["common.json"], "states": [HOME], "tables": {}}
    wrong = {
        **COMMON,
        "states": [EXIT, {**EXIT, "name": "other", "delay": {"type": "constant", "value": "x"}}],
        "interarrival": {"type": "constant"},
        "timeline": {"p": {"oops": 1}},
    }
    lines = run(spec=spec, common=wrong).err.splitlines()
    assert all(line.startswith("common.json: ") for line in lines), lines
    assert any("states[1].delay.value: " in line for line in lines)
    assert any("interarrival.value: " in line for line in lines)
    assert any("timeline.p.oops: " in line for line in lines)


def test_included_files_are_not_overwritten() -> None:
    """Neither by records nor by the summary."""
    spec = {
        "include": ["common.json"],
        "states": [HOME],
        "target": {"type": "file", "path": "common.json"},
    }
    assert (
        "the target would overwrite the specification, common.json"
        in run(spec=spec, common=COMMON).err
    )
    del spec["target"]
    done = run("--summary", "common.json", spec=spec, common=COMMON)
    assert (done.status, json.loads(Path("common.json").read_text())) == (1, COMMON), done.err


def test_strangers_include_nothing() -> None:
    """It would read files."""
    done = run("--untrusted", spec={"include": ["common.json"], "states": [HOME]}, common=COMMON)
    assert (done.status, done.err) == (
        1,
        "spec.json: include: it reads files; --untrusted refuses it\n",
    )
