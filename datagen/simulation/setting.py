"""Makes what a state sets a variable to of other values, for some of its visits, within the limits of what is remembered."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow.compute as pc

from datagen.arrays import Ints, Mask
from datagen.columns.column import Column, with_faults
from datagen.columns.column_type import ColumnType
from datagen.fields import Draw
from datagen.simulation.machine import Setter
from datagen.simulation.variable_store import VariableStore
from datagen.simulation.visit_names import VisitNames

MAX_CHARACTERS, MAX_ELEMENTS = 4096, 1000  # of a text and a list that are remembered
_MAX_DEPTH, _MAX_PARTS = (
    32,
    100_000,
)  # of lists and objects in each other, and of all that is in one
_BOUNDED = ("int", "float", "bool", "instant", "nothing")


def set_values(
    store: VariableStore, setter: Setter, visits: Ints, draw: Draw, held: Mapping[str, Column]
) -> Column:
    """Return what a setter makes at some visits, of which a draw is given: a value of each.

    `held` are the variables there. What is too large to be remembered is null, a fault.
    """
    context = replace(store.context, variables=held, faults=store.faults.at_visits(visits))
    store.counters.assign_next(len(visits), visits=visits)
    names = VisitNames(store.machine, context.style, store.visits, visits)
    seen = replace(
        draw,
        context=context,
        scopes=((held, None), (names, None)),
    )
    column = setter.field.column(seen)
    if column.faults:  # not remembered: whoever keeps what could not be computed has looked at it
        for (path, expression), faults in column.faults.items():
            store.faults.at_visits(visits).add(path, expression, np.flatnonzero(faults))
        column = with_faults(column, {})
    if setter.field.is_template:
        return column
    large = too_large(column, store.remembered.type_of(str(setter.field.name)).column_type)
    if large is None or not large.any():
        return column
    note_fault(store, setter, visits[large])
    return column.with_nulls(large)


def note_fault(store: VariableStore, setter: Setter, visits: Ints) -> None:
    """Take note that a setter could not make what it should at some visits, rows of the window."""
    expression = next(
        (each for field in setter.field.with_descendants() for _, each in field.expressions()), None
    )
    if expression is not None:
        store.faults.at_visits(visits).add(setter.path, expression, np.arange(len(visits)))


def is_bounded(column_type: ColumnType) -> bool:
    """Return whether no value of a type can be too large to be remembered."""
    return column_type.kind in _BOUNDED


def is_too_large(value: Any) -> bool:
    """Return whether a value is, or holds, a text or a list that is too large to be remembered, or is itself."""
    if isinstance(value, str):
        return len(value) > MAX_CHARACTERS
    if not isinstance(value, list | dict):
        return False
    pending, count = [(value, 1)], 0
    while pending:
        each, depth = pending.pop()
        count += len(each)
        parts = each if isinstance(each, list) else each.values()
        long = isinstance(each, list) and len(each) > MAX_ELEMENTS
        if long or depth > _MAX_DEPTH or count > _MAX_PARTS:
            return True
        for part in parts:
            if isinstance(part, list | dict):
                pending.append((part, depth + 1))
            elif isinstance(part, str) and len(part) > MAX_CHARACTERS:
                return True
    return False


def too_large(column: Column, column_type: ColumnType) -> Mask | None:
    """Return which values are too large to be remembered, None for none."""
    if is_bounded(column_type):
        return None
    if column_type.kind == "text":
        lengths = pc.fill_null(pc.utf8_length(column.text), 0)
        return np.asarray(lengths) > MAX_CHARACTERS
    return np.array(list(map(is_too_large, column.to_python(None))), dtype=bool)
