"""Variables: what a worker remembers, from the visit that sets it to those that show it."""

import io
import itertools
import json
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import pytest

from datagen.cli.signals import Interruption
from datagen.formats import JsonLines
from datagen.instants import parse_instant
from datagen.running.pipeline import Run
from datagen.running.plan import Plan
from datagen.simulation.pool import Pool
from datagen.spec.parsing import parse_spec
from datagen.targets.stdout import StdoutTarget
from tests.support.helpers import invoke
from tests.support.machines import Spec, constant, exponential

START = "2027-03-12"
Record = dict[str, Any]
Window = Callable[[Pool], None]


def enum(*options: Any) -> Spec:
    """Return an `enum` field whose values are as likely."""
    pick = {"type": "uniform", "min": 0, "max": len(options) - 1}
    return {"type": "enum", "values": list(options), "cardinality_distribution": pick}


def shown(name: str, **keys: Any) -> Spec:
    """Return a dimension that shows a variable under the variable's name."""
    return {"name": name, "type": "variable", "variable": name, **keys}


def state(name: str, nexts: dict[str, float], delay: Spec | None = None, **variables: Spec) -> Spec:
    """Return a state whose emitter, if any, has its name, and that sets these variables."""
    return {
        "name": name,
        "emitter": name,
        "variables": [{"name": variable, **field} for variable, field in variables.items()],
        "delay": delay or constant(1),
        "transitions": [{"next": each, "probability": chance} for each, chance in nexts.items()],
    }


def spec_of(states: list[Spec], interarrival: Spec | None = None, **dimensions: list[Spec]) -> Spec:
    """Return a specification; a state without dimensions of its own emits nothing."""
    for each in states:
        if each["name"] not in dimensions:
            del each["emitter"]
    return {
        "states": states,
        "emitters": [{"name": name, "dimensions": each} for name, each in dimensions.items()],
        "interarrival": interarrival or constant(1),
    }


def records(spec: Spec, n: int = 100, workers: int = 1) -> list[Record]:
    """Return the records of a run that must succeed."""
    outcome = invoke("--seed", "3", "-s", START, "-m", str(workers), "-n", str(n), spec=spec)
    assert outcome.status == 0, outcome.err
    return outcome.records


def with_windows(spec: Spec, window: Window | None, n: int, workers: int = 100) -> list[Record]:
    """Return the records of a run whose windows are forced."""
    plan = Plan(parse_spec(spec, "test.json")[0], "test.json", StdoutTarget(), JsonLines(),
                parse_instant(START), 3, workers, max_records=n)  # fmt: skip
    out = io.BytesIO()
    Run(plan, window).deliver(out, Interruption())
    return [json.loads(line) for line in out.getvalue().splitlines()]


def tiny(span: int) -> Window:
    """Force windows of this many microseconds and five visits."""

    def force(pool: Pool) -> None:
        pool.span, pool.window_size = span, 5

    return force


def once(variable: Spec, *dimensions: Spec) -> Record:
    """Return the one record of a worker that sets the variable `v` and shows it."""
    spec = spec_of([state("a", {"stop": 1}, v=variable)], a=list(dimensions))
    return {name: value for name, value in records(spec, 1)[0].items() if name != "time"}


# What is shown ------------------------------------------------------------------------------------

IDENTITY = {"who": {"type": "uuid"}, "ticket": {"type": "counter"}}
JOURNEY = spec_of(
    [
        state("enter", {"look": 0.9, "stop": 0.1}, exponential(2), **IDENTITY, page=enum("home")),
        state("look", {"look": 0.6, "turn": 0.3, "stop": 0.1}, exponential(5)),
        state("turn", {"look": 0.9, "stop": 0.1}, exponential(1), page={"type": "uuid"}),
    ],
    exponential(0.2),
    enter=[enum("enter") | {"name": "state"}, shown("who"), shown("page"), shown("ticket")],
    look=[enum("look") | {"name": "state"}, shown("who"), shown("page"), shown("ticket")],
    turn=[enum("turn") | {"name": "state"}, shown("page"), shown("who"), shown("ticket")],
)


def by_worker(found: list[Record]) -> list[list[Record]]:
    """Split records by the variable `who`, which every worker sets once."""
    groups: dict[str, list[Record]] = defaultdict(list)
    for record in found:
        groups[record["who"]].append(record)
    return list(groups.values())


def test_a_variable_is_what_the_worker_last_set() -> None:
    """Each worker has its own values; each visit to `turn` sets another page, `look` none."""
    sessions = by_worker(records(JOURNEY, 3000, workers=50))
    turns = 0
    for session in sessions:
        assert [record["state"] for record in session].count("enter") == 1
        assert session[0]["state"] == "enter"
        for before, after in itertools.pairwise(session):
            assert (before["page"] != after["page"]) == (after["state"] == "turn")
            turns += after["state"] == "turn"
    assert len(sessions) > 100
    assert turns > 300


def test_workers_do_not_share_what_they_remember() -> None:
    """Two workers hold two values at the same time, for as long as they live."""
    sessions = by_worker(records(JOURNEY, 3000, workers=50))
    tickets = [{record["ticket"] for record in session} for session in sessions]
    assert [len(each) for each in tickets] == [1] * len(sessions)
    assert sorted(set().union(*tickets)) == list(range(len(sessions)))
    pages = [
        record["page"] for session in sessions for record in session if record["state"] == "turn"
    ]
    assert len(set(pages)) == len(pages)


@pytest.mark.parametrize("span", [50_000, 6_000_000])
def test_memory_does_not_depend_on_windows(span: int) -> None:
    """What is remembered from windows ago is what one large window gives."""
    assert with_windows(JOURNEY, tiny(span), 300) == with_windows(JOURNEY, None, 300)


def test_a_long_session_remembers_its_beginning() -> None:
    """Hundreds of visits and dozens of windows later, all that was set at first is there."""
    fields: dict[str, Spec] = {
        "id": {"type": "uuid"}, "since": {"type": "clock"}, "day": {"type": "clock", "format": "%H:%M:%S.%f"},
        "n": {"type": "counter", "start": 7}, "kind": enum({"a": [1]}),
        "tags": {"type": "list", "elements": [{"type": "counter"}], "length_distribution": constant(3),
                 "selection_distribution": constant(0)},
    }  # fmt: skip
    stay = [shown(name) for name in fields]
    spec = spec_of(
        [state("a", {"b": 1}, **fields), state("b", {"b": 1}, exponential(30))], exponential(1e4),
        a=stay, b=stay,
    )  # fmt: skip
    found = with_windows(spec, tiny(60_000_000), 400, workers=3)
    distinct = {json.dumps({**record, "time": None}) for record in found}
    first, second, third = map(json.loads, sorted(distinct, key=found_at(found)))
    assert (first["n"], second["n"], third["n"]) == (7, 8, 9)
    assert [first["tags"], second["tags"], third["tags"]] == [[0, 1, 2], [3, 4, 5], [6, 7, 8]]
    assert first["since"] == "2027-03-12T00:00:00.000"
    assert first["day"] == "00:00:00.000000"


def found_at(found: list[Record]) -> Callable[[str], int]:
    """Return the order in which the records of each session begin."""
    ids = [record["id"] for record in found]
    return lambda text: ids.index(json.loads(text)["id"])


def test_variables_are_set_before_the_record() -> None:
    """The record of a visit shows what this very visit has set, each time anew."""
    spec = spec_of(
        [state("a", {"a": 1}, n={"type": "counter"}, at={"type": "clock"})],
        a=[shown("n"), shown("at")],
    )
    found = records(spec)
    assert [record["n"] for record in found] == list(range(100))
    assert all(record["at"] == record["time"] for record in found)


def test_a_state_without_emitter_sets_variables() -> None:
    """A visit that emits nothing is remembered all the same."""
    spec = spec_of(
        [state("silent", {"loud": 1}, n={"type": "counter"}), state("loud", {"silent": 1})],
        loud=[shown("n")],
    )
    assert [record["n"] for record in records(spec)] == list(range(100))


def test_several_dimensions_show_one_variable() -> None:
    """In any order, among other fields, inside objects and lists: always the one value."""
    nested = {"name": "o", "type": "object", "dimensions": [shown("v"), {"name": "x", **enum(1)}]}
    listed = {"name": "l", "type": "list", "elements": [{"type": "variable", "variable": "v"}],
              "length_distribution": constant(2), "selection_distribution": constant(0)}  # fmt: skip
    other = {"name": "w", "type": "variable", "variable": "v"}
    found = once({"type": "uuid"}, listed, shown("v"), {"name": "y", **enum(2)}, other, nested)
    v = found["v"]
    assert found == {"l": [v, v], "v": v, "y": 2, "w": v, "o": {"v": v, "x": 1}}
    assert list(found) == ["l", "v", "y", "w", "o"]


def test_states_set_one_variable_to_different_types() -> None:
    """The type of a variable is that of what was set last."""
    spec = spec_of(
        [
            state("a", {"b": 1}, v={"type": "counter"}),
            state("b", {"a": 0.5, "b": 0.5}, v=enum("text", [None], {"k": 1.5})),
        ],
        a=[shown("v")],
        b=[shown("v")],
    )
    found = [record["v"] for record in records(spec, 200)]
    numbers = [value for value in found if isinstance(value, int)]
    assert numbers == list(range(len(numbers)))
    others = [value for value in found if not isinstance(value, int)]
    assert {json.dumps(value) for value in others} == {'"text"', "[null]", '{"k": 1.5}'}


def test_a_variable_that_nobody_shows_changes_nothing() -> None:
    """It has no effect on any other value, and needs no warning."""
    plain = spec_of([state("a", {"a": 1}, n={"type": "uuid"})], a=[shown("n")])
    more = spec_of(
        [state("a", {"a": 1}, x={"type": "counter"}, n={"type": "uuid"})], a=[shown("n")]
    )
    assert records(plain) == records(more)
    assert "warning" not in invoke("-s", START, "-n", "1", spec=more).err


# Counters and clocks, which are carried -----------------------------------------------------------

TWO_COUNTERS = spec_of(
    [
        state("in", {"short": 0.9, "long": 0.1}, constant(0)),
        state("short", {"stop": 1}, constant(0.5), x={"type": "counter"}),
        state(
            "long", {"stay": 1}, y={"type": "counter"}, z={"type": "counter", "percent_nulls": 50}
        ),
        state("stay", {"stay": 0.9, "long": 0.05, "stop": 0.05}),
    ],
    constant(3),
    short=[shown("x")],
    long=[shown("y"), shown("z")],
    stay=[shown("y"), shown("z")],
)


@pytest.mark.parametrize("span", [20_000, 5_000_000])
def test_counters_of_several_variables_do_not_meet(span: int) -> None:
    """One counter's workers may all be gone while another's are still remembered."""
    assert with_windows(TWO_COUNTERS, tiny(span), 150) == with_windows(TWO_COUNTERS, None, 150)


def test_counters_number_the_visits_that_set_them() -> None:
    """A number a setting visit, in the order of the stream, however often it is shown."""
    found = records(TWO_COUNTERS, 2000, workers=100)
    for name in ("x", "y", "z"):
        seen = dict.fromkeys(record[name] for record in found if record.get(name) is not None)
        assert list(seen) == list(range(len(seen)))
        assert len(seen) > 20


def test_a_clock_remembers_its_instant() -> None:
    """Later visits show the time of the visit that set it, with a format or without."""
    spec = spec_of(
        [
            state("a", {"b": 1}, since={"type": "clock"}, hour={"type": "clock", "format": "%H:%M:%S"}),
            state("b", {"a": 0.2, "b": 0.8}, constant(600)),
        ],
        a=[shown("since"), shown("hour")],
        b=[shown("since"), shown("hour")],
    )  # fmt: skip
    found = records(spec, 300)
    held = 0
    for before, after in itertools.pairwise(found):
        assert after["since"] in (before["since"], after["time"])
        assert after["since"][11:19] == after["hour"]
        held += after["since"] == before["since"]
    assert 150 < held < 290


# Parts --------------------------------------------------------------------------------------------

CITIES = enum(
    {"name": "Rome", "at": {"lat": 41.9, "zone": {"id": 1}}},
    {"name": "Oslo", "at": {"lat": 59.9, "zone": {"id": 2}}},
    {"name": "Bern", "at": {"lat": 46.9, "zone": {"id": 3}}},
)


def test_field_shows_a_part_of_an_object() -> None:
    """Dots go down; several parts of one variable belong together."""
    parts = ["name", "at.lat", "at.zone.id"]
    dimensions = [
        {"name": part, "type": "variable", "variable": "v", "field": part} for part in parts
    ]
    spec = spec_of([state("a", {"a": 1}, v=CITIES)], a=[*dimensions, shown("v")])
    found = [[record[part] for part in parts] for record in records(spec)]
    assert {tuple(each) for each in found} == {
        ("Rome", 41.9, 1),
        ("Oslo", 59.9, 2),
        ("Bern", 46.9, 3),
    }
    assert all(record["v"]["name"] == record["name"] for record in records(spec))


def test_field_shows_a_part_of_an_object_field() -> None:
    """Generated objects have parts too, typed as ever."""
    inner = {"name": "in", "type": "object", "dimensions": [{"name": "n", "type": "counter"}]}
    variable = {"type": "object", "dimensions": [inner, {"name": "id", "type": "uuid"}]}
    found = once(variable, shown("v"), *(
        {"name": part, "type": "variable", "variable": "v", "field": part} for part in ("in.n", "in", "id")
    ))  # fmt: skip
    assert found["in.n"] == found["v"]["in"]["n"] == 0
    assert found["in"] == {"n": 0}
    assert found["id"] == found["v"]["id"]


@pytest.mark.parametrize(
    "value", [5, "text", None, [1], True, {"a": None}, {"a": 3}, {"a": {"b": None}}]
)
def test_field_of_what_is_no_object_is_null(value: Any) -> None:
    """Only objects have parts; anything on the way down that is none gives null."""
    part = {"name": "p", "type": "variable", "variable": "v", "field": "a.b"}
    spec = spec_of([state("a", {"a": 1}, v=enum(value, {"a": {"b": 1}}))], a=[part])
    assert {record["p"] for record in records(spec)} == {None, 1}


def test_field_that_an_object_lacks_is_missing() -> None:
    """What is not in the object is not in the record."""
    part = {"name": "p", "type": "variable", "variable": "v", "field": "a"}
    spec = spec_of([state("a", {"a": 1}, v=enum({"a": 1}, {"b": 2}))], a=[part])
    found = {json.dumps({**record, "time": 0}) for record in records(spec)}
    assert found == {'{"time": 0, "p": 1}', '{"time": 0}'}


# Null, missing, unset -----------------------------------------------------------------------------


def test_null_and_missing_variables_stay_so() -> None:
    """A null variable is null, a missing one makes the dimension missing: at every visit."""
    shares = {"percent_nulls": 40, "percent_missing": 30}
    spec = spec_of(
        [state("a", {"b": 1}, v={"type": "uuid", **shares}, w=CITIES | shares, n={"type": "counter"}),
         state("b", {"b": 0.5, "a": 0.5})],
        a=[shown("v"), shown("n"), shown("w", field="at.lat")],
        b=[shown("v"), shown("n"), shown("w", field="at.lat")],
    )  # fmt: skip
    found = records(spec, 600)
    for name in ("v", "w"):
        kinds = [
            "missing" if name not in record else "null" if record[name] is None else "there"
            for record in found
        ]
        assert all(90 < kinds.count(each) < 320 for each in ("missing", "null", "there"))
        by_visit = {(record["n"], kind) for record, kind in zip(found, kinds, strict=True)}
        assert len(by_visit) == found[-1]["n"] + 1


def test_missing_variables_are_missing_inside_objects_and_lists() -> None:
    """The object lacks the key, the list the place."""
    element = {"type": "variable", "variable": "v"}
    found = once(
        {"type": "uuid", "percent_missing": 100},
        {"name": "o", "type": "object", "dimensions": [shown("v"), {"name": "x", **enum(1)}]},
        {"name": "l", "type": "list", "elements": [element, enum(2)], "length_distribution": constant(9),
         "selection_distribution": {"type": "uniform", "min": 0, "max": 1}},
    )  # fmt: skip
    assert found["o"] == {"x": 1}
    assert 0 < len(found["l"]) < 9
    assert set(found["l"]) == {2}


def test_dimension_that_shows_a_variable_has_its_own_nulls() -> None:
    """`percent_nulls` and `percent_missing` of the dimension come on top, and vary by visit."""
    often = shown("v", percent_nulls=30, percent_missing=30)
    spec = spec_of([state("a", {"b": 1}, v={"type": "uuid"}), state("b", {"b": 1})], b=[often])
    found = records(spec, 300)
    there = {record["v"] for record in found if record.get("v")}
    assert len(there) == 1
    assert 60 < sum("v" not in record for record in found) < 120
    assert 40 < sum(record.get("v", "") is None for record in found) < 90


UNSET = spec_of(
    [
        state("a", {"b": 0.5, "c": 0.5}),
        state("b", {"c": 1}, v={"type": "counter"}),
        state("c", {"stop": 1}),
    ],
    a=[],
    c=[shown("v"), {"name": "part", "type": "variable", "variable": "v", "percent_missing": 50}],
)


def test_unset_variables_are_null_with_a_warning() -> None:
    """Where some path leaves a variable unset, it is null, and the warning says where."""
    outcome = invoke("--seed", "3", "-s", START, "-n", "400", spec=UNSET)
    assert "warning: stdin: states[2].emitter: " in outcome.err
    assert 'shows the variable "v", which may be unset on some path' in outcome.err
    found = [record["v"] for record in outcome.records if "v" in record]
    set_ones = [value for value in found if value is not None]
    assert sorted(set_ones) == list(range(len(set_ones)))
    assert 60 < found.count(None) < 140


def test_variables_set_on_every_path_need_no_warning() -> None:
    """By each branch, or at the first state, or by the state that shows it."""
    spec = spec_of(
        [
            state("a", {"b": 0.5, "c": 0.5}, v=enum(1)),
            state("b", {"d": 1}, w=enum(2)),
            state("c", {"d": 1}, w=enum(3)),
            state("d", {"a": 1}, x=enum(4)),
        ],
        d=[shown("v"), shown("w"), shown("x")],
    )
    outcome = invoke("-s", START, "-n", "50", spec=spec)
    assert "warning" not in outcome.err
    assert {(each["v"], each["w"], each["x"]) for each in outcome.records} == {(1, 2, 4), (1, 3, 4)}


def test_a_new_worker_remembers_nothing_of_the_one_before() -> None:
    """With one place in the pool, the next worker begins unset."""
    spec = spec_of(
        [state("a", {"b": 1}), state("b", {"stop": 1}, v=enum(1))], a=[shown("v")], b=[shown("v")]
    )
    assert [record["v"] for record in records(spec, 40)] == [None, 1] * 20
