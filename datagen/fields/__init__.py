"""Turns the keys of a field generator into columns of values; one class for each type.

Importing the package registers every type in `FIELDS`.
"""

from datagen.fields import address, enum, moments, nested, numbers, static, text, variable
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
    "moments",
    "nested",
    "numbers",
    "size_mistakes",
    "static",
    "text",
    "variable",
]
