"""What the functions of texts compute, and of what they have no value."""

from typing import Any

import pytest

from datagen.instants import NAIVE
from datagen.language.bounds import MAX_CHARACTERS
from datagen.language.text_functions import TEXT_FUNCTIONS, directives, filled_in, string

CASES: list[tuple[str, tuple[Any, ...], Any]] = [
    ("string", ("a",), "a"), ("string", (1.0,), "1.0"), ("string", (True,), "true"), ("string", ([1, None],), "[1,null]"),
    ("string", (-0.0,), "0.0"), ("string", ("\u2028",), "\u2028"), ("length", ("Ünï",), 3), ("length", ({"a": 1},), 1),
    ("upper", ("straße",), "STRASSE"), ("lower", ("ÀB",), "àb"), ("trim", ("  a ",), "a"), ("trim", ("xxay", "xy"), "a"),
    ("replace", ("aaa", "a", "b"), "bbb"), ("replace", ("aaa", "a", "b", 2), "bba"), ("replace", ("ab", "", "-"), "-a-b-"),
    ("replace", ("aaa", "a", "b", -5), "bbb"), ("startswith", ("ab", "a"), True), ("endswith", ("ab", "a"), False),
    ("split", (" a  b ",), ["a", "b"]), ("split", ("a,,b", ","), ["a", "", "b"]), ("crc32", ("123456789",), "cbf43926"),
    ("md5", ("",), "d41d8cd98f00b204e9800998ecf8427e"), ("luhn", ("7992739871",), 3), ("luhn", ("411111111111111",), 1), ("luhn", ("0",), 0),
]  # fmt: skip


@pytest.mark.parametrize(("name", "arguments", "expected"), CASES)
def test_function_computes(name: str, arguments: tuple[Any, ...], expected: Any) -> None:
    """By the rules of Python's texts, and the program's texts of values."""
    found = TEXT_FUNCTIONS[name].compute(*arguments)
    assert (found, type(found)) == (expected, type(expected))


NO_VALUE: list[tuple[str, tuple[Any, ...]]] = [
    ("replace", ("a" * 1000, "a", "b" * 1000)), ("replace", ("a" * 1000, "", "b" * 1000)), ("split", ("a", "")), ("luhn", ("12a",)),
    ("luhn", ("",)), ("luhn", ("٣",)), ("bucket", ("a", 0)), ("split", ("," * 10_000, ",")), ("upper", ("ß" * MAX_CHARACTERS,)),
]  # fmt: skip


@pytest.mark.parametrize(("name", "arguments"), NO_VALUE)
def test_function_has_no_value(name: str, arguments: tuple[Any, ...]) -> None:
    """Also where it would be too large, which is known before it is made."""
    with pytest.raises(ValueError):
        TEXT_FUNCTIONS[name].compute(*arguments)


def test_buckets_are_stable_and_even() -> None:
    """They are those of another release, and of values of any type; each gets about as many."""
    bucket = TEXT_FUNCTIONS["bucket"].compute
    values = [7, 7.0, "7", None, [1, "a"], {"a": True}, "Ünï"]
    assert [bucket(value, 1000) for value in values] == [690, 784, 193, 218, 520, 837, 548]
    counts = [0] * 10
    for number in range(10_000):
        counts[bucket(number, 10)] += 1
    assert max(abs(count - 1000) for count in counts) < 120  # four standard deviations


def test_instants_are_written_in_their_style() -> None:
    """As in JSON."""
    assert string(NAIVE).compute(0) == "1970-01-01T00:00:00.000"


def test_patterns_are_filled_in() -> None:
    """By Python's rules for `%`, zero without a sign."""
    assert (
        filled_in("%05d|%.2f|%s|%%|%+d|%-4d|%x").compute(42, 2.675, "a", 1, 7, 255)
        == "00042|2.67|a|%|+1|7   |ff"
    )
    assert filled_in("%.1f").compute(-0.0) == "0.0"
    assert filled_in("%d").compute(3.9) == "3"


def test_directives_are_read() -> None:
    """Those that take a value, in order."""
    assert directives("a %d of %5.2f%% %s %%%x") == "dfsx"


@pytest.mark.parametrize(
    "pattern",
    ["%", "%y", "%r", "%c", "%(a)d", "%*d", "%.*f", "%1001d", "%.1001f", "%5%", "%99999999999999d"],
)
def test_wrong_patterns_are_refused(pattern: str) -> None:
    """Such as would make long texts, or need names."""
    with pytest.raises(ValueError):
        directives(pattern)
