"""Fixed sets of values: which members they have, by the field alone."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from pydantic_core import PydanticCustomError

from datagen.columns.column import Column
from datagen.fields import FIELDS, Context
from datagen.randomness import seed_word
from tests.support.fields import (
    EXAMPLES,
    GONE,
    PLACES,
    A,
    B,
    Place,
    choice,
    columns,
    enum,
    floats,
    instants,
    integers,
    limited,
    lists,
    objects,
    ranges,
    refusal,
    run,
    spec_with,
    texts,
    uniform,
    values,
)
from tests.support.helpers import invoke
from tests.support.machines import Spec, constant

DIGITS: Spec = {"type": "int", "distribution": {"type": "uniform", "min": 0, "max": 9}}
TENTHS: Spec = {
    "type": "float",
    "precision": 1,
    "distribution": {"type": "uniform", "min": 0, "max": 1},
}


def members(field: Spec, count: int, seed: int = 1, path: str = "x") -> list[str] | None:
    """Return the members of a field's set, as JSON."""
    keys = {
        "cardinality": count,
        "cardinality_distribution": {"type": "zipf", "exponent": 1, "n": 9},
    }
    made: Column | None = FIELDS.parse({**field, **keys}).member_set(
        (path,), Context(seed_word(seed))
    )
    return None if made is None else made.json_text.to_pylist()


def test_no_cardinality_is_no_set() -> None:
    """Nor have types without it one."""
    assert members(DIGITS, 0) is None
    assert FIELDS.parse({"type": "clock"}).member_set(("x",), Context(seed_word(1))) is None


@pytest.mark.parametrize("count", [1, 5, 6, 10])
@pytest.mark.parametrize("field", [DIGITS, TENTHS], ids=["counted", "tried"])
def test_members_are_distinct(field: Spec, count: int) -> None:
    """Whether they are chosen from all values or drawn until they differ."""
    made = members(field, count)
    assert made is not None
    assert len(set(made)) == len(made) == count


def test_set_that_takes_many_attempts_says_how_far_it_is() -> None:
    """Each time with more members, under its path."""
    field = FIELDS.parse({**DIGITS, "cardinality": 4, "cardinality_distribution": {"type": "constant", "value": 0},
                          "distribution": {"type": "normal", "mean": 0, "stddev": 0.9}})  # fmt: skip
    heard: list[tuple[tuple[str, ...], int, int]] = []
    field.member_set(("x",), Context(seed_word(2), on_members=lambda *told: heard.append(told)))
    assert {(path, size) for path, _, size in heard} == {(("x",), 4)}
    assert [count for _, count, _ in heard] == sorted(count for _, count, _ in heard)
    assert heard[-1][1] == 4


def test_members_follow_from_seed_and_path() -> None:
    """The same ones each time, others for another seed or field."""
    uuids: Spec = {"type": "uuid"}
    assert members(uuids, 3) == members(uuids, 3)
    assert members(uuids, 3) != members(uuids, 3, seed=2)
    assert members(uuids, 3) != members(uuids, 3, path="y")


def test_smaller_sets_begin_larger_ones() -> None:
    """A member keeps its value when more are wanted, while no two are alike."""
    three, five = members({"type": "uuid"}, 3), members({"type": "uuid"}, 5)
    assert three is not None
    assert five is not None
    assert five[:3] == three


@pytest.mark.parametrize(
    ("field", "text"),
    [
        (DIGITS, "only 10 different values are possible, not 12"),
        (TENTHS, "found only 11 different"),
    ],
    ids=["counted", "tried"],
)
def test_sets_that_cannot_be_made_are_refused(field: Spec, text: str) -> None:
    """With how many values there are."""
    with pytest.raises(PydanticCustomError, match=text):
        members(field, 12)


def test_heavy_values_are_chosen_first() -> None:
    """Without replacement, by weight: the one a million times as heavy is in nearly every set."""
    weights = [1e6, 1, 1, 1]
    field: Spec = {
        "type": "int",
        "distribution": {"type": "choice", "values": [7, 1, 2, 3], "weights": weights},
    }
    sets = [members(field, 3, seed) for seed in range(200)]
    assert np.mean(["7" in (each or []) for each in sets]) > 0.95


@pytest.mark.parametrize("place", PLACES)
def test_cardinality_leaves_nulls_apart(place: Place) -> None:
    """Null and missing are no members of the set, and picks go on around them."""
    field = limited(EXAMPLES["int"], 3, percent_nulls=30, percent_missing=20)
    [column] = place([field])
    assert len(set(column) - {None, GONE}) == 3
    assert 20 < column.count(None) < 80
    assert 20 < column.count(GONE) < 80


def test_sets_of_two_fields_differ() -> None:
    """Each field with cardinality has a set of its own."""
    one, other = columns(limited(EXAMPLES["uuid"], 5), limited(EXAMPLES["uuid"], 5))
    assert not set(one) & set(other)


COUNTED: list[tuple[Spec, list[Any]]] = [
    (integers(uniform(-2, 3)), [-2, -1, 0, 1, 2, 3]),
    (integers(uniform(2**63 - 3, 2**63 - 1)), [2**63 - 3, 2**63 - 2, 2**63 - 1]),
    (integers(choice(1.2, 0.8, 7, 7.4)), [1, 7]),
    (integers({"type": "choice", "values": [1, 2, 3], "weights": [1, 0, 1e-9]}), [1, 3]),
    (integers({"type": "zipf", "exponent": 5, "n": 4}), [0, 1, 2, 3]),
    (integers(constant(5)), [5]),
    (floats(choice(1.24, 1.21, 2)), [1.21, 1.24, 2.0]),
    (floats(choice(1.24, 1.21, 2), precision=1), [1.2, 2.0]),
    (floats(constant(0.1)), [0.1]),
    (texts(constant(2), chars="ab"), ["aa", "ab", "ba", "bb"]),
    (texts(uniform(0, 2), chars="aab"), ["", "a", "aa", "ab", "b", "ba", "bb"]),
    (texts(uniform(-10, 1), chars="é"), ["", "é"]),
    (ranges("10.0.0.0/30"), ["10.0.0.0", "10.0.0.1", "10.0.0.2", "10.0.0.3"]),
    (ranges(["10.0.0.9/32", "10.0.0.0/31"]), ["10.0.0.0", "10.0.0.1", "10.0.0.9"]),
    (ranges("::/127"), ["::", "::1"]),
    ({"type": "ipaddress", "distribution": uniform(255, 256)}, ["0.0.0.255", "0.0.1.0"]),
    (instants({"type": "uniform", "min": "2020-01-01T00:00:00.0009", "max": "2020-01-01T00:00:00.0021"}),
     ["2020-01-01T00:00:00.000", "2020-01-01T00:00:00.001", "2020-01-01T00:00:00.002"]),
    (instants({"type": "choice", "values": [A, B, "2020-01-01T01:00:00+01:00"]}),
     ["2020-01-01T00:00:00.000Z", "2020-01-02T00:00:00.000Z"]),
    (instants({"type": "constant", "value": "2020-01-01"}), ["2020-01-01T00:00:00.000"]),
]  # fmt: skip


def test_countable_values_all_come() -> None:
    """Where all values can be counted, a cardinality as large gives each of them."""
    found = columns(*(limited(field, len(every)) for field, every in COUNTED))
    assert [sorted(set(column)) for column in found] == [every for _, every in COUNTED]


def test_more_than_there_are_is_refused() -> None:
    """The error says how many different values are possible."""
    dimensions = [
        {"name": f"x{place}", **limited(field, len(every) + 1)}
        for place, (field, every) in enumerate(COUNTED)
    ]
    outcome = run(dimensions, 1)
    assert outcome.status == 1
    for place, (_, every) in enumerate(COUNTED):
        where = f"emitters[0].dimensions[{place}].cardinality"
        text = f"only {len(every)} different values are possible, not {len(every) + 1}"
        assert f"{where}: {text}\n" in outcome.err


def test_most_of_the_countable_values() -> None:
    """More than half of them, yet not all: distinct, and not always the same ones."""
    fields = [limited(integers(uniform(1, 10)), 7) for _ in range(10)]
    sets = [frozenset(column) for column in columns(*fields)]
    assert {len(each) for each in sets} == {7}
    assert set().union(*sets) == set(range(1, 11))
    assert len(set(sets)) > 5


@pytest.mark.parametrize(
    ("field", "count"),
    [
        (floats(uniform(0, 1), precision=1), 11),
        (objects({"name": "a", **enum(1, 2)}, {"name": "b", **enum(1, 2)}), 4),
        (lists(enum("a", "b"), length=uniform(0, 2)), 7),
        (objects({"name": "a", **enum(1), "percent_nulls": 40, "percent_missing": 30}), 3),
    ],
)
def test_values_that_are_tried_until_distinct(field: Spec, count: int) -> None:
    """Where values cannot be counted, all are found, and one more is refused with their number."""
    assert len({json.dumps(value) for value in values(limited(field, count))}) == count
    assert f"found only {count} different values" in refusal(limited(field, count + 1))


def test_wide_distributions_of_lengths_are_counted_at_once() -> None:
    """The texts of lengths that are mostly held at 0 are counted without a walk over the lengths."""
    field = texts(uniform(-(10**15), 1), chars="ab")
    assert set(values(limited(field, 3))) == {"", "a", "b"}


@pytest.mark.parametrize("kind", ["counter", "clock", "variable", "variable:template"])
@pytest.mark.parametrize("wrap", [objects, lists])
def test_nothing_fixed_holds_what_moves(kind: str, wrap: Callable[..., Spec]) -> None:
    """A counter, a clock or a variable inside anything with cardinality is refused."""
    field = limited(wrap(objects({"name": "inner", **EXAMPLES[kind]}, name="o")), 2)
    assert f"a {kind} cannot be inside a field with cardinality" in refusal(field)


SIBLINGS: Spec = {
    "type": "object", "cardinality": 6, "cardinality_distribution": uniform(0, 5),
    "dimensions": [
        {"name": "code", "type": "enum", "values": ["x", "y"]},
        {"name": "n", "type": "int", "distribution": uniform(0, 9)},
        {"name": "twice", "type": "expression", "expr": "n * 2"},
        {"name": "known", "type": "expression", "expr": "lookup('codes', code, 'number') + n"},
        {"name": "odd", "type": "expression", "expr": "1 / (n % 2)"},
        {"name": "near", "type": "int", "distribution": {"type": "constant", "value": {"expr": "n + 1"}}},
        {"name": "case", "type": "switch", "on": "code", "cases": {"x": {"type": "expression", "expr": "n"}}},
        {"name": "row", "type": "row", "table": "codes", "field": "code"},
        {"name": "inner", "type": "object", "cardinality": 2, "cardinality_distribution": uniform(0, 1), "dimensions": [
            {"name": "word", "type": "uuid"}, {"name": "size", "type": "expression", "expr": "length(word)"}]},
    ],
}  # fmt: skip


def holding(place: str) -> Spec:
    """Return a specification whose set is a dimension, or a variable that records show."""
    shown = {"name": "set", "type": "variable", "variable": "set"}
    state: Spec = {
        "name": "s", "emitter": "e", "delay": "1S", "transitions": [{"next": "s", "probability": 1}],
        "variables": [{"name": "set", **SIBLINGS}] if place == "variable" else [],
    }  # fmt: skip
    return {
        "tables": {"codes": {"key": "code", "rows": [{"code": "x", "number": 100}, {"code": "y", "number": 200}]}},
        "states": [state], "interarrival": "1S",
        "emitters": [{"name": "e", "dimensions": [shown if place == "variable" else {"name": "set", **SIBLINGS}]}],
    }  # fmt: skip


@pytest.mark.parametrize("place", ["dimension", "variable"])
def test_what_is_inside_a_set_sees_what_stands_beside_it(place: str) -> None:
    """Whatever is computed is right in each value of the set; there are as many as were asked for, on each run and in all processes."""
    flags = ("-n", "400", "-s", "2027-03-12", "--seed", "5")
    outcome = invoke(*flags, spec=holding(place))
    assert outcome.status == 0, outcome.err
    sets = [each["set"] for each in outcome.records]
    assert len({json.dumps(each) for each in sets}) == 6
    for each in sets:
        assert each["twice"] == 2 * each["n"]
        assert each["known"] == {"x": 100, "y": 200}[each["code"]] + each["n"]
        assert each["odd"] == (1 if each["n"] % 2 else None)
        assert each["near"] == each["n"] + 1
        assert each["case"] == (each["n"] if each["code"] == "x" else None)
        assert each["row"] in ("x", "y")
        assert each["inner"]["size"] == 36
    faults = sum(each["odd"] is None for each in sets)
    assert f'"1 / (n % 2)" had no value in {faults} records (null)' in outcome.err
    assert invoke(*flags, "-j", "2", spec=holding(place)).out == outcome.out


@pytest.mark.parametrize("place", ["dimension", "variable"])
def test_computed_parts_of_sets_have_types(place: str) -> None:
    """Of columns, as anywhere else."""
    schema = json.loads(invoke("--avro-schema", spec=holding(place)).out)
    [of_set] = [each["type"] for each in schema["fields"] if each["name"] == "set"]
    record = next(each for each in [of_set, *of_set] if isinstance(each, dict))
    types = {each["name"]: each["type"] for each in record["fields"]}
    assert "long" in types["twice"]
    assert "double" in types["odd"]
    assert "string" in types["row"]


def test_faults_of_a_set_within_a_set_count_too() -> None:
    """Those of the outer one do not take their place."""
    number = {"name": "id", **integers(uniform(0, 6))}
    odd = {"name": "odd", "type": "expression", "expr": "1 // (id % 2)"}
    inner = {"name": "inner", **limited(objects(number, odd), 3)}
    spec = spec_with([{"name": "p", **limited(objects(number, odd, inner), 12)}], [])
    outcome = invoke("-s", "2027-03-12", "--seed", "1", "-n", "200", spec=spec)
    outer = [each["p"] for each in outcome.records]
    for part, those in (
        ("", outer),
        (".inner.cardinality.dimensions", [each["inner"] for each in outer]),
    ):
        nulls = sum(each["odd"] is None for each in those)
        assert 0 < nulls < 200
        place = f"emitters.e.dimensions.p.cardinality.dimensions{part}.odd"
        assert f'{place}: "1 // (id % 2)" had no value in {nulls} records' in outcome.err
