"""Records as JSON, through the complete program: values, names, order, missing fields."""

import json
import math
import sys
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.columns.test_json_text import AWKWARD, BREAKS
from tests.support.helpers import Outcome, invoke
from tests.support.machines import Spec, constant


def run(*dimensions: Spec, n: int = 1) -> Outcome:
    """Run one worker that emits these dimensions every second."""
    spec = {
        "states": [{"name": "s", "emitter": "e", "delay": constant(1),
                    "transitions": [{"next": "s", "probability": 1}]}],
        "emitters": [{"name": "e", "dimensions": list(dimensions)}],
        "interarrival": constant(1),
    }  # fmt: skip
    outcome = invoke("--seed", "1", "-s", "2027-03-12", "-m", "1", "-n", str(n), spec=spec)
    assert outcome.status == 0, outcome.err
    return outcome


def only(name: str, value: Any) -> Spec:
    """Return a dimension that always is this value."""
    return {
        "name": name,
        "type": "enum",
        "values": [value],
        "cardinality_distribution": constant(0),
    }


def test_zero_has_no_sign() -> None:
    """`-0.0` is written `0.0`, wherever it comes from."""
    outcome = run(
        {"name": "c", "type": "float", "distribution": constant(-0.0)},
        {"name": "r", "type": "float", "precision": 1, "distribution": constant(-0.01)},
        only("e", -0.0),
    )
    assert outcome.out.endswith(b'"c":0.0,"r":0.0,"e":0.0}\n')


def test_floats_are_held_at_the_largest_double() -> None:
    """What would be infinite is written as the largest double, on either side."""
    huge = {"type": "lognormal", "mu": 5000, "sigma": 1}
    wide = {"type": "normal", "mean": 0, "stddev": sys.float_info.max}
    outcome = run(
        {"name": "huge", "type": "float", "distribution": huge},
        {"name": "wide", "type": "float", "distribution": wide},
        {"name": "rounded", "type": "float", "precision": 3, "distribution": huge},
        {"name": "largest", "type": "float", "distribution": constant(sys.float_info.max)},
        n=200,
    )
    largest = sys.float_info.max
    assert {record["huge"] for record in outcome.records} == {largest}
    assert {record["rounded"] for record in outcome.records} == {largest}
    assert {record["largest"] for record in outcome.records} == {largest}
    wild = [record["wide"] for record in outcome.records]
    assert all(math.isfinite(value) for value in wild)
    assert min(wild) == -largest
    assert max(wild) == largest
    assert "Warning" not in outcome.err


ANY_JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters()), inner, max_size=4),
    max_leaves=8,
)  # fmt: skip


@pytest.mark.long
@settings(max_examples=40)
@given(ANY_JSON)
@example(AWKWARD)
@example({"\ud800": [{BREAKS: "\udfff"}], '"': {}})
def test_enum_values_parse_back(value: Any) -> None:
    """Through the whole program: one line a record, the same value, types and key order included."""
    outcome = run(only("x", value), n=2)
    lines = outcome.out.decode().splitlines()
    assert len(lines) == 2
    expected = json.dumps(json.loads(json.dumps(value))).replace("-0.0", "0.0")
    assert json.dumps(json.loads(lines[1])["x"]).replace("-0.0", "0.0") == expected


@pytest.mark.parametrize(
    "name", ["a b", "é☃😀", *AWKWARD, "{", "time ", "a.b", "%s", "{0}", "\ud83d"]
)
def test_field_names_are_written_like_texts(name: str) -> None:
    """Any name, at the top, inside objects and first in them, parses back and breaks no line."""
    inner: list[Spec] = [
        {**only(name, 1), "percent_missing": 50},
        only(f"{name}2", 2),
        {"name": f"{name}3", "type": "string", "length_distribution": constant(1), "chars": "x"},
    ]
    outcome = run(only(name, 1), {"name": f"o{name}", "type": "object", "dimensions": inner}, n=20)
    lines = outcome.out.decode().splitlines()
    assert len(lines) == 20
    for record in map(json.loads, lines):
        assert list(record) == ["time", name, f"o{name}"]
        assert list(record[f"o{name}"])[-2:] == [f"{name}2", f"{name}3"]


def test_keys_are_in_order_and_nothing_is_between() -> None:
    """`time`, then the dimensions as they stand in the specification; no white space."""
    inner: list[Spec] = [only("b", [1, {"z": 1, "y": 2}]), only("a", None)]
    outcome = run(
        only("z", True), {"name": "o", "type": "object", "dimensions": inner}, only("a", 2)
    )
    assert outcome.out.decode() == (
        '{"time":"2027-03-12T00:00:00.000","z":true,"o":{"b":[1,{"z":1,"y":2}],"a":null},"a":2}\n'
    )


def test_missing_fields_leave_no_trace() -> None:
    """Any of the fields of an object may be missing, the first, the last or all of them."""
    dimensions = [{**only(name, 1), "percent_missing": 50} for name in "abc"]
    outcome = run({"name": "o", "type": "object", "dimensions": dimensions}, *dimensions, n=400)
    texts = {line.split('"o":', 1)[1] for line in outcome.out.decode().splitlines()}
    inner = {text[: text.index("}") + 1] for text in texts}
    assert inner == {
        "{}", '{"a":1}', '{"b":1}', '{"c":1}', '{"a":1,"b":1}', '{"a":1,"c":1}', '{"b":1,"c":1}',
        '{"a":1,"b":1,"c":1}',
    }  # fmt: skip
    assert {text[text.index("}") + 1 :] for text in texts} == {
        f",{each[1:-1]}}}" if each != "{}" else "}" for each in inner
    }


def test_large_integers_stay_whole() -> None:
    """Integers are written digit by digit, in enum values of any length."""
    numbers = [2**63 - 1, -(2**63), 2**64, -(10**40), 10**300]
    dimensions = [only(f"n{place}", number) for place, number in enumerate(numbers)]
    text = run(*dimensions).out.decode()
    for place, number in enumerate(numbers):
        assert f'"n{place}":{number}' in text
