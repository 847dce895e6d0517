"""Turns the position of a replay between two windows into JSON, and back."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from datagen.part import Part
from datagen.position import whole
from datagen.sources.base import FILE_START, RecordPosition

_JSON_KEYS = {"pass_number": "turn", "position": "place"}  # where they differ from the fields
_MAY_BE_NULL = ("shift", "gap", "until")


@dataclass(frozen=True)
class ReplayCursor:
    """The position of a replay: all that it takes to go on. Times are nanoseconds since 1970.

    `record` is the number of the next record in the pass `pass_number`, and `position` the beginning of a
    chunk, at that record or before. `shift` is what times are moved by in this pass; `first` and `last`
    are the times, in the source, of the first record of a pass and of the one before the next. Once they
    are known, `size` is the number of records of a pass and `gap` the median gap. Before the instant
    `until` (microseconds, of the run) records are left out. `source` is the state of the file.
    """

    since: int
    pass_number: int = 0
    record: int = 0
    position: RecordPosition = FILE_START
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

    def belongs_to(self, part: Part) -> bool:
        """Return that it can: every part goes through all of the source."""
        del part
        return True

    def moved(self, by: int, since: int) -> "ReplayCursor":
        """Return the same position, `by` microseconds later; `since` is the instant it is at then."""
        shift = None if self.shift is None else self.shift + by * 1000
        until = None if self.until is None else self.until + by
        return replace(self, shift=shift, until=until, since=since)

    def to_json(self) -> dict[str, Any]:
        return {_JSON_KEYS.get(name, name): value for name, value in asdict(self).items()}


def replay_cursor(data: Mapping[str, Any]) -> ReplayCursor:
    """Return the cursor that JSON holds. Raises KeyError, TypeError or ValueError for any other JSON."""
    names = {key: name for name, key in _JSON_KEYS.items()}
    values = {names.get(key, key): value for key, value in data.items()}
    least = dict.fromkeys(("turn", "record", "size"), 0)
    for key in data.keys() - {"place", "source"}:
        if data[key] is not None or key not in _MAY_BE_NULL:
            whole(data[key], least.get(key, -(1 << 62)))
    place = {key: whole(value, 0) for key, value in data["place"].items()}
    position, source = RecordPosition(**place), tuple(map(whole, data["source"]))
    return ReplayCursor(**{**values, "position": position, "source": source})
