"""Turns the visits of a window into batches of typed columns, in order of (time, worker, visit).

What a worker remembers is not stored but computed again, from the visit at which it was set; see
`variables`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from types import MappingProxyType

import numpy as np

from datagen.batch import Batch, Group, Section
from datagen.columns.column import Column
from datagen.columns.scalar import InstantColumn
from datagen.errors import DatagenError, NowhereError, Path
from datagen.fields import Context, Draw, Field
from datagen.fields.draw import EntityMembers, OnMembers, TemplateTexts
from datagen.fields.member_sets import made_member_sets
from datagen.fields.tables import Table
from datagen.instants import Style
from datagen.language import Compiled, Expression
from datagen.simulation.computed_variables import compute_variables
from datagen.simulation.counters import CounterState, Noting
from datagen.simulation.cursor import MachineCursor
from datagen.simulation.drawn_records import drawn_records, emissions_of, records_before
from datagen.simulation.faults import WindowFaults
from datagen.simulation.fixed_values import RunVariables
from datagen.simulation.machine import Machine
from datagen.simulation.remembered_values import RememberedValues, ValueTypes
from datagen.simulation.sequences import WindowNumbers
from datagen.simulation.settling import Reduction, reduction_of
from datagen.simulation.states import CounterTotals, PoolCursor, WorkerValues
from datagen.simulation.variable_store import VariableStore
from datagen.simulation.variables_at_visits import Bundle, VariablesAtVisits, bundled, columns_of
from datagen.simulation.visit_names import VisitNames
from datagen.simulation.visits import Visits
from datagen.simulation.visits_by_state import Emission, VisitsByState
from datagen.spec.sequences import shares_sequence

CompiledByPlace = Mapping[tuple[tuple[str, ...], Expression], Compiled]


class Records:
    """Makes batches from windows, and carries the state of counters from one to the next."""

    def __init__(
        self,
        machine: Machine,
        style: Style,
        templates: TemplateTexts | None = None,
        expressions: CompiledByPlace = MappingProxyType({}),
        tables: Mapping[str, Table] = MappingProxyType({}),
        types: ValueTypes = MappingProxyType({}),
        entities: Mapping[str, EntityMembers] = MappingProxyType({}),
    ) -> None:
        """Begin a run; `templates` makes the texts of fields of the type `variable:template`.

        `expressions` are those of field generators, `tables` those of the specification and `entities` the members
        of its pools, as in Context; `types` are those of variables.
        """
        self._machine = machine
        self._style = style
        self._counters = CounterState(machine.part, machine.sequences.orders)
        self._cursor: tuple[tuple[PoolCursor, ...], MachineCursor] | None = None
        self._remembered = RememberedValues(types)
        self._context = Context(
            machine.seed,
            style,
            counters=self._counters,
            templates=templates,
            expressions=expressions,
            tables=tables,
            entities=entities,
        )
        self._bundled_fields = [
            bundled(emitter.dimensions, machine) for emitter in machine.emitters
        ]
        self._variables = RunVariables(machine, self._context)

    def prepare(
        self,
        field_lists: Iterable[tuple[Path, tuple[str, ...], Sequence[Field]]],
        on_members: OnMembers | None = None,
    ) -> list[tuple[Path, str]]:
        """Make every fixed set of values; return the paths and mistakes of those that cannot be made.

        Each list comes with its path in the file, and the path of names of its streams; `on_members`
        hears of a set that takes long.
        """
        if on_members is not None:
            self._context = replace(self._context, on_members=on_members)
        return list(made_member_sets(field_lists, self._context))

    def numbers(self, visits: Visits) -> WindowNumbers:
        """Return the numbers of a window that counters share, before any of its values is made."""
        numbers = WindowNumbers()
        for sequences in self._machine.sequences.layers:
            noting, before = (
                Noting(sequences),
                (self._counters.snapshot(), self._remembered.snapshot()),
            )
            reduction, records = self._noting
            records._made(reduction.of(visits), None, numbers, noting)  # noqa: SLF001 - of its own class
            self.resume(*before)
            times = visits.times[visits.order]
            numbers = numbers.joined(
                self._counters.number(noting, times, self._machine.sequences.watched)
            )
        return numbers

    def batch(self, visits: Visits, numbers: WindowNumbers | None = None) -> Batch:
        """Return the records of a window. Windows must come in order, because counters go on from one to the next.

        The `numbers` of the window may be known already.
        """
        cursor = self.cursor_before(visits)
        batch = self._made(visits, cursor, numbers or self.numbers(visits))
        self._counters.finish()
        if any(self._variables.counting):
            self._counters.prune(visits.alive, visits.started)
        self._remembered.prune(visits.alive, visits.started)
        return batch

    @cached_property
    def _noting(self) -> "tuple[Reduction, Records]":
        """Return the machine reduced to what counts in shared sequences, and what makes its records."""
        reduction = reduction_of(self._machine, shares_sequence)
        return reduction, self.over(reduction.machine)

    def _made(
        self,
        visits: Visits,
        cursor: MachineCursor | None,
        numbers: WindowNumbers,
        noting: Noting | None = None,
    ) -> Batch:
        """Return the records of a window, given its numbers, or notes of where some of them count."""
        self._counters.begin(visits.ranks, numbers, noting)
        by_state = VisitsByState(visits, len(self._machine.names))
        faults = WindowFaults()
        store = VariableStore(
            self._machine,
            visits,
            by_state,
            self._context,
            self._counters,
            self._remembered,
            self._variables,
            faults,
        )
        compute_variables(store)
        order, emissions = emissions_of(store, by_state)
        groups = [self._group(each, store) for each in emissions]
        times, workers = visits.times[order], visits.workers[order]
        batch = Batch(
            times,
            workers,
            len(visits.alive),
            self._style,
            tuple(groups),
            cursor=cursor,
            waits=visits.waits,
            faults=faults.rows(lambda: records_before(visits, order)),
        )
        failures = [self._nowhere(visits, store), numbers.failure]
        failures += [self._context.templates.failure] if self._context.templates else []
        failure = min(filter(None, failures), key=lambda each: each[0], default=None)
        if failure is None:
            return batch
        instant, error = failure
        return replace(batch.rows(0, int(np.searchsorted(times, instant))), failure=error)

    def over(self, machine: Machine) -> "Records":
        """Return what makes the records of another machine, of the same specification, and counts on with these."""
        other = Records(machine, self._style)
        other._context, other._counters = self._context, self._counters
        other._remembered = self._remembered
        other._variables = RunVariables(machine, self._context)
        return other

    @property
    def context(self) -> Context:
        """Return what all draws of the run share."""
        return self._context

    @property
    def member_sets(self) -> dict[tuple[str, ...], Column]:
        """Return the fixed sets of values, by the paths of their fields; others may be put in."""
        return self._context.member_sets

    def resume(
        self, counters: CounterTotals, values: Mapping[str, WorkerValues] = MappingProxyType({})
    ) -> None:
        """Continue the counters, and what workers remember of computed variables, from where another run stopped."""
        self._counters.resume(counters)
        self._remembered.resume(values)

    def cursor(self, pools: tuple[PoolCursor, ...]) -> MachineCursor:
        """Return the cursor of a run whose pools are at these positions, and all its records are made."""
        counters, values = self._counters.snapshot(), self._remembered.snapshot()
        return MachineCursor(pools, counters, values, self._machine.populations)

    def cursor_before(self, visits: Visits) -> MachineCursor:
        """Return the cursor of a window: one for all its batches, with the counters before the first."""
        if self._cursor is None or self._cursor[0] is not visits.cursor:
            self._cursor = visits.cursor, self.cursor(visits.cursor)
        return self._cursor[1]

    def _group(self, emission: Emission, store: VariableStore) -> Group:
        """Evaluate the fields of one emitter's records."""
        number, emitter = emission.emitter, self._machine.emitters[emission.emitter]
        drawn = drawn_records(emission, store)
        visits, rows = drawn.visits, drawn.rows
        variables = VariablesAtVisits(store, visits, number)
        own: dict[str, Column] = {}
        names = VisitNames(self._machine, self._style, store.visits, visits, emitter.name)
        scopes = [own, variables, *([drawn.items] if drawn.items else []), names]
        draw = Draw(
            bits=drawn.bits,
            all_times=store.visits.times[visits],
            all_rows=None,
            path=("emitters", emitter.name, "dimensions"),
            context=replace(
                self._context, variables=variables, faults=store.faults.at_records(rows)
            ),
            scopes=tuple((each, None) for each in scopes),
        )
        self._counters.assign_next(len(rows), visits=visits, records=drawn.places)
        sections = []
        if emitter.timed:
            sections.append(Section(("time",), (InstantColumn(draw.times, self._style),)))
        for item in self._bundled_fields[number]:
            if isinstance(item, Bundle):
                sections.append(variables.section(item))
            else:
                name = str(item.name)
                sections.append(Section((name,), (item.column(draw.child(name)),)))
            own.update(columns_of(sections[-1]))
        store.faults.note_columns(rows, sections)
        return Group(emitter.name, rows, tuple(sections))

    def _nowhere(self, visits: Visits, store: VariableStore) -> tuple[int, DatagenError] | None:
        """Return when and why a worker can go nowhere, if there is one."""
        machine = self._machine
        if machine.decisions is None:
            return None
        ends = visits.order[visits.states[visits.order] >= machine.own_states]
        if not len(ends):
            return None
        lost = machine.decisions.lost[int(visits.states[ends[0]]) - machine.own_states]
        variables = VariablesAtVisits(store, ends[:1])
        names = VisitNames(machine, self._style, visits, ends[:1])
        seen = {
            name: variables[name] if name in machine.group_of else names[name]
            for name in lost.names
            if name in machine.group_of or name in names
        }
        texts = {name: str(column.json_text[0]) or "null" for name, column in seen.items()}
        return int(visits.times[ends[0]]), NowhereError(lost.state, lost.why, texts)
