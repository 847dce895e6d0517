"""Turns a checked specification and a seed into a machine."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from datagen.curves.curve import Curve
from datagen.part import WHOLE, Part
from datagen.randomness import seed_word
from datagen.simulation.delays import Delays, Interarrivals
from datagen.simulation.machine import EmitterFields, Machine, Routes, Setter, VariableGroup
from datagen.spec.generator import Generator
from datagen.spec.sequences import shared_sequences
from datagen.spec.state_graph import STOP


def build_machine(
    spec: Generator, seed: int, arrivals: Curve | None = None, part: Part = WHOLE
) -> Machine:
    """Return the machine of a part of a specification's stream; arrivals may follow a curve.

    The numbers of states, emitters and groups of variables follow the specification.
    """
    word, setters = seed_word(seed), _setters(spec)
    needed = spec.variables_needed()
    groups = _variable_groups(setters, needed)
    templates, interdependent = _template_order(setters, needed)
    sets = np.zeros((len(spec.states), len(groups)), dtype=bool)
    for number, group in enumerate(groups):
        sets[list(group.states), number] = True
    shared = shared_sequences(spec)
    emitters = {emitter.name: number for number, emitter in enumerate(spec.emitters)}
    return Machine(
        seed=word,
        names=tuple(state.name for state in spec.states),
        emitters=tuple(
            EmitterFields(each.name, tuple(each.fields), each.name in spec.timed_emitters)
            for each in spec.emitters
        ),
        emitter_of=np.array([emitters.get(state.emitter or "", -1) for state in spec.states]),
        interarrivals=Interarrivals(word, spec.interarrival, arrivals, part),
        routes=_routes(spec),
        durations=Delays([state.delay for state in spec.states]),
        setters=setters,
        variable_groups=groups,
        sets=sets,
        templates=templates,
        interdependent=interdependent,
        part=part,
        sequences=shared.layers,
        watched=shared.watched,
    )


def _routes(spec: Generator) -> Routes:
    numbers = {state.name: number for number, state in enumerate(spec.states)}
    return Routes([
        ([numbers.get(each.next, STOP) for each in state.transitions],
         [each.probability for each in state.transitions])
        for state in spec.states
    ])  # fmt: skip


def _setters(spec: Generator) -> dict[str, dict[int, Setter]]:
    """Return for each variable the states that set it, and how."""
    setters: dict[str, dict[int, Setter]] = {}
    for number, state in enumerate(spec.states):
        for place, variable in enumerate(state.variables):
            path = (*spec.streams_path(number), str(variable.name))
            setters.setdefault(str(variable.name), {})[number] = Setter(variable, path, place)
    for number, fields in spec.defaults().items():
        for variable in fields:
            setter = Setter(variable, ("defaults", str(variable.name)), place=-1, default=True)
            setters.setdefault(str(variable.name), {}).setdefault(number, setter)
    return setters


def _variable_groups(
    setters: dict[str, dict[int, Setter]], needed: Sequence[str]
) -> tuple[VariableGroup, ...]:
    groups: dict[tuple[tuple[int, ...], tuple[int, ...]], list[str]] = {}
    for name in needed:
        defaults = tuple(state for state, setter in setters[name].items() if setter.default)
        groups.setdefault((tuple(setters[name]), defaults), []).append(name)
    return tuple(
        VariableGroup(
            states, tuple(names), _kinds(states, [setters[name] for name in names]), defaults
        )
        for (states, defaults), names in groups.items()
    )


def _kinds(
    states: Iterable[int], setters: Sequence[Mapping[int, Setter]]
) -> tuple[tuple[int, ...], ...]:
    """Return the states, those together in which the setters of all variables are the same."""
    kinds: dict[tuple[tuple[int, tuple[str, ...]], ...], list[int]] = {}
    for state in states:
        own = tuple((id(each[state].field), each[state].path) for each in setters)
        kinds.setdefault(own, []).append(state)
    return tuple(map(tuple, kinds.values()))


def _template_order(
    setters: Mapping[str, Mapping[int, Setter]], needed: Sequence[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the variables that templates make, each after those it is made of, and those in circles."""
    reads = {
        name: {read for setter in setters[name].values() for read in setter.field.variables_read()}
        for name in needed
        if any(setter.field.is_template for setter in setters[name].values())
    }
    ordered: list[str] = []
    while ready := [name for name in reads if not reads[name] & reads.keys()]:
        ordered += ready
        for name in ready:
            del reads[name]
    return tuple(ordered), tuple(reads)
