"""Turns local times into texts of a form, by arrays.

Parts of one width are written into one matrix of bytes; what varies in width is looked up and joined.
"""

from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

import numpy as np
import pyarrow as pa

from datagen.arrays import Ints, TextArray
from datagen.columns import json_text
from datagen.instants import DAY, SECOND
from datagen.sources.time_dates import MONTHS, SHORT_MONTHS, SHORT_WEEKDAYS, WEEKDAYS, date_part
from datagen.sources.time_layouts import Bytes, Layout, LayoutPart

_NAMES = {
    "b": ("", *SHORT_MONTHS),
    "B": ("", *MONTHS),
    "a": SHORT_WEEKDAYS,
    "A": WEEKDAYS,
    "p": ("AM", "PM"),
}
_OF_DATES = "YmdbBaAyjGVuUwW"
_VARYING = "BA"


@dataclass(frozen=True)
class TextForm:
    """What texts are made of, in order; where a part's width varies, it has none."""

    parts: tuple[LayoutPart, ...]

    def write(self, local: Ints, rest: Ints | None) -> TextArray:
        """Return the texts of local times: microseconds, nanoseconds within -> a string array of n."""
        days, within = np.divmod(local, DAY)
        seconds, fraction = np.divmod(within, SECOND)
        hours = seconds // 3600
        values = {
            "H": hours, "I": (hours - 1) % 12 + 1, "p": hours // 12, "M": seconds // 60 % 60,
            "S": seconds % 60, "f": fraction * 1000 + (0 if rest is None else rest),
        }  # fmt: skip
        runs = _equal_runs(days)
        pieces: list[TextArray | str] = []
        for varies, parts in groupby(self.parts, key=lambda part: not part.width):
            if varies:
                pieces += [_varying(part, values, runs) for part in parts]
            else:
                pieces.append(_fixed(tuple(parts), values, runs))
        return json_text.join(pieces, len(local)) if len(pieces) != 1 else pieces[0]


Runs = tuple[
    Ints, Ints
]  # days, each as often as it comes in a row, and the place in these of each row


@lru_cache(maxsize=256)
def form_of(layout: Layout) -> TextForm:
    """Return the form in which texts of a layout are written."""
    return TextForm(tuple(map(_part_of_form, layout.parts)))


def _part_of_form(part: LayoutPart) -> LayoutPart:
    varies = part.kind in _VARYING or (part.style == "" and part.kind != "text")
    return LayoutPart(part.kind, 0 if varies else part.width, part.text, part.style)


def _fixed(parts: tuple[LayoutPart, ...], values: dict[str, Ints], runs: Runs) -> TextArray:
    """Return the texts of neighbouring parts of fixed widths."""
    width = sum(part.width for part in parts)
    texts = np.empty((len(runs[1]), width), dtype=np.uint8)
    for part, begin, end in Layout(parts).places():
        if part.kind == "text":
            texts[:, begin:end] = np.frombuffer(part.text, dtype=np.uint8)
        elif part.kind in _OF_DATES:
            texts[:, begin:end] = _part_texts(part, date_part(part.kind, runs[0]))[runs[1]]
        else:
            value = values[part.kind]
            value = value // 10 ** (9 - part.width) if part.kind == "f" else value
            _write_part(part, value, texts[:, begin:end])
    return json_text.from_fixed_width(texts.reshape(-1).view(f"S{width}"))


def _part_texts(part: LayoutPart, values: Ints) -> Bytes:
    texts = np.empty((len(values), part.width), dtype=np.uint8)
    _write_part(part, values, texts)
    return texts


def _write_part(part: LayoutPart, values: Ints, texts: Bytes) -> None:
    """Write one part of times into columns of bytes."""
    if part.kind in _NAMES:
        texts[:] = _name_bytes(part.kind, part.style, part.width)[values]
        return
    _write_digits(values, texts)
    if part.style == " ":
        for place in range(part.width - 1):
            texts[values < 10 ** (part.width - 1 - place), place] = 32


def _varying(part: LayoutPart, values: dict[str, Ints], runs: Runs) -> TextArray:
    """Return the texts of a part whose width follows from its value."""
    if part.kind not in _OF_DATES:
        return _lookup(part.kind, part.style).take(pa.array(values[part.kind]))
    return _lookup(part.kind, part.style).take(pa.array(date_part(part.kind, runs[0])[runs[1]]))


@lru_cache(maxsize=64)
def _lookup(kind: str, style: str) -> TextArray:
    """Return the texts of the values of a part."""
    texts = (
        [_cased(name, style) for name in _NAMES[kind]] if kind in _NAMES else map(str, range(367))
    )
    return pa.array(list(texts), pa.string())


@lru_cache(maxsize=64)
def _name_bytes(kind: str, style: str, width: int) -> Bytes:
    names = [_cased(name, style).ljust(width) for name in _NAMES[kind]]
    return np.array([list(name.encode()) for name in names], dtype=np.uint8)


def _cased(name: str, style: str) -> str:
    return {"upper": name.upper(), "lower": name.lower()}.get(style, name.title())


def _equal_runs(values: Ints) -> Runs:
    """Return the value of each run of equal neighbours, and the number of each row's run."""
    if not len(values):
        return values, values
    changes = np.diff(values) != 0
    return values[np.concatenate([[True], changes])], np.concatenate([[0], np.cumsum(changes)])


def _write_digits(values: Ints, texts: Bytes) -> None:
    """Write numbers into columns of bytes, with leading zeros."""
    left = values
    for place in range(texts.shape[1] - 1, 0, -1):
        left, digit = np.divmod(left, 10)
        texts[:, place] = digit + 48
    texts[:, 0] = left % 10 + 48
