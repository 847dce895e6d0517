"""What a graph of states says of runs before they begin."""

import random
from collections.abc import Iterable
from itertools import pairwise, product

import pytest

from datagen.spec.state_graph import (
    STOP,
    Beginning,
    Node,
    StateGraph,
    errors,
    path_without,
    reachable,
    unset_variables,
    warnings,
)


def node(name: str, *nexts: int, emits: bool = True, waits: bool = True,
         sets: Iterable[str] = (), shows: Iterable[str] = ()) -> Node:  # fmt: skip
    """Return a state that emits and waits, unless told otherwise."""
    return Node(name, list(nexts), emits, waits, set(sets), set(shows))


def graph(*nodes: Node, arrivals_wait: bool = True) -> StateGraph:
    """Return the graph of some states, the first of which is where workers begin."""
    return StateGraph(list(nodes), [Beginning(arrivals_wait)])


def test_a_machine_that_emits_and_waits_is_right() -> None:
    """Nothing is wrong with it, and nothing odd."""
    fine = graph(node("a", 1), node("b", 0, STOP))
    assert list(errors(fine)) == list(warnings(fine)) == []


def test_states_that_no_worker_reaches_are_warned_of() -> None:
    """A way out of them is no way to them."""
    island = graph(node("a", STOP), node("b", 0, 2), node("c", 1))
    assert reachable(island) == {0}
    assert [path for path, _ in warnings(island)] == [("states", 1), ("states", 2)]


def test_a_machine_needs_a_record() -> None:
    """An emitter that nobody reaches makes none."""
    [(path, text)] = errors(graph(node("a", STOP, emits=False), node("b", STOP)))
    assert path == ("states",)
    assert "there would be no records" in text


def test_a_clock_needs_some_wait() -> None:
    """Where no time passes between workers, a state must wait; a loop must in any case."""
    still = node("a", STOP, waits=False)
    assert list(errors(graph(still))) == []
    assert [path for path, _ in errors(graph(still, arrivals_wait=False))] == [("interarrival",)]
    [(path, text)] = errors(
        graph(node("a", 1), node("b", 2, waits=False), node("c", 1, waits=False))
    )
    assert path == ("states", 1)
    assert 'cannot leave "b", "c", and no delay there' in text


def test_a_loop_with_a_way_out_is_no_trap() -> None:
    """Only where a worker stays for ever must the clock go on and records come."""
    leaving = graph(
        node("a", 1),
        node("b", 2, waits=False, emits=False),
        node("c", 1, STOP, waits=False, emits=False),
    )
    assert list(errors(leaving)) == list(warnings(leaving)) == []


def test_a_silent_trap_is_warned_of() -> None:
    """A run of so many records might never end."""
    [(path, text)] = warnings(graph(node("a", 1), node("b", 1, emits=False)))
    assert path == ("states", 1)
    assert "nothing is emitted there" in text


def test_a_variable_is_unset_if_some_path_leaves_it_so() -> None:
    """One that is set on every path is not; a state sets before it shows."""
    paths = graph(
        node("a", 1, 2, sets="x"), node("b", 3, sets="y"), node("c", 3), node("d", 0, shows="xy")
    )
    [(path, text)] = warnings(paths)
    assert path == ("states", 3, "emitter")
    assert '"y", which may be unset on some path' in text
    assert list(warnings(graph(node("a", STOP, sets="x", shows="x")))) == []


def random_graph(chance: random.Random) -> StateGraph:
    """Return a graph of up to five states, each of which may set, show, read and decide by some of two variables."""
    count = chance.randint(1, 5)

    def some() -> set[str]:
        return {name for name in "xy" if chance.random() < 0.3}

    nodes = [
        Node(str(each), chance.sample([*range(count), STOP], chance.randint(1, min(3, count + 1))),
             True, True, some(), some(), some(), "", some())
        for each in range(count)
    ]  # fmt: skip
    firsts = chance.sample(range(count), chance.randint(1, min(2, count)))
    beginnings = [Beginning(True, first=first) for first in firsts]
    return StateGraph(nodes, beginnings, frozenset(name for name in "xy" if chance.random() < 0.1))


def paths(graph: StateGraph, longest: int) -> Iterable[tuple[int, ...]]:
    """Return all paths of workers with so many states at most, the shortest first: by trying all rows of states."""
    for length in range(1, longest + 1):
        for path in product(range(len(graph.nodes)), repeat=length):
            steps = pairwise(path)
            if path[0] in graph.firsts and all(b in graph.nodes[a].nexts for a, b in steps):
                yield path


@pytest.mark.parametrize("seed", range(60))
def test_an_unset_variable_is_told_with_a_shortest_path(seed: int) -> None:
    """All paths that are as long as there are states say the same: which variables are unset where, and after how many states."""
    machine = random_graph(random.Random(seed))
    nodes, shortest = machine.nodes, dict[tuple[int, str, str], int]()
    for path in paths(machine, len(nodes)):
        before = {*machine.set_before}.union(*(nodes[each].sets for each in path[:-1]))
        last = nodes[path[-1]]
        for verb, names, unset in (
            ("shows", last.shows, before | last.sets),
            ("reads", last.reads, before),
            ("decides by", last.decides, before | last.sets),
        ):
            for name in names - unset:
                shortest.setdefault((path[-1], verb, name), len(path))
    found = {(each.state, each.verb, each.name): each for each in unset_variables(machine)}
    assert found.keys() == shortest.keys()
    for key, length in shortest.items():
        path = tuple(path_without(machine, key[0], key[2]))
        assert (len(path), path[-1]) == (length, key[0])
        assert path in set(paths(machine, length))
        assert all(key[2] not in nodes[each].sets for each in path[:-1])


def test_no_path_leaves_out_what_all_have_set() -> None:
    """Neither what a worker has from the beginning, nor what its first state sets."""
    machine = graph(node("a", 1, sets="x"), node("b", STOP, shows="x"))
    assert path_without(machine, 1, "x") == []
    assert path_without(machine, 1, "y") == [0, 1]
    assert path_without(StateGraph(machine.nodes, machine.beginnings, frozenset("y")), 1, "y") == []


def test_long_chains_need_no_recursion() -> None:
    """Twenty times the depth of Python's stack is no problem."""
    size = 20_000
    nodes = [node(str(state), (state + 1) % size, waits=False) for state in range(size)]
    assert len(list(errors(graph(*nodes)))) == 1
