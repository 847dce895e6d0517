"""Members of JSON objects."""

import numpy as np
import pytest

from datagen.columns.column import ABSENT, MISSING, NULL, Column
from datagen.columns.literal import LiteralColumn
from datagen.columns.nested import ObjectColumn
from datagen.columns.scalar import FloatColumn, IntColumn

ROWS = np.array([0, 1, NULL, MISSING, 1])


def texts(names: str, columns: list[Column]) -> list[str]:
    """Return the objects of columns with these one-letter names."""
    made: list[str] = ObjectColumn(names, columns, 5).json_text.to_pylist()
    return made


@pytest.mark.parametrize("lasting", [False, True])
def test_missing_members_are_left_out(lasting: bool) -> None:
    """Whether name and value are joined before they are gathered or after, and wherever they stand."""
    some = LiteralColumn([5, "x"], lasting=lasting).take(ROWS)
    all_of_them = IntColumn(np.arange(5))
    assert texts("ab", [all_of_them, some])[1:4] == [
        '{"a":1,"b":"x"}',
        '{"a":2,"b":null}',
        '{"a":3}',
    ]
    assert texts("ba", [some, all_of_them])[1:4] == [
        '{"b":"x","a":1}',
        '{"b":null,"a":2}',
        '{"a":3}',
    ]
    wide = IntColumn(np.arange(50) * 9999).take(ROWS)
    assert texts("w", [wide]) == ['{"w":0}', '{"w":9999}', '{"w":null}', "{}", '{"w":9999}']


def test_neighbours_of_one_index() -> None:
    """Columns that last are joined before they are gathered; what some lack is left out."""
    values = LiteralColumn([{"a": 1, "b": None}, {"a": "x"}, 3], lasting=True)
    rows = np.array([0, 1, 2, NULL, MISSING])
    columns = [values.member(name).take(rows) for name in "ab"]
    expected = ['{"n":0,"a":1,"b":null}', '{"n":1,"a":"x"}', '{"n":2,"a":null,"b":null}',
                '{"n":3,"a":null,"b":null}', '{"n":4}']  # fmt: skip
    assert texts("nab", [IntColumn(np.arange(5)), *columns]) == expected


def test_the_same_value_in_all_rows() -> None:
    """A single value that all rows gather is a part of its own."""
    same = LiteralColumn([None], lasting=True).take(np.zeros(5, np.int64))
    assert texts("s", [same]) == ['{"s":null}'] * 5
    assert (
        texts("s", [LiteralColumn([ABSENT], lasting=True).take(np.zeros(5, np.int64))])
        == ["{}"] * 5
    )


def test_objects_without_members() -> None:
    """Have braces."""
    assert texts("", []) == ["{}"] * 5


def test_numbers_are_null_at_once() -> None:
    """A number of several pieces is `null` once where there is none."""
    numbers = FloatColumn(np.array([12345.5, -0.25, 7.0, 1.0, 2.0, 3.0])).take(ROWS)
    wanted = ['{"f":12345.5}', '{"f":-0.25}', '{"f":null}', "{}", '{"f":-0.25}']
    assert texts("f", [numbers]) == wanted
