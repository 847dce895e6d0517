"""Turns the parts of states into fewer: one for each visit of a worker, which is what the machine calls a state.

At a visit a worker sets variables, emits a record, waits and chooses, in this order. A part that only
waits or chooses belongs to the visit before it, where that leads nowhere else.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from datagen.distributions.base import Distribution
from datagen.fields.base import Field
from datagen.spec.transitions import Transition

VARIABLES, ON_ENTRY = "variables", "variables_on_entry"


@dataclass(frozen=True)
class Part:
    """What a state does within one visit; all may be left out.

    `key` is the list of the file that the variables are in; `defaults` are set where nothing else has
    set them. A part that `begins` a visit does so whatever comes before it.
    """

    variables: Sequence[Field] = ()
    key: str = VARIABLES
    defaults: Sequence[Field] = ()
    emitters: tuple[str, ...] = ()
    wait: Distribution | None = None
    chooses: bool = False
    begins: bool = False

    @property
    def rank(self) -> int:
        """Return the rank of what it does first: 0 to set and emit, 1 to wait, 2 to choose."""
        if self.begins or self.variables or self.defaults:
            return 0
        return 1 if self.wait is not None else 2

    @property
    def last_rank(self) -> int:
        """Return the rank of what it does last."""
        if self.chooses:
            return 2
        return 1 if self.wait is not None else 0


class PartedState(Protocol):
    """A state of a file, made of parts; one without parts ends the worker."""

    @property
    def name(self) -> str:
        """Return its name."""

    def parts(self) -> Sequence[Part]:
        """Return what it does, a part for each visit that it may take."""

    def flows(self) -> Sequence[Transition]:
        """Return what may come next."""


@dataclass(frozen=True)
class MergedState:
    """What a worker does at one visit: the part that begins it, a wait, what may follow.

    `index` is that of the part's state in the file. The first part of a state has its name, each
    further one a name of its own.
    """

    name: str
    index: int
    part: Part
    wait: Distribution | None
    exits: Sequence[Transition]


def merged_states(states: Sequence[PartedState], firsts: Sequence[str]) -> list[MergedState]:
    """Return the merged states, those of workers' first visits first; none where workers end at once."""
    places = {place.name: place for place in _places(states)}
    merged: dict[str, MergedState] = {}
    beginning = [name for name, place in places.items() if place.part.rank == 0]
    pending = [*reversed(beginning), *reversed(firsts)]
    while pending:
        name = pending.pop()
        if name not in merged and name in places:
            merged[name] = _merge(places, name)
            pending += [each.next for each in merged[name].exits]
    return list(merged.values())


def _places(states: Sequence[PartedState]) -> Iterator[MergedState]:
    """Yield every part by itself, in the order of the file."""
    taken = {state.name for state in states}
    for index, state in enumerate(states):
        parts, name = state.parts(), state.name
        for number, part in enumerate(parts, 1):
            exits = state.flows()
            following = ""
            if number < len(parts):
                following = _unused(f"{state.name} ({number + 1})", taken)
                taken.add(following)
                exits = [Transition(next=following, probability=1)]
            yield MergedState(name, index, part, part.wait, exits)
            name = following


def _unused(name: str, taken: set[str]) -> str:
    while name in taken:
        name += "'"
    return name


def _merge(places: Mapping[str, MergedState], name: str) -> MergedState:
    """Join a part with those that belong to the same visit: a wait, a choice, in this order."""
    first = places[name]
    wait, exits, rank = first.wait, first.exits, first.part.last_rank
    while len(exits) == 1 and (following := places.get(exits[0].next)):
        if following.part.rank <= rank:
            break
        wait, exits, rank = wait or following.wait, following.exits, following.part.last_rank
    return MergedState(name, first.index, first.part, wait, exits)
