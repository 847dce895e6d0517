"""The files of children: where they are looked for, and what is wrong with them."""

import json
from pathlib import Path
from typing import Any

import pytest

from datagen.errors import SpecError
from datagen.spec.children import MAX_DEPTH, find_child, has_children, load_children
from datagen.spec.old_words import modernized
from tests.support.families import child, emitting, message, parent, run, subprocess, write
from tests.support.helpers import invoke
from tests.support.machines import ENDING
from tests.support.processes import activity


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")


def test_look_up_goes_from_the_current_folder_to_the_nearest_above(tmp_path: Path) -> None:
    """As written from here, else from the folder of the file and those above it; from stdin here only."""
    holder = str(tmp_path / "a" / "b" / "p.json")
    write(tmp_path, a__b__p={}, x__c={})
    assert find_child("x/c.json", holder) == str(tmp_path / "x" / "c.json")
    write(tmp_path, a__x__c={})
    assert find_child("x/c.json", holder) == str(tmp_path / "a" / "x" / "c.json")
    write(tmp_path, a__b__x__c={})
    assert find_child("x/c.json", holder) == str(tmp_path / "a" / "b" / "x" / "c.json")
    assert find_child("x/c.json", None) is None
    write(Path(), x__c={})
    assert find_child("x/c.json", holder) == find_child("x/c.json", None) == "x/c.json"
    assert find_child(str(tmp_path / "x" / "c.json"), None) == str(tmp_path / "x" / "c.json")
    for name in ("", "x", "\0", "/nowhere"):
        assert find_child(name, holder) is None


def test_children_are_found_from_another_folder(tmp_path: Path) -> None:
    """And theirs, each from the folder of the file that names it."""
    inner = child(message("sub"), subprocess("sub", "deep/last.json", "done"))
    write(tmp_path, tree__p=parent(subprocess("sub", "tree/kids/inner.json")), tree__kids__inner=inner,
          tree__kids__deep__last=emitting())  # fmt: skip
    assert run("-c", str(tmp_path / "tree" / "p.json"), n=2) == [{}, {}]


def test_states_that_have_children() -> None:
    """Only then files are read."""
    assert has_children(parent(subprocess("sub", "c.json")))
    assert has_children(emitting())
    assert not has_children(parent(activity("a", "end")))
    assert not has_children({"states": [{"type": 5}, 3, {}]})


WRONG: list[tuple[Any, str]] = [
    (b"{", "c.json: is not JSON"),
    (b"", "c.json: is empty"),
    (b"\xff", "c.json: is not UTF-8"),
    ({"states": 5}, "c.json: is no child: its states have no type"),
    (ENDING, "c.json: is no child: its states have no type"),
    (child(message("done"), nonsense=1), "c.json: nonsense: unknown key"),
    (child(activity("a", "b")), 'c.json: states[0].next: no state "b"'),
    (
        child(message("a"), activity("a", "done", emitter="E")),
        'c.json: states[1].emitter: no emitter "E" here, nor in the files that run this one; did you mean "e"?',
    ),
    (
        child(message("a"), activity("a", "done", {"name": "x", "type": "int"})),
        "c.json: states[1].variables[0].distribution: missing",
    ),
    (
        child(
            message("a"),
            activity("a", "done", {"name": "x", "type": "generator:static", "value": 1, "k": 1}),
        ),
        "c.json: states[1].variables[0].k: unknown key",
    ),
    (
        child(
            message("done"),
            emitters={"own": [{"name": "v", "type": "variable", "variable": "nope"}]},
        ),
        'c.json: emitters[0].dimensions[0].variable: no state sets a variable "nope"',
    ),
    (child(message("a"), activity("a", "a")), 'c.json: states[1]: a worker cannot leave "sub.a"'),
]


@pytest.mark.parametrize(("data", "said"), WRONG)
def test_wrong_child_is_refused(data: Any, said: str) -> None:
    """With its own name and places; also by --validate."""
    Path("c.json").write_bytes(data if isinstance(data, bytes) else json.dumps(data).encode())
    for flag in ("-q", "--validate"):
        outcome = invoke(flag, "-n", "1", spec=parent(subprocess("sub", "c.json")))
        assert (outcome.status, outcome.out) == (1, b"")
        assert said in outcome.err
        assert "Traceback" not in outcome.err


def test_all_problems_of_all_files_at_once() -> None:
    """Those of the parent first."""
    write(Path(), c=child(message("done"), nonsense=1))
    spec = parent(
        subprocess("one", "c.json", "two"), subprocess("two", "gone.json", "end"), wrong=1
    )
    assert invoke("-n", "1", spec=spec).err.splitlines() == [
        "stdin: wrong: unknown key; one of constants, disorder, emitters, entities, format, interarrival, labels, rate, schedule, states, tables, target, templates, time, timeline, truth, type, variable_defaults",
        "c.json: nonsense: unknown key; one of constants, disorder, emitters, entities, format, interarrival, labels, rate, schedule, states, tables, target, templates, time, timeline, truth, type, variable_defaults",
        'stdin: states[2].config: "gone.json": there is no such file in the current folder',
    ]


def test_file_that_is_no_child_hides_no_other_problem() -> None:
    """It is told what it is; a variable that nothing sets may be set in what could not be read."""
    Path("folder.json").mkdir()
    states = subprocess("one", "folder.json", "two"), subprocess("two", "gone.json", "end")
    assert invoke("-n", "1", spec=parent(*states, show=("x",))).err.splitlines() == [
        'stdin: states[1].config: "folder.json": is not a regular file',
        'stdin: states[2].config: "gone.json": there is no such file in the current folder',
    ]


def test_circles_are_refused() -> None:
    """However long they are, and through links."""
    write(Path(), a=child(message("sub"), subprocess("sub", "b.json", "done")),
          b=child(message("sub"), subprocess("sub", "c.json", "done")))  # fmt: skip
    Path("c.json").symlink_to("a.json")
    said = invoke("-n", "1", spec=parent(subprocess("sub", "a.json"))).err
    assert 'b.json: states[1].config: "c.json" leads to itself' in said
    write(Path(), p=parent(subprocess("sub", "p.json")))
    assert 'p.json: states[1].config: "p.json" leads to itself' in invoke("-c", "p.json").err


def test_depth_is_limited() -> None:
    """Eight below the first are possible, also where the files are shared."""
    chain = {f"c{depth}": child(message("sub"), subprocess("sub", f"c{depth + 1}.json", "done"))
             for depth in range(1, MAX_DEPTH + 1)}  # fmt: skip
    write(Path(), **chain | {f"c{MAX_DEPTH}": emitting()})
    assert run(spec=parent(subprocess("sub", "c1.json")), n=1) == [{}]
    write(Path(), **chain | {f"c{MAX_DEPTH + 1}": emitting()})
    text = "children have children more than 8 deep"
    assert text in invoke(spec=parent(subprocess("sub", "c1.json"))).err
    both = parent(subprocess("short", "c2.json", "sub"), subprocess("sub", "c1.json"))
    assert text in invoke(spec=both).err
    assert invoke("--validate", spec=parent(subprocess("short", "c2.json"))).status == 0


def test_each_file_is_read_once() -> None:
    """However many states name it."""
    read: list[str] = []

    def reader(path: str) -> tuple[Any, str]:
        read.append(path)
        if path == "bad.json":
            raise SpecError([])
        return emitting(), path

    for name in ("c.json", "bad.json"):
        Path(name).touch()
    raw = parent(
        subprocess("a", "c.json", "b"),
        subprocess("b", "./c.json", "d"),
        subprocess("d", "bad.json"),
    )
    root, problems = load_children(raw, modernized(raw), "p", None, reader)
    assert (read, problems) == (["c.json", "bad.json"], [])
    assert [file.name for file in root.files()] == ["p", "c.json"]
