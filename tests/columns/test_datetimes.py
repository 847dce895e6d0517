"""Single instants as datetimes, which write themselves as columns of instants do."""

from datetime import timedelta

import numpy as np
import pytest

from datagen.columns.datetimes import to_datetimes
from datagen.columns.scalar import InstantColumn
from datagen.instants import NAIVE, Style

STYLES = [NAIVE, Style(0, "Z"), Style(-5 * 3_600_000_000, "-0500")]
MICROS = np.array([0, -1, 1_804_824_306_789_012])


@pytest.mark.parametrize("style", STYLES)
def test_texts_are_those_of_the_column(style: Style) -> None:
    """Three decimals, truncated, and the offset as it was given."""
    expected = InstantColumn(MICROS, style).text.to_pylist()
    found = to_datetimes(MICROS, style)
    assert [str(each) for each in found] == [each.isoformat() for each in found] == expected


@pytest.mark.parametrize("style", STYLES)
def test_they_are_instants_in_utc(style: Style) -> None:
    """Whatever the offset; a style without one counts as UTC."""
    found = to_datetimes(MICROS, style)
    assert [each.timestamp() for each in found] == (MICROS / 1e6).tolist()
    assert found[0].utcoffset() == timedelta(microseconds=style.offset)


def test_patterns_know_the_extensions() -> None:
    """As in columns; also after arithmetic, which keeps the type."""
    (instant,) = to_datetimes(np.array([1_500]), NAIVE)
    assert instant.strftime("%3f %Z") == "001 UTC"
    assert str(instant + timedelta(seconds=1)) == "1970-01-01T00:00:01.001"


def test_numbers_are_seconds() -> None:
    """As in expressions; other values add up as Python's do."""
    (instant,) = to_datetimes(np.array([1_500]), STYLES[2])
    for moved in (instant + 90.5, 90.5 + instant, instant - -90.5):
        assert str(moved) == "1969-12-31T19:01:30.501-0500"
    assert str(instant - 1) == "1969-12-31T18:59:59.001-0500"
    assert instant - to_datetimes(np.array([500]), NAIVE)[0] == timedelta(milliseconds=1)
    for other in ("1", True):
        with pytest.raises(TypeError, match="unsupported operand"):
            instant + other
    with pytest.raises(OverflowError):
        instant + 1e300
