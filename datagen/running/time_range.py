"""Turns a plan, and where an earlier run stopped, into the simulated time that a run covers."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from datagen.instants import Instant
from datagen.position import Jump


@dataclass(frozen=True)
class TimeRange:
    """The time of a run, microseconds since 1970.

    Workers begin at `first`, or go on from where they were; records begin at `begin` and end before
    `end`, which is `bounded` for or the last instant there is. `jumps` are made on the way, also those
    before `begin` that are not behind the workers that go on. `over` tells that nothing is to be made
    but what an earlier run has made.
    """

    first: int
    begin: int
    end: int
    bounded: bool = False
    jumps: tuple[Jump, ...] = ()
    over: bool = False

    def resumed_at(self, reached: int, jumps: Sequence[Jump], now: int | None) -> "TimeRange":
        """Return the time of a run that goes on, and at an instant, if any, leaves out what is past."""
        begin, made = reached, tuple(jumps)
        if now is not None and now > reached:
            begin, made = now, (*made, Jump(reached + 1, now - reached))
        return replace(self, begin=begin, jumps=made)

    def limited_to(self, duration: int | None, until: Instant | None) -> "TimeRange":
        """Return the same with its end: after a duration, at an instant, or, without either, never."""
        end = until.micros if until else None if duration is None else self.begin + duration
        if end is None or end > self.end:
            return self
        return replace(self, end=max(end, self.begin + 1), bounded=True, over=end <= self.begin)
