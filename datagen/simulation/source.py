"""Turns a specification of states and emitters into the batches of a run: a pool, and its records."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property, partial
from itertools import islice
from typing import Any, Protocol

from datagen.batch import Batch, Handover
from datagen.curves.curve import Curve
from datagen.errors import Path
from datagen.fields.base import Field
from datagen.fields.draw import Context, OnMembers, TemplateTexts
from datagen.fields.members import members_of
from datagen.instants import Style
from datagen.part import Part
from datagen.position import Cursor
from datagen.randomness import seed_word
from datagen.simulation.build import build_machine, machines_of, starts_with_run
from datagen.simulation.cursor import MachineCursor
from datagen.simulation.machine import Machine
from datagen.simulation.pool import Pool
from datagen.simulation.pools import Pools
from datagen.simulation.records import Records
from datagen.simulation.settling import Reduction, reduction_of
from datagen.simulation.value_walk import ValueWalk
from datagen.simulation.visits import Visits
from datagen.spec.deciding import decisions_of
from datagen.spec.entities import attribute_lists, numbered_pools
from datagen.spec.generator import Generator
from datagen.spec.scopes import compiled_decisions, compiled_expressions, scope_of, value_types


class SimulationParameters(Protocol):
    """What a simulation needs to know about a run besides the specification."""

    @property
    def seed(self) -> int:
        """Return the seed."""

    @property
    def max_workers(self) -> int | None:
        """Return the most workers alive at once; None: any number."""

    @property
    def schedule(self) -> Curve | None:
        """Return the curve that workers or arrivals follow, of populations without one of their own."""

    @property
    def part(self) -> Part:
        """Return which part of the stream is made."""


class StoppableTexts(TemplateTexts, Protocol):
    """Makes the texts of templates, and stops where nobody waits for more."""

    def stop_when(self, stopped: Callable[[], bool]) -> None:
        """Have templates ask in between whether nobody waits for more."""


class Simulation:
    """Makes the batches of a machine: the counterpart of `replay.records.ReplayRecords`.

    `width` is about how many bytes a record has; `unit` is what its workers are called.
    """

    unit = "worker"

    def __init__(
        self,
        spec: Generator,
        parameters: SimulationParameters,
        style: Style,
        templates: StoppableTexts | None = None,
    ) -> None:
        """Prepare a run; `templates` makes the texts of fields of the type `variable:template`."""
        self.width = _expected_width(spec)
        self._max_workers, self._schedule = parameters.max_workers, parameters.schedule
        self._spec, self._style = spec, style
        self._make = partial(build_machine, spec, parameters.seed, None, parameters.part)
        self._starts_with_run = starts_with_run(spec, parameters.schedule)
        self._machine = self._make()
        self.counts_depend = self._machine.counts_depend
        self._templates = templates
        expressions = compiled_expressions(spec, style).by_place
        types = value_types(spec, style) if self._machine.computations else {}
        self._start = 0
        self._entities = members_of(spec.entities, numbered_pools(spec), self._machine.seed)
        self._records = Records(
            self._machine, style, templates, expressions, spec.tables, types, self._entities
        )

    def prepare(self, on_members: OnMembers | None = None) -> list[tuple[Path, str]]:
        """Make every fixed set of values; return the paths and mistakes of those that cannot be made."""
        return self._records.prepare(
            (*self._spec.field_lists(), *attribute_lists(self._spec.entities)), on_members
        )

    def start_stream(self, start: int) -> None:
        """Take note of when the stream starts, however late a run resumes it: microseconds since 1970."""
        self._start = start
        self._spec.run_timeline.begin(start, self._style)
        if self._starts_with_run:
            self._machine = self._make(start)
        for each in self._entities.values():
            each.begin(start)

    def begin(
        self, start: int, end: int, stopped: Callable[[], bool], before: Cursor | None = None
    ) -> Pool | Pools:
        """Return the workers of a run from an instant, or from a cursor, to another instant.

        Raises TypeError for a cursor that is not of a machine.
        """
        if self._templates is not None:
            self._templates.stop_when(stopped)
        if before is not None and not isinstance(before, MachineCursor):
            raise TypeError(f"no cursor of a machine: {before}")
        pools = []
        for number, machine in enumerate(self.machines()):
            own, values = self._walkable(machine)
            most, curve = self.limit_of(number)
            pool = Pool(own, start, most, end, curve)
            if before is not None:
                position = before.pools[number]
                if values is not None:
                    remembered = before.values_of(number)
                    alive = values.recalled(position.alive, remembered)
                    position = replace(position, alive=alive)
                pool.resume(position)
            pools.append(pool)
        if before is not None:
            self._records.resume(before.counters, before.values)
        return pools[0] if len(pools) == 1 else Pools(pools, end)

    def cursor(self, stream: Pool | Pools) -> MachineCursor:
        """Return the position of a run between two windows."""
        return self._records.cursor(stream.cursors)

    def counts(self, window: Visits, since: int) -> tuple[int, int]:
        """Return the visits of a window, and how many of its records are not before an instant.

        Those of emitters whose number depends on values are not counted.
        """
        records = self._machine.least_records[window.states]
        return len(window), int(records[window.times >= since].sum())

    def batch(self, window: Visits) -> Batch:
        """Return the records of a window. Windows must come in order."""
        return self._records.batch(window)

    @property
    def prepared(self) -> Any:
        """Return what `prepare` has made, for another process."""
        return self._records.member_sets, self._start

    def prepare_with(self, prepared: Any) -> None:
        """Take what `prepare` has made in another process."""
        member_sets, start = prepared
        self._records.member_sets.update(member_sets)
        self.start_stream(start)

    def hand_over(self, window: Visits) -> Handover:
        """Go on behind a window; return what it takes to make its records in another process.

        Windows must come in order, all of them by this method or all by `batch`.
        """
        cursor, before = self._records.cursor_before(window), self._records.cursor(window.cursor)
        reduction, records = self._settling
        numbers = self._records.numbers(window)
        if records is not None:
            records.batch(reduction.of(window), numbers)
        counters = replace(before.counters, sequences={})  # what they give is in the numbers
        work = window.detached(), counters, before.values, numbers.detached()
        return Handover(work, cursor, window.waits)

    def batch_of(self, work: Any) -> Batch:
        """Return the records of a window that another process has handed over, in any order of windows."""
        window, counters, values, numbers = work
        self._records.resume(counters, values)
        return self._records.batch(window, numbers)

    def trial_machine(self, number: int, seed: int) -> Machine:
        """Return the machine of a population, once the stream has started, to walk a run of it that another seed would make.

        What its paths look at are the prepared sets of values of the run; all other draws, those of arrivals too, are of that seed.
        """
        machine = replace(self._machine, seed=seed_word(seed))
        machines = machines_of(machine, self._spec, self._schedule, self._start, self._style)
        return self._walkable(next(islice(machines, number, None)))[0]

    def limit_of(self, number: int) -> tuple[int | None, Curve | None]:
        """Return how many workers of a population may be alive, once the stream has started, and the curve that lowers it."""
        arrivals = self._spec.arrivals[number]
        curve = arrivals.curve(self._schedule, "workers")
        curve = None if curve is None else curve.starting_at(self._start)
        return arrivals.cap(self._max_workers), curve

    def trial_machines(self, start: int) -> list[Machine]:
        """Return the machines of a stream that starts at an instant, by population, to walk workers that are not those of a run.

        What their paths look at are the prepared sets of values of the run, but their draws are those of one seed.
        """
        self.start_stream(start)
        word = seed_word(0)
        return [self._walkable(replace(each, seed=word))[0] for each in self.machines()]

    @property
    def machine(self) -> Machine:
        """Return the machine of all populations, once the stream has started."""
        return self._machine

    @property
    def context(self) -> Context:
        """Return what all draws of the run share: the prepared sets of values among it."""
        return self._records.context

    def machines(self) -> Iterator[Machine]:
        """Yield the machine of each population, once the stream has started."""
        return machines_of(self._machine, self._spec, self._schedule, self._start, self._style)

    def _walkable(self, machine: Machine) -> tuple[Machine, ValueWalk | None]:
        """Return a machine of a run of its own, and what walks its workers where their paths depend on values."""
        phases = None if machine.phases is None else machine.phases.anew()
        own = replace(machine, phases=phases)
        if machine.decisions is None:
            return own, None
        scope = scope_of(self._spec, self._style)
        compiled = compiled_decisions(decisions_of(self._spec.states), scope).by_place
        by_expression = {expression: each for (_, expression), each in compiled.items()}
        types = value_types(self._spec, self._style)
        values = ValueWalk(own, self._records.context, types, by_expression)
        return replace(own, values=values), values

    @cached_property
    def _settling(self) -> tuple[Reduction, Records | None]:
        """Return the machine reduced to what windows hand on, and what counts there, if anything does."""
        reduction = reduction_of(self._machine)
        return reduction, None if reduction.is_empty else self._records.over(reduction.machine)


def _expected_width(spec: Generator) -> float:
    """Return about how many bytes the longest kind of record has, on average."""
    variables: dict[str, float] = {}
    for state in spec.states:
        for each in state.variables:
            name = str(each.name)
            variables[name] = max(variables.get(name, 0.0), each.mean_characters())
    lengths = [
        sum(20 + _mean_characters(each, variables) for each in emitter.fields)
        for emitter in spec.emitters
    ]
    set_at_once = max(
        (sum(each.mean_characters() for each in state.variables) for state in spec.states),
        default=0.0,
    )
    return max(*lengths, set_at_once, 0.0) + 100.0


def _mean_characters(field: Field, variables: Mapping[str, float]) -> float:
    """Return about how many characters a field has, those of the variables in it included."""
    shown = [
        variables.get(name, 0.0)
        for each in field.with_descendants()
        if (name := each.variable_shown())
    ]
    return field.mean_characters() + sum(shown)
