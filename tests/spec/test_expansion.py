"""Copies of children: their names, their streams, what they inherit and what they share."""

from pathlib import Path
from typing import Any

import pytest

from datagen.running.documents import read_json
from datagen.simulation.build import build_machine
from datagen.spec.expansion import MAX_STATES
from datagen.spec.parsing import parse_spec
from tests.support.families import child, emitting, message, parent, run, subprocess, write
from tests.support.helpers import invoke
from tests.support.machines import Spec, constant
from tests.support.processes import activity, counter, gateway, shown, start, static, timer

UUID = {"name": "id", "type": "uuid"}


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def names_of(spec: Spec) -> tuple[str, ...]:
    """Return the names of the states of the machine."""
    return build_machine(parse_spec(spec, "p", None, read_json)[0], 1).names


def test_names_of_copies() -> None:
    """That of the subprocess, the number of the run, that of the state; nested ones one after the other."""
    inner = child(message("many"), subprocess("many", "c.json", "done", items=[1, 2]))
    write(Path(), c=emitting(), inner=inner)
    spec = parent(
        subprocess("sub", "inner.json", "many"), subprocess("many", "c.json", items=["a"])
    )
    assert names_of(spec) == (
        "sub.many[0]", "sub.many[0].emit", "sub.many[1]", "sub.many[1].emit", "many[0]", "many[0].emit"
    )  # fmt: skip


def test_what_sets_nothing_takes_no_visit() -> None:
    """A run without an item costs none, also behind a gateway; what follows is merged as ever."""
    waits = child(message("wait"), timer("wait", constant(1), "done"))
    write(Path(), c=waits)
    spec = parent(
        activity("a", "pick"), gateway("pick", sub=0.5, a=0.5), subprocess("sub", "c.json", "a")
    )
    assert names_of(spec) == ("a", "sub.wait")


def test_children_share_one_namespace() -> None:
    """What a child sets stays set, and another sees it."""
    write(Path(), sets=child(message("s"), activity("s", "done", static("x", "child"), emitter=None)),
          c=emitting())  # fmt: skip
    states = [activity("first", "one"), subprocess("one", "sets.json", "two"), subprocess("two", "c.json", "last"),
              activity("last", "end")]  # fmt: skip
    spec = parent(*states, show=("x",), variable_defaults={"x": "default"})
    assert [each["x"] for each in run(spec=spec, n=4)] == ["default", "child", "child", "default"]


def test_copies_of_one_subprocess_share_counters_and_sets() -> None:
    """Those of another have their own."""
    draw = [counter("n"), {"name": "id", "type": "uuid", "cardinality": 3,
                           "cardinality_distribution": {"type": "uniform", "min": 0, "max": 2}}]  # fmt: skip
    write(Path(), c=emitting(*draw))
    states = [subprocess("one", "c.json", "two", items=[1, 2]), subprocess("two", "c.json")]
    made = run(spec=parent(*states, show=("n", "id")), n=90)
    assert [each["n"] for each in made[:6]] == [0, 1, 0, 2, 3, 1]
    first, second, other = ({each["id"] for each in made[place::3]} for place in range(3))
    assert first == second != other
    assert len(first) == len(other) == 3


def test_edit_of_one_state_changes_no_other() -> None:
    """Streams follow names: a variable, a state or a subprocess more moves no draw of the others."""
    write(Path(), c=emitting(UUID))
    states = [subprocess("one", "c.json", "two", items=[1, 2]), subprocess("two", "c.json")]
    before = [each["id"] for each in run(spec=parent(*states, show=("id",)), n=30)]
    more = {"name": "more", "type": "uuid"}
    write(
        Path(),
        c=child(message("emit"), activity("other", "done"), activity("emit", "done", more, UUID)),
    )
    assert [each["id"] for each in run(spec=parent(*states, show=("id",)), n=30)] == before
    assert len(set(before)) == 30


def test_emitters_are_inherited() -> None:
    """A child has those of its parent; its own win inside it, also for its children."""
    own = {"e": [static("from", "child"), {"name": "n", "type": "counter"}]}
    inner = child(
        message("sub"), subprocess("sub", "c.json", "emit"), activity("emit", "done"), emitters=own
    )
    write(Path(), c=emitting(), inner=inner)
    states = [subprocess("one", "inner.json", "two", items=[1, 2]), subprocess("two", "inner.json", "three"),
              subprocess("three", "c.json")]  # fmt: skip
    made = run(spec=parent(*states, show=("item",)), n=14)
    ones = [{"from": "child", "n": n} for n in range(8)]
    twos = [{"from": "child", "n": n} for n in range(4)]
    assert made == [*ones[:4], *twos[:2], {"item": 2}, *ones[4:], *twos[2:], {"item": 2}]


def test_emitter_of_a_child_has_a_name_of_its_own() -> None:
    """Where templates and keys ask for it: that of the subprocess comes first."""
    write(Path(), c=emitting(emitters={"e": [static("x", "y")]}))
    spec = parent(activity("a", "sub"), subprocess("sub", "c.json")) | {
        "templates": {"t": {"body": "{{ emitter }}"}}
    }
    outcome = invoke("-n", "2", "--template", "t", "-s", "2025-01-01", "-q", spec=spec)
    assert outcome.out == b"e\nsub.e\n"


def test_names_that_copies_need() -> None:
    """A state or an emitter that has one is an error with its place."""
    write(Path(), c=emitting(emitters={"e": [static("x", "y")]}))
    spec = parent(subprocess("sub", "c.json", "sub.emit"), activity("sub.emit", "end"))
    spec["emitters"].append({"name": "sub.e", "dimensions": []})
    assert invoke("--validate", spec=spec).err.splitlines() == [
        'stdin: states[2].name: "sub.emit" is a name that a copy of a child needs: choose another',
        'stdin: emitters[1].name: "sub.e" is a name that a copy of a child needs: choose another',
    ]


def test_number_of_states_is_limited() -> None:
    """Before any copy is made."""
    wide = child(message("many"), subprocess("many", "c.json", "done", items=list(range(400))))
    wider = child(message("many"), subprocess("many", "wide.json", "done", items=list(range(400))))
    write(Path(), c=emitting(), wide=wide, wider=wider)
    outcome = invoke("--validate", spec=parent(subprocess("sub", "wider.json")))
    assert (
        "stdin: states: it has 641,607 states with all copies of its children; at most 100,000"
        in outcome.err
    )
    assert MAX_STATES == 100_000
    assert invoke("--validate", spec=parent(subprocess("sub", "wide.json"))).status == 0


def test_constants_of_a_child() -> None:
    """Set where it begins, and nothing has set them: neither a constant of its parent, nor an earlier run."""
    literals: dict[str, Any] = {
        "constants": {"a": "child", "b": [1]},
        "variable_defaults": {"c": {"d": 1}, "a": "lost"},
    }
    inner = child(
        message("emit"),
        activity("emit", "later"),
        activity("later", "done", static("b", "set")),
        **literals,
    )
    write(Path(), c=inner)
    states = [activity("first", "sub"), subprocess("sub", "c.json", items=[1, 2])]
    spec = parent(*states, show=("a", "b", "c"), constants={"a": "parent"})
    made = [(each["a"], each["b"], each["c"]) for each in run(spec=spec, n=6)]
    begun, later = ("parent", [1], {"d": 1}), ("parent", "set", {"d": 1})
    assert made == [("parent", None, None), begun, later, later, later, ("parent", None, None)]
    assert [each["a"] for each in run(spec=parent(states[1], show=("a",)), n=2)] == [
        "child",
        "child",
    ]


def test_warnings_name_the_file_once() -> None:
    """Not once a copy; of a file that no worker reaches, one of the state that runs it is enough."""
    inner = child(message("emit"), activity("emit", "done"), activity("lost", "done"))
    write(Path(), c=inner)
    states = [activity("first", "sub"), subprocess("sub", "c.json", items=[1, 2]), subprocess("alone", "c.json"),
              activity("sets", "end", static("x", ""))]  # fmt: skip
    said = invoke("--validate", spec=parent(*states, show=("x",))).err.splitlines()
    assert [each for each in said if "no worker" in each] == [
        'warning: c.json: states[2]: no worker can reach "sub[0].lost"',
        'warning: c.json: states[2]: no worker can reach "sub[1].lost"',
        'warning: stdin: states[3]: no worker can reach "alone"',
        'warning: stdin: states[4]: no worker can reach "sets"',
    ]
    unset = [each for each in said if "shows the variable" in each]
    assert [each.partition(": shows")[0] for each in unset] == [
        "warning: stdin: states[1].emitter", "warning: c.json: states[1].emitter"
    ]  # fmt: skip


@pytest.mark.parametrize("states", [
    [subprocess("sub", "empty.json", "sub")],
    [subprocess("a", "empty.json", "b"), subprocess("b", "empty.json", "a", items=[])],
])  # fmt: skip
def test_circle_of_nothing_is_refused(states: list[Spec]) -> None:
    """A worker would go round for ever."""
    write(Path(), empty=child(message("done")))
    first = activity("first", states[0]["name"])
    assert "the clock would not advance" in invoke("-n", "5", spec=parent(first, *states)).err


def test_circle_of_nothing_that_no_worker_reaches() -> None:
    """Is a warning, and does not hold up anything."""
    write(Path(), empty=child(message("done")))
    lost = [activity("lost", "sub"), subprocess("sub", "empty.json", "sub")]
    assert run(spec=parent(activity("a", "end"), *lost), n=2) == [{}, {}]


def test_sets_of_a_child_that_cannot_be_made() -> None:
    """The error has the name of the file and the place in it, once for all copies."""
    two: Any = {"name": "x", "type": "int", "distribution": {"type": "uniform", "min": 1, "max": 2},
                "cardinality": 5, "cardinality_distribution": constant(0)}  # fmt: skip
    write(Path(), c=emitting(two, emitters={"e": [two]}))
    said = invoke("-n", "1", "-q", spec=parent(subprocess("sub", "c.json", items=[1, 2])))
    assert [each.partition(".cardinality")[0] for each in said.err.splitlines()] == [
        "stdin: c.json: states[1].variables[0]", "stdin: c.json: emitters[0].dimensions[0]"
    ]  # fmt: skip


def test_first_state_may_be_a_subprocess() -> None:
    """Workers begin in its child, with the constants of both."""
    write(Path(), c=emitting(constants={"y": 2}))
    spec = parent(subprocess("sub", "c.json"), show=("x", "y"), constants={"x": 1})
    assert run(spec=spec, n=1) == [{"x": 1, "y": 2}]
    assert start("sub")["next"] == "sub"
    assert shown("x")["name"] == "x"
