"""The field type `company`: a name as companies of a country have it, and the addresses that are made of it."""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Literal

from datagen.columns.column import Column, GatheredColumn
from datagen.columns.column_type import TEXT
from datagen.columns.nested import ObjectColumn
from datagen.errors import Path
from datagen.fields.base import FIELDS
from datagen.fields.draw import Draw
from datagen.fields.libraries import (
    FAKER,
    lasting_texts,
    locale_problem,
    made_texts,
    missing_library,
    plain_letters,
)
from datagen.fields.parts import PartsField

_PARTS = ("name", "domain", "email")
CompanyPart = Literal["name", "domain", "email"]
_MADE = 5000


@FIELDS.register
class CompanyField(PartsField):
    """A company of a `locale`: an object of its name, its domain and its e-mail address, or one part."""

    type: Literal["company"] = "company"
    known_parts = dict.fromkeys(_PARTS, TEXT)
    libraries = (FAKER,)
    locale: str = "en_US"
    field: CompanyPart | None = None

    def validate_keys(self) -> Iterator[tuple[Path, str]]:
        yield from super().validate_keys()
        absent = missing_library(self.libraries)
        problem = "" if absent else locale_problem(self.locale, "company")
        if absent:
            yield ("type",), absent
        elif problem:
            yield ("locale",), problem

    def values(self, draw: Draw) -> Column:
        names = made_texts(self.locale, "company", _MADE)
        return GatheredColumn(
            _companies(self.locale)[self.field], draw.samples("value", names.picked)
        )

    def mean_characters(self) -> float:
        return 100 if self.field is None else 28


@lru_cache(maxsize=32)
def _companies(locale: str) -> Mapping[str | None, Column]:
    """Return the parts of all companies of a locale, and as objects."""
    names = made_texts(locale, "company", _MADE)
    labels = [re.sub("[^a-z0-9]+", "-", plain_letters(each, locale)) for each in names.texts]
    domains = [f"{label[:63].strip('-') or 'company'}.example" for label in labels]
    columns: dict[str | None, Column] = {
        "name": names.column,
        "domain": lasting_texts(domains),
        "email": lasting_texts(f"info@{each}" for each in domains),
    }
    columns[None] = ObjectColumn(_PARTS, [columns[name] for name in _PARTS], len(names))
    columns[None].lasting = True
    return columns
