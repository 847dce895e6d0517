"""Parameters of a field's distribution that are computed from the values above it."""

import math
from typing import Any

import numpy as np
import pytest

from tests.support.fields import (
    choice,
    enum,
    integers,
    lists,
    run,
    spec_with,
    texts,
    uniform,
)
from tests.support.helpers import invoke
from tests.support.machines import Spec, constant

SIZE: Spec = {"name": "n", **integers(uniform(1, 9))}


def expr(text: str) -> Spec:
    """Return a parameter that is an expression."""
    return {"expr": text}


def seen(field: Spec, n: int = 300, above: Spec = SIZE) -> list[tuple[Any, Any]]:
    """Return the values of a field, each with that above it."""
    outcome = run([above, {"name": "x", **field}], n)
    assert outcome.status == 0, outcome.err
    return [(record[above["name"]], record["x"]) for record in outcome.records]


def test_numbers_follow_the_values_above() -> None:
    """An int and a float; a sum of both is right to the bit."""
    assert all(x == n * 2 for n, x in seen(integers({"type": "constant", "value": expr("n * 2")})))
    pairs = seen(
        {
            "type": "float",
            "distribution": {"type": "uniform", "min": expr("n"), "max": expr("n + 1")},
        }
    )
    assert all(n <= x <= n + 1 for n, x in pairs)
    assert len({x for _, x in pairs}) == len(pairs)
    whole = seen(integers({"type": "uniform", "min": expr("n"), "max": 10}))
    assert {x for n, x in whole if n == 8} == {8, 9, 10}


def test_lengths_and_picks_follow_them() -> None:
    """Of texts, lists, values of an enum, addresses."""
    length = {"type": "constant", "value": expr("n")}
    assert all(len(x) == n for n, x in seen(texts(length)))
    assert all(len(x) == n for n, x in seen(lists(texts(constant(1)), length=length)))
    letters = enum(*"abcdefghij", pick=length)
    assert all(x == "abcdefghij"[n] for n, x in seen(letters))
    picked = lists({"type": "string:static", "value": "a"}, {"type": "string:static", "value": "b"},
                   length=constant(2), pick={"type": "constant", "value": expr("n - 5")})  # fmt: skip
    assert all(x == ["b" if n > 5 else "a"] * 2 for n, x in seen(picked))
    address = {"type": "ipaddress", "distribution": {"type": "constant", "value": expr("n + 256")}}
    assert all(x == f"0.0.1.{n}" for n, x in seen(address))


FIELDS: list[Spec] = [
    integers({"type": "normal", "mean": 0, "stddev": expr("n - 4")}),
    {"type": "float", "distribution": {"type": "exponential", "mean": expr("n - 4")}},
    texts({"type": "uniform", "min": 4, "max": expr("n")}),
    enum("a", "b", pick={"type": "uniform", "min": 4, "max": expr("n")}),
    lists(integers(constant(1)), length={"type": "uniform", "min": 4, "max": expr("n")}),
    {"type": "ipaddress", "distribution": {"type": "uniform", "min": 4, "max": expr("n")}},
]


@pytest.mark.parametrize("field", FIELDS, ids=lambda each: str(each["type"]))
def test_what_is_not_allowed_gives_null(field: Spec) -> None:
    """A spread below 0, a mean that is not above it, a maximum below the minimum; the other rows have values."""
    pairs = seen(field)
    edge = 5 if "float" in field["type"] else 4
    assert {n for n, x in pairs if x is None} == set(range(1, edge))
    assert {n for n, x in pairs if x is not None} == set(range(edge, 10))


def test_null_gives_null() -> None:
    """Also what is missing."""
    above = {"name": "m", **integers(constant(3)), "percent_nulls": 30, "percent_missing": 30}
    outcome = run([above, {"name": "x", **integers({"type": "constant", "value": expr("m")})}], 300)
    kinds = {(record.get("m", "missing"), record["x"]) for record in outcome.records}
    assert kinds == {(3, 3), (None, None), ("missing", None)}


def test_an_edit_elsewhere_changes_nothing() -> None:
    """Nor does the size of a window: values are those of the row alone."""
    field = {
        "type": "float",
        "distribution": {"type": "gamma", "shape": expr("n"), "scale": 1, "min": 0.5},
    }
    expected = seen(field, 400)
    other = {"name": "o", **integers(constant(1))}
    spec = spec_with([other, SIZE, {"name": "x", **field}], [])
    outcome = invoke("-s", "2027-03-12", "--seed", "1", "-n", "400", spec=spec)
    again = invoke("-s", "2027-03-12", "--seed", "1", "-n", "37", spec=spec)
    assert again.records == outcome.records[:37]
    assert len(expected) == 400
    assert {math.isfinite(x) for _, x in expected} == {True}


def test_columns_keep_their_types() -> None:
    """An int stays one in CSV, whatever its parameters are; null is empty."""
    field = {
        "name": "x",
        **integers({"type": "normal", "mean": expr("n"), "stddev": expr("n - 4")}),
    }
    spec = spec_with([SIZE, field], [])
    outcome = invoke("-s", "2027-03-12", "--seed", "1", "-n", "50", "--csv", "-q", spec=spec)
    cells = [line.split(",")[-1] for line in outcome.out.decode().splitlines()[1:]]
    assert "" in cells
    assert all(cell.removeprefix("-").isdigit() for cell in cells if cell)


@pytest.mark.parametrize(
    ("parameter", "problem"),
    [
        ("'a'", "column 1: a parameter is a number; this is a text"),
        ("n > 1", "column 1: a parameter is a number; this is true or false"),
    ],
)
def test_mistakes_are_found_on_load(parameter: str, problem: str) -> None:
    """With the place of the parameter."""
    field = {"name": "x", **integers({"type": "constant", "value": expr(parameter)})}
    told = invoke("--validate", spec=spec_with([SIZE, field], [])).err
    assert told == f"stdin: emitters[0].dimensions[1].distribution.value: {problem}\n"


@pytest.mark.statistical
def test_values_of_choice_are_picked_by_weight() -> None:
    """Three of four times the expression: the count is within five standard deviations."""
    pairs = seen(integers({**choice(0, 0), "values": [expr("n"), 0], "weights": [3, 1]}), 4000)
    picked = sum(x == n for n, x in pairs)
    assert abs(picked - 3000) < 5 * np.sqrt(4000 * 0.75 * 0.25)
    assert {x for n, x in pairs if x != n} == {0}


def test_elements_see_what_is_around_them() -> None:
    """A parameter inside a list and an object is of the record."""
    inner = {"type": "object", "dimensions": [
        {"name": "k", **integers(uniform(1, 3))},
        {"name": "y", **integers({"type": "constant", "value": expr("n * 10 + k")})},
    ]}  # fmt: skip
    found = seen(lists(inner, length=constant(2)))
    assert all(each["y"] == n * 10 + each["k"] for n, x in found for each in x)


def test_spreads_of_instants_follow_them() -> None:
    """The seconds of a timestamp's distribution may be computed; what is not allowed gives null."""
    begin = np.datetime64("2027-01-01T00:00:00.000")
    spread = {
        "type": "normal",
        "mean": "2027-01-01",
        "stddev": expr("(n - 4) * 1e-9"),
        "max": "2027-01-02",
    }
    pairs = seen({"type": "timestamp", "distribution": spread})
    assert {n for n, x in pairs if x is None} == {1, 2, 3}
    far = {abs(np.datetime64(x) - begin) for _, x in pairs if x is not None}
    assert max(far) <= np.timedelta64(1, "ms")
    wait = {"type": "exponential", "min": "2027-01-01", "mean": expr("n * 86400")}
    pairs = seen({"type": "timestamp", "distribution": wait}, 2000)
    days = np.array([(np.datetime64(x) - begin) / np.timedelta64(1, "D") / n for n, x in pairs])
    assert 0.9 < days.mean() < 1.1
