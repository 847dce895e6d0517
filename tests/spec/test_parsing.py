"""From raw JSON to a checked specification, in either form."""

import pytest

from datagen.errors import SpecError
from datagen.spec.generator import CompiledGenerator, Generator
from datagen.spec.parsing import parse_spec
from tests.support.machines import ENDING, Spec, constant

PROCESS: Spec = {
    "states": [
        {"name": "begin", "type": "event:start:timer", "cardinality_distribution": constant(1), "next": "act"},
        {"name": "act", "type": "activity", "emitter": "e", "next": "wait"},
        {"name": "wait", "type": "event:intermediate:timer", "cardinality_distribution": constant(3), "next": "end"},
        {"name": "end", "type": "event:end"},
    ],
    "emitters": [{"name": "e", "dimensions": []}],
}  # fmt: skip


def test_the_classic_form_is_taken_as_it_is() -> None:
    """Its states are those of the machine."""
    spec, warned = parse_spec(ENDING, "test")
    assert type(spec) is Generator
    assert spec.timed_emitters == {"e"}
    assert (spec.state_count, spec.variables_path(1)[1]) == (2, 1)
    assert warned == []


def test_the_process_form_becomes_the_classic_one() -> None:
    """One state a visit, which knows its place in the file."""
    spec, _ = parse_spec(PROCESS, "test")
    assert isinstance(spec, CompiledGenerator)
    assert (spec.timed_emitters, spec.state_count, spec.described()) == (
        frozenset(),
        4,
        "4 states, 1 emitter",
    )
    [state] = spec.states
    assert (state.name, state.delay.mean(), spec.variables_path(0)[1]) == ("act", 3, 1)
    assert [(each.next, each.probability) for each in state.transitions] == [("end", 1)]


def test_durations_are_named_in_the_words_of_the_form() -> None:
    """Whoever wrote it finds them again."""
    spec, _ = parse_spec(PROCESS, "test")
    assert [(what, each.mean()) for what, each in spec.durations()] == [
        ('event:start:timer "begin": a mean', 1),
        ('event:intermediate:timer "wait": a mean', 3),
    ]


def test_problems_of_names_and_values_come_together() -> None:
    """In the order of the document; what the graph says only when these are right."""
    wrong = {**ENDING, "states": [{**ENDING["states"][0], "delay": True, "emitter": "x"}]}
    with pytest.raises(SpecError) as caught:
        parse_spec(wrong, "f.json")
    assert [".".join(map(str, each.path)) for each in caught.value.problems] == [
        "states.0.emitter", "states.0.delay", "states.0.transitions.0.next"]  # fmt: skip


def test_a_graph_may_be_worth_a_warning() -> None:
    """The specification runs all the same."""
    island = {**ENDING["states"][1], "name": "island"}
    _, [warning] = parse_spec({**ENDING, "states": [*ENDING["states"], island]}, "test")
    assert (warning.path, warning.text) == (("states", 2), 'no worker can reach "island"')
