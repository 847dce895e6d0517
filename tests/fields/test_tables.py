"""Tables in memory: rows by weight, by key, and in part."""

import numpy as np
import pyarrow as pa
import pytest

from datagen.columns.column_type import FLOAT, INT, TEXT
from datagen.columns.literal import LiteralColumn
from datagen.columns.scalar import FloatColumn, IntColumn, TextColumn
from datagen.fields.tables import Table, joined_columns

NAMES = TextColumn(pa.array(["a", "b", "c"]))
TABLE = Table(
    {"name": NAMES, "size": IntColumn(np.array([5, 6, 7]))}, {"name": TEXT, "size": INT}, 3, "name"
)


def test_rows_are_objects_or_parts() -> None:
    """The type of a part is that of its column."""
    assert TABLE.column(None).to_python(None)[1] == {"name": "b", "size": 6}
    assert TABLE.column("size").to_python(None) == [5, 6, 7]
    assert TABLE.column_type("size") == INT
    assert TABLE.rows_at(None, np.array([2, 0])).to_python(None) == [
        {"name": "c", "size": 7}, {"name": "a", "size": 5},
    ]  # fmt: skip


def test_keys_lead_to_rows() -> None:
    """An unknown key, and one that is no simple value, to none."""
    assert TABLE.lookup(["b", "x", None, ["b"], True], "size") == [6, None, None, None, None]
    numbers = Table({"k": LiteralColumn([1, True, 2.0])}, {"k": FLOAT}, 3, "k")
    assert numbers.lookup([1.0, True, 2, False], "k") == [1, True, 2.0, None]


def test_a_repeated_key_is_found() -> None:
    """Null is none."""
    assert TABLE.repeated_key() is None
    twice = Table({"k": LiteralColumn([1, None, None, 1.0])}, {"k": FLOAT}, 4, "k")
    assert twice.repeated_key() == 1


def test_picks_follow_weights() -> None:
    """A row of weight 0 is never picked; without weights all are as likely."""
    bits = np.random.default_rng(1).integers(0, 1 << 63, 60_000, dtype=np.uint64) * np.uint64(2)
    weighted = Table({"name": NAMES}, {"name": TEXT}, 3, weights=np.array([1.0, 0.0, 3.0]))
    assert np.bincount(weighted.picked(bits), minlength=3) / 60_000 == pytest.approx(
        [0.25, 0, 0.75], abs=0.01
    )
    assert np.bincount(TABLE.picked(bits)) / 60_000 == pytest.approx([1 / 3] * 3, abs=0.01)


def test_columns_of_one_type_stay_arrays() -> None:
    """Others are put one after the other as they are."""
    floats = joined_columns([FloatColumn(np.array([1.0])), FloatColumn(np.array([2.5]))])
    assert isinstance(floats, FloatColumn)
    assert joined_columns([NAMES, LiteralColumn([None])]).to_python(None) == ["a", "b", "c", None]
