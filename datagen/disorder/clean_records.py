"""What expressions of effects see: the fields of a record, then what its visit is."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from datagen.arrays import Ints
from datagen.batch import Batch, Group, LazyOrigins, Origins
from datagen.columns.column import Column, concat_columns
from datagen.columns.column_type import JSON, ColumnType
from datagen.columns.literal import LiteralColumn, nulls
from datagen.columns.scalar import InstantColumn, IntColumn
from datagen.disorder.effects import Effect
from datagen.errors import Path
from datagen.fields.draw import VISIT_TYPES
from datagen.instants import NAIVE, Style
from datagen.language import INSTANT_NAME, NO_TIMELINE, Compiled, ExpressionError, Scope
from datagen.timeline import Timeline

Place = tuple[int, str]  # an effect in the list, the key of an expression


def scope_of_records(
    columns: Mapping[str, ColumnType] | None,
    tables: Mapping[str, Any],
    style: Style = NAIVE,
    *,
    replayed: bool = False,
    timeline: Timeline = NO_TIMELINE,
) -> Scope:
    """Return what expressions over records see, given the columns of all emitters; None: any name may be a field.

    Records that are `replayed` may hold other types than the first of them: a field has those that fit.
    """
    if columns is None:
        return Scope(_AnyName(VISIT_TYPES), {}, style, tables, timeline=timeline)
    if replayed:
        columns = {name: each if each.kind == "instant" else JSON for name, each in columns.items()}
    return Scope({**VISIT_TYPES, **columns}, {}, style, tables, timeline=timeline)


class _AnyName(Mapping[str, ColumnType]):
    """Types of names; any other name is that of values of any type."""

    def __init__(self, types: Mapping[str, ColumnType]) -> None:
        self._types = types

    def __getitem__(self, name: str) -> ColumnType:
        return self._types.get(name, JSON)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str)

    def __iter__(self) -> Iterator[str]:
        return iter(self._types)

    def __len__(self) -> int:
        return len(self._types)


@dataclass
class CompiledEffects:
    """The expressions of effects in their scope, by place, and what is wrong with others: paths begin at the list.

    `fields` are the names that are fields of some record, and mean nothing else.
    """

    by_place: dict[Place, Compiled] = field(default_factory=dict)
    problems: list[tuple[Path, str]] = field(default_factory=list)
    warnings: list[tuple[Path, str]] = field(default_factory=list)
    fields: Collection[str] = ()


def compiled_effects(
    effects: Sequence[Effect], scope: Scope, fields: Collection[str]
) -> CompiledEffects:
    """Compile all expressions of effects in the scope of records, which have these fields."""
    found = CompiledEffects(fields=frozenset(fields))
    for place, each in enumerate(effects):
        for path, expression in each.expressions():
            try:
                compiled = expression.compiled(scope)
            except ExpressionError as error:
                found.problems += [((place, *path), text) for text in error.texts]
                continue
            found.by_place[place, str(path[0])] = compiled
            found.warnings += [((place, *path), text) for text in compiled.warnings]
    return found


def evaluated(compiled: Compiled, batch: Batch, fields: Collection[str]) -> tuple[Column, Ints]:
    """Return the value of an expression for each of the n records of a batch, and the rows without one, rising: int64[k].

    Names that some record has as a field are fields, null where a record has none; others are those of visits.
    """
    parts, faults = [], []
    for group in batch.groups:
        seen = _Names(batch, group, fields)
        values = compiled.values(seen.column, len(group.rows))
        parts.append(values.column)
        if values.faults is not None:
            faults.append(group.rows[values.faults])
    rows = np.sort(np.concatenate(faults)) if faults else np.empty(0, dtype=np.int64)
    if len(parts) <= 1:
        return (parts[0] if parts else nulls(0)), rows
    places = np.empty(len(batch), dtype=np.int64)
    places[np.concatenate([group.rows for group in batch.groups])] = np.arange(len(batch))
    return concat_columns(parts).take(places), rows


class _Names:
    """The columns of one emitter's records, by the names that expressions know."""

    def __init__(self, batch: Batch, group: Group, fields: Collection[str]) -> None:
        self._batch, self._group, self._fields = batch, group, fields
        self._made: dict[str, Column] = {}

    def column(self, name: str) -> Column:
        """Return the values of a name, for each record of the group."""
        if name not in self._made:
            self._made[name] = self._column(name)
        return self._made[name]

    def _column(self, name: str) -> Column:
        of_visits = _OF_VISITS.get(name)
        if of_visits is not None and name not in self._fields:
            return of_visits(self._batch, self._group)
        found = self._group.column(name)
        return nulls(len(self._group.rows)) if found is None else found


def origins_of(batch: Batch) -> Origins:
    """Return where the records of a batch come from. Raises TypeError for records that have no origins."""
    if not isinstance(batch.origins, LazyOrigins):
        raise TypeError("records that come from nowhere")
    return batch.origins.made


def _time(batch: Batch, group: Group) -> Column:
    return InstantColumn(batch.times[group.rows], batch.style)


def _emitter(batch: Batch, group: Group) -> Column:
    del batch
    return LiteralColumn([group.emitter]).take(np.zeros(len(group.rows), dtype=np.int64))


_OF_VISITS: Mapping[str, Callable[[Batch, Group], Column]] = {
    "time": _time,
    INSTANT_NAME: _time,
    "worker": lambda batch, group: IntColumn(origins_of(batch).workers[group.rows]),
    "visit": lambda batch, group: IntColumn(origins_of(batch).visits[group.rows]),
    "state": lambda batch, group: origins_of(batch).states.take(group.rows),
    "emitter": _emitter,
    "population": lambda batch, group: origins_of(batch).populations.take(group.rows),
}
