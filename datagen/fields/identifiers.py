"""The field types `hash`, `mac`, `credit_card` and `iban`: identifiers with a form, and check digits that hold."""

import re
from collections.abc import Collection
from functools import cached_property
from typing import Annotated, Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pydantic import AfterValidator

from datagen.arrays import Bits, Ints, TextArray
from datagen.columns.column import Column
from datagen.columns.column_type import TEXT, ColumnType, object_type
from datagen.columns.nested import ObjectColumn
from datagen.columns.scalar import TextColumn
from datagen.fields.base import FIELDS
from datagen.fields.draw import Draw
from datagen.fields.member_sets import LimitedField, PossibleValues
from datagen.fields.text import joined
from datagen.language import Scope
from datagen.randomness import below, redraw, redraws
from datagen.validation import did_you_mean, invalid_value, quoted

Digits = NDArray[np.uint8]  # [n, k], a row for each value: digits, or the bytes of characters
_HEX = np.frombuffer(b"0123456789abcdef", dtype=np.uint8)
_MOST_COUNTED = 1 << 16
_PREFIX = re.compile(r"[0-9A-Fa-f]{2}([:-]?[0-9A-Fa-f]{2}){0,4}")
_DIGITS, _LETTERS = b"0123456789", b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_SYMBOLS = {  # of the registry of IBANs
    "n": np.frombuffer(_DIGITS, dtype=np.uint8),
    "a": np.frombuffer(_LETTERS, dtype=np.uint8),
    "c": np.frombuffer(_DIGITS + _LETTERS, dtype=np.uint8),
}
COUNTRIES = {  # what follows the check digits: SWIFT, "IBAN Registry", release 99
    "AT": "16n", "BE": "12n", "BG": "4a6n8c", "CH": "5n12c", "CY": "8n16c", "CZ": "20n", "DE": "18n", "DK": "14n", "EE": "16n", "ES": "20n",
    "FI": "14n", "FR": "10n11c2n", "GB": "4a14n", "GR": "7n16c", "HR": "17n", "HU": "24n", "IE": "4a14n", "IS": "22n", "IT": "1a10n12c", "LI": "5n12c",
    "LT": "16n", "LU": "3n13c", "LV": "4a13c", "MT": "4a5n18c", "NL": "4a10n", "NO": "11n", "PL": "24n", "PT": "21n", "RO": "4a16c", "SE": "20n",
    "SI": "15n", "SK": "20n", "TR": "5n1n16c",
}  # fmt: skip
# by network: prefixes, each range as likely, and lengths of numbers (ISO/IEC 7812), and how many cards are of it
NETWORKS: dict[str, tuple[tuple[tuple[int, int], ...], int, float]] = {
    "visa": (((4, 4),), 16, 0.5),
    "mastercard": (((51, 55), (2221, 2720)), 16, 0.35),
    "amex": (((34, 34), (37, 37)), 15, 0.1),
    "discover": (((6011, 6011), (644, 649), (65, 65)), 16, 0.05),
}


def _bits(value: int) -> int:
    if value % 4 or not 4 <= value <= 4096:
        raise invalid_value(f"expected a multiple of 4 from 4 to 4096, not {quoted(value)}")
    return value


@FIELDS.register
class HashField(LimitedField):
    """A digest in hexadecimal, of so many `bits`: of nothing, but as different as digests are."""

    type: Literal["hash"] = "hash"
    bits: Annotated[int, AfterValidator(_bits)] = 256

    def values(self, draw: Draw) -> Column:
        return TextColumn(_texts(_HEX[_nibbles(draw.stream("value"), self.bits // 4)]))

    def mean_characters(self) -> float:
        return 2 + self.bits / 4

    def possible_values(self) -> PossibleValues | None:
        count, width = 1 << self.bits, self.bits // 4
        if count > _MOST_COUNTED:
            return None
        return PossibleValues(
            count, lambda: TextColumn(pa.array([f"{n:0{width}x}" for n in range(count)]))
        )


def _prefix(value: str) -> str:
    if not _PREFIX.fullmatch(value):
        raise invalid_value(
            f"expected the first one to five bytes, such as 00:50:56, not {quoted(value)}"
        )
    return value


@FIELDS.register
class MacField(LimitedField):
    """The address of a network card, whose first bytes may be those of a maker."""

    type: Literal["mac"] = "mac"
    prefix: Annotated[str, AfterValidator(_prefix)] | None = None
    separator: Literal[":", "-", ""] = ":"

    def values(self, draw: Draw) -> Column:
        nibbles = _nibbles(draw.stream("value"), 12)
        fixed = bytes.fromhex(re.sub("[:-]", "", self.prefix or ""))
        for place, byte in enumerate(fixed):
            nibbles[:, 2 * place : 2 * place + 2] = byte >> 4, byte & 15
        if not fixed:
            nibbles[:, 1] &= 12  # the address of one card, given by its maker
        if not self.separator:
            return TextColumn(_texts(_HEX[nibbles]))
        text = np.full((len(draw), 17), ord(self.separator), dtype=np.uint8)
        for part in (0, 1):
            text[:, part::3] = _HEX[nibbles[:, part::2]]
        return TextColumn(_texts(text))

    def mean_characters(self) -> float:
        return 14 + 5 * len(self.separator)


def _one_of(what: str, names: Collection[str]) -> AfterValidator:
    """Return what refuses all texts but these names."""

    def check(value: str) -> str:
        if value not in names:
            hint = did_you_mean(value, names)
            raise invalid_value(f"no {what} {quoted(value)}{hint}; there are {', '.join(names)}")
        return value

    return AfterValidator(check)


@FIELDS.register
class CreditCardField(LimitedField):
    """The network and number of a card, or one of them: with the prefix of its network and a check digit that holds."""

    type: Literal["credit_card"] = "credit_card"
    network: Annotated[str, _one_of("network", NETWORKS)] | None = None
    field: Literal["network", "number"] | None = None

    def values(self, draw: Draw) -> Column:
        names = [self.network] if self.network else list(NETWORKS)
        picks = np.zeros(len(draw), dtype=np.int64)
        if len(names) > 1:
            ends = np.cumsum([NETWORKS[name][2] for name in names])
            hundredths = below(draw.stream("network"), 100).view(np.int64)
            picks = np.searchsorted(np.rint(100 * ends), hundredths, side="right")
        networks = TextColumn(pa.array(names).take(pa.array(picks)))
        if self.field == "network":
            return networks
        numbers = TextColumn(_numbers(draw.stream("number"), names, picks))
        if self.field == "number":
            return numbers
        return ObjectColumn(["network", "number"], [networks, numbers], len(draw))

    def column_type(self, scope: Scope) -> ColumnType:
        del scope
        return TEXT if self.field else object_type({"network": TEXT, "number": TEXT})

    def mean_characters(self) -> float:
        return {"network": 9, "number": 18}.get(self.field or "", 49)


def _numbers(first: Bits, names: list[str], picks: Ints) -> TextArray:
    """Return a number for each card, given which of the networks it is of: int64[n]."""
    digits = _decimals(first, 16)
    lengths = np.empty(len(first), dtype=np.int64)
    for which, name in enumerate(names):
        cards = np.flatnonzero(picks == which)
        ranges, lengths[cards], _ = NETWORKS[name]
        chosen = below(redraw(first[cards], 17), len(ranges))
        for number, (low, high) in enumerate(ranges):
            some = cards[chosen == number]
            prefixes = low + below(redraw(first[some], 18), high - low + 1).view(np.int64)
            for place in range(len(str(low)) - 1, -1, -1):
                digits[some, place] = prefixes % 10
                prefixes //= 10
    for length in {NETWORKS[name][1] for name in names}:
        some = np.flatnonzero(lengths == length)
        digits[some, length - 1] = _luhn(digits[some, : length - 1])
    written = np.arange(16) < lengths[:, None]
    return joined([b"0"], (digits + ord("0"))[written], lengths)


def _luhn(digits: Digits) -> Ints:
    """Return the check digit that follows digits [n, k]: ISO/IEC 7812-1, annex B."""
    values = digits[:, ::-1].astype(np.int64)
    doubled = 2 * values[:, ::2]
    total: Ints = (doubled - 9 * (doubled > 9)).sum(axis=1) + values[:, 1::2].sum(axis=1)
    return -total % 10


@FIELDS.register
class IbanField(LimitedField):
    """The number of a bank account in a `country`, with check digits that hold."""

    type: Literal["iban"] = "iban"
    country: Annotated[str, _one_of("country", COUNTRIES)] = "DE"

    def values(self, draw: Draw) -> Column:
        first = draw.stream("value")
        text = np.empty((len(first), 4 + len(self._symbols)), dtype=np.uint8)
        text[:, :2] = list(self.country.encode())
        for place, symbols in enumerate(self._symbols):
            picks = below(redraw(first, place + 1), len(symbols)).view(np.int64)
            text[:, 4 + place] = symbols[picks]
        checks = 98 - _modulo_97(text[:, 4:], self.country)
        text[:, 2], text[:, 3] = checks // 10 + ord("0"), checks % 10 + ord("0")
        return TextColumn(_texts(text))

    def mean_characters(self) -> float:
        return 6 + len(self._symbols)

    @cached_property
    def _symbols(self) -> list[Digits]:
        """Return what each character behind the check digits may be."""
        parts = re.findall(r"(\d+)([nac])", COUNTRIES[self.country])
        return [_SYMBOLS[kind] for count, kind in parts for _ in range(int(count))]


def _modulo_97(account: Digits, country: str) -> Ints:
    """Return the remainder of accounts [n, k] before country and zeros: ISO 7064, MOD 97-10; letters are 10 to 35."""
    rest = np.zeros(len(account), dtype=np.int64)
    tail = np.tile(np.frombuffer(f"{country}00".encode(), dtype=np.uint8), (len(account), 1))
    for column in np.hstack([account, tail]).T.astype(np.int64):
        letters = column >= ord("A")
        value = np.where(letters, column - ord("A") + 10, column - ord("0"))
        rest = (rest * np.where(letters, 100, 10) + value) % 97
    return rest


# what all of them share


def _nibbles(first: Bits, count: int) -> Digits:
    """Return numbers below 16 from draws: uint64[n] -> [n, count]."""
    words = -(-count // 16)
    octets = redraws(first, words).astype(">u8").view(np.uint8).reshape(len(first), 8 * words)
    nibbles = np.empty((len(first), 16 * words), dtype=np.uint8)
    nibbles[:, ::2], nibbles[:, 1::2] = octets >> 4, octets & 15
    return nibbles[:, :count]


def _decimals(first: Bits, count: int) -> Digits:
    """Return digits from draws: uint64[n] -> [n, count], at most 19 of them."""
    rest = below(redraw(first, 1), 10**count)
    digits = np.empty((len(first), count), dtype=np.uint8)
    for place in range(count - 1, -1, -1):
        digits[:, place] = rest % np.uint64(10)
        rest //= np.uint64(10)
    return digits


def _texts(characters: Digits) -> TextArray:
    """Return the texts whose ASCII characters are the rows: [n, k] -> n."""
    lengths = np.full(len(characters), characters.shape[1], dtype=np.int64)
    return joined([b"0"], np.ascontiguousarray(characters).reshape(-1), lengths)
