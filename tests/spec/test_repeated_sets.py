"""The same field with `cardinality` in two emitters makes two sets, which is told."""

from typing import Any

from datagen.spec.emitter import Emitter
from datagen.spec.repeated_sets import repeated_sets
from tests.support.fields import integers, limited, objects, uniform
from tests.support.helpers import invoke
from tests.support.machines import Spec, constant

USER: Spec = {"name": "user", **limited(integers(uniform(1, 10**6)), 50)}


def warned(*dimensions: list[Spec]) -> list[tuple[Any, ...]]:
    """Return the places that are warned of."""
    emitters = [
        Emitter.model_validate({"name": f"e{number}", "dimensions": each})
        for number, each in enumerate(dimensions)
    ]
    return [path for path, _ in repeated_sets(emitters)]


def test_two_emitters_with_the_same_set_are_told() -> None:
    """However often they pick a value, or none; inside objects, too."""
    other = {**USER, "percent_nulls": 5, "cardinality_distribution": constant(1)}
    assert warned([USER], [other]) == [("emitters", 1, "dimensions", 0, "cardinality")]
    inside = {"name": "o", **objects(USER)}
    assert warned([inside], [{"name": "x", "type": "uuid"}, USER]) == [
        ("emitters", 1, "dimensions", 1, "cardinality")
    ]
    assert len(warned([USER], [USER], [USER])) == 2


def test_what_is_not_the_same_is_not_told() -> None:
    """Another name, other values, no set, or one emitter."""
    assert warned([USER], [{**USER, "name": "client"}]) == []
    assert warned([USER], [{**USER, "distribution": uniform(1, 99)}]) == []
    assert warned([USER], [{"name": "user", **integers(uniform(1, 10**6))}]) == []
    assert warned([USER, {"name": "o", **objects(USER)}]) == []


def test_the_process_form_is_told_too() -> None:
    """With the places of its emitters."""
    emitters: list[Spec] = [{"name": name, "dimensions": [USER]} for name in "ab"]
    nodes = [
        {"name": "in", "type": "event:start:timer", "cardinality_distribution": constant(1), "next": "a"},
        {"name": "a", "type": "activity", "emitter": "a", "next": "b"},
        {"name": "b", "type": "activity", "emitter": "b", "next": "out"},
        {"name": "out", "type": "event:end"},
    ]  # fmt: skip
    assert invoke("--validate", spec={"states": nodes, "emitters": emitters}).err.startswith(
        'warning: stdin: emitters[1].dimensions[0].cardinality: "user" has other values than at '
        "emitters[0].dimensions[0]: each emitter makes a set of its own"
    )


def test_the_warning_names_entities() -> None:
    """It comes on load, with the remedy."""
    spec = {
        "states": [
            {"name": "s", "emitter": "a", "transitions": [{"next": "t", "probability": 1}]},
            {"name": "t", "emitter": "b", "transitions": [{"next": "stop", "probability": 1}]},
        ],
        "emitters": [{"name": "a", "dimensions": [USER]}, {"name": "b", "dimensions": [USER]}],
        "interarrival": constant(1),
    }
    assert invoke("--validate", spec=spec).err.startswith(
        'warning: stdin: emitters[1].dimensions[0].cardinality: "user" has other values than at '
        "emitters[0].dimensions[0]: each emitter makes a set of its own; what they share is an entity "
        '("entities"), or a variable that both show\n'
    )
