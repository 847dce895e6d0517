"""Shows variables at visits that make records: a value for each, or neighbouring ones together, once an assignment."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from datagen.arrays import Ints
from datagen.batch import Section
from datagen.columns.column import Column
from datagen.columns.gathering import take_all
from datagen.fields import Field
from datagen.simulation.machine import Machine
from datagen.simulation.variable_store import VariableStore


@dataclass(frozen=True)
class Bundle:
    """Neighbouring dimensions of an emitter that show variables of one group."""

    group: int
    fields: tuple[Field, ...]


class VariablesAtVisits(Mapping[str, Column]):
    """The values of variables at some visits, one for each visit, by name."""

    def __init__(self, store: VariableStore, visits: Ints, emitter: int = -1) -> None:
        """Take rows of the window; those of an `emitter` are all of states that have it."""
        self._store, self._visits, self._emitter = store, visits, emitter
        self._rows: dict[int, Ints] = {}
        self._columns: dict[str, Column] = {}

    def __getitem__(self, name: str) -> Column:
        if name not in self._columns:
            rows = self._rows_of(self._store.machine.group_of[name])
            self._columns[name] = self._store.group_of(name).column(name).take(rows)
        return self._columns[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._store.machine.group_of)

    def __len__(self) -> int:
        return len(self._store.machine.group_of)

    def section(self, bundle: Bundle) -> Section:
        """Return the section of a bundle: a row for each assignment where these are fewer."""
        values, rows = self._store.groups[bundle.group], self._rows_of(bundle.group)
        fewer = len(values) < len(rows) and int(rows.min()) >= 0
        columns = tuple(
            each.select(values.column(str(each.variable_shown()))) for each in bundle.fields
        )
        names = tuple(str(each.name) for each in bundle.fields)
        return (
            Section(names, columns, rows)
            if fewer
            else Section(names, tuple(take_all(columns, rows)))
        )

    def _rows_of(self, group: int) -> Ints:
        """Return the row of the assignment of a group that holds at each visit, -1 where none does."""
        if group not in self._rows:
            values, sets = (
                self._store.groups[group],
                self._emitter in self._store.run.always_set[group],
            )
            rows = values.rows_set_at(self._visits) if sets else values.rows_of(self._visits)
            self._rows[group] = rows
        return self._rows[group]


def bundled(dimensions: Sequence[Field], machine: Machine) -> list[Field | Bundle]:
    """Return the fields, neighbours that are set at the same visits as one: rendered once an assignment."""
    items: list[Field | Bundle] = []
    for each in dimensions:
        variable = each.variable_shown()
        if variable is None or each.percent_nulls or each.percent_missing:
            items.append(each)
            continue
        group, last = machine.group_of[variable], items[-1] if items else None
        if isinstance(last, Bundle) and last.group == group:
            items[-1] = Bundle(group, (*last.fields, each))
        else:
            items.append(Bundle(group, (each,)))
    return items


def columns_of(section: Section) -> dict[str, Column]:
    """Return the columns of a section, a row for each record."""
    index = section.index
    return {
        name: column if index is None else column.take(index)
        for name, column in zip(section.names, section.columns, strict=True)
    }
