"""Turns literal values by name into field generators that set them where nothing else has."""

from collections.abc import Mapping
from typing import Annotated, Any, Protocol

from pydantic import AfterValidator, BeforeValidator

from datagen.fields.base import Field, parse_named_field
from datagen.fields.enum import Finite
from datagen.validation import invalid_value, without_comments


def _named(values: dict[str, Any]) -> dict[str, Any]:
    if "" in values:
        raise invalid_value('expected names of variables, not ""')
    return values


Constants = Annotated[dict[str, Finite], BeforeValidator(without_comments), AfterValidator(_named)]


class HasConstants(Protocol):
    """A document with literal values, by the name of the variable that holds them."""

    @property
    def constants(self) -> Mapping[str, Any]:
        """Return those that win where both give one."""

    @property
    def variable_defaults(self) -> Mapping[str, Any]:
        """Return the others."""


def default_fields(document: HasConstants) -> list[Field]:
    """Return a field generator for each variable that holds a literal value from the beginning."""
    values = {**document.variable_defaults, **document.constants}
    return [literal_field(name, value) for name, value in values.items()]


def literal_field(name: str, value: Any) -> Field:
    """Return a field generator of any one JSON value."""
    return parse_named_field(literal_as_raw(name, value))


def literal_as_raw(name: str, value: Any) -> dict[str, Any]:
    """Return the raw JSON of such a field generator."""
    always = {"type": "constant", "value": 0}
    return {"name": name, "type": "enum", "values": [value], "cardinality_distribution": always}
