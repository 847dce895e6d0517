"""The field type `faker`: what a provider of the library Faker makes, so many times before the first record, then picked from."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from functools import lru_cache
from logging import NullHandler, getLogger
from typing import Annotated, Any, Literal, NamedTuple
from warnings import catch_warnings, simplefilter

import numpy as np
from pydantic import AfterValidator

from datagen.columns.column import Column, GatheredColumn
from datagen.columns.column_type import BOOL, FLOAT, INT, TEXT, ColumnType
from datagen.columns.literal import LiteralColumn
from datagen.distributions.weights import GuideTable, cumulative
from datagen.errors import Path
from datagen.fields.base import FIELDS
from datagen.fields.draw import Draw
from datagen.fields.libraries import FAKER, missing_library
from datagen.fields.member_sets import LimitedField
from datagen.language import Scope
from datagen.randomness import draw as drawn
from datagen.randomness import stream_key
from datagen.validation import Count, did_you_mean, invalid_value, quoted

_MOST = 100_000
_TRIED = 200  # values that show of which type they are
_TYPES: dict[type, tuple[ColumnType, Callable[[Any], Any]]] = {
    str: (TEXT, str),
    int: (INT, int),
    float: (FLOAT, float),
    Decimal: (FLOAT, float),
    bool: (BOOL, bool),
}
_OF_TODAY = ("uuid1", "uuid7", "businesses_ogrn", "individuals_ogrn")  # beside what tells dates


def _distinct(value: int) -> int:
    if not 1 <= value <= _MOST:
        raise invalid_value(f"expected 1 to {_MOST:,}, not {quoted(value)}")
    return value


@FIELDS.register
class FakerField(LimitedField):
    """What a `provider` of Faker makes: `distinct` values or fewer, made once, one as likely as it was made often."""

    type: Literal["faker"] = "faker"
    libraries = (FAKER,)
    provider: str
    locale: str = "en_US"
    distinct: Annotated[Count, AfterValidator(_distinct)] = 10_000

    def validate_keys(self) -> Iterator[tuple[Path, str]]:
        yield from super().validate_keys()
        absent = missing_library(self.libraries)
        if absent:
            yield ("type",), absent
        elif self.locale not in _locales():
            hint = did_you_mean(self.locale, _locales())
            yield ("locale",), f"Faker has no locale {quoted(self.locale)}{hint}"
        else:
            problem = _problem(self.provider, self.locale)
            if problem:
                yield ("provider",), problem

    def values(self, draw: Draw) -> Column:
        word = drawn(np.array([draw.context.seed]), stream_key(*draw.path, "values"))[0]
        made = _made(self.provider, self.locale, self.distinct, int(word))
        return GatheredColumn(made.column, draw.samples("index", made.guide.places))

    def column_type(self, scope: Scope) -> ColumnType:
        del scope
        return _TYPES[_kind(self.provider, self.locale)][0]

    def mean_characters(self) -> float:
        texts = [str(each) for each in _some(self.provider, self.locale)]
        return 2 + sum(map(len, texts)) / max(len(texts), 1)


class _Made(NamedTuple):
    """Values, a lasting column, and how they are picked."""

    column: Column
    guide: GuideTable


@lru_cache(maxsize=64)
def _made(provider: str, locale: str, count: int, seed: int) -> _Made:
    """Return values that are made in so many attempts: in the order of their texts, by how often each is made."""
    convert = _TYPES[_kind(provider, locale)][1]
    counts = Counter(convert(each) for each in _values(provider, locale, count, seed))
    values = sorted(counts, key=lambda value: (str(value), value))
    weights = np.array([float(counts[value]) for value in values])
    return _Made(LiteralColumn(values, lasting=True), GuideTable(cumulative(weights)))


@lru_cache(maxsize=1)
def _locales() -> list[str]:
    from faker.config import AVAILABLE_LOCALES  # noqa: PLC0415 - few runs need it

    return sorted(AVAILABLE_LOCALES)


class _TodayError(Exception):
    """A value would depend on today's date, and the same run would make other ones tomorrow."""


def _generator(locale: str) -> Any:
    """Return a generator of Faker for a locale, of its own for each thread, in which nothing tells the date."""
    from faker import Factory  # noqa: PLC0415 - few runs need it
    from faker.providers import BaseProvider  # noqa: PLC0415 - few runs need it

    getLogger("faker").addHandler(NullHandler())  # else some providers say something of each value
    with catch_warnings():
        simplefilter("ignore")  # of locales with a new name
        generator = Factory.create(locale)
    of_dates = [
        each for each in generator.get_providers() if each.__provider__.endswith("date_time")
    ]
    names = {name for each in of_dates for name in dir(each)} - set(dir(BaseProvider))
    for name in (*names, *_OF_TODAY):
        if not name.startswith("_") and callable(getattr(generator, name, None)):
            generator.set_formatter(name, _no_date)
    return generator


def _no_date(*_: Any, **__: Any) -> Any:
    raise _TodayError


def _values(provider: str, locale: str, count: int, seed: int) -> Iterator[Any]:
    """Yield what is made in so many attempts, without what depends on today's date."""
    generator = _generator(locale)
    generator.seed_instance(seed)
    make = getattr(generator, provider)
    for _ in range(count):
        try:
            yield make()
        except _TodayError:
            continue


@lru_cache(maxsize=256)
def _some(provider: str, locale: str) -> tuple[Any, ...]:
    return tuple(_values(provider, locale, _TRIED, 0))


def _kind(provider: str, locale: str) -> type:
    """Return the type of values, that of all of them or `str`."""
    kinds = {type(each) for each in _some(provider, locale)}
    return kinds.pop() if len(kinds) == 1 else str


def _problem(provider: str, locale: str) -> str:
    """Return why values of a provider cannot be, or ""."""
    known = _providers(locale)
    if provider not in known:
        return (
            f"Faker has no provider {quoted(provider)} in {locale}{did_you_mean(provider, known)}"
        )
    try:
        kinds = {type(each) for each in _some(provider, locale)}
    except Exception as error:  # noqa: BLE001 - whatever a provider raises
        return f"{provider} of Faker failed: {error or type(error).__name__}"
    if not kinds:
        return f"{provider} depends on today's date, so that no run could be repeated; take a timestamp"
    other = sorted(each.__name__ for each in kinds if each not in _TYPES)
    if other:
        return f"{provider} makes values of type {other[0]}; only texts, numbers and true or false are possible"
    return ""


@lru_cache(maxsize=8)
def _providers(locale: str) -> Mapping[str, None]:
    """Return the names of what can be made, as keys in order."""
    names = {
        name
        for each in _generator(locale).get_providers()
        for name in dir(each)
        if not name.startswith("_") and callable(getattr(each, name))
    }
    return dict.fromkeys(sorted(names))
