"""Turns a checked specification and a seed into a machine."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from datagen.curves.curve import Curve
from datagen.part import WHOLE, Part
from datagen.randomness import seed_word
from datagen.simulation.delays import Delays, Interarrivals
from datagen.simulation.machine import (
    Computation,
    EmitterFields,
    Machine,
    Routes,
    Setter,
    VariableGroup,
)
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
    sets = np.zeros((len(spec.states), len(groups)), dtype=bool)
    for number, group in enumerate(groups):
        sets[list(group.states), number] = True
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
        computations=tuple(_computations(setters, needed)),
        part=part,
        sequences=shared_sequences(spec),
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
            own = setters.setdefault(str(variable.name), {}).setdefault(number, setter)
            if own is not setter and own.first is None:
                setters[str(variable.name)][number] = replace(own, first=variable)
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


def _computations(
    setters: Mapping[str, Mapping[int, Setter]], needed: Sequence[str]
) -> Iterator[Computation]:
    """Yield the variables that are computed, those together that are made of each other, after those they are made of."""
    reads = {
        name: set[str]().union(*(setter.names for setter in setters[name].values()))
        for name in needed
        if any(setter.computed for setter in setters[name].values())
    }
    reached = {name: _reached(name, reads) for name in reads}
    pending = dict.fromkeys(reads)
    while pending:
        name = next(
            each
            for each in pending
            if all(each in reached[other] for other in reached[each] if other in pending)
        )
        together = [each for each in pending if each == name or each in reached[name]]
        yield Computation(tuple(together), circle=name in reached[name])
        for each in together:
            del pending[each]


def _reached(name: str, reads: Mapping[str, set[str]]) -> set[str]:
    """Return all computed variables that one is made of, through others too; itself where it is in a circle."""
    seen: set[str] = set()
    pending = [name]
    while pending:
        found = (reads[pending.pop()] & reads.keys()) - seen
        seen |= found
        pending += found
    return seen
