"""Curves as plainly as they can be written: one instant at a time, by the clock of the standard library.

They share nothing with the program but the formula, and take the same JSON.
"""

import math
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import holidays
import numpy as np
from numpy.typing import NDArray

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SECOND = 1_000_000
YEAR = 365.2425 * 86_400  # seconds
Spec = dict[str, Any]


def micros(text: str) -> int:
    """Return an instant, ISO 8601 in UTC, in microseconds since 1970."""
    return (datetime.fromisoformat(text).replace(tzinfo=UTC) - EPOCH) // timedelta(microseconds=1)


FIRST_START = micros("2027-03-01T06:30")


@cache
def zone(name: str) -> ZoneInfo:
    """Return a time zone by the rules of the package, which may be newer than the machine's."""
    with files("tzdata").joinpath("zoneinfo").joinpath(*name.split("/")).open("rb") as file:
        return ZoneInfo.from_file(file, name)


def offset(name: str, instant: int) -> int:
    """Return a zone's offset from UTC at an instant, in microseconds."""
    found = (EPOCH + timedelta(microseconds=instant)).astimezone(zone(name)).utcoffset()
    assert found is not None
    return found // timedelta(microseconds=1)


def plain_height(curve: Spec, instant: int, start: int = FIRST_START) -> float:
    """Return g at an instant, microseconds since 1970, of a run with a first start."""
    if curve["type"] == "product":
        return math.prod(plain_height(each, instant, start) for each in _members(curve))
    if curve["type"] in OVER_TIME:
        return OVER_TIME[curve["type"]](curve, (instant - start) / SECOND)
    moment = (EPOCH + timedelta(microseconds=instant)).astimezone(
        zone(curve.get("timezone", "UTC"))
    )
    if curve["type"] in OF_DATES:
        return OF_DATES[curve["type"]](curve, moment.date())
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    hour = (moment.replace(tzinfo=None) - midnight) / timedelta(hours=1)
    kinds = {"constant": _constant, "gmm_temporal": _mixture, "hourly": _hourly, "weekly": _weekly}
    return kinds[curve["type"]](curve, moment.weekday(), hour)


def integrals(
    curve: Spec, edges: list[int], step: int = 5 * SECOND, start: int = FIRST_START
) -> NDArray[np.float64]:
    """Integrate g between instants, in seconds, by the middles of short steps."""
    sums = []
    for first, last in pairwise(edges):
        parts = [(each, min(step, last - each)) for each in range(first, last, step)]
        sums.append(
            math.fsum(plain_height(curve, at + size // 2, start) * size for at, size in parts)
        )
    return np.array(sums) / SECOND


def _members(product: Spec) -> list[Spec]:
    own = {"timezone": product["timezone"]} if "timezone" in product else {}
    return [{**own, **each} for each in product["curves"]]


def _trend(curve: Spec, seconds: float) -> float:
    if "per_year" in curve:
        return float(curve["per_year"] ** (seconds / YEAR))
    return float(curve["per_month"] ** (seconds / YEAR * 12))


def _ramp(curve: Spec, seconds: float) -> float:
    share = min(max(seconds / (float(curve["over"].removesuffix("D")) * 86_400), 0), 1)
    return float(curve["from"] + (curve["to"] - curve["from"]) * share)


def _dates(curve: Spec, day: date) -> float:
    for key, factor in curve["dates"].items():
        first, _, last = key.partition("/")
        if first <= day.isoformat() <= (last or first):
            return float(factor)
    return 1.0


@cache
def _days_off(country: str, subdivision: str | None) -> set[date]:
    return set(holidays.country_holidays(country, subdiv=subdivision, years=range(1900, 2101)))


def _holidays(curve: Spec, day: date) -> float:
    off = _days_off(curve["country"], curve.get("subdivision"))
    return float(curve["factor"]) if day in off else 1.0


OVER_TIME: dict[str, Callable[[Spec, float], float]] = {"trend": _trend, "ramp": _ramp}
OF_DATES: dict[str, Callable[[Spec, date], float]] = {"dates": _dates, "holidays": _holidays}


def _constant(curve: Spec, day: int, hour: float) -> float:
    return float(curve["value"])


def _mixture(curve: Spec, day: int, hour: float) -> float:
    while str(day + 1) not in curve["days"]:
        day = (day - 1) % 7
    total: float = sum(
        each["weight"]
        * max(math.exp(-0.5 * ((hour - each["utc_hour"] + d) / each["sigma"]) ** 2) for d in (-24, 0, 24))
        for each in curve["days"][str(day + 1)]
    )  # fmt: skip
    return max(0.001, total)


def _hourly(curve: Spec, day: int, hour: float) -> float:
    return _weekly({**curve, "weights": dict.fromkeys(DAYS, curve["weights"])}, day, hour)


def _weekly(curve: Spec, day: int, hour: float) -> float:
    if curve.get("steps"):
        return float(_listed(curve["weights"], DAYS[day])[math.floor(hour)])
    points = [weight for name in DAYS for weight in _listed(curve["weights"], name)]
    place = day * 24 + hour - 0.5
    low = math.floor(place)
    before, after = points[low % 168], points[(low + 1) % 168]
    return float(before + (after - before) * (place - low))


def _listed(weights: Spec, name: str) -> list[float]:
    place = DAYS.index(name)
    while DAYS[place] not in weights:
        place = (place - 1) % 7
    found: list[float] = weights[DAYS[place]]
    return found
