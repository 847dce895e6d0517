"""How schemas are put together: lists, objects of names, families, texts that stand for other values."""

from collections.abc import Iterable, Mapping
from typing import Any

Schema = dict[str, Any]
COMMENTS = {"^[_$]": True}  # keys that are comments
GIVEN = "parameter_of_file"  # the definition of `${users}`
_ENVIRONMENT = {"type": "string", "pattern": r"\$\{[^}]*\}"}


def any_of(*schemas: Schema) -> Schema:
    """Return the schema of values that one of these takes."""
    return {"anyOf": [*schemas]}


def given(schema: Schema) -> Schema:
    """Return the schema of a value that may also be the name of a parameter of the file: `${users}`."""
    is_text = schema.get("type") == "string" and not {"pattern", "enum", "anyOf"} & {*schema}
    if not schema or is_text:
        return schema
    about: Schema = {key: schema[key] for key in ("description", "default") if key in schema}
    bare = {key: each for key, each in schema.items() if key not in about}
    parts = bare["anyOf"] if {*bare} == {"anyOf"} else [bare]
    return {"anyOf": [*parts, {"$ref": f"#/$defs/{GIVEN}"}], **about}


def list_of(schema: Schema, least: int = 0) -> Schema:
    """Return the schema of a list of at least so many values."""
    return {"type": "array", "items": given(schema), **({"minItems": least} if least else {})}


def mapping_of(values: Schema) -> Schema:
    """Return the schema of an object of any names, each with such a value, and comments."""
    return {"type": "object", "patternProperties": COMMENTS, "additionalProperties": values}


def chosen(noun: str, members: Mapping[str, Schema]) -> Schema:
    """Return the schema of an object whose `type` says which of the members it is."""
    kinds = [*members]
    words: list[Schema] = [{"enum": kinds}]
    if noun == "field":
        words.append({"pattern": "^generator:|^static$", "description": "An old word."})
    cases = [{"if": _has_type(kind, noun), "then": member} for kind, member in members.items()]
    if noun == "field":
        statics = [member for kind, member in members.items() if kind.endswith(":static")]
        cases.append({"if": _has_type("static", noun), "then": {"anyOf": statics}})
    return {
        "type": "object",
        "required": ["type"],
        "properties": {"type": {"type": "string", "anyOf": words} if len(words) > 1 else words[0]},
        "allOf": cases,
    }


def _has_type(kind: str, noun: str) -> Schema:
    words = {"enum": [kind, f"generator:{kind}"]} if noun == "field" else {"const": kind}
    return {"required": ["type"], "properties": {"type": words}}


def with_environment(node: Any) -> Any:
    """Return a schema in which a text with the name of a variable stands for any text."""
    if isinstance(node, list):
        return [with_environment(each) for each in node]
    if not isinstance(node, dict):
        return node
    made = {
        key: each if key in ("if", "const", "enum") else with_environment(each)
        for key, each in node.items()
    }
    texts = [each for each in (*made.get("enum", ()), made.get("const")) if isinstance(each, str)]
    if texts or (made.get("type") == "string" and {"pattern", "minLength"} & {*made}):
        about = {key: made.pop(key) for key in ("description", "default") if key in made}
        return {"anyOf": [made, dict(_ENVIRONMENT)], **about}
    return made


def or_else(made: Schema, other: Schema) -> Schema:
    """Return the schema of a value, or of each in a list, that may be something else besides."""
    about: Schema = {key: made[key] for key in ("description", "default") if key in made}
    bare = {key: each for key, each in made.items() if key not in about}
    if bare.get("type") == "array":
        return {**bare, "items": or_else(bare["items"], other), **about}
    if "anyOf" in bare:
        parts = [
            or_else(each, other) if each.get("type") == "array" else each for each in bare["anyOf"]
        ]
        more = [] if parts != bare["anyOf"] else [other]
        return {**bare, "anyOf": [*parts, *more], **about}
    return {"anyOf": [bare, other], **about}


def with_old_key(made: Schema, old: str | None) -> Schema:
    """Return the schema of a model in which the key `cardinality_distribution` has an old word too, if it has one."""
    today = "cardinality_distribution"
    if old is None:
        return made
    keys = {**made["properties"], old: {**made["properties"][today], "description": "An old word."}}
    required = [key for key in made["required"] if key != today]
    return {**made, "properties": keys, "required": required, "anyOf": required_one((today, old))}


def required_one(keys: Iterable[str]) -> list[Schema]:
    return [{"required": [key]} for key in keys]
