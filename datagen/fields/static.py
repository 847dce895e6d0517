"""The same value each time."""

from functools import cached_property
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import AfterValidator

from datagen.columns.column import Column, LiteralColumn
from datagen.columns.column_type import BOOL, FLOAT, INT, TEXT
from datagen.columns.json_text import of_value
from datagen.fields.base import FIELDS, Draw, Field
from datagen.fields.numbers import Word
from datagen.validation import Number, UnicodeText


class StaticField(Field):
    """The base of the four: `value`, each time."""

    value: Any

    def values(self, draw: Draw) -> Column:
        return self._literal.take(np.zeros(len(draw), dtype=np.int64))

    def size(self) -> float:
        return len(of_value(self.value))

    @cached_property
    def _literal(self) -> Column:
        return LiteralColumn([self.value])


@FIELDS.register
class StaticString(StaticField):
    """A text."""

    type: Literal["string:static"] = "string:static"
    one_shape = TEXT
    value: UnicodeText


@FIELDS.register
class StaticInt(StaticField):
    """A whole number."""

    type: Literal["int:static"] = "int:static"
    one_shape = INT
    value: Word


@FIELDS.register
class StaticFloat(StaticField):
    """A number."""

    type: Literal["float:static"] = "float:static"
    one_shape = FLOAT
    value: Annotated[Number, AfterValidator(float)]


@FIELDS.register
class StaticBool(StaticField):
    """True or false."""

    type: Literal["bool:static"] = "bool:static"
    one_shape = BOOL
    value: bool
