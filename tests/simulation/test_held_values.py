"""The values that workers hold along their walks: rows that visits name by number."""

import numpy as np

from datagen.columns.column_type import INT, TEXT
from datagen.columns.typed_values import ValueType, values_of_list
from datagen.fields import Context
from datagen.fields.base import parse_field
from datagen.simulation.fixed_values import fixed_values
from datagen.simulation.held_values import HeldValues, Rows, Variable, unset_rows
from datagen.simulation.machine import Setter

NUMBER = Variable("n", None, ValueType(INT))


def rows_of(*values: int | None) -> Rows:
    """Return rows of a number each; None is null."""
    made = unset_rows([NUMBER], len(values))
    made.put("n", np.arange(len(values)), values_of_list(values, NUMBER.type))
    return made


def numbers(rows: Rows) -> list[int | None]:
    """Return what rows hold."""
    return rows.values["n"].to_list()


def test_rows_are_numbered_in_order() -> None:
    """The first is that of workers to whom nothing has happened."""
    held = HeldValues([NUMBER])
    held.append([rows_of(7, None), rows_of(8)])
    found = held.take(np.array([3, 0, 1, 2]))
    assert numbers(found) == [8, None, 7, None]
    assert found.is_set["n"].tolist() == [True, False, True, True]
    assert len(held) == 4


def test_what_is_taken_is_a_copy() -> None:
    """Setting a value along a walk leaves what is held before each visit as it is."""
    held = HeldValues([NUMBER])
    held.append([rows_of(1)])
    taken = held.take(np.array([1]))
    taken.put("n", np.array([0]), values_of_list([5], NUMBER.type))
    assert numbers(held.take(np.array([1]))) == [1]


def test_what_nobody_names_is_forgotten() -> None:
    """Once that is much; the numbers of the others change."""
    held = HeldValues([NUMBER])
    held.append([rows_of(*range(10_000))])
    [few, more] = held.keep([np.array([9_001, 1]), np.array([0, 501])])
    assert len(held) == 4
    assert numbers(held.take(few)) == [9_000, 0]
    assert numbers(held.take(more)) == [None, 500]
    [same] = held.keep([few])
    assert same is few  # too little to be worth it


def test_fixed_values_are_held_as_places() -> None:
    """So that texts cost no more than numbers; functions of expressions take the values."""
    raw = {"name": "kind", "type": "enum", "values": ["x", None, "z"]}
    setter, context = Setter(parse_field(raw), ("kind",)), Context(np.uint64(1))
    kind = Variable("kind", fixed_values([setter], context), ValueType(TEXT))
    values = kind.of_raw([2, None, 0, 1])
    assert kind.column(values).to_python("missing") == ["z", None, "x", None]
    assert kind.raw_and_scalar(values) == ([2, -1, 0, 1], ["z", None, "x", None])
    assert kind.is_scalar


def test_values_of_several_types_are_no_scalars() -> None:
    """Functions of expressions take them as JSON, so that such workers are walked by arrays."""
    assert not Variable("n", None, ValueType(INT, uniform=False)).is_scalar
