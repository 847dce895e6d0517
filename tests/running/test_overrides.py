"""`--set` changes one value of a specification, found by names."""

import json
from pathlib import Path
from typing import Any

import pytest

from datagen.errors import SpecError, UsageError
from datagen.running.document_name import DocumentName, origin
from datagen.running.overrides import with_settings, with_value
from tests.support.helpers import Outcome, invoke

RUN = ("-n", "5", "-s", "2027-03-12", "--seed", "1")
RAW: dict[str, Any] = {
    "params": {"users": 4000, "a.b": {"c": 1}},
    "states": [
        {"name": "home", "delay": {"mean": 1}, "transitions": [{"next": "pay"}, {"next": "stop"}]},
        {"name": "pay", "delay": 5},
        {"name": "a.b=c", "delay": {"mean": 1}},
        {"name": 'say "hi"', "delay": {"mean": 1}},
    ],
    "interarrival": {"type": "constant", "value": 1},
    "labels": {"x": "1"},
}
SPEC: dict[str, Any] = {
    "params": {"users": 3},
    "states": [{"name": "a", "emitter": "e", "delay": {"type": "constant", "value": 1},
                "transitions": [{"next": "a", "probability": 1}]}],
    "emitters": [{"name": "e", "dimensions": [{"name": "id", "type": "int:static", "value": "${users}"}]}],
    "interarrival": "1S",
}  # fmt: skip


def changed(text: str) -> Any:
    """Return what a document is with one setting."""
    return with_settings(RAW, "f", (text,))[0]


def run(*settings: str, spec: Any = SPEC) -> Outcome:
    """Run a specification with settings."""
    return invoke(*RUN, *(word for each in settings for word in ("--set", each)), spec=spec)


@pytest.mark.parametrize(
    ("text", "path", "value"),
    [
        ("users=10000", ("params", "users"), 10000),
        ("params.users=1", ("params", "users"), 1),
        ('"a.b".c=2', ("params", "a.b", "c"), 2),
        ('interarrival={"type": "constant", "value": 2}', ("interarrival",), {"type": "constant", "value": 2}),
        ("interarrival=5S", ("interarrival",), "5S"),
        ("interarrival.value=NaN", ("interarrival", "value"), "NaN"),
        ("interarrival.value= 1.50 ", ("interarrival", "value"), 1.5),
        ("interarrival.x=null", ("interarrival", "x"), None),
        ("interarrival.x=", ("interarrival", "x"), ""),
        ("interarrival.x=a=b", ("interarrival", "x"), "a=b"),
        ('interarrival.x="7"', ("interarrival", "x"), "7"),
        ("schedule=office", ("schedule",), "office"),
        ("states.home.delay.mean=2", ("states", 0, "delay", "mean"), 2),
        ("states.home.transitions.1.next=home", ("states", 0, "transitions", 1, "next"), "home"),
        ("states.pay=[]", ("states", 1), []),
        ('states."a.b=c".delay.mean=2', ("states", 2, "delay", "mean"), 2),
        (r'states."say \"hi\"".delay.mean=2', ("states", 3, "delay", "mean"), 2),
        ("states.2.delay.mean=2", ("states", 2, "delay", "mean"), 2),
        ("labels.x=2 > 1", ("labels", "x"), "2 > 1"),
    ],
)  # fmt: skip
def test_value_is_set_where_the_names_lead(text: str, path: tuple[Any, ...], value: Any) -> None:
    """Parameters before keys, items of lists by their names; JSON, or else the text."""
    before = json.dumps(RAW)
    made = changed(text)
    assert made == with_value(RAW, path, value)
    assert json.dumps(RAW) == before
    assert made != RAW


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("usres=1", 'no "usres" in params; did you mean "users"?'),
        ("state.pay=1", 'no "state"; did you mean "states"?'),
        ("states.pya.delay=1", 'no "pya" in states; did you mean "pay"?'),
        ("states.99.delay=1", 'no "99" in states; one of home, pay, a.b=c'),
        ("states.home.dely.mean=1", 'no "dely" in states[0]; did you mean "delay"?'),
        ("states.pay.delay.mean=1", "states[1].delay is 5, and has nothing inside"),
        ("params.other=1", 'no "other" in params; one of users, a.b'),
        ("labels.y=1", 'no "y" in labels; one of x'),
        ("users", "expected NAME=VALUE, such as users=10000 or states.pay.delay.mean=2; "),
        ("=1", "expected NAME=VALUE"), ("a..b=1", "expected NAME=VALUE"), ('"a=1', "expected NAME=VALUE"), (".a=1", "expected NAME=VALUE"),
    ],
)  # fmt: skip
def test_names_that_lead_nowhere(text: str, message: str) -> None:
    """The nearest is named."""
    with pytest.raises(UsageError) as raised:
        changed(text)
    assert str(raised.value).startswith(f"--set {text}: {message}")


def test_value_of_wrong_json_is_a_problem() -> None:
    """Not a text."""
    with pytest.raises(SpecError, match=r"^--set users=.*: a: appears twice$"):
        changed('users={"a": 1, "a": 2}')


def test_the_last_one_counts() -> None:
    """They are made in their order."""
    done = run(
        "users=5",
        "users=6",
        'states.a.delay={"type": "constant", "value": 9}',
        "states.a.delay.value=2",
    )
    assert [each["id"] for each in done.records] == [6] * 5
    assert (
        done.out
        == run(
            spec=json.loads(
                json.dumps(SPEC)
                .replace('"users": 3', '"users": 6')
                .replace('"value": 1', '"value": 2')
            )
        ).out
    )


def test_repeat_with_shows_them() -> None:
    """As a shell takes them."""
    done = run("users=5", 'interarrival={"type": "constant", "value": 2}')
    assert (
        """repeat with: --set users=5 --set 'interarrival={"type": "constant", "value": 2}' --seed 1 -s"""
        in done.err
    )


def test_result_counts_for_checkpoints(tmp_path: Path) -> None:
    """Not how it came about."""
    checkpoints = ("--resume", str(tmp_path / "cp"))
    assert invoke(*RUN, *checkpoints, "--set", "users=5", spec=SPEC).status == 0
    again = invoke("-n", "5", *checkpoints, spec={**SPEC, "params": {"users": 5}})
    assert again.status == 0, again.err
    other = invoke("-n", "5", *checkpoints, spec=SPEC)
    assert (other.status, "the specification" in other.err) == (1, True)


def test_problems_with_values_name_the_flag() -> None:
    """Whatever checks them; keys that cannot be are unknown, as in a file."""
    assert (
        run("states.a.transitions.0.probability=x").err
        == '--set states.a.transitions.0.probability=x: expected a number, not "x"\n'
    )
    assert run("states.a.dely=2").err.startswith(
        '--set states.a.dely=2: unknown key; did you mean "delay"?'
    )
    assert run("oops=2").err.startswith("--set oops=2: unknown key")
    nested = run('states.a.delay={"type": "constant", "valeu": 1}').err.splitlines()
    assert any(
        line.endswith('"valeu": 1}: valeu: unknown key; did you mean "value"?') for line in nested
    ), nested


def test_places_below_a_set_value_are_its_own() -> None:
    """Also where a file had been included."""
    name = DocumentName("f").with_origins({("states", 1): ("a.json", ("states", 0))})
    _, of_item = with_settings(RAW, name, ("states.pay.delay=1",))
    assert origin(of_item, ("states", 1, "delay")) == ("--set states.pay.delay=1", ())
    assert origin(of_item, ("states", 1, "name")) == ("a.json", ("states", 0, "name"))
    _, of_all = with_settings(RAW, name, ("states=[]",))
    assert origin(of_all, ("states", 1, "name")) == ("--set states=[]", (1, "name"))


def test_what_is_no_object_has_no_values() -> None:
    """The document itself is the problem."""
    assert run("users=1", spec=[]).err.startswith("stdin: ")


def test_it_works_in_included_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The values are those of the whole."""
    monkeypatch.chdir(tmp_path)
    Path("common.json").write_text(json.dumps(SPEC))
    done = run("users=8", spec={"include": ["common.json"]})
    assert [each["id"] for each in done.records] == [8] * 5
