"""The field types whose values are all the same: `string:static`, `int:static` and others."""

from functools import cached_property
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import AfterValidator

from datagen.arrays import Ints
from datagen.columns import json_text
from datagen.columns.column import Column
from datagen.columns.column_type import BOOL, FLOAT, INT, TEXT
from datagen.columns.literal import LiteralColumn
from datagen.fields.base import FIELDS, Field
from datagen.fields.draw import Context, Draw
from datagen.fields.numbers import Int64
from datagen.validation import Number, UnicodeText


class StaticField(Field):
    """The base of static types: `value`, each time."""

    value: Any

    def source(self, path: tuple[str, ...], context: Context) -> Column:
        del path, context
        return self._literal

    def picks(self, draw: Draw) -> Ints:
        return np.zeros(len(draw), dtype=np.int64)

    def mean_characters(self) -> float:
        return len(json_text.of_value(self.value))

    @cached_property
    def _literal(self) -> Column:
        return LiteralColumn([self.value], lasting=True)


@FIELDS.register
class StaticString(StaticField):
    """A text."""

    type: Literal["string:static"] = "string:static"
    value_type = TEXT
    value: UnicodeText


@FIELDS.register
class StaticInt(StaticField):
    """An integer."""

    type: Literal["int:static"] = "int:static"
    value_type = INT
    value: Int64


@FIELDS.register
class StaticFloat(StaticField):
    """A number."""

    type: Literal["float:static"] = "float:static"
    value_type = FLOAT
    value: Annotated[Number, AfterValidator(float)]


@FIELDS.register
class StaticBool(StaticField):
    """True or false."""

    type: Literal["bool:static"] = "bool:static"
    value_type = BOOL
    value: bool
