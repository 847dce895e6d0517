"""Turns the keys of a field generator into columns of values; one class for each type.

Importing the package registers every type in `FIELDS`.
"""

# Messages list the types in the order in which they are registered here.
# isort: off
from datagen.fields import address, enum
from datagen.fields import timestamps
from datagen.fields import nested, numbers, static, text, variable, template

# isort: on
from datagen.fields.base import (
    FIELDS,
    AnyField,
    Context,
    Draw,
    Field,
    NamedField,
    last_of_each_name,
    validate_size,
)
from datagen.fields.member_sets import LimitedField

__all__ = [
    "FIELDS",
    "AnyField",
    "Context",
    "Draw",
    "Field",
    "LimitedField",
    "NamedField",
    "address",
    "enum",
    "last_of_each_name",
    "nested",
    "numbers",
    "static",
    "template",
    "text",
    "timestamps",
    "validate_size",
    "variable",
]
