"""Parts of schemas: what each takes and refuses, by the package jsonschema."""

from typing import Any

import jsonschema
import pytest

from datagen.inspection import schema_parts as parts

NUMBER = {"type": "number"}
DEFINITIONS = {"$defs": {parts.GIVEN: {"type": "string", "pattern": r"\$\{"}}}


def takes(schema: Any, value: Any) -> bool:
    """Return whether a schema takes a value."""
    return bool(jsonschema.Draft202012Validator({**schema, **DEFINITIONS}).is_valid(value))


@pytest.mark.parametrize(
    ("schema", "right", "wrong"),
    [
        (parts.list_of(NUMBER, 1), [1, "${x}"], [1, "x"]),
        (parts.list_of(NUMBER, 1), [1], []),
        (parts.mapping_of(NUMBER), {"a": 1, "_a": "comment", "$b": []}, {"a": "x"}),
        (parts.given({"type": "boolean", "default": True}), "${x}", "true"),
        (parts.or_else({"type": "array", "items": NUMBER}, {"type": "null"}), [1, None], None),
        (parts.or_else(parts.any_of(NUMBER, {"type": "null"}), {"type": "string"}), "a", []),
        (parts.chosen("thing", {"a": {"required": ["b"]}}), {"type": "a", "b": 1}, {"type": "a"}),
        (parts.chosen("thing", {"a": {}}), {"type": "a"}, {"type": "generator:a"}),
        (parts.chosen("field", {"a": {}}), {"type": "generator:a"}, {"type": "b"}),
        (parts.with_environment({"enum": ["a", "b"]}), "${A}", "c"),
        (parts.with_environment({"type": "string", "minLength": 9}), "${A}", "c"),
    ],
)
def test_part_takes_one_and_refuses_the_other(schema: Any, right: Any, wrong: Any) -> None:
    assert takes(schema, right)
    assert not takes(schema, wrong)


def test_texts_may_hold_anything_already() -> None:
    """They need no second way to be the name of a parameter."""
    assert parts.given({"type": "string", "minLength": 1}) == {"type": "string", "minLength": 1}
    assert parts.given({}) == {}


def test_what_is_said_of_a_value_stays_outside() -> None:
    """Editors look for it there."""
    schema = {"enum": ["a", "b"], "default": "a", "description": "Of a."}
    for made in (parts.given(schema), parts.with_environment(schema), parts.or_else(schema, {})):
        assert (made["default"], made["description"]) == ("a", "Of a.")


def test_old_key_takes_the_place_of_todays() -> None:
    """One of the two must be there."""
    key = "cardinality_distribution"
    schema = {"type": "object", "properties": {key: NUMBER}, "required": [key]}
    made = parts.with_old_key(schema, "timer")
    assert takes(made, {key: 1})
    assert takes(made, {"timer": 1})
    assert not takes(made, {})
    assert not takes(made, {"timer": "x"})
    assert parts.with_old_key(schema, None) is schema
