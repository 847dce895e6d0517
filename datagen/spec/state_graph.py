"""Turns the graph of a machine's states into what is certain about its runs before they begin.

States are numbers from 0; STOP is the end of a worker.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from datagen.errors import Path
from datagen.one_line import listed
from datagen.validation import Problems, quoted

STOP = -1


@dataclass(frozen=True)
class Vocabulary:
    """What messages call a state that emits, one that waits, that there is no wait, and that it is lost."""

    emitter: str = "state"
    timer: str = "state"
    no_wait: str = "no delay there is ever above 0"
    rounded_wait: str = "every delay there is 0 or rounded to 0 microseconds"


class Node(NamedTuple):
    """What the graph knows of a state: what may follow, and the names of variables set, shown, read and looked at."""

    name: str
    nexts: list[int]
    emits: bool
    waits: bool  # may take time
    sets: set[str]
    shows: set[str]
    reads: frozenset[str] | set[str] = frozenset()  # to set others, before it sets them
    rounding: str = ""  # how its wait is rounded to microseconds
    decides: frozenset[str] | set[str] = frozenset()  # where it leads, after it has set its own


class Beginning(NamedTuple):
    """Where the workers of a population begin, and how they come.

    `waits` says that the time between them may be above 0, `path` where it is given, and `rounding` how it is
    rounded to microseconds. Of a population that `ends` there are only so many.
    """

    waits: bool
    path: Path = ("interarrival",)
    first: int = 0
    rounding: str = ""
    ends: bool = False
    name: str | None = None


@dataclass(frozen=True)
class StateGraph:
    """All states, and where workers begin; `set_before` are the variables that each worker has from the beginning."""

    nodes: list[Node]
    beginnings: Sequence[Beginning]
    set_before: frozenset[str] = frozenset()
    vocabulary: Vocabulary = Vocabulary()

    @property
    def firsts(self) -> list[int]:
        """Return the states in which workers begin, each once."""
        return list(dict.fromkeys(each.first for each in self.beginnings))


def errors(graph: StateGraph) -> Problems:
    """Yield why a machine cannot run: no records would come of it, or its clock would not advance."""
    reached, words, nodes = reachable(graph), graph.vocabulary, graph.nodes
    for each in graph.beginnings:
        yield from _errors_of(each, graph)
    for trap in traps(graph, reached):
        if not any(nodes[state].waits for state in trap):
            rounded = any(nodes[state].rounding for state in trap)
            why = words.rounded_wait if rounded else words.no_wait
            text = f"a worker cannot leave {_names(graph, trap)}, and {why}: the clock would not advance"
            yield ("states", min(trap)), text


def _errors_of(beginning: Beginning, graph: StateGraph) -> Problems:
    """Yield why nothing would come of a population, or the clock would not advance for it."""
    own, words = [graph.nodes[state] for state in _from(graph, [beginning.first])], graph.vocabulary
    who = "a worker" if beginning.name is None else f"a worker of {quoted(beginning.name)}"
    if not any(each.emits for each in own):
        text = f"no {words.emitter} that {who} can reach has an emitter: there would be no records"
        yield ("states",) if beginning.name is None else beginning.path[:-1], text
    if not beginning.waits and not beginning.ends and not any(each.waits for each in own):
        never = beginning.rounding or "is never above 0"
        text = (
            f"{never}, and no {words.timer} that {who} can reach waits: the clock would not advance"
        )
        yield beginning.path, text


def warnings(graph: StateGraph) -> Problems:
    """Yield what is probably not meant: unreachable states, silent ends, unset variables."""
    yield from doubtful_states(graph)
    for each in unset_variables(graph):
        yield ("states", each.state, each.key), each.sentence()


def doubtful_states(graph: StateGraph) -> Problems:
    """Yield which states no worker reaches, and which it never leaves and emit nothing."""
    reached = reachable(graph)
    for state, node in enumerate(graph.nodes):
        if state not in reached:
            yield ("states", state), f"no worker can reach {quoted(node.name)}"
    for trap in traps(graph, reached):
        if not any(graph.nodes[state].emits for state in trap):
            text = (
                f"a worker cannot leave {_names(graph, trap)}, and nothing is emitted there: "
                "with -n the run might never end"
            )
            yield ("states", min(trap)), text


@dataclass(frozen=True)
class UnsetVariable:
    """A variable that a state uses though some path has not set it, or, where it is not `known`, none has.

    `verb` says how it is used, `key` is the key of the state that does.
    """

    state: int
    key: str
    verb: str
    name: str
    known: bool

    def sentence(self, path: str = "") -> str:
        """Return what is wrong with it; `path`, if given, names the states of one on which it is unset."""
        where = "may be unset on some path" if self.known else "no state sets"
        such = f", such as {path}" if path and self.known else ""
        return f"{self.verb} the variable {quoted(self.name)}, which {where}{such}; its value is null there"


def unset_variables(graph: StateGraph) -> Iterator[UnsetVariable]:
    """Yield the variables that are shown or read where some path has not set them."""
    reached = reachable(graph)
    always = _always_set(graph)
    known = set[str]().union(*(graph.nodes[state].sets for state in reached))
    before: dict[int, set[str]] = {}
    for state in reached if any(graph.nodes[state].reads for state in reached) else ():
        for following in graph.nodes[state].nexts:
            before[following] = before.get(following, always[state]) & always[state]
    for state in sorted(reached):
        node = graph.nodes[state]
        inherited = graph.set_before if state in graph.firsts else before.get(state, set())
        for verb, key, names in (
            ("shows", "emitter", node.shows - always[state]),
            ("reads", "variables", node.reads - inherited),
            ("decides by", "transitions", node.decides - always[state]),
        ):
            for name in sorted(names):
                yield UnsetVariable(state, key, verb, name, name in known)


def path_without(graph: StateGraph, state: int, name: str) -> list[int]:
    """Return a shortest path on which a worker comes to a state, and none before that has set a variable; [] if there is none.

    It begins with a first state and ends with that one, which may set the variable itself. Of several as short it is the one whose
    states come first as transitions are listed.
    """
    if name in graph.set_before:
        return []
    before: dict[int, int] = dict.fromkeys(graph.firsts, STOP)
    pending = deque(before)
    while pending and state not in before:
        here = pending.popleft()
        for following in () if name in graph.nodes[here].sets else graph.nodes[here].nexts:
            if following != STOP and following not in before:
                before[following] = here
                pending.append(following)
    path = [state] if state in before else []
    while path and before[path[0]] != STOP:
        path.insert(0, before[path[0]])
    return path


def reachable(graph: StateGraph) -> set[int]:
    """Return the states that a worker can come to, the first ones included."""
    return _from(graph, graph.firsts)


def _from(graph: StateGraph, firsts: list[int]) -> set[int]:
    seen, pending = {*firsts}, [*firsts]
    while pending:
        for state in graph.nodes[pending.pop()].nexts:
            if state != STOP and state not in seen:
                seen.add(state)
                pending.append(state)
    return seen


def _always_set(graph: StateGraph) -> dict[int, set[str]]:
    """Return for each state the variables that every path to it has set, its own included.

    The greatest fixed point of a forward data-flow analysis.
    """
    firsts = graph.firsts
    always: dict[int, set[str]] = {
        first: {*graph.set_before, *graph.nodes[first].sets} for first in firsts
    }
    pending = [*firsts]
    while pending:
        state = pending.pop()
        for following in graph.nodes[state].nexts:
            if following == STOP or following in firsts:
                continue
            before, own = always.get(following), graph.nodes[following].sets
            after = own | (always[state] if before is None else before & always[state])
            if after != before:
                always[following] = after
                pending.append(following)
    return always


def endless_from(graph: StateGraph, first: int) -> bool:
    """Return whether a worker that begins in a state may never end, as it may come to states that it cannot leave."""
    reached = _from(graph, [first])
    return bool(traps(graph, reached))


def traps(graph: StateGraph, reached: set[int]) -> list[list[int]]:
    """Return the closed communicating classes: states that a worker, once inside, cannot leave."""
    traps = []
    for component in _components(graph, reached):
        inside = set(component)
        if all(
            following in inside for state in component for following in graph.nodes[state].nexts
        ):
            traps.append(sorted(component))
    return sorted(traps)


def _components(graph: StateGraph, states: Iterable[int]) -> list[list[int]]:
    """Return the strongly connected components.

    Tarjan, "Depth-first search and linear graph algorithms", SIAM Journal on Computing 1 (1972),
    146-160, without recursion. It is our own because importing `scipy.sparse.csgraph` takes 0.36 s,
    which every run would wait for.
    """
    index: dict[int, int] = {}
    low: dict[int, int] = {}
    stack: list[int] = []
    on_stack: set[int] = set()
    components = []
    for root in sorted(states):
        if root in index:
            continue
        work = [(root, iter(graph.nodes[root].nexts))]
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
                    work.append((target, iter(graph.nodes[target].nexts)))
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


def _names(graph: StateGraph, states: list[int]) -> str:
    return listed([quoted(graph.nodes[state].name) for state in states], 5)
