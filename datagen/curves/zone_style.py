"""Writes instants as the clocks of a time zone show them, with an offset that changes over the year.

Every value is an instant in UTC first, and only shown in local time: a local time that clocks skip is
never written. Offsets are whole minutes, as ISO 8601 has them; of older ones the seconds are rounded.
"""

from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from typing import Any, ClassVar, NamedTuple

import numpy as np

from datagen.arrays import Ints
from datagen.curves.zones import known_zone, zone_of
from datagen.instants import DAY, NAIVE, SECOND, YEAR_1, YEAR_10000, Instant, Style
from datagen.position import whole

_MINUTE = 60 * SECOND
_CHUNK = 5_411 * DAY  # a 27th of the 400 years after which dates fall on the same days of the week
_CHUNKS_PER_CYCLE = 27
_FIRST_RULED = 32  # a chunk after 2438: from then on, zones follow rules that depend on dates alone
_FIRST_WITH_CHANGES = -12  # the chunk from 1792 on: before it, no zone has changed its clocks


@dataclass(frozen=True)
class ZoneStyle(Style):
    """How a time zone, by its name, shows instants; what its base holds of one offset is not used."""

    zone: str = "UTC"
    offset_is_fixed: ClassVar[bool] = False

    @property
    def limits(self) -> tuple[int, int]:
        return YEAR_1 - self.at(YEAR_1).offset, YEAR_10000 - self.at(YEAR_10000).offset

    def at(self, micros: int) -> Style:
        return self._as_written(_periods(self.zone, *_chunks(micros, micros)).style_at(micros))

    def split(self, micros: Ints) -> list[tuple[Style, Ints | None]]:
        if not len(micros):
            return [(self.at(0), None)]
        first, last = int(micros.min()), int(micros.max())
        periods = _periods(self.zone, *_chunks(first, last))
        if periods.place(first) == periods.place(last):
            return [(self._as_written(periods.style_at(first)), None)]
        numbers = periods.numbers[periods.begins.searchsorted(micros, side="right") - 1]
        found = np.unique(numbers).tolist()
        styles = [self._as_written(periods.styles[each]) for each in found]
        if len(found) == 1:
            return [(styles[0], None)]
        rows = [np.flatnonzero(numbers == each) for each in found]
        return [*zip(styles, rows, strict=True)]

    def _as_written(self, style: Style) -> Style:
        """Return the style of a period, with the decimals of this one."""
        return style if style.digits == self.digits else replace(style, digits=self.digits)

    def local_times(self, micros: Ints) -> Ints:
        local = micros.copy()
        for each, rows in self.split(micros):
            local[... if rows is None else rows] += each.offset
        return local

    def instant_of(self, local: int) -> int:
        """Return the first instant at which local clocks show a time, or a later one.

        So a time that exists twice is the first, and one that does not exist is the instant at which clocks
        go on.
        """
        periods = _periods(self.zone, *_chunks(local - DAY, local + DAY))
        changes: list[int] = periods.begins[periods.begins > local - DAY].tolist()
        begins = [local - DAY, *changes]
        for begin, end in pairwise([*begins, begins[-1] + 3 * DAY]):
            instant = max(begin, local - periods.style_at(begin).offset)
            if instant < end:
                return instant
        raise ValueError(f"no instant shows {local} in {self.zone}")

    def placed(self, instant: Instant) -> Instant:
        """Return an instant in this style; one without an offset is local to the zone."""
        naive = instant.style == NAIVE
        return Instant(self.instant_of(instant.micros) if naive else instant.micros, self)


def style_to_json(style: Style) -> Any:
    """Return what a checkpoint holds of a style."""
    return style.zone if isinstance(style, ZoneStyle) else [style.offset, style.suffix]


def style_from_json(data: Any) -> Style:
    """Return the style of a checkpoint. Raises ValueError or TypeError for anything else."""
    if isinstance(data, str):
        return ZoneStyle(zone=known_zone(data))
    offset, suffix = data
    return Style(whole(offset, -DAY, DAY), str(suffix))


class _Periods(NamedTuple):
    """The k periods of a time zone between two changes of its clocks, in order of time.

    `begins` and `numbers` are int64[k]: the instant at which each begins, and the place of its style.
    """

    begins: Ints
    numbers: Ints
    styles: tuple[Style, ...]

    def place(self, micros: int) -> int:
        """Return the place of the period in which an instant is."""
        return int(self.begins.searchsorted(micros, side="right")) - 1

    def style_at(self, micros: int) -> Style:
        """Return the style of the period in which an instant is."""
        return self.styles[int(self.numbers[self.place(micros)])]


@lru_cache(maxsize=256)
def _periods(zone: str, first: int, last: int) -> _Periods:
    """Return the periods from the chunk `first` to the chunk `last`."""
    begins: list[int] = []
    styles: list[Style] = []
    for chunk in range(first, last + 1):
        alike = _chunk_alike(chunk)
        for begin, style in _changes(zone, alike):
            if not styles or styles[-1] != style:
                begins.append(begin + (chunk - alike) * _CHUNK)
                styles.append(style)
    distinct = tuple(dict.fromkeys(styles))
    return _Periods(np.array(begins), np.array([distinct.index(each) for each in styles]), distinct)


@lru_cache(maxsize=4096)
def _changes(zone: str, chunk: int) -> tuple[tuple[int, Style], ...]:
    """Return the styles within a chunk, each with the instant at which it begins.

    The midnights of UTC are compared: clocks are not changed there and back within a day.
    """
    begin, end = chunk * _CHUNK, (chunk + 1) * _CHUNK
    local_type = zone_of(zone).local_type
    known = local_type(begin)
    found = [(begin, known)]
    for late in range(begin + DAY, end + 1, DAY) if chunk >= _FIRST_WITH_CHANGES else ():
        if (other := local_type(late)) != known:
            first, known = late - DAY, other
            while late - first > SECOND:
                middle = first + (late - first) // (2 * SECOND) * SECOND
                first, late = (first, middle) if local_type(middle) == known else (middle, late)  # noqa: PLW2901 - bisection
            found.append((late, known))
    return tuple((instant, _style(*each)) for instant, each in found)


def _style(offset: int, abbreviation: str) -> Style:
    minutes = round(offset / _MINUTE)
    suffix = f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"
    return Style(minutes * _MINUTE, suffix, abbreviation)


def _chunk_alike(chunk: int) -> int:
    """Return a chunk with the same rules, far from the end of the years that there are."""
    ruled = chunk - _FIRST_RULED
    return chunk if ruled < 0 else _FIRST_RULED + ruled % _CHUNKS_PER_CYCLE


def _chunks(first: int, last: int) -> tuple[int, int]:
    return first // _CHUNK, last // _CHUNK
