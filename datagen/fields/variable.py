"""What a worker remembers."""

from typing import Literal

from datagen.columns import Column
from datagen.fields.base import FIELDS, Draw, Field


@FIELDS.register
class VariableField(Field):
    """The value that the worker last gave the variable, or with `field` a part of it."""

    type: Literal["variable"] = "variable"
    variable: str
    field: str | None = None

    def values(self, draw: Draw) -> Column:
        return self.of(draw.context.variables[self.variable]).take(draw.rows)

    def of(self, column: Column) -> Column:
        """Give the part of a variable's column that this dimension shows."""
        for name in self.field.split(".") if self.field is not None else ():
            column = column.part(name)
        return column
