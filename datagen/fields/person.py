"""The field type `person`: somebody with a name, and an e-mail address that is made of it."""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import chain
from typing import Any, Literal, NamedTuple

import numpy as np
import pyarrow as pa

from datagen.arrays import Bits, Ints, TextArray
from datagen.columns.column import Column, GatheredColumn
from datagen.columns.column_type import TEXT
from datagen.columns.joined import JoinedColumn
from datagen.columns.nested import ObjectColumn
from datagen.columns.pieces import Part, Piece
from datagen.columns.scalar import TextColumn
from datagen.distributions.weights import GuideTable, cumulative
from datagen.errors import Path
from datagen.fields.base import FIELDS
from datagen.fields.draw import Draw
from datagen.fields.libraries import (
    FAKER,
    WeightedList,
    lasting_texts,
    locale_problem,
    missing_library,
    plain_letters,
    provider_of,
    weighted,
)
from datagen.fields.parts import PartsField
from datagen.randomness import below, redraw
from datagen.validation import quoted

PARTS = ("name", "first_name", "last_name", "gender", "username", "email")
PartName = Literal["name", "first_name", "last_name", "gender", "username", "email"]
_GENDERS = ("female", "male")
# what is between first name and last name in the names of accounts, how many of eight; None: the first letter alone is before it
_FORMS = (".", ".", ".", ".", "", "_", None, None)
_LEAST = 5  # names of a list that is one, not a stand-in
_PLAIN = 150  # of 250 names of accounts have no number; the others have 1 to 99, or 0 for none
_DOMAINS = ("@example.com", "@example.net", "@example.org")  # nobody's: RFC 2606
_CHARACTERS = {"gender": 8, "first_name": 9, "last_name": 10, "username": 16}


@FIELDS.register
class PersonField(PartsField):
    """Somebody of a `locale`: an object of the names, the gender, and an account and an e-mail address of these; or one part."""

    type: Literal["person"] = "person"
    known_parts = dict.fromkeys(PARTS, TEXT)
    libraries = (FAKER,)
    locale: str = "en_US"
    field: PartName | None = None

    def validate_keys(self) -> Iterator[tuple[Path, str]]:
        yield from super().validate_keys()
        absent = missing_library(self.libraries)
        if absent:
            yield ("type",), absent
            return
        problem = locale_problem(self.locale, "person")
        if not problem and person_lists(self.locale) is None:
            problem = f"no names of women and men are known of {quoted(self.locale)}"
        if problem:
            yield ("locale",), problem

    def values(self, draw: Draw) -> Column:
        lists = person_lists(self.locale)
        assert lists is not None
        people = _People(lists, draw.stream("value"))
        if self.field is not None:
            return people.part(self.field)
        return ObjectColumn(PARTS, [people.part(name) for name in PARTS], len(draw))

    def mean_characters(self) -> float:
        return 160 if self.field is None else _CHARACTERS.get(self.field, 24)


class PersonLists(NamedTuple):
    """First names, of women and then of men, and last names: of both, or in the same order.

    `women` are how many of the first names are of women. `plain_first` and `plain_last` are in letters from a to z, as
    in names of accounts; behind the first names there are their first letters.
    """

    first: TextColumn
    first_guide: GuideTable
    women: int
    last: TextColumn
    last_lists: tuple[WeightedList, ...]
    plain_first: TextArray
    plain_last: TextArray
    between: str
    last_comes_first: bool


class _People:
    """The parts of n people: each is made when it is asked for, of the same draws."""

    def __init__(self, lists: PersonLists, first: Bits) -> None:
        self._lists, self._first = lists, first
        self._firsts = lists.first_guide.places(redraw(first, 1))
        self._men: Ints = (self._firsts >= lists.women).astype(np.int64)
        self._lasts = self._last_places(redraw(first, 2))

    def part(self, name: str) -> Column:
        """Return a part: n texts."""
        lists = self._lists
        match name:
            case "first_name":
                return GatheredColumn(lists.first, self._firsts)
            case "last_name":
                return GatheredColumn(lists.last, self._lasts)
            case "gender":
                return GatheredColumn(_gender_column(), self._men)
            case "name":
                return JoinedColumn(self._names(), len(self._first))
        account = self._account()
        if name == "email":
            domain = below(redraw(self._first, 5), len(_DOMAINS)).view(np.int64)
            account = [*account, Piece(pa.array(_DOMAINS), domain)]
        return JoinedColumn(account, len(self._first))

    def _last_places(self, bits: Bits) -> Ints:
        lists = self._lists.last_lists
        places = lists[0].picked(bits)
        if len(lists) == 1:
            return places
        return np.where(self._men, len(lists[0]) + lists[1].picked(bits), places)

    def _names(self) -> list[Part]:
        """Return the pieces of whole names, in the order of the locale."""
        lists = self._lists
        names = [Piece(lists.first.values, self._firsts), Piece(lists.last.values, self._lasts)]
        if lists.last_comes_first:
            names.reverse()
        return [names[0], lists.between, names[1]]

    def _account(self) -> list[Piece]:
        """Return the pieces of the names of accounts."""
        lists = self._lists
        forms = below(redraw(self._first, 3), len(_FORMS)).view(np.int64)
        initial = np.array([each is None for each in _FORMS])[forms]
        numbers = np.maximum(below(redraw(self._first, 4), 250).view(np.int64) - _PLAIN, 0)
        return [
            Piece(lists.plain_first, self._firsts + len(lists.first) * initial),
            Piece(pa.array([each or "" for each in _FORMS]), forms),
            Piece(lists.plain_last, self._lasts),
            Piece(pa.array(["", *map(str, range(1, 100))]), numbers),
        ]


@lru_cache(maxsize=1)
def _gender_column() -> TextColumn:
    return lasting_texts(_GENDERS)


@lru_cache(maxsize=32)
def person_lists(locale: str) -> PersonLists | None:
    """Return the names of a locale, None where there are none for women and men."""
    provider = provider_of("person", locale)
    firsts = [_names_of(provider, f"first_names_{gender}") for gender in _GENDERS]
    lasts = _last_names(provider)
    if min(map(len, firsts + lasts)) < _LEAST:
        return None
    first, last = ([WeightedList(each) for each in names] for names in (firsts, lasts))
    shares = np.concatenate([each.weights / np.cumsum(each.weights)[-1] for each in first])
    first_names = [*chain.from_iterable(each.texts for each in first)]
    last_names = [*chain.from_iterable(each.texts for each in last)]
    plain = [_plain(name, locale) or "user" for name in first_names]
    between, last_comes_first = _order(provider)
    return PersonLists(
        first=lasting_texts(first_names),
        first_guide=GuideTable(cumulative(shares)),
        women=len(first[0]),
        last=lasting_texts(last_names),
        last_lists=tuple(last),
        plain_first=pa.array(plain + [each[:1] for each in plain]),
        plain_last=pa.array([_plain(name, locale) or "user" for name in last_names]),
        between=between,
        last_comes_first=last_comes_first,
    )


def _last_names(provider: Any) -> list[dict[str, float]]:
    """Return the weights of last names: of women and of men where they differ, else of all."""
    of_each = [
        _names_of(provider, f"last_names_{gender}", f"{gender}_last_names", "unisex_last_names")
        for gender in _GENDERS
    ]
    return (
        of_each
        if all(of_each) and of_each[0] != of_each[1]
        else [_names_of(provider, "last_names")]
    )


def _names_of(provider: Any, *lists: str) -> dict[str, float]:
    """Return the weights of the names that are in some lists."""
    found: dict[str, float] = {}
    for each in lists:
        elements = getattr(provider, each, ())
        found |= {} if callable(elements) else weighted(elements)
    return {text: each for text, each in found.items() if "{{" not in text and each > 0}


def _order(provider: Any) -> tuple[str, bool]:
    """Return what is between the two names, and whether the last name is before the first, by the plainest format."""
    names = r"\{\{(?P<a>first|last)_name\w*\}\}(?P<between>[^{}]*)\{\{(?P<b>first|last)_name\w*\}\}"
    formats = [*getattr(provider, "formats_male", ()), *getattr(provider, "formats", ())]
    for each in formats:
        found = re.fullmatch(names, each)
        if found and found["a"] != found["b"]:
            return found["between"], found["a"] == "last"
    return " ", False


def _plain(name: str, locale: str) -> str:
    """Return a name in the letters a to z alone."""
    return re.sub("[^a-z]", "", plain_letters(name, locale))
