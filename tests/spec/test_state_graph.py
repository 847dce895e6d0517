"""What a graph of states says of runs before they begin."""

from collections.abc import Iterable

from datagen.spec.state_graph import STOP, Beginning, Node, StateGraph, errors, reachable, warnings


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


def test_long_chains_need_no_recursion() -> None:
    """Twenty times the depth of Python's stack is no problem."""
    size = 20_000
    nodes = [node(str(state), (state + 1) % size, waits=False) for state in range(size)]
    assert len(list(errors(graph(*nodes)))) == 1
