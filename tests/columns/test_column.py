"""Columns made of others: rows gathered by index, and columns one after the other."""

import gc
import importlib
import pkgutil
import weakref
from collections.abc import Iterator

import numpy as np
import pytest

from datagen import sources
from datagen.arrays import TextArray
from datagen.columns.column import MISSING, NULL, Column, GatheredColumn, concat_columns
from datagen.columns.column_type import FLOAT, INT
from datagen.columns.literal import LiteralColumn
from datagen.columns.scalar import IntColumn

ABSENT = object()
GATHERED = IntColumn(np.array([7, 8])).take(np.array([1, NULL, 0, MISSING, 1]))


def test_gathered_rows_have_values_nulls_and_gaps() -> None:
    """-1 is null and -2 is missing, in every form that a column takes."""
    assert GATHERED.to_python(ABSENT) == [8, None, 7, ABSENT, 8]
    assert GATHERED.text.to_pylist() == ["8", None, "7", None, "8"]
    assert GATHERED.json_text.to_pylist() == ["8", "null", "7", "", "8"]
    assert GATHERED.to_arrow(INT).to_pylist() == [8, None, 7, None, 8]
    assert GATHERED.present is not None
    assert GATHERED.present.tolist() == [True, True, True, False, True]


def test_gathering_twice_reads_the_first_source() -> None:
    """Rows of rows are rows of the source; nulls and gaps stay."""
    again = GATHERED.take(np.array([3, 2, 1, NULL, MISSING]))
    assert isinstance(again, GatheredColumn)
    assert again.index.tolist() == [MISSING, 0, NULL, NULL, MISSING]


def test_lists_are_gathered_where_there_are_some() -> None:
    """A row that is null or missing has no elements, also where the source has no rows at all."""
    lists = LiteralColumn([[1, 2], [], [3]])
    rows = np.array([2, MISSING, 0, NULL, 1, 2])
    lengths, elements = GatheredColumn(lists, rows).list_parts()
    assert lengths.tolist() == [1, 0, 2, 0, 0, 1]
    assert elements.to_python(None) == [3, 1, 2, 3]
    nowhere = np.array([MISSING, NULL, MISSING])
    lengths, elements = GatheredColumn(LiteralColumn([]), nowhere).list_parts()
    assert lengths.tolist() == [0, 0, 0]
    assert elements.to_python(None) == []


def test_functions_are_applied_once_to_the_source() -> None:
    """However often it is asked for, and for as many rows as gather from it."""
    sizes: list[int] = []

    def size(column: Column) -> TextArray:
        sizes.append(len(column))
        return column.text

    source = IntColumn(np.array([7, 8]))
    for rows in ([0, 1, 0], [NULL, 1]):
        source.take(np.array(rows)).apply(size)
    assert sizes == [2]


def test_columns_are_concatenated() -> None:
    """One after the other; what they gather from is held once."""
    source = IntColumn(np.array([1, 2]))
    same = concat_columns([source.take(np.array([1, NULL])), source.take(np.array([MISSING, 0]))])
    other = concat_columns([source, LiteralColumn(["x", None])])
    assert isinstance(same, GatheredColumn)
    assert same.source is source
    assert same.to_python(ABSENT) == [2, None, ABSENT, 1]
    assert other.json_text.to_pylist() == ["1", "2", '"x"', "null"]
    assert concat_columns([source]) is source


@pytest.mark.parametrize("column", [IntColumn(np.array([3])), LiteralColumn([3.0])])
def test_text_of_doubles_has_a_point(column: Column) -> None:
    """Also of whole numbers that stand in a column of doubles."""
    assert column.float_text.to_pylist() == ["3.0"]
    assert column.to_arrow(FLOAT).to_pylist() == [3.0]


def test_some_rows_become_null() -> None:
    """The others stay, also without a value; a column without nulls is itself."""
    rows = np.array([True, False, False, False, False])
    assert GATHERED.with_nulls(rows).to_python(ABSENT) == [None, None, 7, ABSENT, 8]
    assert GATHERED.with_nulls(~rows & False) is GATHERED


def test_columns_that_last_are_concatenated_once() -> None:
    """For as long as they are there: nothing of them is kept when they are gone."""
    columns = [LiteralColumn([1], lasting=True), LiteralColumn(["a"], lasting=True)]
    made = concat_columns(columns)
    assert concat_columns(columns) is made
    gone = [weakref.ref(each) for each in (made, *columns)]
    del made, columns
    gc.collect()
    assert [each() for each in gone] == [None, None, None]


def column_types(base: type[Column] = Column) -> Iterator[type[Column]]:
    """Yield all types of columns."""
    for each in base.__subclasses__():
        yield each
        yield from column_types(each)


def test_parts_of_json_belong_to_its_text() -> None:
    """A type with a JSON text of its own does not have the parts of another's."""
    for module in pkgutil.walk_packages(sources.__path__, "datagen.sources."):
        importlib.import_module(module.name)
    types = list(column_types())
    assert len(types) > 10
    for each in types:
        makers = [
            kind
            for kind in each.__mro__
            if {"json_text", "json_parts"} & kind.__dict__.keys() and kind is not Column
        ]
        assert "json_parts" in makers[0].__dict__ or all(
            "json_parts" not in kind.__dict__ for kind in makers
        ), each
