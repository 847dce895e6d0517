"""Turns the waits of windows into how long arrivals were held back, up to what was delivered."""

from dataclasses import dataclass
from math import isfinite

import numpy as np

from datagen.batch import Waits
from datagen.instants import SECOND
from datagen.one_line import counted


@dataclass(frozen=True)
class Waiting:
    """How many arrivals waited for a place, how long in all, and what that has cost.

    At most one waits at a time, and with it all that come after it: `held_back` is how many workers the
    time that was waited would have brought on average, which is infinite where nobody waits in between.
    """

    arrivals: int = 0
    seconds: float = 0.0
    held_back: float = 0.0

    def __bool__(self) -> bool:
        return self.arrivals > 0

    def __add__(self, other: "Waiting") -> "Waiting":
        return Waiting(
            self.arrivals + other.arrivals,
            self.seconds + other.seconds,
            self.held_back + other.held_back,
        )

    def __str__(self) -> str:
        """Return a sentence for a person."""
        more = f", in which about {self.held_back:,.0f} more would have started"
        return (
            f"-m held back {counted(self.arrivals, 'arrival')}, for {self.seconds:,.1f} s in all"
            f"{more if isfinite(self.held_back) else ''}"
        )


class WaitTally:
    """Adds up what waits of a run's windows come to, from an instant on: microseconds since 1970.

    Windows are simulated ahead of what is delivered, so the sum is asked for up to an instant.
    """

    def __init__(self, begin: int) -> None:
        self._begin = begin
        self._passed = Waiting()
        self._window: tuple[Waits, ...] = ()

    def add(self, window: tuple[Waits, ...]) -> None:
        """Go on to the next window."""
        for before in self._window:
            started = before.starts < np.iinfo(np.int64).max  # who waits still comes once more
            self._passed += self._sum(
                Waits(before.dues[started], before.starts[started], before.expected)
            )
        self._window = window

    def until(self, instant: int) -> Waiting:
        """Return what was waited before an instant within the present window, or after it."""
        found = self._passed
        for each in self._window:
            if len(each.dues):
                ends = np.minimum(each.starts, instant)
                found += self._sum(Waits(each.dues, ends, each.expected))
        return found

    def _sum(self, waits: Waits) -> Waiting:
        begins = np.maximum(waits.dues, self._begin)
        waited = begins < waits.starts
        if not waited.any():
            return Waiting()
        begins, ends = begins[waited], waits.starts[waited]
        seconds = float((ends - begins).sum()) / SECOND
        return Waiting(len(begins), seconds, float(waits.expected(begins, ends).sum()))
