"""Some rows are written as all rows are."""

import numpy as np
import pyarrow as pa
import pytest

from datagen.columns.column import Column, GatheredColumn, concat_columns
from datagen.columns.literal import LiteralColumn
from datagen.columns.nested import ListColumn, ObjectColumn
from datagen.columns.scalar import FloatColumn, IntColumn, TextColumn
from datagen.inspection.shown_texts import shown_texts

INTS, FLOATS = IntColumn(np.arange(10)), FloatColumn(np.arange(5) / 4)
ROWS = np.array([3, 0, 3, 4])


@pytest.mark.parametrize(
    "column",
    [
        INTS,
        LiteralColumn(["a", None, {"b": 1}, 2, "c"], lasting=True),
        concat_columns([INTS, FLOATS]),
        GatheredColumn(concat_columns([INTS, FLOATS]), np.array([12, -1, 3, -2, 14])),
        GatheredColumn(FLOATS, np.array([4, 4, -1, -2, 0])),
        concat_columns([GatheredColumn(INTS, np.array([9, -1])), FLOATS]),
        concat_columns([TextColumn(pa.array(['a"', "b", "c"])), TextColumn(pa.array(["d", "e"]))]),
    ],
)
def test_texts_are_those_of_the_column(column: Column) -> None:
    """Nulls and missing values among them, and any order."""
    assert shown_texts(column, ROWS).to_pylist() == column.take(ROWS).json_text.to_pylist()
    assert shown_texts(column, ROWS[:0]).to_pylist() == []


def test_lists_are_their_lengths() -> None:
    """Nulls and missing ones are what they are."""
    lists = GatheredColumn(ListColumn(np.array([2, 0, 1]), INTS), np.array([0, -1, 1, -2]))
    assert shown_texts(lists, np.arange(4)).to_pylist() == ["length 2", "null", "length 0", ""]


def test_objects_are_not_written_out() -> None:
    """Whether they are there is all that is asked of the whole."""
    objects = GatheredColumn(ObjectColumn(["n"], [INTS], 10), np.array([0, -1, -2]))
    assert shown_texts(objects, np.arange(3)).to_pylist() == ["{...}", "null", ""]
