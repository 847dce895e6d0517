"""Turns the position of a machine's run between two windows into JSON, and back.

It is all that such a run remembers: its live workers with their next visits, its arrivals, and what
counters have counted. Arrays are packed as `position` does it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from datagen.arrays import Ints
from datagen.columns.column import MISSING, NULL
from datagen.part import Part
from datagen.position import pack, unpack, whole
from datagen.simulation.build import build_machine
from datagen.simulation.states import (
    CounterTotals,
    PoolCursor,
    SequenceTotals,
    StreamPath,
    WorkerStates,
    WorkerValues,
)
from datagen.spec.state_graph import STOP


@dataclass(frozen=True)
class MachineCursor:
    """The position of a machine's run: that of its pool, the state of its counters.

    `values` are what workers remember of computed variables, by the name of the variable.
    """

    pool: PoolCursor
    counters: CounterTotals
    values: Mapping[str, WorkerValues] = field(default_factory=dict)

    has_workers = True
    source: ClassVar[tuple[int, ...]] = ()

    @property
    def since(self) -> int:
        return self.pool.since

    def fits(self, spec: Any) -> bool:
        """Return whether each worker is in a state that is there, and remembers what states set."""
        alive, machine = self.pool.alive, build_machine(spec, seed=0)
        return (
            bool(alive.states.max(initial=-1) < len(machine.names))
            and alive.memory.shape[1] == len(machine.variable_groups)
            and all(
                np.isin(alive.memory[:, number, 1], [-1, *group.states]).all()
                for number, group in enumerate(machine.variable_groups)
            )
        )

    def belongs_to(self, part: Part) -> bool:
        """Return whether its workers, and the next one, are of a part of the stream."""
        numbers = np.append(self.pool.alive.numbers, self.pool.started)
        return bool((numbers % part.count == part.index).all())

    def to_json(self) -> dict[str, Any]:
        alive = self.pool.alive
        values = {name: _packed_values(each) for name, each in self.values.items()}
        more = _sequences_to_json(self.counters)
        return ({"values": values} if values else {}) | {
            "started": self.pool.started,
            "last_start": self.pool.last_start,
            "since": self.pool.since,
            "marks": alive.memory.shape[1],
            "workers": pack(alive.numbers),
            "visits": pack(alive.visits),
            "states": pack(alive.states),
            "times": pack(alive.times),
            "memory": pack(np.moveaxis(alive.memory, 0, -1).ravel()),
            "totals": {_key(path): total for path, total in self.counters.totals.items()},
            "carried": {
                _key(path): [pack(workers), pack(numbers)]
                for path, (workers, numbers) in self.counters.carried.items()
            },
            **more,
        }


def machine_cursor(data: Mapping[str, Any]) -> MachineCursor:
    """Return the cursor that JSON holds. Raises KeyError, TypeError or ValueError for any other JSON."""
    numbers, groups = unpack(data["workers"]), whole(data["marks"], 0)
    memory = unpack(data["memory"]).reshape(groups, 3, len(numbers))
    visits, states, times = (unpack(data[name]) for name in ("visits", "states", "times"))
    started, last_start, since = (
        whole(data["started"], 0), whole(data["last_start"]), whole(data["since"]),
    )  # fmt: skip
    _check(len(numbers) == len(visits) == len(states) == len(times))
    _check(_between(numbers, 0, started - 1) and _between(visits, 0) and _between(states, STOP))
    _check(_between(memory[:, :2].ravel(), -1))
    memory = np.ascontiguousarray(np.moveaxis(memory, -1, 0))
    alive = WorkerStates(numbers, visits, states, times, memory, np.zeros_like(numbers))
    totals = {_path(key): whole(total, 0) for key, total in data["totals"].items()}
    carried = {
        _path(key): (unpack(workers), unpack(numbers))
        for key, (workers, numbers) in data["carried"].items()
    }
    for workers, firsts in carried.values():
        _check(len(workers) == len(firsts) and bool((np.diff(workers) > 0).all()))
        _check(_between(workers, 0, started - 1) and _between(firsts, 0))
    pool = PoolCursor(alive, started, last_start, since)
    # "texts" has earlier versions' values, all of them made by templates
    values = data.get("values") or data.get("texts", {})
    known_values = {name: _unpacked_values(*each) for name, each in values.items()}
    return MachineCursor(
        pool, CounterTotals(totals, carried, *_sequences(data, started)), known_values
    )


def _sequences_to_json(counters: CounterTotals) -> dict[str, Any]:
    """Return what sequences have that counters share; nothing where there are none."""
    if not counters.sequences:
        return {}
    return {
        "sequences": {
            _key(key): [each.values[: each.size], pack(each.counts())]
            for key, each in counters.sequences.items()
        },
        "given": {
            _key(path): [pack(workers), pack(numbers)]
            for path, (workers, numbers) in counters.given.items()
        },
    }


def _sequences(
    data: Mapping[str, Any], started: int
) -> tuple[dict[StreamPath, SequenceTotals], dict[StreamPath, tuple[Ints, Ints]]]:
    """Return what sequences have that counters share."""
    sequences = {_path(key): _sequence(*pair) for key, pair in data.get("sequences", {}).items()}
    given = {
        _path(key): (unpack(workers), unpack(numbers))
        for key, (workers, numbers) in data.get("given", {}).items()
    }
    for workers, counts in given.values():
        _check(len(workers) == len(counts) and bool((np.diff(workers) >= 0).all()))
        _check(_between(workers, 0, started - 1) and _between(counts, 0))
    return sequences, given


def _sequence(values: Any, packed: Any) -> SequenceTotals:
    counts = unpack(packed)
    _check(isinstance(values, list) and len(values) == len(counts) and _between(counts, 0))
    _check(all(isinstance(each, str) for each in values))
    return SequenceTotals(values, len(values), counts)


def _packed_values(values: WorkerValues) -> list[Any]:
    """Return the workers, their values and, where some are missing, the places of these."""
    missing = np.flatnonzero(values.absent == MISSING)
    packed = [pack(values.workers), values.to_list()]
    return [*packed, pack(missing)] if len(missing) else packed


def _unpacked_values(packed: Any, values: Any, missing: Any = None) -> WorkerValues:
    workers = unpack(packed)
    _check(isinstance(values, list) and len(values) == len(workers))
    _check(bool((np.diff(workers) > 0).all()))
    absent = np.array([NULL if each is None else 0 for each in values], dtype=np.int64)
    if missing is not None:
        places = unpack(missing)
        _check(_between(places, 0, len(values) - 1) and bool((absent[places] == NULL).all()))
        absent[places] = MISSING
    return WorkerValues(workers, values, absent)


def _check(right: bool) -> None:
    if not right:
        raise ValueError("no position of a machine's run")


def _between(numbers: Ints, least: int, most: int = np.iinfo(np.int64).max) -> bool:
    return bool(((least <= numbers) & (numbers <= most)).all())


def _key(path: StreamPath) -> str:
    return json.dumps(path)


def _path(key: str) -> StreamPath:
    return tuple(json.loads(key))
