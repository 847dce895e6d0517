"""Calling functions with values whose types show when they are there."""

import math
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from jinja2 import Undefined

from datagen.columns.column_type import INSTANT, JSON, TEXT
from datagen.columns.datetimes import to_datetimes
from datagen.instants import parse_instant
from datagen.language import ExpressionError
from datagen.language.bounds import NoValueError
from datagen.language.calls import Calls, call_text, constant_text

BERLIN = parse_instant("2027-03-12T10:00:00+01:00")
(AT,) = to_datetimes(np.array([BERLIN.micros]), BERLIN.style)


def called(name: str, *arguments: Any) -> Any:
    """Return the value of a function."""
    return Calls(style=BERLIN.style).prepared(name, arguments)[1]()


@pytest.mark.parametrize(
    ("name", "arguments", "value"),
    [
        ("sqrt", (16,), 4.0),
        ("round", (2.675, 2), 2.67),
        ("round", (5,), 5),
        ("max", (1, 2.5), 2.5),
        ("max", ([1, None, 3],), 3),
        ("sum", ([1, 2.5],), 3.5),
        ("sum", (range(5),), 10),
        ("join", (("a", 1, None), "-"), "a-1-"),
        ("format", ("P%05d", 42), "P00042"),
        ("upper", ("é",), "É"),
        ("startswith", ("abc", "ab"), True),
        ("hour", (AT,), 10),
        ("hour", (AT, "Asia/Tokyo"), 18),
        ("strftime", (AT, "%H:%M %z"), "10:00 +0100"),
        ("epoch", (AT,), BERLIN.micros // 1_000_000),
        ("length", ({"a": 1},), 1),
        ("string", ([AT],), '["2027-03-12T10:00:00.000+01:00"]'),
        ("default", (None, 5), 5),
        ("sqrt", (None,), None),
        ("sqrt", (Undefined(),), None),
        ("abs", (2**70,), float(2**70)),
        ("crc32", ("a",), "e8b7be43"),
    ],
)
def test_values(name: str, arguments: tuple[Any, ...], value: Any) -> None:
    """Those of the language; null and what is undefined give null."""
    found = called(name, *arguments)
    assert (found, type(found)) == (value, type(value))


def test_instants_are_datetimes_in_the_style() -> None:
    """As the fields of records are."""
    found = called("instant", "2027-03-12T09:00:00Z")
    assert (found, str(found)) == (AT, "2027-03-12T10:00:00.000+01:00")


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("sqrt", ("a",), "sqrt takes a number, not a text"),
        ("hour", (5,), "hour takes an instant, not a whole number"),
        ("log", (0,), r"log\(...\) cannot be computed of these values"),
        ("format", ("%q", 1), "format: "),
        ("strftime", (AT, "%Q"), 'strftime: "%Q" is not'),
        ("lookup", ("cities", 1, "name"), 'no table "cities"'),
        ("round", (1, 2, 3), "takes 1 to 2 values, not 3"),
    ],
)
def test_no_value(name: str, arguments: tuple[Any, ...], message: str) -> None:
    """The types that are there are told as those that are known before."""
    with pytest.raises(NoValueError, match=message):
        called(name, *arguments)


def test_other_objects_are_refused() -> None:
    """Such as the time between two instants."""
    with pytest.raises(TypeError, match="functions take no timedelta"):
        called("string", timedelta(1))
    with pytest.raises(TypeError, match="functions take no "):
        called("sum", (each for each in [1]))


def test_problems_before_a_call() -> None:
    """Of constants and column types."""
    calls = Calls()
    assert calls.problem("hour", [INSTANT, "Asia/Tokyo"]) is None
    assert calls.problem("hour", [JSON]) is None
    assert calls.problem("hour", []) == "hour(instant, zone) takes 1 to 2 values, not 0"
    assert "Tokio" in (calls.problem("hour", [INSTANT, "Asia/Tokio"]) or "")
    assert (
        calls.problem("sqrt", [TEXT]) == "sqrt takes a number, not a text; float(...) reads a text"
    )
    assert calls.unknown("sqrtt") == 'no function "sqrtt"; did you mean "sqrt"?'


@pytest.mark.parametrize(
    "value", ["it's \\ \n\r\t{}", "é😀", 5, -2.5, True, None, [1, ["a'"]], math.pi]
)
def test_constants_are_themselves(value: Any) -> None:
    """In the text of an expression."""
    compiled = Calls().compiled(call_text("default", [None, value]), [])
    assert compiled.function() == value
    assert constant_text("a'b") == r"'a\'b'"


def test_compiled_once_for_types() -> None:
    """So what comes later costs less; no more are kept than so many."""
    calls = Calls()
    first, again, other = (calls.prepared("abs", [each])[0] for each in (1, 2, 2.5))
    assert calls.prepared("abs", [1])[0] == first  # nothing has been computed
    calls.prepared("abs", [1])[1]()
    assert calls.prepared("abs", [7])[0] < first == again <= other
    assert all(calls.most_work("abs", 0) >= each for each in (first, again, other))
    for number in range(2_000):
        calls.compiled(f"{number}", [])
    assert len(calls._compiled) <= 1_000
    with pytest.raises(ExpressionError):
        calls.compiled("1 +", [])


def test_datetimes_of_others_are_instants() -> None:
    """Whatever their zone."""
    assert called("hour", datetime(2027, 3, 12, 9, tzinfo=UTC)) == 10
