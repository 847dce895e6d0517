"""What the functions of instants compute, microseconds since 1970.

Each raises ArithmeticError or ValueError where there is no value.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from datagen.columns.datetimes import to_datetimes
from datagen.columns.strftime import TimePattern
from datagen.curves.zone_style import ZoneStyle
from datagen.curves.zones import known_zone
from datagen.instants import DAY, SECOND, Style
from datagen.language import bounds
from datagen.language.tree import Function
from datagen.language.values import instant_text, read_instant
from datagen.timeline import Timeline

Compute = Callable[[int, Style], Any]
_MONDAY_TO_EPOCH = 3  # days: 1970 began on a Thursday
_LENGTHS = {"seconds": 1.0, "minutes": 60.0, "hours": 3600.0, "days": 86_400.0}


def _hour(micros: int, style: Style) -> int:
    return (micros + style.at(micros).offset) % DAY // (3600 * SECOND)


def _weekday(micros: int, style: Style) -> int:
    """Return the number of the day in its week: 0 is Monday."""
    return ((micros + style.at(micros).offset) // DAY + _MONDAY_TO_EPOCH) % 7


def _date(micros: int, style: Style) -> str:
    return instant_text(micros, style)[:10]


OF_LOCAL_TIME: Mapping[str, Compute] = {"hour": _hour, "weekday": _weekday, "date": _date}


def of_local_time(name: str, style: Style) -> Function:
    """Return the function `hour`, `weekday` or `date` of an instant in a style."""
    compute = OF_LOCAL_TIME[name]
    return Function(name, lambda micros: compute(micros, style), settings=(style,))


def of_local_time_in(name: str) -> Function:
    """Return the function `hour`, `weekday` or `date` of an instant and the name of a zone."""
    compute = OF_LOCAL_TIME[name]
    return Function(f"{name}_in", lambda micros, zone: compute(micros, _zone(zone)))


def strftime(pattern: str, style: Style) -> Function:
    """Return the function that makes instants texts by a pattern. Raises ValueError for a wrong one."""
    compiled = TimePattern(pattern)
    return Function(
        "strftime", lambda micros: _formatted(micros, compiled, style), settings=(compiled, style)
    )


def strftime_in(pattern: str) -> Function:
    """Return the function of an instant and the name of a zone. Raises ValueError for a wrong pattern."""
    compiled = TimePattern(pattern)
    return Function(
        "strftime_in",
        lambda micros, zone: _formatted(micros, compiled, _zone(zone)),
        settings=(compiled,),
    )


def instant(style: Style) -> Function:
    """Return the function that reads ISO 8601 texts; one without an offset is local to the style."""
    return Function("instant", lambda text: read_instant(text, style), settings=(style,))


def of_periods(name: str, timeline: Timeline, period: str) -> Function:
    """Return the function `during`, `ramp` or `progress` of a period and an instant."""
    at = getattr(timeline, f"{name}_at")
    return Function(
        name, lambda micros: at(period, micros), settings=(timeline, period), at_once=False
    )


def _formatted(micros: int, pattern: TimePattern, style: Style) -> str:
    moment = to_datetimes(np.array([micros]), style)[0]
    return bounds.text(pattern.format_datetime(moment))


def _length(seconds: float) -> Callable[[float], float]:
    return lambda number: bounds.finite(number * seconds)


def _epoch(micros: int) -> int:
    return micros // SECOND


def _epoch_ms(micros: int) -> int:
    return micros // 1000


@lru_cache(maxsize=1024)
def _zone(name: str) -> Style:
    return ZoneStyle(zone=known_zone(name))


TIME_FUNCTIONS: Mapping[str, Function] = {
    name: Function(name, compute)
    for name, compute in {
        **{name: _length(seconds) for name, seconds in _LENGTHS.items()},
        "epoch": _epoch, "epoch_ms": _epoch_ms,
    }.items()
}  # fmt: skip
