"""Turns the visits of a window into batches of typed columns, in order of (time, worker, visit).

What a worker remembers is not stored but computed again, from the visit at which it was set; see
`variables`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
from pydantic_core import PydanticCustomError

from datagen.arrays import Ints
from datagen.batch import Batch, Group, Section
from datagen.columns.column import Column
from datagen.columns.scalar import InstantColumn
from datagen.errors import Path
from datagen.fields import Context, Draw, Field
from datagen.fields.base import OnMembers, TemplateTexts
from datagen.instants import Style
from datagen.simulation.counters import CounterState
from datagen.simulation.cursor import MachineCursor
from datagen.simulation.machine import Machine, VariableGroup
from datagen.simulation.remembered_texts import RememberedTexts
from datagen.simulation.states import CounterTotals, PoolCursor, WorkerTexts
from datagen.simulation.variable_store import VariableStore
from datagen.simulation.visits import Visits


@dataclass(frozen=True)
class _Bundle:
    """Neighbouring dimensions of an emitter that show variables of one group."""

    group: int
    fields: tuple[Field, ...]


class Records:
    """Makes batches from windows, and carries the state of counters from one to the next."""

    def __init__(
        self, machine: Machine, style: Style, templates: TemplateTexts | None = None
    ) -> None:
        """Begin a run; `templates` makes the texts of fields of the type `variable:template`."""
        self._machine = machine
        self._style = style
        self._counters = CounterState(machine.part)
        self._cursor: MachineCursor | None = None
        self._remembered_texts = RememberedTexts()
        self._context = Context(machine.seed, style, counters=self._counters, templates=templates)
        self._bundled_fields = [
            self._bundle_neighbours(emitter.dimensions) for emitter in machine.emitters
        ]
        self._groups_with_counters = [
            _holds_counter(machine, group) for group in machine.variable_groups
        ]

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
        return [
            mistake
            for where, names, fields in field_lists
            for mistake in self._make_member_sets(where, names, fields)
        ]

    def batch(self, visits: Visits) -> Batch:
        """Return the records of a window. Windows must come in order, because counters go on from one to the next."""
        cursor = self._cursor_before(visits)
        store = VariableStore(
            self._machine, visits, self._context, self._counters, self._remembered_texts
        )
        emitters = self._machine.emitter_of[visits.states[visits.order]]
        order = visits.order[emitters >= 0]
        emitters = emitters[emitters >= 0]
        groups = []
        for number in np.unique(emitters).tolist():
            rows = np.flatnonzero(emitters == number)
            groups.append(self._group(number, rows, order[rows], store))
        if any(self._groups_with_counters):
            self._counters.prune(visits.alive, visits.started)
        self._remembered_texts.prune(visits.alive, visits.started)
        times, workers = visits.times[order], visits.workers[order]
        batch = Batch(
            times,
            workers,
            len(visits.alive),
            self._style,
            tuple(groups),
            cursor=cursor,
            waits=visits.waits,
        )
        failure = self._context.templates.failure if self._context.templates else None
        if failure is None:
            return batch
        instant, error = failure
        return replace(batch.rows(0, int(np.searchsorted(times, instant))), failure=error)

    def resume(
        self, counters: CounterTotals, texts: Mapping[str, WorkerTexts] = MappingProxyType({})
    ) -> None:
        """Continue the counters, and what workers remember of templates, from where another run stopped."""
        self._counters.resume(counters)
        self._remembered_texts.resume(texts)

    def cursor(self, pool: PoolCursor) -> MachineCursor:
        """Return the cursor of a run whose pool is at this position, and all its records are made."""
        return MachineCursor(pool, self._counters.snapshot(), self._remembered_texts.snapshot())

    def _cursor_before(self, visits: Visits) -> MachineCursor:
        """Return the cursor of a window: one for all its batches, with the counters before the first."""
        if self._cursor is None or self._cursor.pool is not visits.cursor:
            self._cursor = self.cursor(visits.cursor)
        return self._cursor

    def _group(self, number: int, rows: Ints, visits: Ints, store: VariableStore) -> Group:
        """Evaluate the fields of one emitter at some visits, given by their rows in the window."""
        emitter, window = self._machine.emitters[number], store.visits
        variables = _VariablesAtVisits(store, visits)
        draw = Draw(
            bits=window.bits[visits],
            times=window.times[visits],
            rows=np.arange(len(rows)),
            path=("emitters", emitter.name, "dimensions"),
            context=replace(self._context, variables=variables),
        )
        self._counters.assign_next(len(rows))
        sections = []
        if emitter.timed:
            sections.append(Section(("time",), (InstantColumn(draw.times, self._style),)))
        for item in self._bundled_fields[number]:
            if isinstance(item, _Bundle):
                sections.append(variables.section(item))
            else:
                name = str(item.name)
                sections.append(Section((name,), (item.column(draw.child(name)),)))
        return Group(emitter.name, rows, tuple(sections))

    def _bundle_neighbours(self, dimensions: Sequence[Field]) -> list[Field | _Bundle]:
        """Return the fields, neighbours that are set at the same visits as one: rendered once an assignment."""
        bundled: list[Field | _Bundle] = []
        for each in dimensions:
            variable = each.variable_shown()
            if variable is None or each.percent_nulls or each.percent_missing:
                bundled.append(each)
                continue
            group, last = self._machine.group_of[variable], bundled[-1] if bundled else None
            if isinstance(last, _Bundle) and last.group == group:
                bundled[-1] = _Bundle(group, (*last.fields, each))
            else:
                bundled.append(_Bundle(group, (each,)))
        return bundled

    def _make_member_sets(
        self, where: Path, names: tuple[str, ...], fields: Sequence[Field]
    ) -> Iterator[tuple[Path, str]]:
        for place, each in enumerate(fields):
            name = str(each.name)
            for path, stream, field in [((), (), each), *each.descendants()]:
                full = (*names, name, *stream)
                try:
                    members = field.member_set(full, self._context)
                except PydanticCustomError as error:
                    yield (*where, place, *path, "cardinality"), str(error)
                    continue
                if members is not None:
                    self._context.member_sets[full] = members


class _VariablesAtVisits(Mapping[str, Column]):
    """The values of variables at some visits, one for each visit, by name."""

    def __init__(self, store: VariableStore, visits: Ints) -> None:
        self._store, self._visits = store, visits

    def __getitem__(self, name: str) -> Column:
        values = self._store.group_of(name)
        return values.column(name).take(values.rows_of(self._visits))

    def __iter__(self) -> Iterator[str]:
        return iter(self._store.machine.group_of)

    def __len__(self) -> int:
        return len(self._store.machine.group_of)

    def section(self, bundle: _Bundle) -> Section:
        """Return the section of a bundle: a row for each assignment where these are fewer."""
        values = self._store.groups[bundle.group]
        index = values.rows_of(self._visits)
        names = tuple(str(each.name) for each in bundle.fields)
        columns = tuple(
            each.select(values.column(str(each.variable_shown()))) for each in bundle.fields
        )
        if len(values) < len(index):
            return Section(names, columns, index)
        return Section(names, tuple(column.take(index) for column in columns))


def _holds_counter(machine: Machine, group: VariableGroup) -> bool:
    """Return whether the values of some variable of a group have counters in them."""
    fields = [
        machine.setters[name][state].field for name in group.variables for state in group.states
    ]
    return any(
        field.counts or any(nested.field.counts for nested in field.descendants())
        for field in fields
    )
