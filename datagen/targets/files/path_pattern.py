"""Turns a path with strftime directives into the names of files, and into what recognizes them."""

import os
import re

import numpy as np

from datagen.arrays import Ints
from datagen.columns.strftime import TimePattern
from datagen.instants import DAY, SECOND, Style
from datagen.targets.files.compression import COMPRESSORS

PART_SUFFIX = ".part"  # of a file that is still being written
FIELD = (
    "\ufdd0"  # in place of the value of a field: no text has this code point, which is no character
)
_DIRECTIVE = re.compile(r"%(%|3f|:z|.?)", re.DOTALL)
_STEPS = {  # microseconds for which a directive's text stays the same; the others: a day
    "f": 1,
    "3f": 1000,
    **dict.fromkeys("crsSTX", SECOND),
    **dict.fromkeys("MR", 60 * SECOND),
    **dict.fromkeys("HIklpP", 3600 * SECOND),
}
_QUARTER = 900 * SECOND  # at whose beginnings zones change their clocks
_DIGITS = {
    "%": "%", "Y": r"\d{4}", "j": r"\d{3}", "3f": r"\d{3}", "f": r"\d{6}", "s": r"-?\d+",
    **dict.fromkeys("mdHIMSyUWVg", r"\d\d"),
}  # fmt: skip
_LEVELS = ("YFsc", "mbBhFscj", "dejFsc", "HkTXRsc", "MTXRsc", "STXsc")  # year, month, ... second


def has_directives(path: str) -> bool:
    """Return whether a path depends on time."""
    return any(found != "%" for found in _DIRECTIVE.findall(path))


class PathPattern:
    """A path with directives. Raises ValueError for one that does not exist."""

    def __init__(self, path: str, shown: str | None = None) -> None:
        """Prepare; `shown` is how messages call the path, where FIELD stands for fields."""
        self.path, self.shown, self._names = path, shown or path, TimePattern(path)
        steps = [_STEPS.get(found, DAY) for found in _DIRECTIVE.findall(path) if found != "%"]
        self.step = min(steps, default=DAY)
        self._shows_offset = not {"z", ":z", "Z"}.isdisjoint(_DIRECTIVE.findall(path))
        self._has_unique_names = _are_unique({*_DIRECTIVE.findall(path)} - {"%"})
        parts = path.split("/")
        changing = next(
            (n for n, part in enumerate(parts) if has_directives(part) or FIELD in part),
            len(parts) - 1,
        )
        self.folder = "/".join([*parts[:changing], ""]).replace("%%", "%")  # the same at any time

    @property
    def file_names(self) -> re.Pattern[str]:
        """Return what matches the real paths of all files that the pattern can name."""
        folder = os.path.realpath(self.folder or ".")
        rest = self.path[len(self.folder.replace("%", "%%")) :]
        stem, ending = _split_endings(rest)
        number, part = r"(-\d+)?", rf"({re.escape(PART_SUFFIX)}(\.copy)?)?"
        return re.compile(
            rf"{re.escape(folder.rstrip('/'))}/{_regex(stem)}{number}{_regex(ending)}{part}",
            re.DOTALL,
        )

    def paths(self, micros: Ints, style: Style) -> list[str]:
        """Return the paths of instants, microseconds since 1970, that are written in a style."""
        names: list[str] = self._names.format_instants(micros, style).to_pylist()
        return names

    def units(self, micros: Ints, style: Style) -> Ints:
        """Return the steps of time, local if possible, for which names stay the same: int64[n] -> int64[n]."""
        if self._shows_changes(style):
            return micros // min(self.step, _QUARTER)
        return style.local_times(micros) // self.step

    def paths_of_units(self, units: Ints, style: Style) -> list[str]:
        """Return the paths of steps of time: int64[n] -> n of them."""
        if self._shows_changes(style):
            return self.paths(units * min(self.step, _QUARTER), style)
        local = (units * self.step).tolist()
        return self.paths(np.array([style.instant_of(each) for each in local], np.int64), style)

    def names_are_unique(self, style: Style) -> bool:
        """Return whether a name never comes again: clocks of a time zone show some times twice."""
        hours = self.step >= 3600 * SECOND
        told_apart = style.offset_is_fixed or self._shows_offset or hours
        return self._has_unique_names and told_apart

    def _shows_changes(self, style: Style) -> bool:
        """Return whether names change with the offset of a time zone, so that no local time is unclear."""
        return self._shows_offset and not style.offset_is_fixed


def numbered(path: str, number: int) -> str:
    """Return a path with a number, if not 0, before its endings: `x.json.gz`, `x-1.json.gz`, ..."""
    stem, ending = _split_endings(path)
    return f"{stem}-{number}{ending}" if number else path


def _split_endings(path: str) -> tuple[str, str]:
    """Return a path without its endings, and these: `x.json.gz` is `x` and `.json.gz`."""
    packed = next((ending for ending in COMPRESSORS if path.endswith(ending)), "")
    stem, ending = os.path.splitext(path.removesuffix(packed))
    return stem, ending + packed


def _regex(pattern: str) -> str:
    """Return what matches the texts of a pattern; what is not a number matches anything."""
    pieces = re.split(_DIRECTIVE, pattern)
    texts = [re.escape(text).replace(FIELD, "[^/]+") for text in pieces[::2]]
    found = [_DIGITS.get(each, ".+") for each in pieces[1::2]]
    return "".join(map("".join, zip(texts, [*found, ""], strict=True)))


def _are_unique(found: set[str]) -> bool:
    """Return whether directives give another name at each of their steps, as those of a date do."""
    levels = [bool(found & {*letters}) for letters in _LEVELS]
    known = {*"".join(_LEVELS)} | ({"f", "3f"} if all(levels) else set())
    others = found - known  # such as the day of the week: known from the date and the hour
    apart = levels == sorted(levels, reverse=True)
    return apart and (not others or (levels[3] and not others & {"f", "3f"}))
