"""Turns the parts of dates (year, month, week, ...) into days since 1970, and back, by arrays.

A part is named after the directive of strftime that stands for it.
"""

from collections.abc import Callable, Mapping

import numpy as np

from datagen.arrays import Ints, Mask

Parts = dict[str, Ints]  # numbers by part: int64[n] each
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September",
          "October", "November", "December")  # fmt: skip
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

SHORT_MONTHS = tuple(name[:3] for name in MONTHS)
SHORT_WEEKDAYS = tuple(name[:3] for name in WEEKDAYS)


def days_of(parts: Parts, good: Mask) -> Ints:
    """Return the days that parts with a year stand for, anything for dates that do not exist.

    These are cleared in `good`: bool[n]. A month or day that is not given is the first.
    """
    if "V" in parts:
        return _of_iso_weeks(parts["G"], parts["V"], parts["weekday"], good)
    year = parts["Y"]
    good &= year >= 1
    if "j" in parts:
        first = _first_of_year(year)
        good &= (parts["j"] >= 1) & (first + parts["j"] <= _first_of_year(year + 1))
        return first + parts["j"] - 1
    for kind, sunday in (("U", 1), ("W", 0)):
        if kind in parts:
            return _of_weeks(year, parts[kind], (parts["weekday"] + sunday) % 7, sunday, good)
    ones = np.ones_like(year)
    month, day = parts.get("m", ones), parts.get("d", ones)
    good &= (month >= 1) & (month <= 12) & (day >= 1)
    months = (year - 1970) * 12 + np.clip(month, 1, 12) - 1
    first = first_of(months)
    good &= day <= first_of(months + 1) - first
    return first + day - 1


def first_of(months: Ints) -> Ints:
    """Return the first day of months since 1970, in days since 1970."""
    return months.astype("M8[M]").astype("M8[D]").astype(np.int64)


def months_of(days: Ints) -> Ints:
    """Return the months since 1970 in which days since 1970 are."""
    return days.astype("M8[D]").astype("M8[M]").astype(np.int64)


def weekday_of(days: Ints) -> Ints:
    """Return the days of the week, from 0 for Monday: 1970 began on a Thursday."""
    return (days + 3) % 7


def date_part(kind: str, days: Ints) -> Ints:
    """Return one part of dates."""
    return _PARTS[kind](days)


def _year(days: Ints) -> Ints:
    return months_of(days) // 12 + 1970


def _day_of_year(days: Ints) -> Ints:
    return days - _first_of_year(_year(days))


def _first_of_year(years: Ints) -> Ints:
    return first_of((years - 1970) * 12)


def _thursday(days: Ints) -> Ints:
    """Return the Thursday of each week: its year is that of the week by ISO 8601."""
    return days - weekday_of(days) + 3


def _of_iso_weeks(year: Ints, week: Ints, weekday: Ints, good: Mask) -> Ints:
    fourth = _first_of_year(year) + 3
    days = fourth - weekday_of(fourth) + (week - 1) * 7 + weekday
    good &= (year >= 1) & (week >= 1) & (date_part("G", days) == year)
    return days


def _of_weeks(year: Ints, week: Ints, weekday: Ints, sunday: int, good: Mask) -> Ints:
    """Return days by weeks that begin on Sunday (1) or Monday (0), the first of them within the year."""
    first = _first_of_year(year)
    days = first + -(weekday_of(first) + sunday) % 7 + (week - 1) * 7 + weekday
    good &= _year(days) == year
    return days


_PARTS: Mapping[str, Callable[[Ints], Ints]] = {
    "Y": _year,
    "y": lambda days: _year(days) % 100,
    "m": lambda days: months_of(days) % 12 + 1,
    "b": lambda days: months_of(days) % 12 + 1,
    "B": lambda days: months_of(days) % 12 + 1,
    "d": lambda days: days - first_of(months_of(days)) + 1,
    "j": lambda days: _day_of_year(days) + 1,
    "a": weekday_of,
    "A": weekday_of,
    "u": lambda days: weekday_of(days) + 1,
    "w": lambda days: (weekday_of(days) + 1) % 7,
    "U": lambda days: (_day_of_year(days) + 7 - (weekday_of(days) + 1) % 7) // 7,
    "W": lambda days: (_day_of_year(days) + 7 - weekday_of(days)) // 7,
    "G": lambda days: _year(_thursday(days)),
    "V": lambda days: _day_of_year(_thursday(days)) // 7 + 1,
}
