"""Turns a checked specification and a seed into a machine."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from datagen.curves.curve import Curve
from datagen.distributions.base import Distribution
from datagen.distributions.continuous import Constant
from datagen.language import Expression
from datagen.part import WHOLE, Part
from datagen.randomness import draw, seed_word, stream_key
from datagen.simulation.decisions import Choice, Decisions, Lost, ValueDelay
from datagen.simulation.delays import Delays
from datagen.simulation.interarrivals import Interarrivals
from datagen.simulation.machine import (
    Computation,
    EmitterFields,
    Machine,
    Routes,
    Setter,
    VariableGroup,
)
from datagen.spec.dependencies import in_order
from datagen.spec.generator import Generator
from datagen.spec.populations import Arrivals
from datagen.spec.sequences import shared_sequences
from datagen.spec.state import State
from datagen.spec.state_graph import STOP


def build_machine(
    spec: Generator,
    seed: int,
    arrivals: Curve | None = None,
    part: Part = WHOLE,
    start: int | None = None,
) -> Machine:
    """Return the machine of a part of a specification's stream; arrivals may follow a curve.

    `start` is the first one of the stream, from which curves may begin, microseconds since 1970; without it
    they are as they are given. The numbers of states, emitters and groups of variables follow the specification.
    Of several populations it has all, but as its own arrivals those of the first: see `machines_of`.
    """
    word, setters = seed_word(seed), _setters(spec)
    decisions = _decisions(spec, start)
    names = [state.name for state in spec.states]
    lost = [] if decisions is None else [each.state for each in decisions.lost]
    needed = spec.variables_needed()
    groups = _variable_groups(setters, needed)
    sets = np.zeros((len(names) + len(lost), len(groups)), dtype=bool)
    for number, group in enumerate(groups):
        sets[list(group.states), number] = True
    emitters = {emitter.name: number for number, emitter in enumerate(spec.emitters)}
    return Machine(
        seed=word,
        names=(*names, *lost),
        emitters=_emitters(spec),
        emitters_of=(
            *(tuple(emitters[each] for each in state.emitter) for state in spec.states),
            *[()] * len(lost),
        ),
        interarrivals=_interarrivals(word, spec.arrivals[0], arrivals, part, start),
        routes=_routes(spec, len(lost)),
        durations=_durations(spec, len(lost), start),
        setters=setters,
        variable_groups=groups,
        sets=sets,
        computations=tuple(_computations(setters, needed)),
        part=part,
        sequences=shared_sequences(spec),
        decisions=decisions,
        first=spec.firsts[0],
        populations=tuple(each.name for each in spec.arrivals),
    )


def machines_of(
    machine: Machine, spec: Generator, schedule: Curve | None, start: int | None = None
) -> Iterator[Machine]:
    """Yield a machine for each population, with the seed, the first state and the arrivals of that one.

    `start` is as in `build_machine`.
    """
    for each, first in zip(spec.arrivals, spec.firsts, strict=True):
        seed, arrivals = population_seed(machine.seed, each.name), each.curve(schedule, "arrivals")
        yield replace(
            machine,
            seed=seed,
            first=first,
            populations=(each.name,),
            interarrivals=_interarrivals(seed, each, arrivals, machine.part, start),
        )


def population_seed(seed: np.uint64, name: str | None) -> np.uint64:
    """Return the word that the draws of a population are made from, by that of the run: of the unnamed one the same."""
    if name is None:
        return seed
    return np.uint64(draw(np.array([seed]), stream_key("population", name))[0])


def delays_start_with_run(spec: Generator) -> bool:
    """Return whether the curve of some delay begins with the stream, so that no machine is right without its start."""
    curves = [state.delay.curve for state in spec.states]
    return any(each.starts_with_run for curve in curves if curve for each in curve.members)


def _interarrivals(
    seed: np.uint64, arrivals: Arrivals, curve: Curve | None, part: Part, start: int | None
) -> Interarrivals:
    if curve is not None and start is not None:
        curve = curve.starting_at(start)
    timer = _timer(arrivals.interarrival, start)
    return Interarrivals(seed, timer, curve, part, arrivals.limits.total)


def _timer(distribution: Distribution, start: int | None) -> Distribution:
    return distribution if start is None else distribution.starting_at(start)


def _emitters(spec: Generator) -> tuple[EmitterFields, ...]:
    timed = spec.timed_emitters
    return tuple(
        EmitterFields(each.name, tuple(each.fields), each.name in timed, each.for_each)
        for each in spec.emitters
    )


def _routes(spec: Generator, lost: int) -> Routes:
    """Return where states lead, whatever the conditions; the states that end a run come last."""
    numbers = {state.name: number for number, state in enumerate(spec.states)}
    return Routes([
        *(([numbers.get(each.next, STOP) for each in state.transitions],
           [each.probability for each in state.transitions])
          for state in spec.states),
        *[([STOP], [1.0])] * lost,
    ])  # fmt: skip


def _durations(spec: Generator, lost: int, start: int | None) -> Delays:
    """Return the delays of states: none where it looks at values."""
    nothing = Constant(value=0)
    own = [
        nothing if any(each.delay.expressions()) else _timer(each.delay, start)
        for each in spec.states
    ]
    return Delays([*own, *[nothing] * lost])


def _decisions(spec: Generator, start: int | None) -> Decisions | None:
    """Return what paths look at, None where they look at nothing."""
    lost: list[Lost] = []
    choices: dict[int, Choice] = {}
    delays: dict[int, ValueDelay] = {}

    def add_lost(state: State, why: str, looked_at: Iterable[Expression]) -> int:
        names = dict.fromkeys(name for each in looked_at for name in each.names)
        lost.append(Lost(state.name, why, tuple(names)))
        return len(spec.states) + len(lost) - 1

    for number, state in enumerate(spec.states):
        if any(each.when is not None for each in state.transitions):
            conditions = [
                each.condition for each in state.transitions if each.condition is not None
            ]
            end = add_lost(state, "no transition can be taken", conditions)
            choices[number] = _choice(spec, state, end)
        if parameters := [each for _, each in state.delay.expressions()]:
            end = add_lost(state, "the delay cannot be computed", parameters)
            delays[number] = ValueDelay(_timer(state.delay, start), end)
    if not choices and not delays:
        return None
    follows_curve = any(each.distribution.curve is not None for each in delays.values())
    timed = spec.deciders.timed or follows_curve
    return Decisions(spec.deciders.variables, timed, choices, delays, lost)


def _choice(spec: Generator, state: State, end: int) -> Choice:
    """Return the choice of a state whose transitions have conditions; `end` is where a worker goes that can take none."""
    numbers = {each.name: number for number, each in enumerate(spec.states)}
    ways = state.transitions
    return Choice(
        tuple(numbers.get(each.next, STOP) for each in ways),
        tuple(each.probability for each in ways),
        tuple(each.when for each in ways),
        end,
    )


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
    for each in in_order(reads):
        yield Computation(each.names, each.circle)
