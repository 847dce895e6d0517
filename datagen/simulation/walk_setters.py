"""Finds what states set of the variables that decide paths, and what these are before anything has set them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from datagen.columns.typed_values import TypedValues, values_of_list
from datagen.fields import Context
from datagen.simulation.fixed_values import FixedValues, fixed_values
from datagen.simulation.held_values import Variable
from datagen.simulation.machine import Machine, Setter

NamedSetter = tuple[str, Setter]  # of a variable, by its name


def setters_of(machine: Machine, state: int, names: Sequence[str]) -> list[NamedSetter]:
    """Return what a state sets of some variables, in order."""
    own = [(name, machine.setters[name][state]) for name in names if state in machine.setters[name]]
    return sorted(own, key=lambda pair: pair[1].place)


def fixed_of(machine: Machine, name: str, context: Context) -> FixedValues | None:
    """Return the fixed values of a variable, None for one that is remembered by its value."""
    setters = machine.setters[name].values()
    return None if name in machine.computed else fixed_values(setters, context)


def before_set(
    machine: Machine,
    variables: Mapping[str, Variable],
    of_state: Sequence[NamedSetter],
    setter: Setter,
    context: Context,
) -> Mapping[str, TypedValues]:
    """Return what some variables are for a setter of a state before anything has set them, where that is not null."""
    firsts: dict[str, TypedValues] = {}
    name = str(setter.field.name)
    setters = machine.setters
    if name in setter.names:
        initials = [each for own in setters[name].values() for each in own.field.initials()]
        if initials:
            firsts[name] = values_of_list(initials[:1], variables[name].type)
    for other, own in of_state:
        if own.first is not None:
            first, none = replace(own, field=own.first), np.zeros(1, dtype=np.int64)
            firsts[other] = variables[other].drawn(first, context, none.view(np.uint64), none, none)
    return firsts
