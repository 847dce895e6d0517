"""Values in Python: texts, conversions, and what columns give."""

from datetime import UTC, datetime, timedelta

import pytest

from datagen.columns.column_type import (
    FLOAT,
    INSTANT,
    INT,
    JSON,
    TEXT,
    ColumnType,
    list_type,
    object_type,
)  # fmt: skip
from datagen.columns.datetimes import StyledDatetime, StyleZone
from datagen.curves.zone_style import ZoneStyle
from datagen.instants import NAIVE, UTC_STYLE
from datagen.language import values

BERLIN = ZoneStyle(zone="Europe/Berlin")


def test_texts_of_instants_are_those_of_json() -> None:
    """Three decimals, truncated, and the offset of the style; the year has four digits."""
    assert values.instant_text(-1, NAIVE) == "1969-12-31T23:59:59.999"
    assert values.instant_text(1_804_847_400_123_999, UTC_STYLE) == "2027-03-12T10:30:00.123+00:00"
    assert values.instant_text(1_804_847_400_000_000, BERLIN) == "2027-03-12T11:30:00.000+01:00"
    assert values.instant_text(NAIVE.limits[0], NAIVE) == "0001-01-01T00:00:00.000"


def test_texts_are_read_as_instants() -> None:
    """Those without an offset are local to the style; anything else is none."""
    assert values.read_instant("2027-03-12T10:30:00", NAIVE) == 1_804_847_400_000_000
    assert values.read_instant("2027-03-12T11:30:00", BERLIN) == 1_804_847_400_000_000
    assert values.read_instant("2027-03-12T10:30:00Z", BERLIN) == 1_804_847_400_000_000
    for wrong in ("", "tomorrow", "x" * 101, 5, None, "0001-01-01T00:00:00+10:00"):
        with pytest.raises(ValueError):
            values.read_instant(wrong, NAIVE)


def test_types_are_cut_off_where_they_are_deep() -> None:
    """So that what grows by each visit has a type."""
    deep: ColumnType = INT
    for _ in range(20):
        deep = list_type(deep)
    cut = values.truncated(deep)
    assert values.truncated(list_type(cut)) == cut
    assert str(cut).count("'list'") == values.MAX_DEPTH
    assert values.truncated(object_type({"a": INT})) == object_type({"a": INT})


def test_values_become_those_of_a_union() -> None:
    """At any depth; None says that there is nothing to do."""
    source = list_type(object_type({"a": INT, "t": INSTANT}))
    target = list_type(object_type({"a": FLOAT, "t": TEXT}))
    convert = values.conversion(source, target, NAIVE)
    assert convert is not None
    found = convert([{"a": 1, "t": 0}, None, {"a": None}])
    assert found == [{"a": 1.0, "t": "1970-01-01T00:00:00.000"}, None, {"a": None}]
    assert isinstance(found[0]["a"], float)
    assert values.conversion(source, source, NAIVE) is None
    assert values.conversion(list_type(INT), JSON, NAIVE) is None


def test_values_of_columns_are_loaded() -> None:
    """Instants are numbers where the type says so, texts among mixed values."""
    moment = StyledDatetime(2027, 3, 12, tzinfo=StyleZone(NAIVE))
    micros = (datetime(2027, 3, 12, tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(
        microseconds=1
    )
    load, mixed = values.loading(object_type({"t": INSTANT, "x": FLOAT})), values.loading(JSON)
    assert load is not None
    assert mixed is not None
    assert load({"t": moment, "x": 1, "y": 2}) == {"t": micros, "x": 1.0, "y": 2}
    assert mixed([moment, {"a": moment}]) == [
        "2027-03-12T00:00:00.000",
        {"a": "2027-03-12T00:00:00.000"},
    ]
    assert values.loading(list_type(TEXT)) is None
