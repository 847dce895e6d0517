"""Column plans: writers of values, and segments joined for all records of a group."""

from typing import Any

import numpy as np
import pytest

from datagen.batch import Group, Section
from datagen.columns.column import NULL, Column
from datagen.columns.format_spec import FormatSpec
from datagen.columns.literal import LiteralColumn
from datagen.columns.scalar import InstantColumn, IntColumn
from datagen.columns.strftime import TimePattern
from datagen.formats.column_plan import (
    ColumnPlan,
    Constant,
    FieldSegment,
    FormattedText,
    JsonText,
    PlainText,
    Segment,
    TimeText,
    Writer,
)
from datagen.instants import NAIVE


@pytest.mark.parametrize(
    ("writer", "column", "text"),
    [
        (PlainText(), LiteralColumn(["a"]), "a"),
        (JsonText(), LiteralColumn(["a"]), '"a"'),
        (TimeText(TimePattern("%H")), InstantColumn(np.array([3_600_000_000]), NAIVE), "01"),
        (FormattedText(FormatSpec("03", "int")), IntColumn(np.array([7])), "007"),
    ],
)
def test_writers(writer: Writer, column: Column, text: str) -> None:
    """Each gives one text a value."""
    assert writer(column).to_pylist() == [text]


def group(rows: int = 3) -> Group:
    """Return records: two fields set together at two visits, and one of each record."""
    values = LiteralColumn(["x", "y"]), IntColumn(np.array([1, 2]))
    pair = Section(("u", "v"), values, np.array([0, 1, 1, 1])[:rows])
    own = Section(("n",), (IntColumn(np.arange(4)).take(np.array([0, NULL, 2, 3])[:rows]),))
    return Group("e", np.arange(rows), (pair, own))


def segments(*parts: str) -> list[Segment]:
    """Return segments: names of fields, and any other text as it is."""
    return [
        FieldSegment(each, PlainText(), "-") if each in set("uvn") else Constant(each)
        for each in parts
    ]


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (["u", "=", "v", ";"], ["x=1;", "y=2;", "y=2;"]),
        (["<", "u", "n", "u", ">"], ["<x0x>", "<y-y>", "<y2y>"]),
        (["n", "/", "v"], ["0/1", "-/2", "2/2"]),
        (["a", "b"], ["ab", "ab", "ab"]),
        ([], ["", "", ""]),
    ],
)
def test_plans(parts: list[str], expected: list[str]) -> None:
    """Texts are in order, whatever is joined once a visit; null is the default's text."""
    assert ColumnPlan(segments(*parts)).texts(group()).to_pylist() == expected


def test_fields_of_one_visit_are_joined_once_a_visit() -> None:
    """Only then are they gathered, if that is less work: a segment sees two rows, not four."""
    seen: list[int] = []

    class Counting(FieldSegment):
        def part(self, columns: Any, rows: int) -> Any:
            seen.append(rows)
            return super().part(columns, rows)

    plan = ColumnPlan(
        [Counting("u", PlainText()), Counting("v", PlainText()), Counting("n", PlainText())]
    )
    plan.texts(group(4))
    assert seen == [2, 2, 4]
    seen.clear()
    plan.texts(group(3))
    assert seen == [3, 3, 3]


def test_adjacent_constants_are_one() -> None:
    """And empty ones are none."""
    assert ColumnPlan(segments("", "a", "b")).segments == (Constant("ab"),)
