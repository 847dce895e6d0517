"""Expressions that would take long or much are refused when they are read, or have no value: none takes a second."""

import gc
import time
from collections.abc import Iterator, Mapping

import numpy as np
import pyarrow as pa
import pytest

from datagen.columns.column import Column
from datagen.columns.column_type import FLOAT, INT, TEXT
from datagen.columns.scalar import FloatColumn, IntColumn, TextColumn
from datagen.language import Expression, ExpressionError, Scope
from datagen.language.bounds import MAX_CHARACTERS

ROWS = 1_000
COLUMNS: Mapping[str, Column] = {
    "a": IntColumn(np.arange(ROWS)),
    "x": FloatColumn(np.arange(ROWS, dtype=np.float64)),
    "s": TextColumn(pa.array([f"word {row}" for row in range(ROWS)])),
}
SCOPE = Scope({"a": INT, "x": FLOAT, "s": TEXT})
DEEP, PARTS = "is nested too deeply", "has more than 1,000 parts"
WIDE = "'" + "%1000d" * 60 + "'|format(" + ", ".join(["a"] * 60) + ")"
REFUSED = {
    "a" + " + a" * 50_000: "is longer than 100,000 characters",
    "a" + " + a" * 9_000: DEEP,
    "(" * 1_000 + "a" + ")" * 1_000: DEEP,
    "[" * 120 + "a" + "]" * 120: DEEP,
    "-" * 5_000 + "a": DEEP,
    "not " * 3_000 + "a": DEEP,
    "a" + ".b" * 3_000: DEEP,
    "a" + "[0]" * 3_000: DEEP,
    "s" + "|upper" * 3_000: DEEP,
    "a if a else " * 3_000 + "a": DEEP,
    "{'a': " * 120 + "a" + "}" * 120: DEEP,
    " ~ ".join(["s"] * 4_000): PARTS,
    "join([" + ", ".join(["s"] * 4_000) + "])": PARTS,
    "{" + ", ".join(f"'k{place}': s" for place in range(3_000)) + "}": PARTS,
    "a < " + "(a < " * 30 + "a < a" + " < a)" * 30 + " < a": PARTS,
    "a" + " < a" * 2_000: "more than 20 comparisons in a row",
    "9 ** 99999999": "never has a value: is too large for a double",
    "9999999999 * 9999999999 * 9999999999": "never has a value: does not fit in 64 bits",
    "'a' * 1000000000": 'a text "*" a whole number has no value',
    "s * a": 'a text "*" a whole number has no value',
    "[1] * 1000000000": 'a list "*" a whole number has no value',
    "'%1000000000d'|format(a)": "format: a width of more than 1,000 characters",
    "'%.1000000000f'|format(x)": "format: a width of more than 1,000 characters",
    "'%*d'|format(a, a)": 'format: "%*d" is not known; values stand in their order',
    "1" * 50_000: "a number is too large",
    "1e999999999": "a number is too large",
    "int('" + "9" * 10_000 + "')": "never has a value: is no number",
    "'" + "x" * 20_000 + "' ~ s": "a text of more than 16,384 characters",
    "strftime(instant('2027-03-12'), '" + "%c" * 20_000 + "')": "a text of more than 16,384 characters",
}  # fmt: skip
BOUNDED = [
    "a ** (a ** a)", "x ** 1e300", "exp(exp(exp(x)))", "round(a, -999999999)", "round(x, 999999999)", "round(x, a * a * a)", WIDE,
    "replace(replace(replace(s, '', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaa'), 'a', '" + "b" * 4_000 + "'), 'b', '" + "c" * 4_000 + "')",
    "replace(s, '', '" + "x" * 16_000 + "')|length", "split(" + WIDE + ", ' ')|length", "s ~ '" + "x" * 16_000 + "' ~ s ~ '" + "y" * 16_000 + "'",
    "a in [" + ", ".join(map(str, range(4_000))) + "]", "unique([" + ", ".join(["a"] * 900) + "])", " + ".join(["x"] * 140), "int(s ~ s ~ s)",
    "trim(" + WIDE + ")", "sin(x ** 100)", "[s, s, s][a]", "join(split(s, 'o'), '" + "z" * 16_000 + "')", "bucket([[[[s]]]], a)",
]  # fmt: skip


@pytest.fixture(autouse=True)
def _no_collection() -> Iterator[None]:
    """Let no garbage of other tests be looked for in the time of these: it may take a second."""
    gc.disable()
    yield
    gc.enable()


@pytest.mark.parametrize("text", REFUSED, ids=range(len(REFUSED)))
def test_it_is_refused_at_once(text: str) -> None:
    """With its reason."""
    began = time.thread_time()
    with pytest.raises(ExpressionError) as caught:
        Expression(text).compiled(SCOPE)
    assert time.thread_time() - began < 1
    assert caught.value.problems[0][1] == REFUSED[text]


@pytest.mark.parametrize("text", BOUNDED, ids=range(len(BOUNDED)))
def test_it_is_bounded(text: str) -> None:
    """A thousand values in less than a second, none of them long."""
    began = time.thread_time()
    compiled = Expression(text).compiled(SCOPE)
    column = compiled.values(COLUMNS.__getitem__, ROWS).column
    assert len(column) == ROWS
    assert time.thread_time() - began < 1
    if compiled.column_type == TEXT:
        assert column.longest_text <= 4 * MAX_CHARACTERS
