"""Words of older dialects in raw JSON: which are turned into which, and what is said of them."""

from typing import Any

import pytest

from datagen.errors import Problem
from datagen.fields.base import FIELDS
from datagen.spec.old_words import modernized
from tests.support.machines import Spec, constant


def variable(**keys: Any) -> dict[str, Any]:
    """Return a variable after its translation, in a state."""
    raw = {"states": [{"name": "a", "variables": [{"name": "v", **keys}]}]}
    made: dict[str, Any] = modernized(raw).raw["states"][0]["variables"][0]
    return made


@pytest.mark.parametrize("kind", FIELDS)
def test_generator_of_every_type_is_that_type(kind: str) -> None:
    """Also of those that came later."""
    assert variable(type=f"generator:{kind}")["type"] == kind


@pytest.mark.parametrize(
    ("value", "kind"),
    [("x", "string"), (1, "int"), (1.0, "float"), (True, "bool"), ([], "string"), (None, "string")],
)
def test_static_is_typed_by_its_value(value: Any, kind: str) -> None:
    """What no static type can hold is left to the model, which says so."""
    for name in ("static", "generator:static"):
        assert variable(type=name, value=value) == {
            "name": "v", "type": f"{kind}:static", "value": value,
        }  # fmt: skip


@pytest.mark.parametrize("kind", ["generator:what", "what", "generator:", 5, None])
def test_unknown_types_stay_as_they_are(kind: Any) -> None:
    """So that the message quotes the file."""
    assert variable(type=kind)["type"] == kind


@pytest.mark.parametrize(
    ("chars", "today"),
    [(["a", "ü"], "aü"), ([], ""), (["a", 1], ["a", 1]), (["ab"], ["ab"]), ("ab", "ab")],
)
def test_a_list_of_characters_is_their_text(chars: Any, today: Any) -> None:
    """Other lists are wrong, and stay."""
    assert variable(type="string", chars=chars)["chars"] == today


@pytest.mark.parametrize(
    ("kind", "key", "today"),
    [
        ("event:start:timer", "timer", "cardinality_distribution"),
        ("event:intermediate:timer", "delay", "cardinality_distribution"),
        ("event:start:timer", "delay", "delay"),
        ("event:intermediate:timer", "timer", "timer"),
        (None, "delay", "delay"),
        ("activity", "delay", "delay"),
    ],
)
def test_keys_of_states_by_their_type(kind: str | None, key: str, today: str) -> None:
    """Only where the originals had them."""
    state = {"name": "a", "type": kind, key: constant(1)}
    assert list(modernized({"states": [state]}).raw["states"][0]) == ["name", "type", today]


def test_an_old_key_beside_todays_stays() -> None:
    """Both would be one too many; the model says so."""
    state = {"type": "event:start:timer", "timer": {}, "cardinality_distribution": {}}
    assert modernized({"states": [state]}).raw["states"] == [state]


def nested(kind: str) -> Spec:
    """Return fields of a type within an object and a list, and a value that only looks like one."""
    deep = {"name": "l", "type": "list", "elements": [{"type": kind}]}
    return {
        "states": [
            {"variables_on_entry": [{"name": "e", "type": kind}], "items": [[{"name": "i", "type": kind}], ["x"]]},
        ],
        "emitters": [{"dimensions": [
            {"name": "o", "type": "object", "dimensions": [{"name": "d", "type": kind}, deep]},
            {"name": "v", "type": "enum", "values": [{"type": "generator:int"}, {"type": "static"}]},
        ]}],
    }  # fmt: skip


def test_fields_are_translated_at_any_depth_and_values_are_not() -> None:
    """JSON among the values of an enum is what it is."""
    assert modernized(nested("generator:uuid")).raw == nested("uuid")


def test_the_file_is_left_alone_and_each_word_is_told_once() -> None:
    """With its first place, and how often it is there."""
    raw = nested("generator:uuid")
    modern = modernized(raw)
    assert raw == nested("generator:uuid")
    assert list(modern.notes) == [
        (("states", 0, "variables_on_entry", 0, "type"), '"generator:uuid" is the old word for "uuid" (4 times)'),
        (("states", 0, "variables_on_entry"),
         '"variables_on_entry" is an old word; today the variables of a state before this one'),
    ]  # fmt: skip


def test_problems_are_told_in_the_words_of_the_file() -> None:
    """A key that was renamed is called by its old name."""
    modern = modernized({"states": [{"type": "event:start:timer", "timer": {"type": "x"}}]})
    path = ("states", 0, "cardinality_distribution", "type")
    assert modern.in_file([Problem(path, "wrong", "f")]) == [
        Problem(("states", 0, "timer", "type"), "wrong", "f")
    ]


@pytest.mark.parametrize("raw", [None, 5, [], {}, {"states": 5}, {"states": [5, {"variables": 5}]}])
def test_whatever_is_no_specification_stays(raw: Any) -> None:
    """What is wrong with it is for others to say."""
    assert modernized(raw).raw == raw
