"""Kernels of texts give what the scalar rules do, beyond ASCII and at the bounds too."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from datagen.columns.column_type import BOOL, FLOAT, INSTANT, INT, TEXT, ColumnType
from datagen.columns.pieces import Piece
from datagen.language.bounds import MAX_CHARACTERS
from datagen.language.operation import Operation
from datagen.language.operators import OPERATORS
from datagen.language.text_functions import TEXT_FUNCTIONS, filled_in, string
from datagen.language.text_kernels import TEXT_KERNELS, joined_texts
from datagen.language.time_functions import of_local_time, strftime
from datagen.language.tree import Call, Constant, NameRef
from datagen.language.vectors import Numbers, Texts
from tests.support.expression_trees import DOUBLES, EDGES, INTS, STYLE, WORDS
from tests.support.kernel_cases import assert_kernel, result_of

LONG = "é" * (MAX_CHARACTERS - 1)
COLUMN = (TEXT, [*WORDS, LONG, LONG + "xy", None])
SHORT = (TEXT, [*WORDS, None])
INSTANTS = (INSTANT, [0, -1, 10**15, -(6 * 10**16), 25 * 10**16, None])
FUNCTIONS = {**OPERATORS, **TEXT_FUNCTIONS}


@pytest.mark.parametrize("name", ["concat", "add_texts"])
def test_joined(name: str) -> None:
    """`~` takes null as empty; what grows too long is a fault, counted in characters."""
    assert_kernel(OPERATORS[name], TEXT, COLUMN, SHORT)
    assert_kernel(OPERATORS[name], TEXT, COLUMN, Constant(TEXT, 1, "ß"))


def test_many_joined() -> None:
    """Constants among them."""
    few = (TEXT, ["a", "ß", None])
    assert_kernel(OPERATORS["concat"], TEXT, few, Constant(TEXT, 1, "-"), few, COLUMN)


@pytest.mark.parametrize("name", ["upper", "lower", "trim", "length", "md5", "crc32"])
def test_functions_of_one_text(name: str) -> None:
    """Python's rules: ß grows when it is upper, and four control characters are spaces."""
    assert_kernel(TEXT_FUNCTIONS[name], INT if name == "length" else TEXT, COLUMN)


def test_lengths_of_lists() -> None:
    """They have one too."""
    assert_kernel(TEXT_FUNCTIONS["length"], INT, (INTS, [[], [1, 2], None]))


@pytest.mark.parametrize("old", ["", "a", "bc", "ß", "é"])
@pytest.mark.parametrize("new", ["", "x", "日本"])
def test_replace(old: str, new: str) -> None:
    """What would grow too long is a fault."""
    given = Constant(TEXT, 1, old), Constant(TEXT, 1, new)
    assert_kernel(TEXT_FUNCTIONS["replace"], TEXT, COLUMN, *given)
    assert_kernel(TEXT_FUNCTIONS["replace"], TEXT, COLUMN, *given, Constant(INT, 1, 1))


@pytest.mark.parametrize("name", ["startswith", "endswith"])
def test_starts_and_ends(name: str) -> None:
    """Of one text that is always the same, and of others."""
    for affix in ("", "a", "ß"):
        assert_kernel(TEXT_FUNCTIONS[name], BOOL, COLUMN, Constant(TEXT, 1, affix))
    assert_kernel(TEXT_FUNCTIONS[name], BOOL, SHORT, SHORT)


@pytest.mark.parametrize(
    "column",
    [(INT, [*EDGES, None]), (FLOAT, [*DOUBLES, -0.0, None]), (BOOL, [True, False, None]), SHORT, (INTS, [[], [1], None])],
)  # fmt: skip
def test_texts_of_values(column: Any) -> None:
    """As in JSON, a text as it is."""
    assert_kernel(TEXT_FUNCTIONS["string"], TEXT, column)


def test_instants() -> None:
    """In a style, by a pattern, and the day."""
    assert_kernel(string(STYLE), TEXT, INSTANTS)
    assert_kernel(of_local_time("date", STYLE), TEXT, INSTANTS)
    assert_kernel(strftime("%d.%m.%Y %H:%M:%S.%f %z", STYLE), TEXT, INSTANTS)
    assert_kernel(strftime("x" * (MAX_CHARACTERS - 2) + "%Y", STYLE), TEXT, INSTANTS)


def texts(*values: str) -> Texts:
    """Return a vector of texts."""
    return Texts([Piece(pa.array(values))], len(values))


def test_usual_texts_go_by_arrays() -> None:
    """Nothing is left to the scalar rule."""
    for name in ("upper", "lower", "trim", "length", "string"):
        result = result_of(TEXT_FUNCTIONS[name], TEXT, 2, texts("ab", "C"))
        assert result is not None
        assert result.doubtful is None or not result.doubtful.any()


def test_texts_are_joined_when_somebody_needs_them() -> None:
    """Until then they are parts, also of numbers."""
    number = result_of(TEXT_FUNCTIONS["string"], TEXT, 2, Numbers(np.array([1, 22])))
    assert number is not None
    result = joined_texts([texts("a", "b"), number.vector], 2)
    assert result is not None
    assert isinstance(result.vector, Texts)
    assert len(result.vector.parts) == 2
    assert result.vector.to_list() == ["a1", "b22"]


WHOLE = (INT, [*EDGES, None])
IDS = (INT, [0, 7, 9999, None])
LARGE = (INT, [0, 7, 9999, 10_000, 12_345_678, 99_999_999])
FLOATS = (FLOAT, [*DOUBLES, -0.0, 0.005, 2.5, -0.001, None])


@pytest.mark.parametrize(
    "pattern",
    ["%d", "P%05d", "%03d-x", "%02d%%", "%8d", "%-5d|", "%+d", "%020d", "%x", "%04d", "%05x"],
)
def test_whole_numbers(pattern: str) -> None:
    """With leading zeros, and with what is rare."""
    for column in (IDS, LARGE, WHOLE):
        assert_kernel(filled_in(pattern), TEXT, column)


@pytest.mark.parametrize(
    "pattern", ["%.2f", "%.1f EUR", "%8.3f", "%08.2f", "%.0f", "%.12f", "%f", "%g", "%.3e", "%d"]
)
def test_doubles(pattern: str) -> None:
    """Never -0.0."""
    assert_kernel(filled_in(pattern), TEXT, FLOATS)
    assert_kernel(filled_in(pattern), TEXT, IDS)


def test_several_values() -> None:
    """In their order."""
    assert_kernel(filled_in("%s: %d x %.2f"), TEXT, SHORT, IDS, (FLOAT, [0.5, 2.675]))


@pytest.mark.parametrize(
    ("pattern", "column_type", "values"), [("P%05d", INT, [1, 23]), ("%.2f", FLOAT, [0.5, 1.25])]
)
def test_usual_patterns_go_by_arrays(
    pattern: str, column_type: ColumnType, values: list[Any]
) -> None:
    """Not value by value."""
    call = Call(TEXT, 1, filled_in(pattern), (NameRef(column_type, 1, "x"),))
    result = TEXT_KERNELS["format"](Operation(call, [Numbers(np.array(values))], 2, STYLE))
    assert result is not None
    assert result.vector.to_list() == [pattern % value for value in values]


def test_every_kernel_has_its_function() -> None:
    """By its name."""
    assert set(TEXT_KERNELS) <= {*FUNCTIONS, "instant_text", "strftime", "date", "format"}
