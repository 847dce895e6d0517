"""Formats of instants against Python's own arithmetic."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction

import numpy as np
import pytest

from datagen.columns.instant_format import NAMES, InstantFormat
from datagen.curves.zone_style import ZoneStyle
from datagen.instants import NAIVE, UTC_STYLE, YEAR_1, YEAR_10000, Style

MICROS = [0, 1, -1, 999_999, -1_000_001, 1_804_809_600_123_456, -(10**15) + 7]
UNITS = {"epoch": 1, "epoch_ms": 10**3, "epoch_us": 10**6, "epoch_ns": 10**9}


def written(name: str, micros: list[int], style: Style = NAIVE) -> list[str]:
    """Return what a format makes of instants."""
    return [*map(str, InstantFormat(name).column(np.array(micros), style).text.to_pylist())]


@pytest.mark.parametrize("name", UNITS)
def test_numbers_are_rounded_down(name: str) -> None:
    """Also before 1970."""
    expected = [str(Fraction(each * UNITS[name], 10**6).__floor__()) for each in MICROS]
    assert written(name, MICROS) == expected


def test_nanoseconds_stay_within_64_bits() -> None:
    """The first and the last that there are stand for all beyond."""
    least, most = written("epoch_ns", [YEAR_1, YEAR_10000 - 1])
    assert int(least) == -(2**63 - 1) // 1000 * 1000 + 1000
    assert int(most) == (2**63 - 1) // 1000 * 1000


@pytest.mark.parametrize(("style", "suffix"), [(NAIVE, ""), (UTC_STYLE, "+00:00")])
def test_texts_have_three_or_six_decimals(style: Style, suffix: str) -> None:
    """As Python has them, truncated."""
    for name, unit in (("iso", "milliseconds"), ("iso_us", "microseconds")):
        begin = datetime.fromisoformat("1970-01-01")
        expected = [begin + timedelta(microseconds=each) for each in MICROS]
        texts = [each.isoformat(timespec=unit) + suffix for each in expected]
        assert written(name, MICROS, style) == texts


def test_zones_have_six_decimals_on_both_sides_of_a_change() -> None:
    """Clocks go on in Berlin at 01:00 UTC on 2027-03-28."""
    change = int(datetime(2027, 3, 28, 1, tzinfo=UTC).timestamp()) * 10**6
    assert written("iso_us", [change - 1, change + 1], ZoneStyle(zone="Europe/Berlin")) == [
        "2027-03-28T01:59:59.999999+01:00",
        "2027-03-28T03:00:00.000001+02:00",
    ]


def test_names_are_typed_and_patterns_are_texts() -> None:
    """In columns."""
    kinds = {name: InstantFormat(name).column_type.kind for name in (*NAMES, "%H", "epoch %s")}
    assert kinds == {
        "iso": "instant", "iso_us": "instant", "epoch": "int", "epoch_ms": "int", "epoch_us": "int", "epoch_ns": "int",
        "%H": "text", "epoch %s": "text",
    }  # fmt: skip


def test_unknown_directive_is_refused() -> None:
    """With its letter."""
    with pytest.raises(ValueError, match='"%Q" is not a strftime directive'):
        InstantFormat("%Q")
