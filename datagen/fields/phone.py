"""The field type `phone`: mobile numbers as they are given in a country."""

from collections.abc import Iterator
from functools import cached_property
from typing import Literal, NamedTuple

import numpy as np

from datagen.columns.column import Column, GatheredColumn
from datagen.columns.column_type import TEXT
from datagen.columns.joined import JoinedColumn
from datagen.columns.nested import ObjectColumn
from datagen.columns.pieces import Piece
from datagen.columns.scalar import TextColumn
from datagen.errors import Path
from datagen.fields.base import FIELDS
from datagen.fields.draw import Draw
from datagen.fields.libraries import lasting_texts
from datagen.fields.parts import PartsField
from datagen.fields.pattern import PatternField
from datagen.validation import did_you_mean, quoted

_PARTS = ("number", "national", "country_code")
PhonePart = Literal["number", "national", "country_code"]


class Plan(NamedTuple):
    """The code of a country, what is dialled before a number within it, and how mobile numbers look, a pattern."""

    code: str
    trunk: str
    mobile: str


PLANS = {  # mobile numbers as they are commonly written: the ranges of the plans, simplified
    "AT": Plan("43", "0", r"6(50|60|64|76|80|99)\d{7}"),
    "AU": Plan("61", "0", r"4\d{8}"),
    "BE": Plan("32", "0", r"4[5-9]\d{7}"),
    "BG": Plan("359", "0", r"8[7-9]\d{7}"),
    "BR": Plan("55", "0", r"[1-9][1-9]9[6-9]\d{7}"),
    "CA": Plan("1", "1", r"[2-9][02-8]\d[2-9][02-9]\d{5}"),
    "CH": Plan("41", "0", r"7[5-9]\d{7}"),
    "CN": Plan("86", "", r"1(3\d|5[0-35-9]|8\d)\d{8}"),
    "CZ": Plan("420", "", r"(60[1-8]|7[02379]\d)\d{6}"),
    "DE": Plan("49", "0", r"1(5[127]\d|6[023]|7\d)\d{7}"),
    "DK": Plan("45", "", r"(2\d|3[01]|4[0-2]|5[0-3]|6[01])\d{6}"),
    "ES": Plan("34", "", r"6\d{8}"),
    "FI": Plan("358", "0", r"(4[0-6]|50)\d{7}"),
    "FR": Plan("33", "0", r"(6\d|7[3-8])\d{7}"),
    "GB": Plan("44", "0", r"7([4578]\d|9[1-9])\d{7}"),
    "GR": Plan("30", "", r"69[03-9]\d{7}"),
    "HR": Plan("385", "0", r"9[1589]\d{7}"),
    "HU": Plan("36", "06", r"(20|30|31|50|70)\d{7}"),
    "IE": Plan("353", "0", r"8[35-79]\d{7}"),
    "IN": Plan("91", "0", r"[7-9]\d{9}"),
    "IT": Plan("39", "", r"3[2-9]\d{8}"),
    "JP": Plan("81", "0", r"[7-9]0[1-9]\d{7}"),
    "KR": Plan("82", "0", r"10[2-9]\d{7}"),
    "MX": Plan("52", "", r"(33|55|56|81)\d{8}"),
    "NL": Plan("31", "0", r"6[1-5]\d{7}"),
    "NO": Plan("47", "", r"[49]\d{7}"),
    "NZ": Plan("64", "0", r"2[1279]\d{7}"),
    "PL": Plan("48", "", r"(5[0137]|6[069]|7[2389]|88)\d{7}"),
    "PT": Plan("351", "", r"9[1236]\d{7}"),
    "RO": Plan("40", "0", r"7[2-8]\d{7}"),
    "RU": Plan("7", "8", r"9\d{9}"),
    "SE": Plan("46", "0", r"7[02369]\d{7}"),
    "SI": Plan("386", "0", r"([347]0|31|41|51|64|68)\d{6}"),
    "SK": Plan("421", "0", r"9(0[1-8]|1\d|4\d)\d{6}"),
    "TR": Plan("90", "0", r"5[03-5]\d{8}"),
    "UA": Plan("380", "0", r"(50|6[3678]|73|9[1-9])\d{7}"),
    "US": Plan("1", "1", r"[2-9][02-8]\d[2-9][02-9]\d{5}"),
    "ZA": Plan("27", "0", r"(6\d|7[1-46-9]|8[1-4])\d{7}"),
}


@FIELDS.register
class PhoneField(PartsField):
    """A mobile number of the country of a `locale`: an object of it as it is dialled from anywhere and within, or one part."""

    type: Literal["phone"] = "phone"
    known_parts = dict.fromkeys(_PARTS, TEXT)
    locale: str = "en_US"
    field: PhonePart | None = None

    def validate_keys(self) -> Iterator[tuple[Path, str]]:
        yield from super().validate_keys()
        if "_" not in self.locale:
            text = f'expected language and country, such as "de_DE", not {quoted(self.locale)}'
            yield ("locale",), text
        elif self._country not in PLANS:
            hint = did_you_mean(self._country.upper(), PLANS)
            yield ("locale",), f"no numbers are known of {quoted(self._country)}{hint}"

    def values(self, draw: Draw) -> Column:
        plan, rows = PLANS[self._country], len(draw)
        code = GatheredColumn(lasting_texts([self._country]), np.zeros(rows, np.int64))
        if self.field == "country_code":
            return code
        texts = self._mobile.values(draw)
        assert isinstance(texts, TextColumn)
        own = Piece(texts.values)
        number = JoinedColumn([f"+{plan.code}", own], rows)
        national = JoinedColumn([plan.trunk, own] if plan.trunk else [own], rows)
        if self.field is not None:
            return number if self.field == "number" else national
        return ObjectColumn(_PARTS, [number, national, code], rows)

    @property
    def _country(self) -> str:
        return self.locale.rpartition("_")[2]

    @cached_property
    def _mobile(self) -> PatternField:
        return PatternField(pattern=PLANS[self._country].mobile)

    def mean_characters(self) -> float:
        return 72 if self.field is None else 14
