"""Turns a country, and a part of it, into a factor of its public holidays, by the library `holidays`."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from importlib.util import find_spec
from typing import Any, Literal
from warnings import catch_warnings, simplefilter

import numpy as np

from datagen.arrays import Floats, Ints
from datagen.curves.curve import Height, register
from datagen.curves.factors import FactorOfDays
from datagen.errors import Path
from datagen.validation import did_you_mean, quoted

_REMEDY = "needs the library holidays: pip install 'holidays>=0.90,<1'"
_EPOCH = date(1970, 1, 1).toordinal()
_LAST = date.max.toordinal() - _EPOCH


@register
class Holidays(FactorOfDays):
    """A factor of the public holidays of a country, or a part of it; 1 on all other days."""

    type: Literal["holidays"] = "holidays"
    country: str
    subdivision: str | None = None
    factor: Height

    def validate_keys(self) -> Iterator[tuple[Path, str]]:
        if find_spec("holidays") is None:
            yield ("type",), _REMEDY
            return
        parts = _countries().get(self.country)
        if parts is None:
            hint = did_you_mean(self.country.upper(), _countries())
            yield ("country",), f"no holidays are known of {quoted(self.country)}{hint}"
        elif self.subdivision is not None and self.subdivision not in parts:
            hint = did_you_mean(self.subdivision, parts)
            part = f"no holidays are known of {quoted(self.subdivision)} in {self.country}"
            yield ("subdivision",), part + (hint or "; leave it out")

    def described(self) -> str:
        part = "" if self.subdivision is None else f"-{self.subdivision}"
        return f"holidays of {self.country}{part} in {self.timezone or 'UTC'}"

    def factors(self, days: Ints) -> Floats:
        factors = np.ones(len(days))
        ends = days[[0, -1]] if len(days) else days
        years = (ends.astype("M8[D]").astype("M8[Y]").astype(np.int64) + 1970).tolist()
        for year in range(years[0], years[-1] + 1) if years else ():
            holidays = _holidays(self.country, self.subdivision, year)
            places = days.searchsorted(holidays)  # a year has few, and days are in order
            here = places < len(days)
            found = places[here]
            factors[found[days[found] == holidays[here]]] = self.factor
        return factors

    def is_plain(self, first: int, last: int) -> bool:
        if not -_EPOCH < first <= last <= _LAST:
            return False
        years = {date.fromordinal(each + _EPOCH).year for each in (first, last)}
        of_years = (_sorted_holidays(self.country, self.subdivision, year) for year in years)
        return all(bisect_left(each, first) == bisect_right(each, last) for each in of_years)

    @property
    def extremes(self) -> tuple[float, float]:
        return min(1.0, float(self.factor)), max(1.0, float(self.factor))


@lru_cache(maxsize=1)
def _countries() -> dict[str, list[str]]:
    """Return the countries that the library knows, by their codes of two letters, with their parts."""
    import holidays  # noqa: PLC0415 - few runs have any

    known: dict[str, list[str]] = holidays.list_supported_countries(include_aliases=False)
    return known


@lru_cache(maxsize=65_536)
def _sorted_holidays(country: str, subdivision: str | None, year: int) -> list[int]:
    """Return the days of `_holidays` as a list, in order."""
    days: list[int] = _holidays(country, subdivision, year).tolist()
    return days


@lru_cache(maxsize=65_536)
def _holidays(country: str, subdivision: str | None, year: int) -> Ints:
    """Return the public holidays of a year, as days from 1970 on, those in lieu of others included: int64[n]."""
    import holidays  # noqa: PLC0415 - few runs have any

    # a day in lieu may lie in the year before, or after, the day it is for
    years = range(max(year - 1, 1), min(year + 1, 9999) + 1)
    with catch_warnings():
        simplefilter("ignore")  # of years that it knows nothing of
        found: Any = holidays.country_holidays(country, subdiv=subdivision, years=years)
    days = sorted(each.toordinal() - _EPOCH for each in found if each.year == year)
    return np.array(days, dtype=np.int64)
