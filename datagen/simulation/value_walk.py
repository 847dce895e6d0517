"""Walks workers whose paths depend on values: all at once, one visit a step.

At each visit the variables that decide are set, by the very field generators that make them again for records;
then come the delay and the choice, which look at them.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np

from datagen.arrays import Bits, Floats, Ints
from datagen.columns.column import Column
from datagen.columns.truth import truth_of
from datagen.columns.typed_values import ValueType
from datagen.fields import Context, Draw
from datagen.language import Compiled, Expression
from datagen.randomness import draw, uniform, visit_bits, visit_bits_along, worker_bits
from datagen.simulation.cap import NEVER
from datagen.simulation.choices import ChoiceTable, pattern_of
from datagen.simulation.delays import ValueTimer
from datagen.simulation.folding import Folded, Folding
from datagen.simulation.held_values import HeldValues, Rows, Seen, Variable
from datagen.simulation.machine import DELAY, TRANSITION, Ahead, Machine, Walked
from datagen.simulation.recalled_rows import recalled_rows
from datagen.simulation.remembered_values import RememberedValues
from datagen.simulation.single_walk import NotSingle, SingleWalk, StateSetters
from datagen.simulation.states import WorkerStates, WorkerValues
from datagen.simulation.visit_names import VisitNames, VisitRows
from datagen.simulation.walk_setters import before_set, fixed_of, setters_of
from datagen.spec.state_graph import STOP

_FEW = 192  # workers; with fewer, one after the other is faster
_NOBODY = np.empty(0, dtype=np.int64)
_ColumnOf = Callable[[Expression], Column]


class ValueWalk:
    """The walks of a run, and the values that workers hold along them."""

    def __init__(
        self,
        machine: Machine,
        context: Context,
        types: Mapping[str, ValueType],
        compiled: Mapping[Expression, Compiled],
    ) -> None:
        """Begin a run; `types` are those of the variables that decide, `compiled` what decides."""
        assert machine.decisions is not None
        self._machine, self._decisions = machine, machine.decisions
        self._context = replace(context, faults=None)
        self._compiled = compiled
        self._variables = {
            name: Variable(name, fixed_of(machine, name, context), types[name])
            for name in self._decisions.variables
        }
        self._tables = {state: ChoiceTable(each) for state, each in self._decisions.choices.items()}
        self._setters = {
            state: setters_of(machine, state, self._decisions.variables)
            for state in range(len(machine.names))
        }
        self._timers = {
            state: ValueTimer(each.distribution) for state, each in self._decisions.delays.items()
        }
        self._has_no_table = np.array(
            [state not in self._tables for state in range(len(machine.names))]
        )
        looks = {*self._tables, *self._decisions.delays}
        self._looks = np.array(
            [bool(setters) or state in looks for state, setters in self._setters.items()]
        )
        self._types = types
        self._firsts = {
            (name, state): before_set(machine, self._variables, setters, setter, self._context)
            for state, setters in self._setters.items()
            for name, setter in setters
        }
        self._held = HeldValues(list(self._variables.values()))
        either = (False, True) if machine.phases else (machine.time_dependent,)
        self._folding = Folding(machine, compiled) if machine.phases else None
        self._singles = {timed: self._single_walk(timed=timed) for timed in either}

    @property
    def walks_few(self) -> bool:
        return self._single is not None

    @property
    def _single(self) -> SingleWalk | None:
        """Return what walks few workers as things are now, where it can."""
        return self._singles[self._machine.time_dependent]

    @property
    def _timed(self) -> bool:
        """Return whether instants decide, as things are now."""
        phases = self._machine.phases
        return self._decisions.timed or (phases is not None and phases.timed)

    def walk(
        self,
        numbers: Ints,
        visits: Ints,
        states: Ints,
        times: Ints,
        held: Ints,
        span: int,
        horizon: int = NEVER,
    ) -> Walked:
        """Walk each worker by some steps: int64[n] each -> int64[span + 1, n] each.

        After the first instant that is not before a horizon, a path may be anything.
        """
        bits = worker_bits(self._machine.seed, numbers)
        of_visits = visit_bits_along(bits, visits, span)
        at = VisitRows(numbers, visits, states, times)
        if self._single is not None and len(numbers) < _FEW:
            return self._walked_singly(self._single, of_visits, at, held, horizon)
        return self._walked_together(of_visits, at, held)

    def ahead(self, workers: WorkerStates, span: int) -> Ahead | None:
        """Return workers whose next visits are drawn, so that each can be walked when its start is known; None: none can."""
        if self._single is None or not self._single.timed:
            return None
        bits = visit_bits_along(
            worker_bits(self._machine.seed, workers.numbers), workers.visits, span
        )
        at = VisitRows(workers.numbers, workers.visits, workers.states, workers.times)
        return self._single.drawn(bits, at, self._held.take(workers.held))

    def plain(self) -> Machine | None:
        """Return a machine that looks at nothing and walks as this one does now; None: there is none."""
        folded = self._folded
        return None if folded is None or folded.machine.decisions is not None else folded.machine

    @property
    def _folded(self) -> Folded | None:
        """Return what is known of decisions as things are now, None where they need instants, or never look at periods."""
        phases = self._machine.phases
        if self._folding is None or phases is None or phases.timed:
            return None
        return self._folding.at(phases.instant)

    def chosen(self, numbers: Ints, visits: Ints, states: Ints, times: Ints, held: Ints) -> Ints:
        """Return what follows visits that end at some instants, given what is held then: int64[n] each -> int64[n]."""
        of_visits = visit_bits(worker_bits(self._machine.seed, numbers), visits)
        chances = uniform(draw(of_visits, TRANSITION))
        following = self._machine.routes.follow(chances, states)
        rows = self._held.take(held)
        for state in np.unique(states).tolist():
            if state in self._tables:
                own = np.flatnonzero(states == state)
                at = VisitRows(*(each[own] for each in (numbers, visits, states, times)))
                seen = Seen(self._variables, rows, own)
                following[own] = self._choose(state, chances[own], at, seen, timed=True)
        return following

    def add(self, made: Any) -> int:
        """Keep values that were made by what `ahead` has returned; return the number of the first."""
        first = len(self._held)
        self._held.append([made])
        return first

    def keep(self, named: Sequence[Ints]) -> list[Ints]:
        """Forget the values that nobody names, where these are many; return the numbers that the others have now."""
        return self._held.keep(named)

    def recalled(self, workers: WorkerStates, computed: Mapping[str, WorkerValues]) -> WorkerStates:
        """Return workers of another run with the values that they hold: those at the visits that they remember.

        `computed` are the values of variables that are made of others, which such a visit does not say.
        """
        remembered = RememberedValues(self._types)
        remembered.resume(computed)
        first = len(self._held)
        self._held.append(
            [recalled_rows(self._machine, self._variables, remembered, workers, self._context)]
        )
        return replace(workers, held=first + np.arange(len(workers)))

    def _single_walk(self, *, timed: bool) -> SingleWalk | None:
        """Return what walks few workers, where it can; `timed`: by their instants."""
        setters = {
            state: StateSetters(each, [self._firsts[name, state] for name, _ in each])
            for state, each in self._setters.items()
        }
        with suppress(NotSingle):
            return SingleWalk(
                self._machine,
                *(self._variables, setters, self._tables, self._compiled, self._context),
                timed=timed,
            )
        return None

    def _walked_singly(
        self, single: SingleWalk, of_visits: Bits, at: VisitRows, held: Ints, horizon: int
    ) -> Walked:
        """Walk few workers along their visits: uint64[v, n]."""
        rows = self._held.take(held)
        path, times, places, made = single.paths(of_visits, at, rows, horizon)
        names = np.where(places < 0, held, places + len(self._held))
        self._held.append([made])
        if single.timed:
            return Walked(path, times, names)
        return self._with_times(of_visits, at, path, names)

    def _walked_together(self, of_visits: Bits, at: VisitRows, held: Ints) -> Walked:
        """Walk many workers, one visit of each a step: uint64[v, n]."""
        walked = Walked(
            *(np.empty((len(of_visits) + 1, len(held)), dtype=np.int64) for _ in range(3))
        )
        path, times, names = walked.states, walked.times, walked.held
        walked.set(0, at.states, at.times, held)
        rows = self._held.take(held)
        made: list[Rows] = []
        count = len(self._held)
        chances = uniform(draw(of_visits, TRANSITION))
        for step, bits in enumerate(of_visits):
            walked.set(step + 1, path[step], times[step], names[step])
            going = np.flatnonzero(path[step] != STOP)
            now = VisitRows(
                at.workers[going], at.visits[going] + step, path[step, going], times[step, going]
            )
            nexts = path[step + 1], times[step + 1]
            changed = self._step(bits[going], chances[step, going], now, going, rows, nexts)
            if len(changed):
                made.append(rows.take(changed))
                names[step + 1, changed] = count + np.arange(len(changed))
                count += len(changed)
        if made:
            self._held.append(made)
        return walked if self._timed else self._with_times(of_visits, at, path, names)

    def _with_times(self, of_visits: Bits, at: VisitRows, path: Ints, names: Ints) -> Walked:
        """Return paths that instants do not decide, with these."""
        delays, folded = np.zeros_like(of_visits, dtype=np.int64), self._folded
        for state in self._timers:
            if folded is None or state not in folded.delays:
                self._delay_along(state, of_visits, at, path, names, delays)
        return Walked(path, self._times_along(of_visits, at.times, path, delays), names)

    def _delay_along(
        self, state: int, of_visits: Bits, at: VisitRows, path: Ints, held: Ints, delays: Ints
    ) -> None:
        """Write the delays of a state that looks at values, along paths; a path without one is cut there."""
        steps, workers = np.nonzero(path[:-1] == state)
        if not len(steps):
            return
        own = np.arange(len(steps))
        visits = VisitRows(
            at.workers[workers], at.visits[workers] + steps, path[steps, workers], own
        )  # instants do not matter here
        seen = Seen(self._variables, self._held.take(held[1:][steps, workers]), own)
        found = np.zeros_like(own)
        bits = of_visits[steps, workers]
        lost = self._delay(state, bits, visits, seen, found, own)
        delays[steps, workers] = found
        for row in lost.tolist():
            after, worker = steps[row] + 1, workers[row]
            if path[after - 1, worker] == state:  # not cut before
                path[after, worker] = self._decisions.delays[state].lost
                path[after + 1 :, worker] = STOP
                held[after + 1 :, worker] = held[after, worker]
                delays[after:, worker] = 0

    def _times_along(self, of_visits: Bits, begins: Ints, path: Ints, delays: Ints) -> Ints:
        """Return when the visits of paths begin, given the delays that look at values."""
        times = np.empty_like(path)
        times[0] = begins
        delays[path[:-1] == STOP] = 0
        if self._machine.durations.time_dependent:
            for step, bits in enumerate(of_visits):
                going = np.flatnonzero(path[step] != STOP)
                times[step + 1] = times[step] + delays[step]
                times[step + 1, going] += self._machine.delays(
                    bits[going], path[step, going], times[step, going]
                )
            return times
        going = np.flatnonzero(path[:-1] != STOP)
        states = path[:-1].ravel()[going]
        flat = delays.reshape(-1)
        machine = self._machine if self._folded is None else self._folded.machine
        flat[going] += machine.delays(of_visits.ravel()[going], states, states)
        np.cumsum(delays, axis=0, out=times[1:])
        times[1:] += begins
        return times

    def _step(
        self,
        bits: Bits,
        chances: Floats,
        at: VisitRows,
        going: Ints,
        rows: Rows,
        nexts: tuple[Ints, Ints],
    ) -> Ints:
        """Walk workers by a visit; `going` are their rows. Write their next states and, where these decide, instants.

        Return whose values changed.
        """
        next_states, next_times = nexts
        delays = np.zeros_like(at.times)
        if self._timed:
            delays = self._machine.delays(bits, at.states, at.times)
        following = np.empty_like(at.states)
        plain = np.flatnonzero(self._has_no_table[at.states])
        if len(plain):
            following[plain] = self._machine.routes.follow(chances[plain], at.states[plain])
        changed = []
        for state, places in self._that_look(at.states):
            visits = VisitRows(
                *(each[places] for each in (at.workers, at.visits, at.states, at.times))
            )
            own, of_visits = going[places], bits[places]
            if self._setters[state]:
                self._set(state, of_visits, visits, own, rows)
                changed.append(own)
            seen = Seen(self._variables, rows, own)
            lost = _NOBODY
            if self._timed and state in self._timers:
                lost = self._delay(state, of_visits, visits, seen, delays, places)
            if state in self._tables:
                if self._timed:
                    visits = replace(visits, times=visits.times + delays[places])
                following[places] = self._choose(state, chances[places], visits, seen)
            if len(lost):
                chosen = following[places]
                chosen[lost] = self._decisions.delays[state].lost
                following[places] = chosen
        next_states[going], next_times[going] = following, at.times + delays
        return np.concatenate(changed) if changed else _NOBODY

    def _that_look(self, states: Ints) -> Iterator[tuple[int, Ints | slice]]:
        """Yield the states that look at values or set them, and the places of each."""
        counts = np.bincount(states, minlength=1)
        for state in np.flatnonzero(counts).tolist():
            if self._looks[state]:
                everywhere = counts[state] == len(states)
                yield state, slice(None) if everywhere else np.flatnonzero(states == state)

    def _set(self, state: int, bits: Bits, visits: VisitRows, own: Ints, rows: Rows) -> None:
        """Set the variables of a state, one after the other, at its visits."""
        names = self._names(visits)
        for name, setter in self._setters[state]:
            seen = Seen(self._variables, rows, own, self._firsts[name, state])
            context = replace(self._context, variables=seen)
            scopes = ((seen, None), (names, None))
            setting = Draw(bits, visits.times, None, setter.path, context, scopes=scopes)
            if not setter.default:
                rows.put(name, own, self._variables[name].made(setter, setting))
                continue
            unset = np.flatnonzero(~rows.is_set[name][own])
            if len(unset):
                values = self._variables[name].made(setter, setting.take(unset))
                rows.put(name, own[unset], values)

    def _delay(
        self,
        state: int,
        bits: Bits,
        visits: VisitRows,
        seen: Seen,
        delays: Ints,
        places: Ints | slice,
    ) -> Ints:
        """Write the delays of a state that looks at values into their places; return the rows where there is none."""
        column_of = self._evaluation(seen, self._names(visits), len(bits))
        timer, bits = self._timers[state], draw(bits, DELAY)
        found, invalid = timer.microseconds(bits, visits.times, column_of)
        delays[places] = found
        return np.flatnonzero(invalid) if invalid is not None else _NOBODY

    def _evaluation(self, seen: Seen, names: VisitNames, rows: int) -> _ColumnOf:
        """Return what gives the value of an expression for each of n rows, by what is seen there."""
        column_of = cache(lambda name: seen[name] if name in seen else names[name])
        return lambda each: self._compiled[each].values(column_of, rows).column

    def _names(self, visits: VisitRows, *, timed: bool = False) -> VisitNames:
        """Return the names of visits; their instants do not matter to periods but where they are `timed`, or all are."""
        phases, rows = self._machine.phases, np.arange(len(visits.visits))
        instant = None if timed or phases is None or phases.timed else phases.instant
        return VisitNames(self._machine, self._context.style, visits, rows, instant=instant)

    def _choose(
        self, state: int, u: Floats, visits: VisitRows, seen: Seen, *, timed: bool = False
    ) -> Ints:
        """Return the next states of visits of a state, whose `times` are when they end."""
        names = self._names(visits, timed=timed)
        column_of = self._evaluation(seen, names, len(u))
        table, folded = self._tables[state], None if timed else self._folded
        known = {} if folded is None else folded.truths
        truths = [
            np.full(len(u), known[each]) if each in known else truth_of(column_of(each))
            for each in table.expressions
        ]
        return table.follow(u, pattern_of(truths, len(u)))
