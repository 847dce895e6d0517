"""Turns the outline of a machine into what can be seen of its runs before they begin.

States are numbers from 0; STOP is the end of a worker.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from datagen.errors import Path
from datagen.validation import quoted

STOP = -1
Found = Iterator[tuple[Path, str]]


@dataclass(frozen=True)
class Words:
    """What a form of specification calls that which emits, that which waits, and not waiting."""

    emitter: str = "state"
    timer: str = "state"
    still: str = "no delay there is ever above 0"


@dataclass(frozen=True)
class Outline:
    """What matters of each state: where it leads, whether it emits, can wait, sets and shows.

    Workers begin at `first`; `arrivals` is where it stands how often they come.
    """

    names: list[str]
    nexts: list[list[int]]
    emits: list[bool]
    waits: list[bool]
    sets: list[set[str]]
    shows: list[set[str]]
    arrivals_wait: bool
    arrivals: Path = ("interarrival",)
    first: int = 0
    words: Words = Words()


def errors(outline: Outline) -> Found:
    """Yield why a machine cannot run: it says nothing, or its clock would stand still."""
    reached, words = reachable(outline), outline.words
    if not any(outline.emits[state] for state in reached):
        text = (
            f"no {words.emitter} that a worker can reach has an emitter: there would be no records"
        )
        yield ("states",), text
    if not outline.arrivals_wait and not any(outline.waits[state] for state in reached):
        text = f"is never above 0, and no {words.timer} that a worker can reach waits: the clock would not advance"
        yield outline.arrivals, text
    for trap in _traps(outline, reached):
        if not any(outline.waits[state] for state in trap):
            yield (
                ("states", min(trap)),
                (
                    f"a worker cannot leave {_named(outline, trap)}, and {words.still}: "
                    "the clock would not advance"
                ),
            )


def warnings(outline: Outline) -> Found:
    """Yield what is probably not meant: unreachable states, silent ends, unset variables."""
    reached = reachable(outline)
    for state, name in enumerate(outline.names):
        if state not in reached:
            yield ("states", state), f"no worker can reach {quoted(name)}"
    for trap in _traps(outline, reached):
        if not any(outline.emits[state] for state in trap):
            yield (
                ("states", min(trap)),
                (
                    f"a worker cannot leave {_named(outline, trap)}, and nothing is emitted there: "
                    "with -n the run might never end"
                ),
            )
    settled = _always_set(outline)
    for state in sorted(reached):
        for name in sorted(outline.shows[state] - settled[state]):
            yield (
                ("states", state, "emitter"),
                (
                    f"shows the variable {quoted(name)}, which some path leaves unset; it is null there"
                ),
            )


def reachable(outline: Outline) -> set[int]:
    """Return the states that a worker can come to, from the first on."""
    seen, pending = {outline.first}, [outline.first]
    while pending:
        for state in outline.nexts[pending.pop()]:
            if state != STOP and state not in seen:
                seen.add(state)
                pending.append(state)
    return seen


def _always_set(outline: Outline) -> dict[int, set[str]]:
    """Return the variables that are set at each state on every path to it (its own included)."""
    first = outline.first
    settled: dict[int, set[str]] = {first: set(outline.sets[first])}
    pending = [first]
    while pending:
        state = pending.pop()
        for following in outline.nexts[state]:
            if following == STOP:
                continue
            own, brought = outline.sets[following], settled[state]
            before = settled.get(following)
            after = own | brought if before is None else own | (before & brought)
            if following != first and after != before:
                settled[following] = after
                pending.append(following)
    return settled


def _traps(outline: Outline, reached: set[int]) -> list[list[int]]:
    """Return the sets of states that a worker, once inside, cannot leave (nor stop from)."""
    traps = []
    for component in _components(outline, reached):
        inside = set(component)
        if all(following in inside for state in component for following in outline.nexts[state]):
            traps.append(sorted(component))
    return sorted(traps)


def _components(outline: Outline, states: Iterable[int]) -> list[list[int]]:
    """Return the strongly connected components (Tarjan 1972, without recursion)."""
    index: dict[int, int] = {}
    low: dict[int, int] = {}
    stack: list[int] = []
    on_stack: set[int] = set()
    components = []
    for root in sorted(states):
        if root in index:
            continue
        work = [(root, iter(outline.nexts[root]))]
        index[root] = low[root] = len(index)
        stack.append(root)
        on_stack.add(root)
        while work:
            state, following = work[-1]
            for target in following:
                if target == STOP:
                    continue
                if target not in index:
                    index[target] = low[target] = len(index)
                    stack.append(target)
                    on_stack.add(target)
                    work.append((target, iter(outline.nexts[target])))
                    break
                if target in on_stack:
                    low[state] = min(low[state], index[target])
            else:
                work.pop()
                if work:
                    parent = work[-1][0]
                    low[parent] = min(low[parent], low[state])
                if low[state] == index[state]:
                    cut = stack.index(state)
                    components.append(stack[cut:])
                    on_stack.difference_update(stack[cut:])
                    del stack[cut:]
    return components


def _named(outline: Outline, states: list[int]) -> str:
    names = [quoted(outline.names[state]) for state in states]
    return ", ".join(names[:5]) + (", ..." if len(names) > 5 else "")
