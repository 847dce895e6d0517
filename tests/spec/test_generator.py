"""The classic form: which fields and variables its records show, and its graph."""

from datagen.spec.emitter import Emitter
from datagen.spec.generator import Generator
from datagen.spec.parsing import parse_spec
from datagen.spec.state_graph import STOP
from tests.support.machines import ENDING, Spec, constant


def shown(variable: str) -> Spec:
    """Return a dimension that shows a variable under another name."""
    return {"name": f"the_{variable}", "type": "variable", "variable": variable}


def spec_of(data: Spec) -> Generator:
    """Return a checked specification."""
    return parse_spec(data, "test")[0]


def test_fields_are_the_time_and_all_dimensions() -> None:
    """Over all emitters."""
    emitters = [
        {"name": "e", "dimensions": [{"name": "x", "type": "uuid"}]},
        {"name": "f", "dimensions": []},
    ]
    assert spec_of({**ENDING, "emitters": emitters}).fields == {"time", "x"}


def test_shown_variables_come_in_order_of_appearance() -> None:
    """Nested ones too, each once."""
    inner: Spec = {"name": "o", "type": "object", "dimensions": [shown("b"), shown("a")]}
    emitter = Emitter.model_validate({"name": "e", "dimensions": [shown("c"), inner, shown("d")]})
    assert emitter.shown_variables() == ["c", "b", "a", "d"]


def test_the_graph_has_a_node_for_each_state() -> None:
    """With what follows, and whether it waits."""
    graph = spec_of(ENDING).graph()
    assert [(node.name, node.nexts, node.emits, node.waits) for node in graph.nodes] == [
        ("a", [1, STOP], True, True),
        ("b", [0, 1, STOP], True, True),
    ]
    assert graph.beginnings[0].waits
    assert not spec_of({**ENDING, "interarrival": constant(0)}).graph().beginnings[0].waits


def test_durations_are_named_after_their_states() -> None:
    """The time between workers first."""
    names = [name for name, _ in spec_of(ENDING).durations()]
    assert names == ["interarrival: a mean", 'state "a": a mean delay', 'state "b": a mean delay']
