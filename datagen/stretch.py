"""Turns a plan, and where an earlier run stopped, into the simulated time that a run covers."""

from dataclasses import dataclass

from datagen.cursor import Cursor
from datagen.instants import Instant


@dataclass(frozen=True)
class Stretch:
    """The time of a run, microseconds since 1970.

    Workers begin at `first`, or go on from where they were; records begin at `begin` and end before
    `end`, which is `asked` for or the last instant there is. A run that leaves out what is past
    makes what was due before `pause` and then lets its workers stand still for `gap`.
    """

    first: int
    begin: int
    end: int
    asked: bool
    gap: int = 0
    pause: int = 0

    def going_on(self, reached: int, cursor: Cursor, now: int | None) -> "Stretch":
        """Give the time of a run that goes on, and at an instant, if any, skips what is past."""
        begin = max(reached, cursor.pool.since)
        gap = 0 if now is None else max(now - begin, 0)
        return Stretch(self.first, begin + gap, self.end, self.asked, gap, begin + 1)

    def lasting(self, duration: int | None, until: Instant | None) -> "Stretch":
        """Give the same with its end: after a duration, at an instant, or, without either, never."""
        end = until.micros if until else None if duration is None else self.begin + duration
        asked = end is not None and end <= self.end
        end = self.end if end is None else min(end, self.end)
        return Stretch(self.first, self.begin, end, asked, self.gap, self.pause)
