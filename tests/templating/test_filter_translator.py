"""Translating filters and functions to expressions."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from datagen.columns.column import Column
from datagen.columns.column_type import FLOAT, INSTANT, INT, TEXT, list_type
from datagen.columns.scalar import FloatColumn, InstantColumn, IntColumn, TextColumn
from datagen.expressions.vectors import Rows
from datagen.instants import NAIVE
from datagen.language.calls import Calls
from datagen.templating.checking import check_template
from datagen.templating.expression_translator import ExpressionTranslator
from datagen.templating.obstacles import NotTranslatableError
from datagen.templating.sandbox import Sandbox

TYPES = {"i": INT, "x": FLOAT, "t": TEXT, "at": INSTANT, "things": list_type(INT)}
COLUMNS: dict[str, Column] = {
    "i": IntColumn(np.array([1, 16])),
    "x": FloatColumn(np.array([2.675, -4.0])),
    "t": TextColumn(pa.array(["a,b", "É"])),
    "at": InstantColumn(np.array([0, 3_600_000_000]), NAIVE),
}


def translated(body: str) -> tuple[Any, Any]:
    """Return the texts of the first part of a template, by its expression, and the rows in doubt."""
    sandbox = Sandbox(functions=Calls())
    node = check_template(body, TYPES, sandbox).tree.body[0]
    rows = Rows(COLUMNS, 2)
    texts = ExpressionTranslator(TYPES, sandbox, {}).text(node).evaluate(rows)
    return texts.to_pylist(), None if rows.doubtful is None else rows.doubtful.tolist()


@pytest.mark.parametrize(
    ("body", "texts"),
    [
        ("{{ x|round(2) }} {{ x|int }} {{ i|float }}", ["2.67 2 1.0", "-4.0 -4 16.0"]),
        (
            "{{ sqrt(i) + 1 }} {{ max(i, x) }} {{ i|sqrt|round(1) }}",
            ["2.0 2.675 1.0", "5.0 16.0 4.0"],
        ),
        (
            "{{ count(split(t, ',')) }} {{ upper(t) }} {{ t|startswith('a') }}",
            ["2 A,B true", "1 É false"],
        ),
        ("{{ hour(at) }} {{ strftime(at, '%H:%M', 'Asia/Tokyo') }}", ["0 09:00", "1 10:00"]),
        ("{{ epoch(instant('1970-01-01T00:00:0' ~ i % 8 ~ 'Z')) }}", ["1", "0"]),
        ("{{ 'big' if sqrt(abs(x)) * i > 20 else format('%03d', i) }}", ["001", "big"]),
        ("{{ string(i > 5) ~ string(i) ~ bucket(at, 1) }}", ["false10", "true160"]),
    ],
)
def test_translated(body: str, texts: list[str]) -> None:
    """Functions within functions are one expression of the language."""
    assert translated(body) == (texts, None)


def test_what_has_no_value_is_in_doubt() -> None:
    """Jinja2 finds the error of that record."""
    texts, doubtful = translated("{{ log(x) }}")
    assert doubtful == [False, True]
    assert texts[0].startswith("0.98")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("{{ sum(things) }}", "a function of a value of an unsuitable type"),
        ("{{ split(t) }}", "a function whose value is a value of an unsuitable type"),
        ("{{ instant(t) }}", "a function whose value is an instant"),
        ("{{ default(first(split(t)), 5) }}", "a default of a function"),
        ("{{ t|title|md5 }}", "the filter title"),
        ("{{ i|round(1, 'floor') }}", "the filter round with these arguments"),
    ],
)
def test_not_translatable(body: str, message: str) -> None:
    """Where Jinja2 might see other types."""
    with pytest.raises(NotTranslatableError) as error:
        translated(body)
    assert str(error.value) == f"line 1: {message}"
