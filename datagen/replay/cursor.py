"""Turns where a replay stands between two windows into JSON, and back."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from datagen.sources.base import FIRST, Place


@dataclass(frozen=True)
class ReplayCursor:
    """Where a replay stands: all that it takes to go on. Times are nanoseconds since 1970.

    `turn` is the number of the pass; `place` where a chunk begins, at its next record or before, `record`
    the number of that. `shift` is what times are moved by in this pass, `first` and `last` are the times
    of its first record and of the one before the next. Of the first pass `size` is the number of records
    and `gap` the median gap, once they are known. Before the instant `until` (microseconds, of the run)
    records are left out. `source` is the state of the file.
    """

    since: int
    turn: int = 0
    record: int = 0
    place: Place = FIRST
    shift: int | None = None
    first: int = 0
    last: int = 0
    size: int = 0
    gap: int | None = None
    until: int | None = None
    source: tuple[int, ...] = ()

    has_workers = False

    def fits(self, spec: Any) -> bool:
        """Return that it can: what a file holds is known when it is read."""
        del spec
        return True

    def moved(self, by: int, since: int) -> "ReplayCursor":
        """Return the same place, so many microseconds later, which is at an instant then."""
        shift = None if self.shift is None else self.shift + by * 1000
        until = None if self.until is None else self.until + by
        return replace(self, shift=shift, until=until, since=since)

    def packed(self) -> dict[str, Any]:
        return asdict(self)


def replay_cursor(data: Mapping[str, Any]) -> ReplayCursor:
    place, source = Place(**data["place"]), tuple(data["source"])
    return ReplayCursor(**{**data, "place": place, "source": source})
