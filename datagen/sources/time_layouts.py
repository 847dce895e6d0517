"""Turns texts of one width that hold times into local times, by arrays.

A layout says which bytes of a text hold which part of a time. It is derived from one text by a regular
expression, whose groups are named after the directives of strftime, and fits all texts that look like
it. Local times are whole microseconds since 1970 as a clock shows them, or since a cycle began, and,
where there are any, the nanoseconds within.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from datagen.arrays import Ints, Mask
from datagen.instants import SECOND
from datagen.sources.time_dates import MONTHS, SHORT_MONTHS, SHORT_WEEKDAYS, WEEKDAYS, Parts
from datagen.sources.zone_names import OFFSET, offset_of, zone_offset

Bytes = NDArray[np.uint8]
_ISO = re.compile(
    r"(?P<Y>\d{4})(-?)(?P<m>\d\d)\2(?P<d>\d\d)"
    r"(?:[Tt ](?P<H>\d\d)(?:(:?)(?P<M>\d\d)(?:\6(?P<S>\d\d)(?:[.,](?P<f>\d{1,9}))?)?)?"
    rf"(?P<z>{OFFSET})?)?",
    re.ASCII,
)
_RANGES = {"H": (0, 23), "I": (1, 12), "M": (0, 59), "S": (0, 60), "u": (1, 7), "w": (0, 6)}
_NAMES = {"b": SHORT_MONTHS, "B": MONTHS, "a": SHORT_WEEKDAYS, "A": WEEKDAYS}
_LOWER = np.uint8(32)  # what turns capital letters into small ones


@dataclass(frozen=True)
class LayoutPart:
    """Neighbouring bytes of a text: a part of a time (a directive's letter), or a constant.

    `style` is how numbers are padded ("0", " " or "" for not at all) and how letters are: "title",
    "upper" or "lower". A part whose width follows from its value has the width that it has in a text.
    """

    kind: str
    width: int
    text: bytes = b""
    style: str = "0"


@dataclass(frozen=True)
class Layout:
    """Which bytes of a text hold what, and how far from UTC its time is (microseconds); None: not told."""

    parts: tuple[LayoutPart, ...]
    offset: int | None = None

    def places(self) -> Iterator[tuple[LayoutPart, int, int]]:
        """Yield each part with its first and last byte."""
        begin = 0
        for part in self.parts:
            yield part, begin, begin + part.width
            begin += part.width

    def read(self, texts: Bytes) -> tuple[Parts, Mask]:
        """Return the parts of times in texts, uint8[n, width], and which texts are like this, bool[n].

        `f` is nanoseconds, `m` months of any spelling, `weekday` days of the week from 0 for Monday.
        """
        good = np.ones(len(texts), dtype=bool)
        values: Parts = {}
        for part, begin, end in self.places():
            codes = texts[:, begin:end]
            if part.kind == "text":
                good &= (codes == np.frombuffer(part.text, dtype=np.uint8)).all(axis=1)
            elif part.kind == "p":
                values["p"] = _read_letters(codes, ("am", "pm"), part.style, good)
            elif part.kind in _NAMES:
                number = _read_letters(codes, _NAMES[part.kind], part.style, good)
                values.update({"m": number + 1} if part.kind in "bB" else {"weekday": number})
            else:
                number = _read_digits(codes, part.style, good)
                _store(values, part, number, good)
        return values, good


def clock_micros(values: Parts, size: int) -> tuple[Ints, Ints | None]:
    """Return the microseconds since midnight of n times, and the nanoseconds within (None: all 0)."""
    zeros = np.zeros(size, dtype=np.int64)
    hours = values["H"] if "H" in values else values.get("I", zeros) % 12
    if "H" not in values and "p" in values:
        hours = hours + 12 * values["p"]
    seconds = (hours * 60 + values.get("M", zeros)) * 60 + values.get("S", zeros)
    micros = seconds * SECOND
    if "f" not in values:
        return micros, None
    rest = values["f"] % 1000
    return micros + values["f"] // 1000, rest if rest.any() else None


def iso_layout(text: str) -> Layout | None:
    """Return the layout of an ISO 8601 date or instant, if the text is one."""
    match = _ISO.fullmatch(text)
    return None if match is None else layout_of(match, {})


def iso_utc_layout(digits: int, suffix: str = "") -> Layout:
    """Return the layout of ISO 8601 instants with so many decimals, in UTC; `suffix` follows them."""
    point = "." * bool(digits)
    layout = iso_layout(f"2027-03-12T00:00:00{point}{'0' * digits}")
    parts = layout.parts if layout else ()
    return Layout(
        (*parts, LayoutPart("text", len(suffix), suffix.encode())) if suffix else parts, 0
    )


def layout_of(match: re.Match[str], pads: Mapping[str, str]) -> Layout | None:
    """Return the layout of a text that matches; None where its zone has a name that is not known.

    `pads` is how numbers are padded where two digits do not show it; without an entry: by zeros.
    """
    text, parts, end, offset = match.string, [], 0, None
    groups = match.re.groupindex
    if "Z" in groups and match["Z"] and "z" not in groups:
        offset = zone_offset(match["Z"])
        if offset is None:
            return None
    spans = sorted((match.span(kind), kind) for kind in groups if match[kind])
    for (first, last), kind in spans:
        if kind == "z":
            offset = offset_of(match["z"])
        if kind in "zZ":
            continue
        if first > end:
            parts.append(_constant(text[end:first]))
        parts.append(LayoutPart(kind, last - first, style=_style(kind, match[kind], pads)))
        end = last
    if end < len(text):
        parts.append(_constant(text[end:]))
    return Layout(tuple(parts), offset)


def _style(kind: str, text: str, pads: Mapping[str, str]) -> str:
    """Return how a part is written, as far as its text shows it."""
    if text[-1].isalpha():
        if text.isupper():
            return "upper"
        return "lower" if text.islower() else "title"
    if kind in "YGf":
        return "0"
    if len(text) < (3 if kind == "j" else 2):
        return ""
    return text[0] if text[0] in " 0" else pads.get(kind, "0")


def _constant(text: str) -> LayoutPart:
    data = text.encode()
    return LayoutPart("text", len(data), data)


def _store(values: Parts, part: LayoutPart, number: Ints, good: Mask) -> None:
    """Store a number under the part that it is, and clear in `good` the rows where it cannot be."""
    low, high = _RANGES.get(part.kind, (0, 10**9))
    if part.kind in _RANGES:
        good &= (number >= low) & (number <= high)
    if part.kind == "f":
        values["f"] = number * 10 ** (9 - part.width)
    elif part.kind == "y":  # as POSIX has it
        values["Y"] = number + np.where(number < 69, 2000, 1900)
    elif part.kind in "uw":
        values["weekday"] = (number - 1) % 7
    else:
        values[part.kind] = number


def _read_digits(digits: Bytes, pad: str, good: Mask) -> Ints:
    """Return the numbers that digits are; clear in `good` the rows that hold something else."""
    values = digits - np.uint8(48)
    number = values[:, 0].astype(np.int64)
    if pad == "0" or values.shape[1] == 1:
        good &= (values <= 9).all(axis=1)
    else:  # nothing begins with a zero
        blank = (digits[:, 0] == 32) & (pad == " ")
        good &= (values[:, 1:] <= 9).all(axis=1) & (blank | ((number >= 1) & (number <= 9)))
        number[blank] = 0
    for place in range(1, values.shape[1]):
        number = number * 10 + values[:, place]
    return number


def _read_letters(letters: Bytes, names: tuple[str, ...], case: str, good: Mask) -> Ints:
    """Return the numbers of names, from 0; clear in `good` the rows with another, or in another case."""
    lower = (letters & _LOWER) != 0
    wanted = np.full(letters.shape[1], case != "upper")
    wanted[0] = case == "lower"
    good &= ((lower == wanted) & (letters < 128)).all(axis=1)
    codes = _codes(letters | _LOWER)
    known, order = _known_names(names, letters.shape[1])
    places = np.minimum(np.searchsorted(known, codes), len(known) - 1)
    good &= known[places] == codes
    numbers: Ints = order[places]
    return numbers


@lru_cache(maxsize=64)
def _known_names(names: tuple[str, ...], width: int) -> tuple[Ints, Ints]:
    """Return the codes of the names of a width, in order, and the number of each."""
    numbers = [number for number, name in enumerate(names) if len(name) == width]
    letters = np.array([list(names[number].lower().encode()) for number in numbers], dtype=np.uint8)
    codes = _codes(letters)
    order = np.argsort(codes)
    return codes[order], np.array(numbers)[order]


def _codes(letters: Bytes) -> Ints:
    """Return a number for each row of up to nine letters of ASCII, of 7 bits each."""
    code = np.zeros(len(letters), dtype=np.int64)
    for place in range(letters.shape[1]):
        code = (code << 7) | letters[:, place]
    return code
