"""The text of JSON: floats, strings, keys; by columns and value by value."""

import json
import math
import sys
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from datagen.columns import json_text
from datagen.columns.scalar import FloatColumn, TextColumn
from tests.support.helpers import Outcome, invoke
from tests.support.machines import Spec, constant

BREAKS = "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"
AWKWARD = ['"', "\\", '\\"', "\\n", "\0", "\x1f", "\x7f", "\x80", BREAKS, "\ufeff", "\ufffe", "😀é"]
repeatable = settings(deadline=None, derandomize=True)


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


def floats(values: list[float]) -> list[str]:
    """Write doubles as a column does."""
    texts: list[str] = FloatColumn(np.array(values, dtype=float)).json_text.to_pylist()
    return texts


def strings(values: list[str]) -> list[str]:
    """Write texts as a column does."""
    texts: list[str] = TextColumn(pa.array(values, pa.string())).json_text.to_pylist()
    return texts


# Floats -------------------------------------------------------------------------------------------


@repeatable
@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1))
def test_floats_parse_back(values: list[float]) -> None:
    """Any double: the same double again, a JSON number that shows it is none of the integers."""
    for value, text in zip(values, floats(values), strict=True):
        assert float(text) == value
        parsed = json.loads(text)
        assert type(parsed) is float
        assert "." in text or "e" in text
        assert text == repr(value + 0.0)
        assert json_text.of_value(value) == text


def test_floats_of_all_exponents_parse_back() -> None:
    """Each power of two and its neighbours, over all that doubles can hold, as `repr` has them."""
    powers = np.ldexp(1.0, np.arange(-1074, 1024))
    values = np.concatenate([powers, np.nextafter(powers, 0), np.nextafter(powers, 1.0), -powers])
    texts = FloatColumn(values).json_text.to_pylist()
    assert texts == [repr(value) for value in values.tolist()]


def test_random_bits_parse_back() -> None:
    """A hundred thousand doubles of random bits, and as many whole numbers."""
    source = np.random.default_rng(1)
    bits = source.integers(0, 2**64, 100_000, dtype=np.uint64).view(np.float64)
    finite = bits[np.isfinite(bits)]
    whole = np.trunc(source.uniform(-1, 1, 100_000) * 10.0 ** (np.arange(100_000) % 25))
    for values in (finite, whole):
        texts = FloatColumn(values).json_text.to_pylist()
        assert texts == [repr(value + 0.0) for value in values.tolist()]


WRITTEN = {
    0.0: "0.0", 1.0: "1.0", -1.0: "-1.0", 100.0: "100.0", 0.1: "0.1", 0.1 + 0.2: "0.30000000000000004",
    9999999999.0: "9999999999.0", 1e10: "10000000000.0", 12345678901.5: "12345678901.5", 1e16: "1e+16",
    1e22: "1e+22", 0.0001: "0.0001", 0.00001: "1e-05", -2.5e-8: "-2.5e-08", 5e-324: "5e-324",
    sys.float_info.max: "1.7976931348623157e+308", 1 / 3: "0.3333333333333333",
}  # fmt: skip


def test_floats_are_short() -> None:
    """Their digits are the fewest that parse back, with an exponent where that is shorter."""
    assert floats(list(WRITTEN)) == list(WRITTEN.values())
    assert [json_text.of_value(value) for value in WRITTEN] == list(WRITTEN.values())


def test_zero_has_no_sign() -> None:
    """`-0.0` is written `0.0`, wherever it comes from."""
    assert floats([-0.0, 0.0]) == ["0.0", "0.0"]
    assert json_text.of_value({"a": [-0.0]}) == '{"a":[0.0]}'
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


# Strings ------------------------------------------------------------------------------------------


@repeatable
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1))
@example(AWKWARD)
def test_strings_parse_back(values: list[str]) -> None:
    """All of Unicode: the same text again, on one line, whatever stands beside it in the column."""
    for value, text in zip(values, strings(values), strict=True):
        assert json.loads(text) == value
        assert len(text.splitlines()) == 1
        assert json_text.of_value(value) == text


@repeatable
@given(st.lists(st.text(st.characters()), min_size=1))
@example(["\ud800", "\udfff\ud800", "x\udc80", *AWKWARD])
def test_single_strings_parse_back(values: list[str]) -> None:
    """Halves of surrogate pairs too, which UTF-8 cannot hold."""
    text = json_text.of_value(values)
    assert len(text.encode().decode().splitlines()) == 1
    expected = json.loads(json.dumps(values))  # a pair of halves in a row becomes one character
    assert json.loads(text) == expected


def test_every_character_parses_back() -> None:
    """Each of the 1,112,064 characters of Unicode."""
    points = [point for point in range(0x110000) if not 0xD800 <= point < 0xE000]
    blocks = [
        "".join(map(chr, points[place : place + 256])) for place in range(0, len(points), 256)
    ]
    texts = strings(blocks)
    assert [json.loads(text) for text in texts] == blocks
    assert len("\n".join(texts).splitlines()) == len(texts)


def test_only_what_must_be_is_escaped() -> None:
    """UTF-8 stays as it is; short escapes are used where JSON has them."""
    text = 'é☃😀\x7f/\x80 \t\n\r\b\f"\\ \0\x1f\x85\u2028\u2029'
    expected = '"é☃😀\x7f/\x80 \\t\\n\\r\\b\\f\\"\\\\ \\u0000\\u001f\\u0085\\u2028\\u2029"'
    assert strings([text]) == [expected]
    assert json_text.of_value(text) == expected


@repeatable
@given(st.lists(st.sampled_from(AWKWARD), max_size=6), st.integers(0, 3), st.integers(0, 3))
def test_slices_of_columns_are_written_alike(values: list[str], first: int, less: int) -> None:
    """What a slice shows does not depend on the array around it."""
    part = pa.array(values, pa.string())[first : max(first, len(values) - less)]
    assert [json.loads(text) for text in TextColumn(part).json_text.to_pylist()] == part.to_pylist()


# Records ------------------------------------------------------------------------------------------

ANY_JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters()), inner, max_size=4),
    max_leaves=8,
)  # fmt: skip


@settings(deadline=None, derandomize=True, max_examples=40)
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
