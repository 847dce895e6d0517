"""The field type `variable`: a value that the worker remembers."""

from collections.abc import Iterator
from typing import Literal

from datagen.columns.column import Column
from datagen.columns.column_type import JSON, ColumnType
from datagen.errors import Path
from datagen.fields.base import FIELDS, Field
from datagen.fields.draw import Draw
from datagen.language import Scope
from datagen.validation import did_you_mean, quoted


@FIELDS.register
class VariableField(Field):
    """The value that the worker last gave the variable, or with `field` a part of it."""

    type: Literal["variable"] = "variable"
    pure = False
    shows_variable = True
    variable: str
    field: str | None = None

    def values(self, draw: Draw) -> Column:
        return draw.of_rows(self.select(draw.context.variables[self.variable]))

    def column_type(self, scope: Scope) -> ColumnType:
        column_type = scope.variables[self.variable]
        for name in self._part_names:
            column_type = column_type.member(name)
        return column_type

    def variable_shown(self) -> str:
        return self.variable

    def select(self, column: Column) -> Column:
        for name in self._part_names:
            column = column.member(name)
        return column

    @property
    def _part_names(self) -> list[str]:
        return self.field.split(".") if self.field is not None else []
