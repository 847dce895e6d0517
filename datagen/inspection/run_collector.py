"""Collects what a report tests of a run: samples of its steps and of the draws in its records, arrivals and records by the minute."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from datagen.arrays import Bits, Ints, Mask, TextArray
from datagen.batch import Batch, Group
from datagen.columns.column import Column
from datagen.curves.curve import MINUTE
from datagen.fields.base import Field, last_of_each_name
from datagen.inspection.draw_sample import (
    DRAWS,
    NEVER,
    DrawSample,
    filtered,
    least_word,
    words_in_slices,
)
from datagen.inspection.shown_texts import shown_texts
from datagen.inspection.step_sample import Steps, StepSample
from datagen.randomness import visit_bits
from datagen.simulation.machine import Machine
from datagen.simulation.visits import Visits
from datagen.simulation.worker_keys import bits_of, populations_of

_OF_ALL, _OF_EACH = (
    98_304,
    4_096,
)  # records in the samples of all emitters, at most, and of each at least
_TIME = ("time",)  # of a timed emitter, which is that of the visit


@dataclass(frozen=True)
class Alive:
    """How many workers are alive at an instant, microseconds since 1970."""

    instant: int
    workers: int


@dataclass(frozen=True)
class ShownDraws:
    """Draws of a variable in records, n of them, each once: what they show as JSON text, in which states they were made.

    `at_once` is true where the record is that of the visit that made them. Without a state none has been made.
    """

    texts: TextArray
    words: Bits
    states: Ints
    at_once: Mask

    def of(self, mask: Mask) -> "ShownDraws":
        """Return some of them: bool[n]."""
        return ShownDraws(
            filtered(self.texts, mask), self.words[mask], self.states[mask], self.at_once[mask]
        )


@dataclass(frozen=True)
class Collected:
    """What there was of a run from its begin up to a horizon, microseconds since 1970.

    `steps` are by the names of states, `fields` JSON texts by emitter and field, `variables` draws of variables by name
    and part shown; `starts`, of each population, and `records` are counts by the minute from `begin` on.
    `held` says that arrivals waited under the cap `most`. `jumped` that the clock did.
    """

    begin: int
    horizon: int
    states: tuple[str, ...]
    steps: Mapping[str, Steps]
    fields: Mapping[tuple[str, str], Any]
    variables: Mapping[tuple[str, str | None], ShownDraws]
    starts: Mapping[str | None, Ints]
    records: Ints
    alive: Alive | None
    held: bool = False
    most: int | None = None
    jumped: bool = False
    resumed: bool = False
    parts: Mapping[tuple[str, str, str], Any] = field(default_factory=dict)


@dataclass(frozen=True)
class _Emitter:
    """How the fields of an emitter are collected: own ones by name, with the parts of objects, variables by the name shown and their group."""

    own: Mapping[str, tuple[str, ...]]
    shown: tuple[tuple[str, tuple[str, str | None], int], ...]
    sample: DrawSample

    @property
    def groups(self) -> list[int]:
        """Return the groups of variables that it shows."""
        return sorted({group for _, _, group in self.shown})


class Minutes:
    """Counts by the minute, from an instant on."""

    def __init__(self, begin: int) -> None:
        self._begin, self._counts = begin, np.zeros(0, dtype=np.int64)
        self._latest: Ints = np.zeros(0, dtype=np.int64)

    def add(self, times: Ints) -> None:
        """Count instants, none before the begin."""
        if not len(times):
            return
        first, last = ((int(each) - self._begin) // MINUTE for each in (times.min(), times.max()))
        if first == last:
            counts = np.array([len(times)])
        else:
            counts = np.bincount((times - self._begin) // MINUTE - first)
        missing = first + len(counts) - len(self._counts)
        if missing > 0:
            room = np.zeros(max(missing, len(self._counts)), dtype=np.int64)
            self._counts = np.concatenate([self._counts, room])
        self._counts[first : first + len(counts)] += counts

    def until(self, horizon: int) -> Ints:
        """Return the counts of whole minutes up to an instant."""
        count = max(horizon - self._begin, 0) // MINUTE
        found = self._counts[:count]
        return np.concatenate([found, np.zeros(count - len(found), dtype=np.int64)])


class RunCollector:
    """Collects from the windows and batches of a run, in order; `machine` returns what makes these, once they come."""

    def __init__(
        self,
        machine: Callable[[], Machine],
        begin: int,
        start: int | None = None,
        needed: int | None = None,
    ) -> None:
        """Begin at an instant; with `needed`, the run ends with so many records at or after its `start`."""
        self._make, self._begin, self._needed = machine, begin, needed
        self._start = begin if start is None else start
        self._machine: Machine | None = None
        self._horizon, self._alive = begin, Alive(begin, 0)
        self._ended: int | None = None
        self._made = 0
        self._held = False

    def __call__(self, window: Visits, batch: Batch) -> None:
        """Take a window and its records."""
        if self._machine is None:
            self._prepare(self._make())
        machine = self._machine
        assert machine is not None
        self._note_position(window, batch)
        rows, words = self._candidates(window)
        self._steps.add(window, rows, words)
        starting = np.flatnonzero(window.visits == 0)
        keys = window.workers[starting]
        of = populations_of(keys)
        for population, minutes in enumerate(self._starts):
            own = starting[of == population]
            times = window.times[own]
            minutes.add(times[times >= self._begin])
        self._records.add(batch.times[_before(batch, self._begin) :])
        if len(batch) and len(rows):
            rows, visits = self._sampled(window, batch, rows)
            of_rows = np.full(len(batch), -1)
            of_rows[rows] = visits
            for group in batch.groups if len(rows) else ():
                self._take(window, group, of_rows, words)

    def finish(self, end: int | None = None, **more: Any) -> Collected:
        """Return what was collected, up to the end of the run, if that was reached; `more` is said of it."""
        horizon = self._ended or end or self._horizon
        if self._machine is None:
            empty = np.zeros(0, dtype=np.int64)
            return Collected(self._begin, self._begin, (), {}, {}, {}, {}, empty, None, **more)
        names = self._machine.populations
        return Collected(
            begin=self._begin,
            horizon=horizon,
            states=self._machine.names,
            steps={name: each.until(horizon) for name, each in self._steps.finish().items()},
            fields=self._fields(),
            variables=self._variables(),
            starts={
                name: each.until(horizon) for name, each in zip(names, self._starts, strict=True)
            },
            records=self._records.until(horizon),
            alive=self._alive,
            held=self._held,
            parts=self._parts(),
            **more,
        )

    def _prepare(self, machine: Machine) -> None:
        self._machine = machine
        self._steps = StepSample(machine)
        self._starts = [Minutes(self._begin) for _ in machine.populations]
        self._records = Minutes(self._begin)
        most = min(max(_OF_ALL // len(machine.emitters), _OF_EACH), DRAWS)
        self._states_of = [
            [state for state, own in enumerate(machine.emitters_of) if number in own]
            for number in range(len(machine.emitters))
        ]
        self._emitters = {
            each.name: _looked_at(each.dimensions, machine, most) for each in machine.emitters
        }

    def _note_position(self, window: Visits, batch: Batch) -> None:
        """Note how far the run is: up to the beginning of a window all is known."""
        since = max((each.since for each in window.cursor), default=self._begin)
        if since > self._horizon and self._ended is None:
            self._horizon = since
            self._alive = Alive(since, sum(len(each.alive) for each in window.cursor))
        self._held |= any(len(each.dues) for each in batch.waits)
        self._made += len(batch) - _before(batch, self._start)
        if self._needed is not None and self._ended is None and self._made >= self._needed > 0:
            self._ended = int(batch.times[len(batch) - 1 - (self._made - self._needed)])

    def _candidates(self, window: Visits) -> tuple[Ints, Bits]:
        """Return the visits of a window that may be in a sample, rising, int64[k], and the words of all, uint64[n]: right for these.

        In most windows of a long run they are visits of states that are rare.
        """
        nothing: Ints = np.empty(0, dtype=np.int64)
        if not len(window):
            return nothing, np.empty(0, dtype=np.uint64)
        limits, times = self._limits(), window.times - self._begin
        high = limits >= least_word(int(times.min()), int(times.max()))
        rows = np.flatnonzero(high[window.states]) if high.any() else nothing
        if len(rows) == len(window):
            words = words_in_slices(window.bits, times)
            return np.flatnonzero(words <= limits[window.states]), words
        words = np.full(len(window), NEVER)
        words[rows] = words_in_slices(window.bits[rows], times[rows])
        return rows[words[rows] <= limits[window.states[rows]]], words

    def _limits(self) -> Bits:
        """Return the greatest words that samples take, of steps from each state and of records there: uint64[S]."""
        limits = self._steps.limits.copy()
        for states, emitter in zip(self._states_of, self._emitters.values(), strict=True):
            limits[states] = np.maximum(limits[states], emitter.sample.limit)
        return limits

    def _sampled(self, window: Visits, batch: Batch, visits: Ints) -> tuple[Ints, Ints]:
        """Return the records of visits that may be in a sample, as rows of the batch, rising, and the rows of their visits."""
        machine = self._machine
        assert machine is not None
        if not machine.one_record:
            return _by_bits(window, batch, visits)
        visits = visits[machine.emits[window.states[visits]]]
        times = window.times[visits]
        begins, ends = (np.searchsorted(batch.times, times, side) for side in ("left", "right"))
        if not (ends - begins == 1).all():  # several at one instant, or records cut off
            chosen = np.zeros(len(window), dtype=bool)
            chosen[visits] = True
            order = window.order
            every = order[machine.emits[window.states[order]]][: len(batch)]
            rows = np.flatnonzero(chosen[every])
            return rows, every[rows]
        order = np.argsort(begins, kind="stable")
        return begins[order], visits[order]

    def _take(self, window: Visits, group: Group, of_rows: Ints, words: Bits) -> None:
        """Take the fields of the records of a group that are in the sample of its emitter.

        `of_rows` are the visits of the records of the batch, -1 where one is in no sample: int64[n].
        """
        emitter = self._emitters[group.emitter]
        rows = of_rows[group.rows]
        places = np.flatnonzero(rows >= 0)
        places = places[emitter.sample.admit(words[rows[places]])]
        rows = rows[places]
        if not len(places):
            return
        columns: dict[str, Any] = {"times": window.times[rows]}
        for section in group.sections:
            if section.names == _TIME:
                continue
            index = places if section.index is None else section.index[places]
            for name, column in zip(section.names, section.columns, strict=True):
                columns[f"={name}"] = shown_texts(column, index)
                for part in emitter.own.get(name, ()):
                    columns[f".{name}\0{part}"] = shown_texts(_member(column, part), index)
        of_workers = bits_of(window.seeds, window.workers[rows])
        for number in emitter.groups:
            columns |= _makers(window, number, rows, of_workers)
        emitter.sample.add(words[rows], columns)

    def _fields(self) -> dict[tuple[str, str], Any]:
        return {
            (emitter, name[1:]): texts
            for emitter, each in self._emitters.items()
            for name, texts in each.sample.columns().items()
            if name.startswith("=")
        }

    def _parts(self) -> dict[tuple[str, str, str], Any]:
        return {
            (emitter, *name[1:].split("\0")): texts  # type: ignore[misc]
            for emitter, each in self._emitters.items()
            for name, texts in each.sample.columns().items()
            if name.startswith(".")
        }

    def _variables(self) -> dict[tuple[str, str | None], ShownDraws]:
        """Return the draws of variables of all emitters, each once."""
        found: dict[tuple[str, str | None], list[ShownDraws]] = {}
        for each in self._emitters.values():
            columns = each.sample.columns()
            for name, key, number in each.shown if columns else ():
                of = (columns[f"{what} {number}"] for what in ("word", "state", "at once"))
                found.setdefault(key, []).append(ShownDraws(columns[f"={name}"], *of))
        return {key: _distinct(several) for key, several in found.items()}


def _by_bits(window: Visits, batch: Batch, visits: Ints) -> tuple[Ints, Ints]:
    """Return the records of some visits, as rows of the batch, and the rows of their visits, by the random bits of these."""
    if batch.origins is None or not len(visits):
        return visits[:0], visits[:0]
    visits = visits[np.argsort(window.bits[visits], kind="stable")]
    bits, known = batch.origins.made.bits, window.bits[visits]
    places = np.minimum(np.searchsorted(known, bits), len(known) - 1)
    rows = np.flatnonzero(known[places] == bits)
    return rows, visits[places[rows]]


def _before(batch: Batch, instant: int) -> int:
    """Return how many records come before an instant: hardly ever any."""
    if not len(batch) or batch.times[0] >= instant:
        return 0
    return int(np.searchsorted(batch.times, instant))


def _makers(window: Visits, number: int, rows: Ints, of_workers: Bits) -> dict[str, Any]:
    """Return which visits last set a group of variables, at the visits of some rows, and in which states.

    `of_workers` are the random bits of the workers whose visits they are: uint64[n].
    """
    latest = window.latest[number, rows]
    before = window.before[window.worker_rows[rows], number]
    here, within = latest >= 0, np.maximum(latest, 0)
    visits = np.where(here, window.visits[within], before[:, 0])
    states = np.where(here, window.states[within], before[:, 1])
    return {
        f"word {number}": visit_bits(of_workers, visits),
        f"state {number}": np.where(visits < 0, -1, states),
        f"at once {number}": latest == rows,
    }


def member_parts(field: Field) -> Iterator[str]:
    """Yield the paths of the members of objects that a field makes anew, down to what is none."""
    if field.type != "object" or field.is_set:
        return
    for each in last_of_each_name([child.field for child in field.children()]):
        parts = list(member_parts(each))
        yield from (f"{each.name}.{part}" for part in parts) if parts else (str(each.name),)


def _member(column: Column, part: str) -> Column:
    for name in part.split("."):
        column = column.member(name)
    return column


def _looked_at(fields: tuple[Field, ...], machine: Machine, most: int) -> _Emitter:
    """Return how the fields of an emitter are collected, of so many records at most."""
    own, shown = {}, []
    for each in fields:
        variable = each.variable_shown()
        if variable is None:
            own[str(each.name)] = tuple(member_parts(each))
        else:
            part = getattr(each, "field", None)
            if not each.percent_nulls and not each.percent_missing:
                shown.append((str(each.name), (variable, part), machine.group_of[variable]))
    return _Emitter(own, tuple(shown), DrawSample(most))


def _distinct(several: list[ShownDraws]) -> ShownDraws:
    """Return draws that records of several emitters show, each once, at the record of its own visit if there is one."""
    words, states, at_once = (
        np.concatenate([getattr(each, name) for each in several])
        for name in ("words", "states", "at_once")
    )
    texts = pa.concat_arrays([each.texts for each in several])
    order = np.lexsort((~at_once, words))
    rows = order[np.flatnonzero(np.diff(words[order], prepend=~words[order[:1]]) != 0)]
    return ShownDraws(texts.take(pa.array(rows)), words[rows], states[rows], at_once[rows])
