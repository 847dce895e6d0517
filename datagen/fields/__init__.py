"""Turns the keys of a field generator into columns of values; one class for each type.

Each file is imported when a field is of one of its types.
"""

from datagen.fields.base import (
    FIELDS,
    AnyField,
    Field,
    NamedField,
    last_of_each_name,
    validate_size,
)
from datagen.fields.draw import Context, Draw
from datagen.fields.member_sets import LimitedField

FIELDS.locate(
    {
        **dict.fromkeys(("int", "float", "counter"), "datagen.fields.numbers"),
        "ipaddress": "datagen.fields.address",
        "enum": "datagen.fields.enum",
        **dict.fromkeys(("timestamp", "clock"), "datagen.fields.timestamps"),
        **dict.fromkeys(("string", "uuid"), "datagen.fields.text"),
        "pattern": "datagen.fields.pattern",
        "person": "datagen.fields.person",
        **dict.fromkeys(("city", "address"), "datagen.fields.places"),
        "phone": "datagen.fields.phone",
        "company": "datagen.fields.company",
        "faker": "datagen.fields.made",
        "user_agent": "datagen.fields.user_agent",
        "lorem": "datagen.fields.lorem",
        **dict.fromkeys(("domain", "url", "file_path"), "datagen.fields.resources"),
        "geo": "datagen.fields.geo",
        **dict.fromkeys(("hash", "mac", "credit_card", "iban"), "datagen.fields.identifiers"),
        **dict.fromkeys(("object", "list"), "datagen.fields.nested"),
        **dict.fromkeys(
            ("string:static", "int:static", "float:static", "bool:static"), "datagen.fields.static"
        ),
        "variable": "datagen.fields.variable",
        "variable:template": "datagen.fields.template",
        "expression": "datagen.fields.expression",
        "entity": "datagen.fields.entity",
        "switch": "datagen.fields.switch",
        "row": "datagen.fields.row",
    }
)
__all__ = [
    "FIELDS",
    "AnyField",
    "Context",
    "Draw",
    "Field",
    "LimitedField",
    "NamedField",
    "last_of_each_name",
    "validate_size",
]
