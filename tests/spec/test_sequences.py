"""Which generators share sequences, and in which order these can be numbered."""

from typing import Any

import pytest

from datagen.errors import SpecError
from datagen.spec.generator import Generator
from datagen.spec.parsing import parse_spec
from datagen.spec.sequences import SharedSequences, counts_for_others, shared_sequences
from tests.support.machines import constant
from tests.support.processes import shown


def counter(name: str, **keys: Any) -> dict[str, Any]:
    """Return a counter."""
    return {"name": name, "type": "counter", **keys}


def expression(name: str, text: str) -> dict[str, Any]:
    """Return a field that computes."""
    return {"name": name, "type": "expression", "expr": text}


def spec(*variables: dict[str, Any], dimensions: Any = (), for_each: str | None = None) -> Any:
    """Return a specification of one state."""
    emitter = {"name": "e", "dimensions": list(dimensions)}
    return {
        "interarrival": constant(1),
        "states": [{"name": "s", "emitter": "e", "variables": list(variables),
                    "transitions": [{"next": "stop", "probability": 1}]}],
        "emitters": [emitter | ({"for_each": for_each} if for_each else {})],
    }  # fmt: skip


def sequences(raw: Any) -> SharedSequences:
    """Return the sequences of a specification."""
    return shared_sequences(Generator.model_validate(raw))


def test_counters_of_their_own_are_no_sequences() -> None:
    """They cost nothing."""
    assert sequences(spec(counter("a"), dimensions=[counter("b")])) == SharedSequences()


def test_layers_put_what_is_looked_at_first() -> None:
    """Through variables and expressions, however long the way."""
    found = sequences(
        spec(
            counter("a", sequence="first"),
            expression("x", "a % 3"),
            counter("b", sequence="second", per="x"),
            dimensions=[counter("c", sequence="first"), counter("d", per="b")],
        )
    )
    own = ("per", "emitters", "e", "dimensions", "d")
    assert [sorted(each) for each in found.layers] == [
        [("sequence", "first")], [("sequence", "second")], [own]
    ]  # fmt: skip
    ranks = [found.orders[("states", "s", "variables", name)] for name in ("a", "b")]
    assert ranks == sorted(ranks)


def elements(*fields: dict[str, Any]) -> dict[str, Any]:
    """Return a list of objects."""
    return {"name": "lines", "type": "list", "elements": [{"type": "object", "dimensions": list(fields)}],
            "length_distribution": constant(2), "selection_distribution": constant(0)}  # fmt: skip


def test_numbers_in_elements_do_not_decide_how_many_there_are() -> None:
    """So what is in a list may share a sequence with the records of its elements; by value it may not."""
    lines = elements(counter("id", sequence="s"))
    record = counter("n", sequence="s")
    assert not sequences(spec(lines, dimensions=[record], for_each="lines")).problems
    parse_spec(spec(lines, dimensions=[record], for_each="lines"), "f")
    by_value = counter("n", sequence="s", per="item.id")
    assert sequences(spec(lines, dimensions=[by_value], for_each="lines")).problems


@pytest.mark.parametrize(
    ("variables", "dimensions", "problem"),
    [
        ([counter("a", per="x"), expression("x", "a + 1")], [],
         "states[0].variables[0]: what decides where it counts looks at its own numbers: x -> a"),
        ([counter("a", sequence="s"), counter("b", sequence="t", per="a")], [counter("c", sequence="s", per="b")],
         'emitters[0].dimensions[0].per: "b", but none at states[0].variables[0].per: all that share a sequence have the same per'),
        ([], [counter("a", sequence="s", start=3), counter("b", sequence="s", start=4)],
         "emitters[0].dimensions[1].start: 4, but 3 at emitters[0].dimensions[0].start: all that share a sequence have the same start"),
        ([], [counter("a", sequence="s"), counter("b", sequence="s", increment=2)],
         "emitters[0].dimensions[1].increment: 2, but 1 at emitters[0].dimensions[0].increment: all that share a sequence have the same increment"),
        ([], [counter("a", sequence="")], 'emitters[0].dimensions[0].sequence: expected a name, not ""'),
        ([], [counter("a", per=5)], "emitters[0].dimensions[0].per: expected an expression, a text, not 5"),
        ([], [counter("a", per="nobody")], 'emitters[0].dimensions[0].per: column 1: no value "nobody"'),
    ],
)  # fmt: skip
def test_problems_name_the_place(variables: list[Any], dimensions: list[Any], problem: str) -> None:
    """And the way by which a sequence leads to itself."""
    with pytest.raises(SpecError) as caught:
        parse_spec(spec(*variables, dimensions=dimensions), "f")
    assert any(each.startswith(f"f: {problem}") for each in caught.value.texts)


def test_what_counts_for_others_counts_whoever_sees_it() -> None:
    """A variable that no record shows takes its numbers; one with numbers of its own is left out."""
    made = Generator.model_validate(
        spec(counter("a", sequence="s"), counter("b"), dimensions=[counter("c", sequence="s")])
    )
    assert made.variables_needed() == ["a"]
    assert [counts_for_others(each) for each in made.states[0].variables] == [True, False]
    assert Generator.model_validate(spec(counter("b"), dimensions=[shown("b")])).variables_needed() == ["b"]  # fmt: skip
