"""The plain rules of a timeline: all periods listed, one after the other, by the standard library; nothing by arrays."""

from bisect import bisect_right
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from datagen.durations import duration_micros
from datagen.instants import DAY, EPOCH, parse_instant

_MICROSECOND = timedelta(microseconds=1)


def instant_of_local(local: datetime, zone: str) -> int:
    """Return the first instant at which clocks show a time, or go on over it: microseconds since 1970."""
    tz = ZoneInfo(zone)
    found = local.replace(tzinfo=tz).astimezone(UTC)
    if found.astimezone(tz).replace(tzinfo=None) == local:
        return (found - EPOCH) // _MICROSECOND
    early, late = found - timedelta(days=1), found + timedelta(days=1)
    while late - early > _MICROSECOND:
        middle = early + (late - early) // 2
        if middle.astimezone(tz).replace(tzinfo=None) < local:
            early = middle
        else:
            late = middle
    return (late - EPOCH) // _MICROSECOND


class PlainPeriod:
    """The periods of one name: raw JSON, the first start, the zone of the run, and how many days of them there are."""

    def __init__(self, raw: dict[str, Any], start: int, zone: str = "UTC", days: int = 20) -> None:
        self._raw, self._start, self._days = raw, start, days
        self._zone = raw.get("timezone", zone)
        self.length = duration_micros(raw["for"])
        self.height = duration_micros(raw["ramp"]) if "ramp" in raw else 0

    @cached_property
    def begins(self) -> list[int]:
        """Return all begins within so many days of the first start, in order."""
        at, every = self._raw["at"], self._raw.get("every")
        step = None if every is None else duration_micros(every)
        if at.startswith("+"):
            first = self._start + duration_micros(at[1:])
        elif "-" not in at:
            hours, minutes = map(int, at.split(":")[:2])
            return self._daily(self._local(self._start).date(), hours * 60 + minutes, step, -1)
        else:
            given = parse_instant(at)
            first = given.micros
            if not given.style.suffix:
                local = EPOCH.replace(tzinfo=None) + timedelta(microseconds=first)
                first = instant_of_local(local, self._zone)
            if step is not None and step % DAY == 0:
                local = self._local(first)
                return self._daily(local.date(), local.hour * 60 + local.minute, step, 0)
        last = self._start + self._days * DAY
        return [first] if step is None else list(range(first, last, step))

    def _daily(self, day: Any, minutes: int, step: int | None, back: int) -> list[int]:
        """Return a time of every so many days, from day 0 on; with `back` also before it."""
        assert step is not None
        every = step // DAY
        numbers = range(back * (self._days // every), self._days // every + 2)
        return [
            instant_of_local(
                datetime.combine(day + timedelta(days=each * every), datetime.min.time())
                + timedelta(minutes=minutes),
                self._zone,
            )
            for each in numbers
        ]

    def _local(self, instant: int) -> datetime:
        return (EPOCH + timedelta(microseconds=instant)).astimezone(ZoneInfo(self._zone))

    def progress(self, instant: int) -> float | None:
        """Return how far on an instant is in its period, None outside."""
        latest = bisect_right(self.begins, instant) - 1
        if latest < 0 or instant >= self.begins[latest] + self.length:
            return None
        return (instant - self.begins[latest]) / self.length

    def during(self, instant: int) -> bool:
        """Return whether an instant is in a period."""
        return self.progress(instant) is not None

    def ramp(self, instant: int) -> float:
        """Return what leads up to the periods, and away from them."""
        if self.during(instant) or not self.height:
            return float(self.during(instant))
        place = bisect_right(self.begins, instant)
        near = self.begins[max(place - 1, 0) : place + 1]
        away = [max(each - instant, instant - each - self.length) for each in near]
        return max((self.height - min(away, default=self.height)) / self.height, 0.0)

    def edges(self) -> list[int]:
        """Return all instants at which something changes."""
        found = set()
        for each in self.begins:
            end = each + self.length
            found |= {each - self.height, each, end, end + self.height}
        return sorted(found)
