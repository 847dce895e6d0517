"""A state of the classic form: what it does at a visit, and what a graph knows of it."""

from datagen.spec.state import State
from datagen.spec.state_graph import STOP
from tests.support.machines import Spec, constant

DATA: Spec = {
    "name": "a",
    "emitter": "e",
    "delay": constant(2),
    "variables": [{"name": "x", "type": "counter"}],
    "transitions": [{"next": "b", "probability": 0.25}, {"next": "stop", "probability": 0.75}],
}


def test_a_state_that_waits_first_is_two_visits() -> None:
    """One waits, the other sets, emits and chooses; without a wait there is no first one."""
    wait, record = State.model_validate(DATA).parts()
    assert (wait.wait is None, wait.emitters, wait.chooses) == (False, (), False)
    assert (record.wait, record.emitters, record.chooses) == (None, ("e",), True)
    assert len(State.model_validate({**DATA, "delay": constant(0)}).parts()) == 1


def test_node_has_what_follows_and_what_is_set() -> None:
    """A state that is not there is the end."""
    node = State.model_validate(DATA).node({"b": 4}, {"e": {"y"}})
    assert (node.nexts, node.emits, node.waits) == ([4, STOP], True, True)
    assert (node.sets, node.shows) == ({"x"}, {"y"})
