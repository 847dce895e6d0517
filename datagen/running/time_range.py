"""Turns a start, and where an earlier run stopped, into the simulated time that a run covers."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from datagen.instants import Instant
from datagen.position import Jump


@dataclass(frozen=True)
class TimeRange:
    """The simulated time of a run, in microseconds since 1970.

    The simulation starts at `simulated_from`, or at the cursor of a run that is resumed. Records from
    `begin` on, and before `end`, are for the target; `end` is a limit that was asked for where `bounded`
    says so, else the last instant there is. `jumps` are made on the way, also those before
    `begin` that the cursor has not made yet. `already_reached`: an earlier run got to `end`, and only
    its records may have to be made again.
    """

    simulated_from: int
    begin: int
    end: int
    bounded: bool = False
    jumps: tuple[Jump, ...] = ()
    already_reached: bool = False

    @property
    def last(self) -> int | None:
        """Return the last instant of a range whose end was asked for, else None."""
        return self.end - 1 if self.bounded else None

    def resumed_at(self, reached: int, jumps: Sequence[Jump], now: int | None) -> "TimeRange":
        """Return the range of a run that is resumed; with `now`, the time up to it is skipped."""
        begin, made = reached, tuple(jumps)
        if now is not None and now > reached:
            begin, made = now, (*made, Jump(reached + 1, now - reached))
        return replace(self, begin=begin, jumps=made)

    def limited_to(self, duration: int | None, until: Instant | None) -> "TimeRange":
        """Return the same with its end: after a duration, at an instant, or, without either, never."""
        end = until.micros if until else None if duration is None else self.begin + duration
        if end is None or end > self.end:
            return self
        return replace(
            self,
            end=max(end, self.begin + 1),
            bounded=True,
            already_reached=end <= self.begin,
        )
