"""The position of a run whose records leave in another order than that of their events."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from datagen.part import Part
from datagen.position import Cursor, pack, unpack, whole
from datagen.truth.ledger import Told

KEY, TOLD = "departures", "told"  # of its JSON


class Reached(NamedTuple):
    """How far copies have left: all before this arrival, microseconds since 1970, and of that very instant those of events before this number."""

    arrival: int
    event: int


@dataclass(frozen=True)
class DepartureCursor:
    """Where the copies that are to leave come from, and which of those have left.

    They are those of the events from the number `event` on, which `source_cursor` is the position of, but what `reached`
    says has left.
    """

    source_cursor: Cursor
    event: int
    reached: Reached
    told: Told | None = None  # what the truth has to know of these events

    @property
    def since(self) -> int:
        return self.source_cursor.since

    @property
    def has_workers(self) -> bool:
        return self.source_cursor.has_workers

    @property
    def source(self) -> tuple[int, ...]:
        return self.source_cursor.source

    def fits(self, spec: Any) -> bool:
        """Return whether a run of a specification of the same kind can continue from here."""
        return self.source_cursor.fits(spec)

    def belongs_to(self, part: Part) -> bool:
        """Return whether a run of a part of a stream can have come here."""
        return self.source_cursor.belongs_to(part)

    def to_json(self) -> dict[str, Any]:
        told = {}
        if self.told is not None:
            first, numbers = self.told.numbers()
            told = {TOLD: [self.told.record, self.told.lines, first, pack(numbers)]}
        return {**self.source_cursor.to_json(), KEY: [self.event, *self.reached], **told}


def departure_cursor(source: Cursor, data: Mapping[str, Any]) -> DepartureCursor:
    """Return the cursor that JSON holds, besides that of its source. Raises ValueError for any other JSON."""
    event, arrival, next_event = data[KEY]
    reached, told = Reached(whole(arrival), whole(next_event, 0)), None
    if TOLD in data:
        record, lines, first, packed = data[TOLD]
        known = whole(first, 0), unpack(packed)
        told = Told(whole(record, 0), whole(lines, 0), lambda: known)
    return DepartureCursor(source, whole(event, 0, reached.event), reached, told)
