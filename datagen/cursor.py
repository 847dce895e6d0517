"""Turns where a run stands between two windows into JSON, and back.

All that a run remembers is here: its live workers with their cursors, its arrivals, and what counters
have counted. Arrays are packed: little-endian int64, differences from one to the next, deflated, in
base64.
"""

import base64
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from datagen.paths import Lanes
from datagen.randomness import Ints
from datagen.recall import Counted
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


@dataclass(frozen=True)
class Cursor:
    """Where a run stands between two windows."""

    pool: PoolCursor
    counted: Counted

    def packed(self) -> dict[str, Any]:
        """Give the cursor as JSON."""
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


def unpacked_cursor(data: Mapping[str, Any]) -> Cursor:
    """Read a cursor. Raises ValueError, KeyError or TypeError for what is none."""
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
    return Cursor(pool, Counted(totals, carried))


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
