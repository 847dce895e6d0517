"""Subprocesses and their items: what each run of a child begins with."""

from pathlib import Path
from typing import Any

import pytest

from datagen.spec.process import STATES
from datagen.spec.subprocesses import Entry, item_as_raw, raw_items
from tests.support.families import child, emitting, message, parent, run, subprocess, write
from tests.support.helpers import invoke
from tests.support.processes import activity, counter, end, shown, start, static


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ([static("item", "a"), static("x", "b")], ("a", "b")),
        ({"item": {"deep": [1]}, "x": None, "_comment": 1}, ({"deep": [1]}, None)),
        (5, (5, "old")),
        (None, (None, "old")),
        ("text", ("text", "old")),
        ([1, 2], ([1, 2], "old")),
        ([static("a", "b"), {"name": "no type"}], ([static("a", "b"), {"name": "no type"}], "old")),
        ([], (None, "old")),
    ],
)
def test_items(item: Any, expected: tuple[Any, Any]) -> None:
    """Variables, the keys of an object, or the variable `item`: other lists too, but for an empty one."""
    states = [
        activity("set", "many", static("x", "old"), emitter=None),
        subprocess("many", "c.json", items=[item]),
    ]
    write(
        Path(),
        c=emitting(),
        p=parent(*states, show=("item", "x"), variable_defaults={"item": None}),
    )
    assert run("-c", "p.json", n=2) == [{"item": expected[0], "x": expected[1]}] * 2


@pytest.mark.parametrize("kind", ["subprocess:multi:variables", "subprocess:multi_instance"])
def test_child_runs_once_an_item(kind: str) -> None:
    """In order; without items the worker goes on at once."""
    state = subprocess("many", "c.json", "last", items=["a", "b", "c"]) | {"type": kind}
    write(
        Path(),
        c=emitting(),
        p=parent(state, activity("last", "end", static("item", "z")), show=("item",)),
    )
    assert [each["item"] for each in run("-c", "p.json", n=5)] == ["a", "b", "c", "z", "a"]
    state["items"] = []
    write(Path(), p=parent(state, activity("last", "end", static("item", "z")), show=("item",)))
    assert [each["item"] for each in run("-c", "p.json", n=2)] == ["z", "z"]


@pytest.mark.parametrize("place", ["constants", "variable_defaults"])
def test_in_may_name_a_list(place: str) -> None:
    """Of this file, or one that runs it; old words are read there too."""
    inner = child(message("many"), subprocess("many", "c.json", "done", **{"in": "each"}))
    write(Path(), c=emitting(), inner=inner)
    spec = parent(
        subprocess("sub", "inner.json"),
        show=("item",),
        **{place: {"each": [1, "b", [{"name": "item", "type": "static", "value": 3}]]}},
    )
    assert [each["item"] for each in run(spec=spec, n=4)] == [1, "b", 3, 1]
    outcome = invoke("--validate", spec=parent(subprocess("sub", "inner.json"), show=("item",)))
    assert (
        'inner.json: states[1].in: no list "each" in constants or variable_defaults' in outcome.err
    )


WRONG = [
    ({"states": "c.json"}, "both are given; one of them: the path to the child"),
    ({"config": 5}, "states[1].config: expected a text, not 5"),
    ({"in": [1], "items": [1]}, "states[1].in: both are given; one of them"),
    ({"type": "subprocess:multi:variables"}, "states[1].items: missing"),
    ({"type": "subprocess:multi_instance"}, "states[1].in: missing: the list of items"),
    ({"items": {}}, "states[1].items: expected a list of items, not an object"),
    ({"items": [1, [{"name": "a", "type": "int"}]]}, "states[1].items[1][0].distribution: missing"),
    ({"items": [{"": 1}]}, 'expected names of variables, not ""'),
    ({"emitter": "e"}, "states[1].emitter: a subprocess emits nothing itself"),
    ({"variables": []}, "states[1].variables: a subprocess sets only its items"),
    ({"next": "nowhere"}, 'states[1].next: no state "nowhere"'),
]


@pytest.mark.parametrize(("keys", "said"), WRONG)
def test_wrong_subprocess_is_refused(keys: dict[str, Any], said: str) -> None:
    """With the place, and everything else that is wrong."""
    write(Path(), c=emitting())
    outcome = invoke("-n", "1", spec=parent(subprocess("sub", "c.json", **keys)))
    assert (outcome.status, outcome.out) == (1, b"")
    assert said in outcome.err


def test_path_is_needed() -> None:
    """In one of two keys."""
    state = {"name": "sub", "type": "subprocess", "next": "end"}
    assert "states[1].states: missing: the path to the child" in invoke(spec=parent(state)).err


def test_start_variables_are_drawn_at_each_run() -> None:
    """But not those of the item, and not those that a state of the parent may have set before."""
    own = (counter("n"), counter("item"), counter("kept"), counter("late"))
    write(Path(), c=emitting(start_variables=own))
    states = [
        activity("set", "many", static("kept", "parent"), emitter=None),
        subprocess("many", "c.json", "after", items=["a", "b"]),
        activity("after", "end", static("late", "after"), emitter=None),
    ]
    names = ("n", "item", "kept", "late")
    made = [tuple(each.values()) for each in run(spec=parent(*states, show=names), n=4)]
    assert made == [
        (0, "a", "parent", 0),
        (1, "b", "parent", 1),
        (2, "a", "parent", 2),
        (3, "b", "parent", 3),
    ]
    states[2]["next"] = "again"
    states.append({"name": "again", "type": "gateway:exclusive", "transitions": [
        {"next": "many", "probability": 0.5}, {"next": "end", "probability": 0.5}]})  # fmt: skip
    made = [tuple(each.values()) for each in run(spec=parent(*states, show=names), n=4)]
    assert {each[3] for each in made} <= {
        None,
        "after",
    }  # a state before it, as there is a way back


def test_start_of_an_older_child_waits_for_nothing() -> None:
    """It begins with a timer, as a file that can run alone."""
    older = child(start("emit"), activity("emit", "done"))
    write(Path(), c=older)
    outcome = invoke(
        "-s", "2025-01-01", "-n", "3", "--seed", "1", spec=parent(subprocess("sub", "c.json"))
    )
    assert [each["time"][17:23] for each in outcome.records] == ["00.000", "01.000", "02.000"]


def test_file_with_both_starts_runs_alone_and_as_a_child() -> None:
    """Alone it begins with its timer, as a child with its message."""
    both = parent(activity("emit", "end", static("x", "emit")), show=("x",))
    both["states"].append(message("emit2", static("y", "message")))
    both["states"].append(activity("emit2", "end", static("x", "emit2")))
    write(Path(), c=both)
    assert run("-c", "c.json", n=1) == [{"x": "emit"}]
    assert run(spec=parent(subprocess("sub", "c.json")), n=1) == [{"x": "emit2"}]


def test_raw_items() -> None:
    """As JSON that may be wrong in any way."""
    assert raw_items({"in": "a"}, {"a": [1]}) == [1]
    assert raw_items({"items": 5}, {}) == []
    assert [each["name"] for each in item_as_raw({"a": 1, "$b": 2})] == ["a"]
    assert item_as_raw(3)[0]["values"] == [3]


def test_entry_is_no_type_of_the_form() -> None:
    """It is what copies begin with; a worker passes by one that sets nothing."""
    assert "entry" not in STATES
    assert Entry(name="a", next="b").is_passed_by
    assert not Entry(name="a", next="b", variables=[1]).is_passed_by
    assert [flow.next for flow in Entry(name="a", next="b").flows()] == ["b"]
    assert end()["type"] in STATES
    assert shown("x")["variable"] == "x"
