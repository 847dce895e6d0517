"""The text of JSON: floats and strings, by columns and value by value."""

import json
import sys

import numpy as np
import pyarrow as pa
from hypothesis import example, given
from hypothesis import strategies as st

from datagen.columns import json_text
from datagen.columns.scalar import FloatColumn, TextColumn

BREAKS = "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"
AWKWARD = ['"', "\\", '\\"', "\\n", "\0", "\x1f", "\x7f", "\x80", BREAKS, "\ufeff", "\ufffe", "😀é"]


def floats(values: list[float]) -> list[str]:
    """Write doubles as a column does."""
    texts: list[str] = FloatColumn(np.array(values, dtype=float)).json_text.to_pylist()
    return texts


def strings(values: list[str]) -> list[str]:
    """Write texts as a column does."""
    texts: list[str] = TextColumn(pa.array(values, pa.string())).json_text.to_pylist()
    return texts


# Floats -------------------------------------------------------------------------------------------


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
    """`-0.0` is written `0.0`, in columns and inside values."""
    assert floats([-0.0, 0.0]) == ["0.0", "0.0"]
    assert json_text.of_value({"a": [-0.0]}) == '{"a":[0.0]}'


# Strings ------------------------------------------------------------------------------------------


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1))
@example(AWKWARD)
def test_strings_parse_back(values: list[str]) -> None:
    """All of Unicode: the same text again, on one line, whatever stands beside it in the column."""
    for value, text in zip(values, strings(values), strict=True):
        assert json.loads(text) == value
        assert len(text.splitlines()) == 1
        assert json_text.of_value(value) == text


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


@given(st.lists(st.sampled_from(AWKWARD), max_size=6), st.integers(0, 3), st.integers(0, 3))
def test_slices_of_columns_are_written_alike(values: list[str], first: int, less: int) -> None:
    """What a slice shows does not depend on the array around it."""
    part = pa.array(values, pa.string())[first : max(first, len(values) - less)]
    assert [json.loads(text) for text in TextColumn(part).json_text.to_pylist()] == part.to_pylist()
