"""Turns the keys of a field generator into columns of values; one class for each type.

Importing the package registers every type in `FIELDS`.
"""

# Messages list the types in the order in which they are registered here.
# isort: off
from datagen.fields import address, enum
from datagen.fields import timestamps
from datagen.fields import nested, numbers, static, text, variable

# isort: on
from datagen.fields.base import (
    FIELDS,
    AnyField,
    Context,
    Draw,
    Field,
    LimitedField,
    NamedField,
    member_set,
    size_mistakes,
)
from datagen.fields.variable import VariableField

__all__ = [
    "FIELDS",
    "AnyField",
    "Context",
    "Draw",
    "Field",
    "LimitedField",
    "NamedField",
    "VariableField",
    "address",
    "enum",
    "member_set",
    "nested",
    "numbers",
    "size_mistakes",
    "static",
    "text",
    "timestamps",
    "variable",
]
