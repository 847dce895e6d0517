"""Turns the keys of a curve into its height g at any instant, by arrays.

Most curves repeat themselves every week of local time; `heights_in_week` is all that one of them has to
define: write one class here. Others are factors, which differ from week to week (`factors`).
"""

import math
from collections.abc import Callable, Hashable, Iterator, Sequence
from functools import cached_property
from typing import Annotated, Any, ClassVar, Generic, Literal, TypeVar

import numpy as np
from pydantic import AfterValidator, ConfigDict, PlainValidator, TypeAdapter, ValidationError

from datagen.arrays import Floats, Ints
from datagen.curves.zones import WEEK, Zone, known_zone, week_start, weeks_and_offsets, zone_of
from datagen.elementary import exp
from datagen.errors import Path
from datagen.instants import DAY, SECOND
from datagen.validation import (
    Family,
    Model,
    NonNegative,
    Number,
    Positive,
    at_least_one,
    invalid_value,
    invalid_values,
    is_comment,
    messages_of,
    quoted,
)

MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
MINUTES_PER_WEEK = WEEK // MINUTE
_MIN_MIXTURE = 0.001  # the height of a mixture is never quite 0
MAX_HEIGHT = 1e9  # keeps the sums of a week exact to the microsecond
_MOST_HEIGHTS = 100_000  # that are computed to look over a time
_MOST_WEEKS = 32  # whose values are kept where they differ
_WEEKDAYS = ("1", "2", "3", "4", "5", "6", "7")
_WEEKDAY_NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

CURVES: "Family[Curve]" = Family("curve")
register = CURVES.register
T = TypeVar("T")


def _height(value: float) -> float:
    if value > MAX_HEIGHT:
        raise invalid_value(f"expected at most 1e9, not {quoted(value)}")
    return value


TimeZone = Annotated[str, AfterValidator(known_zone)]
Height = Annotated[NonNegative, AfterValidator(_height)]


class Curve(Model):
    """The base of the family. `applies_to` says what the curve multiplies as a run's schedule."""

    type: str
    timezone: TimeZone | None = None
    applies_to: Literal["workers", "arrivals"] = "workers"
    repeats: ClassVar[bool] = True  # it is the same every week of local time
    starts_with_run: ClassVar[bool] = (
        False  # its heights are known once `starting_at` has said when
    )

    def heights_in_week(self, offsets: Ints) -> Floats:
        """Return g at offsets from the Monday that begins a week: int64[n] -> float64[n].

        The offsets are microseconds of local time, from 0 up to a week.
        """
        raise NotImplementedError

    def heights(self, instants: Ints) -> Floats:
        """Return g at instants, microseconds since 1970: int64[n] -> float64[n]."""
        return self.heights_in_week(weeks_and_offsets(self.local_times(instants))[1])

    def local_times(self, instants: Ints) -> Ints:
        """Return what the clocks of its zone show, as microseconds since 1970 in local time: int64[n] -> int64[n]."""
        return instants if self.zone is None else self.zone.local_times(instants)

    @cached_property
    def zone(self) -> Zone | None:
        """Return the time zone, or None for UTC."""
        return None if self.timezone in (None, "UTC") else zone_of(str(self.timezone))

    @property
    def members(self) -> "tuple[Curve, ...]":
        """Return the curves that it is the product of: itself, of most."""
        return (self,)

    def starting_at(self, start: int) -> "Curve":
        """Return the curve of a run whose first start is an instant, microseconds since 1970."""
        del start
        return self

    def week_key(self, week: int) -> Hashable:
        """Return a key that is equal for weeks, by their numbers, in which the curve is the same."""
        return None if self.zone is None else self.zone.offsets(week)

    @cached_property
    def minute_heights(self) -> Floats:
        """Return g in the middle of each minute of a week: float64[10080]; a factor is 1 all week long."""
        return self.heights_in_week(np.arange(MINUTES_PER_WEEK) * MINUTE + MINUTE // 2)

    @property
    def extremes(self) -> tuple[float, float]:
        """Return a height below which g never is from the first start on, and one above which it never is."""
        return float(self.minute_heights.min()), float(self.minute_heights.max())

    @property
    def grows(self) -> bool:
        """Return whether it rises without end."""
        return False

    @property
    def zero_from(self) -> int | None:
        """Return an instant from which on g is 0 for ever, if there is one."""
        return None

    def notes(self) -> Iterator[str]:
        """Yield what a user should know of its keys."""
        yield from ()

    def described(self) -> str:
        """Return its kind and its time zone in words."""
        return f"{self.type} in {self.timezone or 'UTC'}"

    def heights_over(self, begin: int, end: int) -> Floats:
        """Return g throughout a time between instants: float64[n]; of what repeats itself, throughout a week."""
        if all(each.repeats for each in self.members):
            return self.minute_heights
        step = max((end - begin) // _MOST_HEIGHTS, MINUTE)
        return self.heights(np.arange(begin, max(end, begin + 1), step))


class WeekCache(Generic[T]):
    """Values computed from curves for a week each, once for all weeks in which the curves are the same."""

    def __init__(
        self, curves: Sequence[Curve], compute: Callable[[int], T], most: int = _MOST_WEEKS
    ) -> None:
        """Take the curves, and what computes the value of a week from the instant it begins at.

        Where weeks differ without end, so many values are kept at most.
        """
        self._curves = [each for curve in curves for each in curve.members]
        self._compute, self._most = compute, most
        self.all_repeat = all(curve.repeats for curve in self._curves)
        self.all_alike = self.all_repeat and all(curve.zone is None for curve in self._curves)
        self._by_number: dict[int, T] = {}
        self._by_key: dict[Hashable, T] = {}

    def for_week(self, number: int) -> T:
        """Return the value of a week, by its number."""
        number = 0 if self.all_alike else number
        value = self._by_number.get(number)
        return self._look_up(number) if value is None else value

    def _look_up(self, number: int) -> T:
        key = tuple(curve.week_key(number) for curve in self._curves)
        if key not in self._by_key:
            if not self.all_repeat and len(self._by_key) >= self._most:
                self._by_key.clear()
                self._by_number.clear()
            self._by_key[key] = self._compute(week_start(number))
        value = self._by_number[number] = self._by_key[key]
        return value


@register
class Constant(Curve):
    """Always the same height."""

    type: Literal["constant"] = "constant"
    value: Height

    def validate_keys(self) -> Iterator[tuple[Path, str]]:
        if self.applies_to == "arrivals" and self.value < 1 / MAX_HEIGHT:
            yield (
                ("value",),
                f"{quoted(self.value)} is too low for any arrival; expected at least 1e-9",
            )

    def heights_in_week(self, offsets: Ints) -> Floats:
        return np.full(len(offsets), float(self.value))


def _hour(value: float) -> float:
    if not -24 <= value <= 48:
        raise invalid_value(f"expected an hour of the day, not {quoted(value)}")
    return value


class Component(Model):
    """One Gaussian of a day: its center and standard deviation in hours, and its height."""

    utc_hour: Annotated[Number, AfterValidator(_hour)]
    sigma: Positive
    weight: Height

    def heights(self, hours: Floats) -> Floats:
        """Return the heights at hours of the day: float64[n] -> float64[n].

        The maximum, over d of -24, 0 and 24, of weight x exp(-((hour - utc_hour + d) / sigma)^2 / 2).
        """
        off = hours - self.utc_hour
        distance = np.minimum(np.minimum(np.abs(off), np.abs(off - 24.0)), np.abs(off + 24.0))
        with np.errstate(over="ignore", under="ignore"):
            scaled = distance / self.sigma
            return self.weight * exp(-0.5 * scaled * scaled)


def _parse_days(
    raw: Any, names: Sequence[str], what: str, parse: Callable[[Any], T]
) -> dict[str, T]:
    """Return the parsed values of an object whose keys are days of the week."""
    if not isinstance(raw, dict):
        raise invalid_value(f"expected an object, not {quoted(raw)}")
    days: dict[str, T] = {}
    problems: list[tuple[Path, str]] = []
    for key, value in raw.items():
        if is_comment(key):
            continue
        if key not in names:
            problems.append(((key,), f"no {what}; one of {', '.join(names)}"))
            continue
        try:
            days[key] = parse(value)
        except ValidationError as error:
            problems += [((key, *path), text) for path, text in messages_of(error)]
    if not problems and not days:
        problems.append(((), "expected at least one day"))
    if problems:
        raise invalid_values(problems)
    return days


def _fill_days(days: dict[str, T], names: Sequence[str]) -> list[T]:
    """Return a value for each day of the week: its own, or that of the last listed day before it."""
    two_weeks = [*names, *names]
    return [
        next(days[name] for name in reversed(two_weeks[: day + 8]) if name in days)
        for day in range(7)
    ]


def _one_per_hour(weights: list[float]) -> list[float]:
    if len(weights) != 24:
        raise invalid_value(f"expected 24 numbers, one for each hour, not {len(weights)}")
    return weights


_STRICT = ConfigDict(strict=True, defer_build=True)  # few runs have a curve
_COMPONENTS = TypeAdapter[list[Component]](
    Annotated[list[Component], at_least_one("component")], config=_STRICT
)
_WEIGHTS = TypeAdapter[list[float]](
    Annotated[list[Height], AfterValidator(_one_per_hour)], config=_STRICT
)


def _mixture_days(raw: Any) -> dict[str, list[Component]]:
    return _parse_days(raw, _WEEKDAYS, "ISO weekday (1 is Monday)", _COMPONENTS.validate_python)


Days = Annotated[dict[str, list[Component]], PlainValidator(_mixture_days)]


@register
class GaussianMixture(Curve):
    """A sum of Gaussians over the hour of day, for each weekday; steps at midnight, never 0."""

    type: Literal["gmm_temporal"] = "gmm_temporal"
    days: Days

    def heights_in_week(self, offsets: Ints) -> Floats:
        days, hours = offsets // DAY, (offsets % DAY) / HOUR
        heights = np.zeros(len(offsets))
        for day, components in enumerate(_fill_days(self.days, _WEEKDAYS)):
            rows = np.flatnonzero(days == day)
            for component in components:
                heights[rows] += component.heights(hours[rows])
        return np.maximum(heights, _MIN_MIXTURE)


class _Interpolated(Curve):
    """The base of curves with a height at half past each hour, linear in between; in `steps`, of whole hours."""

    scale: Literal["mean", "peak"] | None = None
    steps: bool = False

    def hourly_heights(self) -> list[float]:
        """Return the heights at half past each hour of the week, before they are scaled: 168."""
        raise NotImplementedError

    def validate_keys(self) -> Iterator[tuple[Path, str]]:
        if max(self.hourly_heights()) < 1 / MAX_HEIGHT:
            yield ("weights",), "expected at least one weight above 0"

    def heights_in_week(self, offsets: Ints) -> Floats:
        if self.steps:
            return self._scaled[offsets // HOUR]
        hours, rest = np.divmod(offsets - HOUR // 2, HOUR)
        share, points = rest / HOUR, self._scaled
        last = points[hours % len(points)]
        heights: Floats = last + (points[(hours + 1) % len(points)] - last) * share
        return heights

    @cached_property
    def _scaled(self) -> Floats:
        points = np.array(self.hourly_heights(), dtype=float)
        units = {"mean": math.fsum(points) / len(points), "peak": float(points.max())}
        heights: Floats = points / units.get(self.scale or "", 1.0)
        return heights


@register
class Hourly(_Interpolated):
    """The same every day: a weight for each hour."""

    type: Literal["hourly"] = "hourly"
    weights: Annotated[list[Height], AfterValidator(_one_per_hour)]

    def hourly_heights(self) -> list[float]:
        return [*self.weights] * 7


def _weekly_days(raw: Any) -> dict[str, list[float]]:
    return _parse_days(raw, _WEEKDAY_NAMES, "day", _WEIGHTS.validate_python)


@register
class Weekly(_Interpolated):
    """A weight for each hour of each weekday."""

    type: Literal["weekly"] = "weekly"
    weights: Annotated[dict[str, list[float]], PlainValidator(_weekly_days)]

    def hourly_heights(self) -> list[float]:
        days = _fill_days(self.weights, _WEEKDAY_NAMES)
        return [weight for day in days for weight in day]
