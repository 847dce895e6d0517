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
from datagen.simulation.machine import Machine
from datagen.simulation.states import (
    CounterTotals,
    PoolCursor,
    SequenceTotals,
    StreamPath,
    WorkerStates,
    WorkerValues,
)
from datagen.simulation.worker_keys import keys_of, numbers_of, populations_of
from datagen.spec.state_graph import STOP


@dataclass(frozen=True)
class MachineCursor:
    """The position of a machine's run: that of the pool of each population, the state of its counters.

    `values` are what workers remember of computed variables, by the name of the variable. Workers are known
    by their keys there, and in the counters, by their numbers in the pools. `names` are those of the populations.
    """

    pools: tuple[PoolCursor, ...]
    counters: CounterTotals
    values: Mapping[str, WorkerValues] = field(default_factory=dict)
    names: tuple[str | None, ...] = (None,)

    has_workers = True
    source: ClassVar[tuple[int, ...]] = ()

    @property
    def since(self) -> int:
        return min(each.since for each in self.pools)

    def fits(self, spec: Any) -> bool:
        """Return whether each worker is in a state that is there, and remembers what states set."""
        machine = build_machine(spec, seed=0)
        return self.names == machine.populations and all(
            _fits(each.alive, machine) for each in self.pools
        )

    def belongs_to(self, part: Part) -> bool:
        """Return whether its workers, and the next one, are of a part of the stream."""
        return all(
            bool((np.append(each.alive.numbers, each.started) % part.count == part.index).all())
            for each in self.pools
        )

    def values_of(self, population: int) -> dict[str, WorkerValues]:
        """Return what the workers of a population remember, by their numbers in it."""
        return {name: _of_population(each, population) for name, each in self.values.items()}

    def to_json(self) -> dict[str, Any]:
        values = {name: _packed_values(each) for name, each in self.values.items()}
        more = _sequences_to_json(self.counters)
        pools = dict(zip(self.names, map(_pool_to_json, self.pools), strict=True))
        unnamed = pools.pop(None, {})
        return ({"values": values} if values else {}) | {
            **unnamed,
            **({"populations": pools} if pools else {}),
            "totals": {_key(path): total for path, total in self.counters.totals.items()},
            "carried": {
                _key(path): [pack(workers), pack(numbers)]
                for path, (workers, numbers) in self.counters.carried.items()
            },
            **more,
        }


def machine_cursor(data: Mapping[str, Any]) -> MachineCursor:
    """Return the cursor that JSON holds. Raises KeyError, TypeError or ValueError for any other JSON."""
    named = data.get("populations", {})
    names = (*(() if named and "workers" not in data else (None,)), *map(str, named))
    pools = tuple(_pool(data if name is None else named[name]) for name in names)
    started = [each.started for each in pools]
    totals = {_path(key): whole(total, 0) for key, total in data["totals"].items()}
    carried = {
        _path(key): (unpack(workers), unpack(numbers))
        for key, (workers, numbers) in data["carried"].items()
    }
    for workers, firsts in carried.values():
        _check(len(workers) == len(firsts) and bool((np.diff(workers) > 0).all()))
        _check(_have_started(workers, started) and _between(firsts, 0))
    # "texts" has earlier versions' values, all of them made by templates
    values = data.get("values") or data.get("texts", {})
    known_values = {name: _unpacked_values(*each) for name, each in values.items()}
    counters = CounterTotals(totals, carried, *_sequences(data, started))
    return MachineCursor(pools, counters, known_values, names)


def _pool_to_json(pool: PoolCursor) -> dict[str, Any]:
    alive = pool.alive
    return {
        "started": pool.started,
        "last_start": pool.last_start,
        "since": pool.since,
        "marks": alive.memory.shape[1],
        "workers": pack(alive.numbers),
        "visits": pack(alive.visits),
        "states": pack(alive.states),
        "times": pack(alive.times),
        "memory": pack(np.moveaxis(alive.memory, 0, -1).ravel()),
    }


def _pool(data: Mapping[str, Any]) -> PoolCursor:
    """Return the position of a pool that JSON holds."""
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
    return PoolCursor(alive, started, last_start, since)


def _fits(alive: WorkerStates, machine: Machine) -> bool:
    """Return whether each worker is in a state that is there, and remembers what states set."""
    return (
        bool(alive.states.max(initial=-1) < len(machine.names))
        and alive.memory.shape[1] == len(machine.variable_groups)
        and all(
            np.isin(alive.memory[:, number, 1], [-1, *group.states]).all()
            for number, group in enumerate(machine.variable_groups)
        )
    )


def _of_population(values: WorkerValues, population: int) -> WorkerValues:
    """Return what the workers of a population remember, by their numbers in it."""
    first, last = np.searchsorted(
        values.workers, [keys_of(population, 0), keys_of(population + 1, 0)]
    )
    if last - first == len(values.workers) and not population:
        return values
    rows = slice(int(first), int(last))
    return WorkerValues(numbers_of(values.workers[rows]), values.values[rows], values.absent[rows])


def _have_started(workers: Ints, started: list[int]) -> bool:
    """Return whether workers, by their keys, are among those that have started in each population."""
    populations = populations_of(workers)
    if not _between(populations, 0, len(started) - 1):
        return False
    return bool((numbers_of(workers) < np.array(started)[populations]).all())


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
    data: Mapping[str, Any], started: list[int]
) -> tuple[dict[StreamPath, SequenceTotals], dict[StreamPath, tuple[Ints, Ints]]]:
    """Return what sequences have that counters share."""
    sequences = {_path(key): _sequence(*pair) for key, pair in data.get("sequences", {}).items()}
    given = {
        _path(key): (unpack(workers), unpack(numbers))
        for key, (workers, numbers) in data.get("given", {}).items()
    }
    for workers, counts in given.values():
        _check(len(workers) == len(counts) and bool((np.diff(workers) >= 0).all()))
        _check(_have_started(workers, started) and _between(counts, 0))
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
