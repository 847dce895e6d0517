"""Turns where a run stands between two windows into JSON, and back.

All that a run remembers is here: of a machine its live workers with their cursors, its arrivals, and
what counters have counted; of a replay its place in the source. Arrays are packed: little-endian int64,
differences from one to the next, deflated, in base64.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from datagen.position import packed, unpacked
from datagen.simulation.machine import Machine
from datagen.simulation.paths import WorkerStates
from datagen.simulation.pool import PoolCursor
from datagen.simulation.variables import CounterTotals


@dataclass(frozen=True)
class MachineCursor:
    """Where the workers of a machine stand."""

    pool: PoolCursor
    counted: CounterTotals

    has_workers = True
    source: ClassVar[tuple[int, ...]] = ()

    @property
    def since(self) -> int:
        return self.pool.since

    def fits(self, spec: Any) -> bool:
        """Return whether each worker is in a state that is there, and remembers what states set."""
        alive, machine = self.pool.alive, Machine(spec, seed=0)
        return (
            bool(alive.states.max(initial=-1) < len(spec.states))
            and alive.memory.shape[1] == len(machine.variable_groups)
            and all(
                np.isin(alive.memory[:, number, 1], [-1, *group.states]).all()
                for number, group in enumerate(machine.variable_groups)
            )
        )

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


def machine_cursor(data: Mapping[str, Any]) -> MachineCursor:
    workers, marks = unpacked(data["workers"]), int(data["marks"])
    memory = unpacked(data["memory"]).reshape(marks, 3, len(workers))
    visits, states, times = (unpacked(data[name]) for name in ("visits", "states", "times"))
    if not len(workers) == len(visits) == len(states) == len(times):
        raise ValueError("arrays of different lengths")
    memory = np.ascontiguousarray(np.moveaxis(memory, -1, 0))
    lanes = WorkerStates(workers, visits, states, times, memory)
    carried = {
        _path(key): (unpacked(workers), unpacked(numbers))
        for key, (workers, numbers) in data["carried"].items()
    }
    totals = {_path(key): int(total) for key, total in data["totals"].items()}
    pool = PoolCursor(lanes, *(int(data[name]) for name in ("started", "last_start", "since")))
    return MachineCursor(pool, CounterTotals(totals, carried))


def _key(path: tuple[str, ...]) -> str:
    return json.dumps(path)


def _path(key: str) -> tuple[str, ...]:
    return tuple(json.loads(key))
