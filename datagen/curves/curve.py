"""Turns the keys of a curve into its height g at any instant, by arrays.

A curve repeats itself every week of local time. It follows from `of_week`, the heights within a week
that begins on Monday. To add one, write one class here.
"""

import math
from collections.abc import Callable, Hashable, Iterator, Sequence
from functools import cached_property
from typing import Annotated, Any, Generic, Literal, TypeVar

import numpy as np
from pydantic import AfterValidator, ConfigDict, PlainValidator, TypeAdapter, ValidationError

from datagen.arrays import Floats, Ints
from datagen.curves.zones import WEEK, Zone, week_begins, weeks_of, zone_names, zone_of
from datagen.errors import Path
from datagen.instants import DAY, SECOND
from datagen.validation import (
    Family,
    Model,
    NonNegative,
    Number,
    Positive,
    at_least_one,
    did_you_mean,
    invalid_value,
    invalid_values,
    is_comment,
    messages_of,
    quoted,
)

MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
MINUTES = WEEK // MINUTE  # of a week
LEAST = 0.001  # of a mixture: its rate is never quite zero
_MOST = 1e9  # keeps the sums of a week exact to the microsecond
_WEEKDAYS = ("1", "2", "3", "4", "5", "6", "7")
_WEEKDAY_NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

CURVES: "Family[Curve]" = Family("curve")
register = CURVES.register
T = TypeVar("T")


def _known_zone(name: str) -> str:
    if name not in zone_names():
        near = did_you_mean(name, zone_names())
        hint = near if "did you mean" in near else "; give a name such as Europe/Berlin"
        raise invalid_value(f"no time zone {quoted(name)}{hint}")
    return name


def _height(value: float) -> float:
    if value > _MOST:
        raise invalid_value(f"expected at most 1e9, not {quoted(value)}")
    return value


TimeZone = Annotated[str, AfterValidator(_known_zone)]
Height = Annotated[NonNegative, AfterValidator(_height)]


class Curve(Model):
    """The base of the family: a height at any instant, and what a schedule multiplies by it."""

    type: str
    timezone: TimeZone | None = None
    applies_to: Literal["workers", "arrivals"] = "workers"

    def of_week(self, places: Ints) -> Floats:
        """Return the heights so many microseconds after Monday began, 0 up to a week: float64[n]."""
        raise NotImplementedError

    def at(self, instants: Ints) -> Floats:
        """Return g at instants, microseconds since 1970: int64[n] -> float64[n]."""
        return self.of_week(
            weeks_of(instants if self.zone is None else self.zone.local(instants))[1]
        )

    @cached_property
    def zone(self) -> Zone | None:
        """Return the time zone, or None: the curve follows UTC."""
        return None if self.timezone in (None, "UTC") else zone_of(str(self.timezone))

    def pattern(self, week: int) -> Hashable:
        """Return what tells weeks in which the curve is the same from others."""
        return None if self.zone is None else self.zone.pattern(week)

    @cached_property
    def minutes(self) -> Floats:
        """Return the heights amid the minutes of a week: float64[10080]."""
        return self.of_week(np.arange(MINUTES) * MINUTE + MINUTE // 2)


class Weeks(Generic[T]):
    """What is made of some curves for each week, once for all weeks in which they are the same."""

    def __init__(self, curves: Sequence[Curve], make: Callable[[int], T]) -> None:
        self._curves, self._make = curves, make
        self.alike = all(curve.zone is None for curve in curves)
        self._by_number: dict[int, T] = {}
        self._by_pattern: dict[Hashable, T] = {}

    def of(self, number: int) -> T:
        """Return what belongs to a week, by its number."""
        number = 0 if self.alike else number
        found = self._by_number.get(number)
        return self._found(number) if found is None else found

    def _found(self, number: int) -> T:
        pattern = tuple(curve.pattern(number) for curve in self._curves)
        if pattern not in self._by_pattern:
            self._by_pattern[pattern] = self._make(week_begins(number))
        found = self._by_number[number] = self._by_pattern[pattern]
        return found


@register
class Constant(Curve):
    """Always the same height."""

    type: Literal["constant"] = "constant"
    value: Height

    def validate_keys(self) -> Iterator[tuple[Path, str]]:
        if self.applies_to == "arrivals" and self.value < 1 / _MOST:
            yield (
                ("value",),
                f"{quoted(self.value)} would let nobody arrive; expected at least 1e-9",
            )

    def of_week(self, places: Ints) -> Floats:
        return np.full(len(places), float(self.value))


def _hour(value: float) -> float:
    if not -24 <= value <= 48:
        raise invalid_value(f"expected an hour of the day, not {quoted(value)}")
    return value


class Component(Model):
    """One Gaussian of a day: where its top is, how wide and how high it is; hours."""

    utc_hour: Annotated[Number, AfterValidator(_hour)]
    sigma: Positive
    weight: Height

    def heights(self, hours: Floats) -> Floats:
        """Return weight x max over d of -24, 0, 24 of exp(-((h - utc_hour + d) / sigma)^2 / 2)."""
        off = hours - self.utc_hour
        near = np.minimum(np.minimum(np.abs(off), np.abs(off - 24.0)), np.abs(off + 24.0))
        with np.errstate(over="ignore", under="ignore"):
            return self.weight * np.exp(-0.5 * (near / self.sigma) ** 2)


def _checked_days(
    raw: Any, names: Sequence[str], what: str, check: Callable[[Any], T]
) -> dict[str, T]:
    """Check an object whose keys are days of the week, and each of its values."""
    if not isinstance(raw, dict):
        raise invalid_value(f"expected an object, not {quoted(raw)}")
    days: dict[str, T] = {}
    found: list[tuple[Path, str]] = []
    for key, value in raw.items():
        if is_comment(key):
            continue
        if key not in names:
            found.append(((key,), f"no {what}; one of {', '.join(names)}"))
            continue
        try:
            days[key] = check(value)
        except ValidationError as error:
            found += [((key, *path), text) for path, text in messages_of(error)]
    if not found and not days:
        found.append(((), "expected at least one day"))
    if found:
        raise invalid_values(found)
    return days


def _nearest_before(days: dict[str, T], names: Sequence[str]) -> list[T]:
    """Return what each day of the week has: its own, or that of the nearest listed day before it."""
    around = [*names, *names]
    return [
        next(days[name] for name in reversed(around[: day + 8]) if name in days) for day in range(7)
    ]


def _several_hours(weights: list[float]) -> list[float]:
    if len(weights) != 24:
        raise invalid_value(f"expected 24 numbers, one for each hour, not {len(weights)}")
    return weights


_STRICT = ConfigDict(strict=True)
_COMPONENTS = TypeAdapter[list[Component]](
    Annotated[list[Component], at_least_one("component")], config=_STRICT
)
_WEIGHTS = TypeAdapter[list[float]](
    Annotated[list[Height], AfterValidator(_several_hours)], config=_STRICT
)


def _mixture_days(raw: Any) -> dict[str, list[Component]]:
    return _checked_days(raw, _WEEKDAYS, "ISO weekday (1 is Monday)", _COMPONENTS.validate_python)


Days = Annotated[dict[str, list[Component]], PlainValidator(_mixture_days)]


@register
class Mixture(Curve):
    """A sum of Gaussians over the hour of day, for each weekday; a step at midnight, never 0."""

    type: Literal["gmm_temporal"] = "gmm_temporal"
    days: Days

    def of_week(self, places: Ints) -> Floats:
        days, hours = places // DAY, (places % DAY) / HOUR
        heights = np.zeros(len(places))
        for day, components in enumerate(_nearest_before(self.days, _WEEKDAYS)):
            rows = np.flatnonzero(days == day)
            for component in components:
                heights[rows] += component.heights(hours[rows])
        return np.maximum(heights, LEAST)


class _Points(Curve):
    """The base of curves through a point at half past each hour, linear in between."""

    scale: Literal["mean", "peak"] | None = None

    def points(self) -> list[float]:
        """Return the heights at half past each hour of the week."""
        raise NotImplementedError

    def validate_keys(self) -> Iterator[tuple[Path, str]]:
        if max(self.points()) < 1 / _MOST:
            yield ("weights",), "expected at least one weight above 0"

    def of_week(self, places: Ints) -> Floats:
        after, share = np.divmod(places - HOUR // 2, HOUR)
        share, points = share / HOUR, self._scaled
        last = points[after % len(points)]
        heights: Floats = last + (points[(after + 1) % len(points)] - last) * share
        return heights

    @cached_property
    def _scaled(self) -> Floats:
        points = np.array(self.points(), dtype=float)
        units = {"mean": math.fsum(points) / len(points), "peak": float(points.max())}
        heights: Floats = points / units.get(self.scale or "", 1.0)
        return heights


@register
class Hourly(_Points):
    """The same every day: a weight for each hour."""

    type: Literal["hourly"] = "hourly"
    weights: Annotated[list[Height], AfterValidator(_several_hours)]

    def points(self) -> list[float]:
        return [*self.weights] * 7


def _weekly_days(raw: Any) -> dict[str, list[float]]:
    return _checked_days(raw, _WEEKDAY_NAMES, "day", _WEIGHTS.validate_python)


@register
class Weekly(_Points):
    """A weight for each hour of each weekday."""

    type: Literal["weekly"] = "weekly"
    weights: Annotated[dict[str, list[float]], PlainValidator(_weekly_days)]

    def points(self) -> list[float]:
        days = _nearest_before(self.weights, _WEEKDAY_NAMES)
        return [weight for day in days for weight in day]
