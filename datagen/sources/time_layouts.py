"""Turns texts of one width that hold times into instants, and back, by arrays.

A layout says which bytes of a text hold which digits of a time. It is derived from one text by a regular
expression, whose groups are named after the directives of strftime, and fits all texts that look like
it. Instants are whole microseconds since 1970 and, where there are any, the nanoseconds within.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from datagen.arrays import Ints, Mask, TextArray
from datagen.columns import json_text
from datagen.instants import DAY, SECOND

Bytes = NDArray[np.uint8]
Instants = tuple[Ints, Ints | None]  # microseconds, nanoseconds within them
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_ISO = re.compile(
    r"(?P<Y>\d{4})(-?)(?P<m>\d\d)\2(?P<d>\d\d)"
    r"(?:[Tt ](?P<H>\d\d)(?:(:?)(?P<M>\d\d)(?:\6(?P<S>\d\d)(?:[.,](?P<f>\d{1,9}))?)?)?"
    r"(?P<z>[Zz]|[+-]\d\d(?::?\d\d)?)?)?",
    re.ASCII,
)
_DIRECTIVES = {
    "Y": r"(?P<Y>\d{4})", "m": r"(?P<m>\d\d)", "d": r"(?P<d>\d\d)", "H": r"(?P<H>\d\d)",
    "M": r"(?P<M>\d\d)", "S": r"(?P<S>\d\d)", "f": r"(?P<f>\d{1,6})", "b": r"(?P<b>[A-Za-z]{3})",
    "z": r"(?P<z>[Zz]|[+-]\d\d:?\d\d)", "%": "%",
}  # fmt: skip
_MAX = {"H": 23, "M": 59, "S": 60}


@dataclass(frozen=True)
class LayoutPart:
    """Neighbouring bytes of a text: digits of a kind (a directive's letter), or a constant."""

    kind: str
    width: int
    text: bytes = b""


@dataclass(frozen=True)
class Layout:
    """Which bytes of a text hold what, and how far from UTC its time is (microseconds)."""

    parts: tuple[LayoutPart, ...]
    offset: int = 0

    def places(self) -> Iterator[tuple[LayoutPart, int, int]]:
        """Yield each part with its first and last byte."""
        begin = 0
        for part in self.parts:
            yield part, begin, begin + part.width
            begin += part.width

    @property
    def has_nanoseconds(self) -> bool:
        """Return whether texts hold more than microseconds."""
        return any(part.kind == "f" and part.width > 6 for part in self.parts)

    def read(self, texts: Bytes) -> tuple[Instants, Mask]:
        """Return the instants of texts, uint8[n, width], and which are such times, bool[n]."""
        good = np.ones(len(texts), dtype=bool)
        values: dict[str, Ints] = {}
        for part, begin, end in self.places():
            codes = texts[:, begin:end]
            if part.kind == "text":
                good &= (codes == np.frombuffer(part.text, dtype=np.uint8)).all(axis=1)
            elif part.kind == "b":
                values["m"] = _months(codes, good)
            else:
                values[part.kind] = _read_digits(codes, good)
                good &= values[part.kind] <= _MAX.get(part.kind, 10**9)
        zeros = np.zeros(len(texts), dtype=np.int64)
        clock = [values.get(kind, zeros) for kind in "HMS"]
        seconds = (clock[0] * 60 + clock[1]) * 60 + clock[2]
        micros = _days(values, good) * DAY + seconds * SECOND - self.offset
        if "f" not in values:
            return (micros, None), good
        width = next(part.width for part in self.parts if part.kind == "f")
        nanos = values["f"] * 10 ** (9 - width)
        return (micros + nanos // 1000, nanos % 1000 if self.has_nanoseconds else None), good

    def write(self, micros: Ints, rest: Ints | None) -> TextArray:
        """Return the texts of instants: microseconds, nanoseconds within them -> a string array of n."""
        local = micros + self.offset
        days, within = np.divmod(local, DAY)
        width = sum(part.width for part in self.parts)
        texts = np.empty((len(micros), width), dtype=np.uint8)
        seconds, fraction = np.divmod(within, SECOND)
        values = {
            "H": seconds // 3600, "M": seconds // 60 % 60, "S": seconds % 60,
            "f": fraction * 1000 + (0 if rest is None else rest),
        }  # fmt: skip
        dates, places = _equal_runs(days)
        for part, begin, end in self.places():
            if part.kind == "text":
                texts[:, begin:end] = np.frombuffer(part.text, dtype=np.uint8)
            elif part.kind in "Ymdb":
                texts[:, begin:end] = _date_part(dates, part)[places]
            else:
                value = values[part.kind]
                _write_digits(value // 10 ** (9 - part.width) if part.kind == "f" else value,
                     texts[:, begin:end])  # fmt: skip
        return json_text.from_fixed_width(texts.reshape(-1).view(f"S{width}"))


def iso_layout(text: str) -> Layout | None:
    """Return the layout of an ISO 8601 date or instant, if the text is one."""
    match = _ISO.fullmatch(text)
    return None if match is None else _layout(match)


def iso_utc_layout(digits: int, suffix: str = "") -> Layout:
    """Return the layout of ISO 8601 instants with so many decimals, in UTC; `suffix` follows them."""
    point = "." * bool(digits)
    layout = iso_layout(f"2027-03-12T00:00:00{point}{'0' * digits}")
    parts = layout.parts if layout else ()
    return Layout((*parts, LayoutPart("text", len(suffix), suffix.encode())) if suffix else parts)


@lru_cache(maxsize=64)
def pattern_regex(pattern: str) -> re.Pattern[str] | None:
    """Return what texts of a strptime pattern look like, where its directives have fixed widths."""
    source, end = "", 0
    try:
        for token in re.finditer(r"%(.?)", pattern, re.DOTALL):
            source += re.escape(pattern[end : token.start()]) + _DIRECTIVES[token[1]]
            end = token.end()
        regex = re.compile(source + re.escape(pattern[end:]), re.ASCII)
    except (KeyError, re.error):  # another directive, or one twice
        return None
    known = set(regex.groupindex)
    return regex if {"Y", "d"} <= known and len(known & {"m", "b"}) == 1 else None


def pattern_layout(regex: re.Pattern[str], text: str) -> Layout | None:
    """Return the layout of a text that a pattern describes, if it does."""
    match = regex.fullmatch(text)
    return None if match is None else _layout(match)


def _layout(match: re.Match[str]) -> Layout:
    text, parts, end, offset = match.string, [], 0, 0
    spans = sorted((match.span(kind), kind) for kind in match.re.groupindex if match[kind])
    for (first, last), kind in spans:
        if kind == "z":
            offset = _offset(match["z"])
            continue
        if first > end:
            parts.append(_constant(text[end:first]))
        parts.append(LayoutPart(kind, last - first))
        end = last
    if end < len(text):
        parts.append(_constant(text[end:]))
    return Layout(tuple(parts), offset)


def _constant(text: str) -> LayoutPart:
    data = text.encode()
    return LayoutPart("text", len(data), data)


def _offset(text: str) -> int:
    if text in "Zz":
        return 0
    digits = text[1:].replace(":", "")
    minutes = int(digits[:2]) * 60 + int(digits[2:] or 0)
    return (-1 if text[0] == "-" else 1) * minutes * 60 * SECOND


def _read_digits(digits: Bytes, good: Mask) -> Ints:
    """Return the numbers that digits are; clear in `good` the rows that hold something else."""
    values = digits - np.uint8(48)
    good &= (values <= 9).all(axis=1)
    number = values[:, 0].astype(np.int64)
    for place in range(1, values.shape[1]):
        number = number * 10 + values[:, place]
    return number


def _months(letters: Bytes, good: Mask) -> Ints:
    """Return the months, 1 to 12, of three letters; clear in `good` the rows that hold something else."""
    codes = _codes(letters | np.uint8(32))
    known = _codes(np.array([list(name.encode()) for name in _MONTHS], dtype=np.uint8))
    order = np.argsort(known)
    places = np.minimum(np.searchsorted(known[order], codes), 11)
    good &= known[order][places] == codes
    return order[places] + 1


def _codes(letters: Bytes) -> Ints:
    """Return a number for each row of three letters."""
    wide = letters.astype(np.int64)
    return (wide[:, 0] << 16) | (wide[:, 1] << 8) | wide[:, 2]


def _days(values: dict[str, Ints], good: Mask) -> Ints:
    """Return days since 1970, anything for dates that do not exist: these are cleared in `good`."""
    month, day, year = values["m"], values["d"], values["Y"]
    good &= (month >= 1) & (month <= 12) & (day >= 1) & (year >= 1)
    months = (year - 1970) * 12 + np.clip(month, 1, 12) - 1
    first = _first_of(months)
    good &= day <= _first_of(months + 1) - first
    return first + day - 1


def _first_of(months: Ints) -> Ints:
    """Return the first day of months since 1970, in days since 1970."""
    return months.astype("M8[M]").astype("M8[D]").astype(np.int64)


def _equal_runs(values: Ints) -> tuple[Ints, Ints]:
    """Return the value of each run of equal neighbours, and the number of each row's run."""
    if not len(values):
        return values, values
    changes = np.diff(values) != 0
    return values[np.concatenate([[True], changes])], np.concatenate([[0], np.cumsum(changes)])


def _date_part(days: Ints, part: LayoutPart) -> Bytes:
    """Return the texts of one part of dates: uint8[n, width]."""
    months = days.astype("M8[D]").astype("M8[M]").astype(np.int64)
    if part.kind == "b":
        names: Bytes = _month_names()[months % 12]
        return names
    numbers = {
        "Y": months // 12 + 1970,
        "m": months % 12 + 1,
        "d": days - _first_of(months) + 1,
    }
    texts = np.empty((len(days), part.width), dtype=np.uint8)
    _write_digits(numbers[part.kind], texts)
    return texts


@lru_cache(maxsize=1)
def _month_names() -> Bytes:
    return np.array([list(name.title().encode()) for name in _MONTHS], dtype=np.uint8)


def _write_digits(values: Ints, texts: Bytes) -> None:
    """Write numbers into columns of bytes, with leading zeros."""
    left = values
    for place in range(texts.shape[1] - 1, 0, -1):
        left, digit = np.divmod(left, 10)
        texts[:, place] = digit + 48
    texts[:, 0] = left + 48
