"""The times at which workers of a population may start: periods [begin, end), in microseconds since 1970."""

from collections.abc import Iterator
from typing import Protocol

from datagen.simulation.cap import NEVER

Period = tuple[int, int]


class Periods(Protocol):
    """Periods that do not overlap, in order, however many."""

    def first(self, instant: int) -> Period | None:
        """Return the first period that ends after an instant, or None."""


class Openings:
    """The time within all of several kinds of periods."""

    def __init__(self, kinds: list[Periods]) -> None:
        self._kinds = kinds

    def first(self, instant: int) -> Period | None:
        """Return the first period that ends after an instant, or None."""
        while True:
            found = [each.first(instant) for each in self._kinds]
            known = [each for each in found if each is not None]
            if len(known) < len(found):
                return None
            begin, end = max(each[0] for each in known), min(each[1] for each in known)
            if begin < end:
                return begin, end
            instant = begin

    def opening(self, instant: int) -> int:
        """Return the first instant from this one on at which it is open, or NEVER."""
        found = self.first(instant)
        return NEVER if found is None else max(instant, found[0])

    def after(self, instant: int, length: int) -> int:
        """Return the first open instant before which it was open for so long since another, or NEVER."""
        while (found := self.first(instant)) is not None:
            instant = max(instant, found[0])
            if length < found[1] - instant:
                return instant + length
            length, instant = length - (found[1] - instant), found[1]
        return NEVER

    def within(self, begin: int, end: int) -> Iterator[Period]:
        """Yield the periods that are open between two instants, also in part."""
        while begin < end and (found := self.first(begin)) is not None and found[0] < end:
            yield found
            begin = found[1]


class Between:
    """One period."""

    def __init__(self, begin: int, end: int) -> None:
        self._period = begin, end

    def first(self, instant: int) -> Period | None:
        """Return the period if it ends after an instant, or None."""
        return self._period if instant < self._period[1] else None
