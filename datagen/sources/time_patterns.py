"""Turns a pattern of strptime into what its texts look like, and which part of a date they leave out.

The directives are those of Python in the C locale, and those of other systems for other padding: `%e`,
`%k`, `%l`, `%-d` and the like.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from datagen.columns.strftime import TimePattern
from datagen.sources.cycles import CYCLES, Cycle
from datagen.sources.time_dates import MONTHS, SHORT_MONTHS, SHORT_WEEKDAYS, WEEKDAYS
from datagen.sources.time_layouts import Layout, layout_of
from datagen.sources.zone_names import OFFSET
from datagen.validation import quoted

_DIRECTIVE = re.compile(r"((?:\s|%[nt])+)|%(-[a-zA-Z]|:z|3f|.?)", re.DOTALL)
_COMPOSED = {"D": "%m/%d/%y", "F": "%Y-%m-%d", "R": "%H:%M", "T": "%H:%M:%S", "X": "%H:%M:%S",
             "r": "%I:%M:%S %p", "x": "%m/%d/%y", "c": "%a %b %e %H:%M:%S %Y", "h": "%b"}  # fmt: skip
_NUMBERS = "mdHIMSyUWV"  # of two digits, one of which may be left out or a space
_TWO_DIGITS = r"\d\d| \d|\d"
_SAME = {"e": ("d", " "), "k": ("H", " "), "l": ("I", " "), "P": ("p", "0"), ":z": ("z", "0"),
         "3f": ("f", "0")} | {f"-{kind}": (kind, "") for kind in "mdHIMSyj"}  # fmt: skip
_TEXTS = {
    **dict.fromkeys(_NUMBERS, _TWO_DIGITS),
    "Y": r"\d{4}", "G": r"\d{4}", "j": r"\d{3}|\d{1,2}", "u": r"\d", "w": r"\d", "f": r"\d{1,9}",
    "b": "|".join(SHORT_MONTHS), "B": "|".join(MONTHS),
    "a": "|".join(SHORT_WEEKDAYS), "A": "|".join(WEEKDAYS),
    "p": "am|pm", "z": OFFSET, "Z": "[A-Za-z]{1,5}",
}  # fmt: skip


@dataclass(frozen=True)
class TextPattern:
    """What texts of a pattern look like; `cycle` is what they leave out, None where they have a year.

    `pads` is how the pattern pads numbers where it is not by zeros, `has_offset` whether texts tell their
    offset from UTC.
    """

    regex: re.Pattern[str]
    pads: tuple[tuple[str, str], ...]
    cycle: Cycle | None
    has_offset: bool

    def layout(self, text: str, pads: Mapping[str, str]) -> Layout | None:
        """Return the layout of a text; None where it is none, or of a zone that is not known.

        `pads` is how the file pads numbers, where that is known.
        """
        match = self.regex.fullmatch(text)
        return None if match is None else layout_of(match, dict(self.pads) | dict(pads))

    def unknown_zone(self, text: str) -> str:
        """Return the name of a zone in a text, which stands for no known offset; "" if there is none."""
        match = self.regex.fullmatch(text)
        if match is None or "Z" not in self.regex.groupindex:
            return ""
        return match["Z"] if layout_of(match, {}) is None else ""


@lru_cache(maxsize=64)
def text_pattern(pattern: str) -> TextPattern:
    """Return what texts of a pattern look like. Raises ValueError for one that cannot be read."""
    TimePattern(re.sub(r"%-(?=[mdHIMSyj])", "%", pattern))
    source, end = "", 0
    pads: dict[str, str] = {}
    seen: set[str] = set()
    plain = _expanded(pattern)
    for token in _DIRECTIVE.finditer(plain):
        source += re.escape(plain[end : token.start()])
        source += r"\s+?" if token[1] else _text_of(pattern, token[2], seen, pads)
        end = token.end()
    source += re.escape(plain[end:])
    cycle = CYCLES.get(_left_out(pattern, seen))
    flags = re.ASCII | re.IGNORECASE
    return TextPattern(re.compile(source, flags), tuple(pads.items()), cycle, bool(seen & {*"zZ"}))


def _expanded(pattern: str) -> str:
    """Return a pattern with the directives that stand for several others written out."""
    return re.sub(
        r"%(.)", lambda match: _COMPOSED.get(match[1], match[0]), pattern, flags=re.DOTALL
    )


def _text_of(pattern: str, name: str, seen: set[str], pads: dict[str, str]) -> str:
    """Return the regular expression of a directive; add it to those that were seen."""
    if name == "%":
        return "%"
    kind, pad = _SAME.get(name, (name, "0"))
    if kind not in _TEXTS:
        raise ValueError(f'{quoted(pattern)} cannot be read: "%{name}" is for writing only')
    if kind in seen:
        raise ValueError(f'{quoted(pattern)} has "%{kind}" twice')
    seen.add(kind)
    if pad != "0":
        pads[kind] = pad
    return f"(?P<{kind}>{_TEXTS[kind]})"


def _left_out(pattern: str, seen: set[str]) -> str:
    """Return what comes again and again by a pattern; "" where there is a year. Raises ValueError."""
    for needed, problem in _mistakes(seen):
        if not needed:
            raise ValueError(f"{quoted(pattern)} cannot be read: {problem}")
    if seen & {*"YyG"}:
        return ""
    if seen & {*"mbB"}:
        return "year"
    if "d" in seen:
        return "month"
    return "week" if seen & {*"aAuw"} else "day"


def _mistakes(seen: set[str]) -> Iterator[tuple[bool, str]]:
    """Yield what a pattern has to have, and what to say where it does not."""
    year, weekday = bool(seen & {*"Yy"}), bool(seen & {*"aAuw"})
    yield bool(seen & {*"YyGmbBdjaAuwUWVHIMSf"}), "it has no time"
    yield "j" not in seen or year, '"%j" needs "%Y"'
    yield not seen & {*"UW"} or (year and weekday), '"%U" and "%W" need "%Y" and a day of the week'
    whole_week = {"G", "V"} <= seen and weekday
    yield not seen & {*"GV"} or whole_week, '"%G" and "%V" need each other and a day of the week'
