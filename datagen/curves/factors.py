"""Curves that multiply others and differ from week to week: a trend, a ramp, and factors of dates."""

import re
from collections.abc import Hashable, Iterator
from datetime import date
from functools import cached_property
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import (
    AfterValidator,
    ConfigDict,
    Field,
    PlainValidator,
    PrivateAttr,
    TypeAdapter,
    ValidationError,
)
from pydantic_core import PydanticCustomError

from datagen.arrays import Floats, Ints
from datagen.curves.curve import MAX_HEIGHT, MINUTES_PER_WEEK, Curve, Height, register
from datagen.curves.zones import week_start
from datagen.durations import duration_seconds, is_duration, why_no_duration
from datagen.elementary import exp, log, of_one
from datagen.errors import Path
from datagen.instants import DAY, SECOND
from datagen.validation import (
    Positive,
    invalid_value,
    invalid_values,
    is_comment,
    messages_of,
    number,
    quoted,
)

YEAR = 31_556_952 * SECOND  # the mean one of the Gregorian calendar: 365.2425 days
MONTH = YEAR // 12
_LOG_OF_HIGHEST = of_one(log, MAX_HEIGHT)
_LONGEST = 1e10  # seconds of a ramp
_EPOCH = date(1970, 1, 1).toordinal()
_LAST_DAY = date.max.toordinal() - _EPOCH
_MONDAY = -3  # the day, from 1970 on, that began the week 0
_DATE = re.compile(r"(\d{4}-\d\d-\d\d)(?:/(\d{4}-\d\d-\d\d))?")


class Factor(Curve):
    """The base of curves that are no profile of a week: their mean is never normalised, nor taken."""

    repeats: ClassVar[bool] = False

    @cached_property
    def minute_heights(self) -> Floats:
        return np.ones(MINUTES_PER_WEEK)


class FromStart(Factor):
    """The base of factors that change from the first start of the run on."""

    _start: int = PrivateAttr()
    starts_with_run: ClassVar[bool] = True

    def described(self) -> str:
        return self.type

    def starting_at(self, start: int) -> Curve:
        bound = self.model_copy()
        bound._start = start  # noqa: SLF001 - its own
        return bound


def _growth(value: float) -> float:
    if not 1 / MAX_HEIGHT <= value <= MAX_HEIGHT:
        raise invalid_value(f"expected a factor from 1e-9 to 1e9, not {quoted(value)}")
    return value


Growth = Annotated[Positive, AfterValidator(_growth)]


@register
class Trend(FromStart):
    """Growth, or decline, by a factor each month or year since the first start; below 1e-9 it is 0."""

    type: Literal["trend"] = "trend"
    per_month: Growth | None = None
    per_year: Growth | None = None

    @classmethod
    def missing_keys(cls, keys: dict[str, Any]) -> Iterator[tuple[Path, str]]:
        given = [key for key in ("per_month", "per_year") if key in keys]
        if not given:
            yield ("per_month",), "missing; or per_year, the factor of a year"
        elif len(given) > 1:
            yield ("per_year",), "per_month says it already; give one of them"

    def heights(self, instants: Ints) -> Floats:
        """Return factor ** ((instant - start) / period)."""
        factor, period = self._factor
        exponents = of_one(log, factor) * ((instants - self._start) / period)
        heights = exp(np.minimum(np.maximum(exponents, -_LOG_OF_HIGHEST), _LOG_OF_HIGHEST))
        heights[exponents < -_LOG_OF_HIGHEST] = 0.0
        return heights

    def week_key(self, week: int) -> Hashable:
        factor = self._factor[0]
        if factor == 1:
            return 1.0
        settled = week_start(week) >= self._settled_from
        return week if not settled else 0.0 if factor < 1 else MAX_HEIGHT

    @property
    def extremes(self) -> tuple[float, float]:
        return (0.0, 1.0) if self._factor[0] < 1 else (1.0, MAX_HEIGHT if self.grows else 1.0)

    @property
    def grows(self) -> bool:
        return self._factor[0] > 1

    @property
    def zero_from(self) -> int | None:
        return None if self._factor[0] >= 1 else self._settled_from

    def notes(self) -> Iterator[str]:
        factor, period = self._factor
        what, least = ("month", 0.5) if period == MONTH else ("year", 0.1)
        if factor < least:
            yield (
                f"the trend leaves {quoted(factor)} of the rate after a {what}; "
                f"growth by {quoted(factor)} is {quoted(round(1 + factor, 9))}"
            )

    @property
    def _settled_from(self) -> int:
        """Return the instant from which on it is at its limit; its factor is not 1."""
        factor, period = self._factor
        return self._start + int(_LOG_OF_HIGHEST / abs(of_one(log, factor)) * period) + 1

    @property
    def _factor(self) -> tuple[float, int]:
        """Return the factor, and of how many microseconds it is."""
        if self.per_month is not None:
            return self.per_month, MONTH
        return self.per_year or 1.0, YEAR


def _length(value: Any) -> int:
    """Return a length of time, text or seconds, as microseconds. Raises the error of a validator."""
    if isinstance(value, str):
        if not is_duration(value):
            raise invalid_value(f"{quoted(value)}: {why_no_duration(value)}")
        value = duration_seconds(value)
    micros = round(float(number(value)) * SECOND) if abs(number(value)) <= _LONGEST else -1
    if not micros > 0:
        raise invalid_value(
            f"expected a length of time above 0, at most 1e10 s, not {quoted(value)}"
        )
    return micros


@register
class Ramp(FromStart):
    """A way from one factor to another, in a straight line over a length of time from the first start on."""

    type: Literal["ramp"] = "ramp"
    from_: Height = Field(alias="from")
    to: Height
    over: Annotated[int, PlainValidator(_length)]  # microseconds

    def validate_keys(self) -> Iterator[tuple[Path, str]]:
        if not self.from_ and not self.to:
            yield ("to",), "from and to are both 0; expected one above"

    def heights(self, instants: Ints) -> Floats:
        shares = np.minimum(np.maximum((instants - self._start) / self.over, 0.0), 1.0)
        return self.from_ * (1.0 - shares) + self.to * shares

    def week_key(self, week: int) -> Hashable:
        if week_start(week + 1) <= self._start:
            return float(self.from_)
        return float(self.to) if week_start(week) >= self._start + self.over else (week,)

    @property
    def extremes(self) -> tuple[float, float]:
        return float(min(self.from_, self.to)), float(max(self.from_, self.to))

    @property
    def zero_from(self) -> int | None:
        return None if self.to else self._start + self.over


class DayFactors:
    """Factors of local days, by their numbers from 1970 on: 1 but in ranges [first, last], which do not overlap."""

    def __init__(self, ranges: list[tuple[int, int, float]]) -> None:
        ranges = sorted(ranges)
        self._firsts = np.array([first for first, _, _ in ranges], dtype=np.int64)
        self._lasts = np.array([last for _, last, _ in ranges], dtype=np.int64)
        self._factors = np.array([factor for *_, factor in ranges], dtype=np.float64)

    def of(self, days: Ints) -> Floats:
        """Return the factor of each day: int64[n] -> float64[n]."""
        if not len(self._firsts):
            return np.ones(len(days))
        places = np.searchsorted(self._firsts, days, side="right") - 1
        within = (places >= 0) & (days <= self._lasts[places])
        return np.where(within, self._factors[places], 1.0)


class FactorOfDays(Factor):
    """The base of factors that are the same throughout a local day."""

    def factors(self, days: Ints) -> Floats:
        """Return the factor of days, numbered from 1970 on, in order: int64[n] -> float64[n]."""
        raise NotImplementedError

    def heights(self, instants: Ints) -> Floats:
        days, places = np.unique(self.local_times(instants) // DAY, return_inverse=True)
        return self.factors(days)[places]

    def is_plain(self, first: int, last: int) -> bool:
        """Return whether the factor of all days from one to another is surely 1: what can be told faster than all factors."""
        del first, last
        return False

    def week_key(self, week: int) -> Hashable:
        # of a week of UTC and the days around it, which local days may reach into
        first = week * 7 + _MONDAY - 1
        if self.is_plain(first, first + 8):
            return 1.0
        factors = self.factors(np.arange(first, first + 9))
        return float(factors[0]) if (factors == factors[0]).all() else (week,)


def _date_factors(raw: Any) -> dict[str, float]:
    """Return the checked factors of dates, and of ranges of them."""
    if not isinstance(raw, dict):
        raise invalid_value(f"expected an object, not {quoted(raw)}")
    factors: dict[str, float] = {}
    ranges: list[tuple[int, int, str]] = []
    problems: list[tuple[Path, str]] = []
    for key, value in raw.items():
        if is_comment(key):
            continue
        try:
            ranges.append((*_days_of(key), key))
            factors[key] = float(_HEIGHT.validate_python(value))
        except PydanticCustomError as error:
            problems.append(((key,), error.message()))
        except ValidationError as error:
            problems += [((key, *path), text) for path, text in messages_of(error)]
    if not factors and not problems:
        problems.append(((), "expected at least one date"))
    latest = (0, -(10**7), "")
    for first, last, key in sorted(ranges):
        if first <= latest[1]:
            problems.append(((key,), f"overlaps with {quoted(latest[2])}"))
        latest = max(latest, (first, last, key), key=lambda each: each[1])
    if problems:
        raise invalid_values(problems)
    return factors


def _days_of(key: str) -> tuple[int, int]:
    """Return the first and the last day of a date or a range, from 1970 on. Raises the error of a validator."""
    match = _DATE.fullmatch(key)
    try:
        first, last = (_day(match[1]), _day(match[2] or match[1])) if match else (0, 0)
    except ValueError:
        match = None
    if match is None:
        raise invalid_value(
            "expected a date such as 2027-12-24, or a range such as 2027-12-24/2028-01-02"
        )
    if last < first:
        raise invalid_value("ends before it begins")
    return first, last


def _day(text: str) -> int:
    return date.fromisoformat(text).toordinal() - _EPOCH


_HEIGHT = TypeAdapter[float](Height, config=ConfigDict(strict=True, defer_build=True))


@register
class Dates(FactorOfDays):
    """A factor for each of some dates, or ranges of them, the last days included; 1 on all other days."""

    type: Literal["dates"] = "dates"
    dates: Annotated[dict[str, float], PlainValidator(_date_factors)]

    def factors(self, days: Ints) -> Floats:
        return self._factors.of(days)

    @property
    def extremes(self) -> tuple[float, float]:
        return min(1.0, *self.dates.values()), max(1.0, *self.dates.values())

    @property
    def zero_from(self) -> int | None:
        last, first, factor = max(
            (*_days_of(key)[::-1], factor) for key, factor in self.dates.items()
        )
        return (first + 1) * DAY if last >= _LAST_DAY and not factor else None  # in any zone

    @cached_property
    def _factors(self) -> DayFactors:
        return DayFactors([(*_days_of(key), factor) for key, factor in self.dates.items()])
