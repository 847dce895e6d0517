"""What a worker remembers."""

from collections.abc import Mapping
from typing import Literal

from datagen.columns.column import Column
from datagen.columns.column_type import ColumnType
from datagen.fields.base import FIELDS, Draw, Field


@FIELDS.register
class VariableField(Field):
    """The value that the worker last gave the variable, or with `field` a part of it."""

    type: Literal["variable"] = "variable"
    variable: str
    field: str | None = None

    def values(self, draw: Draw) -> Column:
        return self.of(draw.context.variables[self.variable]).take(draw.rows)

    def column_type(self, variables: Mapping[str, ColumnType]) -> ColumnType:
        column_type = variables[self.variable]
        for name in self._parts:
            column_type = column_type.member(name)
        return column_type

    def of(self, column: Column) -> Column:
        """Return the part of a variable's column that this dimension shows."""
        for name in self._parts:
            column = column.member(name)
        return column

    @property
    def _parts(self) -> list[str]:
        return self.field.split(".") if self.field is not None else []
