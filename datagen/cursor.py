"""Turns where a run stands between two windows into JSON, and back.

All that a run remembers is here: of a machine its live workers with their cursors, its arrivals, and
what counters have counted; of a replay its place in the source. Arrays are packed: little-endian int64,
differences from one to the next, deflated, in base64.
"""

import base64
import json
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Protocol

import numpy as np

from datagen.paths import Lanes
from datagen.randomness import Ints
from datagen.recall import Counted
from datagen.sources.base import FIRST, Place
from datagen.workers import PoolCursor

_MOST = 1 << 31  # bytes of an array


@dataclass(frozen=True)
class Jump:
    """What is left out: before instant `at` all is as it was, then all stands still for `by`."""

    at: int
    by: int

    @property
    def until(self) -> int:
        """Give the instant at which time goes on."""
        return self.at + self.by


class Cursor(Protocol):
    """Where a run stands between two windows."""

    @property
    def since(self) -> int:
        """Give an instant, microseconds since 1970, before which nothing happens any more."""

    def packed(self) -> dict[str, Any]:
        """Give the cursor as JSON."""


@dataclass(frozen=True)
class MachineCursor:
    """Where the workers of a machine stand."""

    pool: PoolCursor
    counted: Counted

    @property
    def since(self) -> int:
        return self.pool.since

    def packed(self) -> dict[str, Any]:
        alive = self.pool.alive
        return {
            "started": self.pool.started,
            "last_start": self.pool.last_start,
            "since": self.pool.since,
            "marks": alive.memory.shape[1],
            "workers": packed(alive.workers),
            "visits": packed(alive.visits),
            "states": packed(alive.states),
            "times": packed(alive.times),
            "memory": packed(np.moveaxis(alive.memory, 0, -1).ravel()),
            "totals": {_key(path): total for path, total in self.counted.totals.items()},
            "carried": {
                _key(path): [packed(workers), packed(numbers)]
                for path, (workers, numbers) in self.counted.carried.items()
            },
        }


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

    def moved(self, by: int, since: int) -> "ReplayCursor":
        """Give the same place, so many microseconds later, which is at an instant then."""
        shift = None if self.shift is None else self.shift + by * 1000
        until = None if self.until is None else self.until + by
        return replace(self, shift=shift, until=until, since=since)

    def packed(self) -> dict[str, Any]:
        return asdict(self)


def unpacked_cursor(data: Mapping[str, Any]) -> Cursor:
    """Read a cursor. Raises ValueError, KeyError or TypeError for what is none."""
    return _of_replay(data) if "turn" in data else _of_machine(data)


def _of_replay(data: Mapping[str, Any]) -> ReplayCursor:
    place, source = Place(**data["place"]), tuple(data["source"])
    return ReplayCursor(**{**data, "place": place, "source": source})


def _of_machine(data: Mapping[str, Any]) -> MachineCursor:
    workers, marks = unpacked(data["workers"]), int(data["marks"])
    memory = unpacked(data["memory"]).reshape(marks, 3, len(workers))
    visits, states, times = (unpacked(data[name]) for name in ("visits", "states", "times"))
    if not len(workers) == len(visits) == len(states) == len(times):
        raise ValueError("arrays of different lengths")
    memory = np.ascontiguousarray(np.moveaxis(memory, -1, 0))
    lanes = Lanes(workers, visits, states, times, memory)
    carried = {
        _path(key): (unpacked(workers), unpacked(numbers))
        for key, (workers, numbers) in data["carried"].items()
    }
    totals = {_path(key): int(total) for key, total in data["totals"].items()}
    pool = PoolCursor(lanes, *(int(data[name]) for name in ("started", "last_start", "since")))
    return MachineCursor(pool, Counted(totals, carried))


def packed(values: Ints) -> str:
    """Write whole numbers as text: int64[n]."""
    steps = np.diff(values, prepend=0).astype("<i8").tobytes()
    return base64.b64encode(zlib.compress(steps, 1)).decode()


def unpacked(text: str) -> Ints:
    """Read what `packed` has written. Raises ValueError."""
    try:
        data = zlib.decompressobj().decompress(base64.b64decode(text, validate=True), _MOST)
    except zlib.error as error:
        raise ValueError(str(error)) from error
    return np.cumsum(np.frombuffer(data, "<i8").astype(np.int64))


def _key(path: tuple[str, ...]) -> str:
    return json.dumps(path)


def _path(key: str) -> tuple[str, ...]:
    return tuple(json.loads(key))
