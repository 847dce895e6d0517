"""Kernels of instants give what the scalar rules do."""

import pytest

from datagen.columns.column_type import BOOL, FLOAT, INSTANT, INT, ColumnType
from datagen.curves.zone_style import ZoneStyle
from datagen.curves.zones import known_zone
from datagen.instants import Style
from datagen.language.time_functions import TIME_FUNCTIONS, of_local_time, of_periods
from datagen.language.time_kernels import TIME_KERNELS
from datagen.spec.timeline import Period, rules_of
from datagen.timeline import Timeline
from tests.support.expression_trees import STYLE
from tests.support.kernel_cases import assert_kernel

DAY = 86_400_000_000
INSTANTS = (
    INSTANT,
    [*(10**15 + DAY * 20 * day + day for day in range(30)), 0, -1, -(6 * 10**16), None],
)


@pytest.mark.parametrize("name", ["hour", "weekday"])
@pytest.mark.parametrize("style", [STYLE, ZoneStyle(zone=known_zone("Europe/Berlin"))])
def test_local_time(name: str, style: Style) -> None:
    """What clocks and calendars show there, in summer and in winter."""
    assert_kernel(of_local_time(name, style), INT, INSTANTS)


@pytest.mark.parametrize("name", ["epoch", "epoch_ms"])
def test_since_1970(name: str) -> None:
    """Whole seconds and milliseconds, before it too."""
    assert_kernel(TIME_FUNCTIONS[name], INT, INSTANTS)


def test_every_kernel_has_its_function() -> None:
    """By its name."""
    assert set(TIME_KERNELS) <= {*TIME_FUNCTIONS, "hour", "weekday", "during", "ramp", "progress"}


@pytest.mark.parametrize(("name", "of"), [("during", BOOL), ("ramp", FLOAT), ("progress", FLOAT)])
def test_periods(name: str, of: ColumnType) -> None:
    """Within one, near one, and far from all, once and again."""
    again = {"at": "+1H", "for": "3W", "every": "9W", "ramp": "2W"}
    periods = Timeline(rules_of({"a": Period.model_validate(again)}))
    periods.begin(0)
    assert_kernel(of_periods(name, periods, "a"), of, INSTANTS)
