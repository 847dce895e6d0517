"""The field type `expression`: a value computed from others of the same record, and from variables."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from datagen.columns.column import Column
from datagen.columns.column_type import ColumnType
from datagen.errors import Path
from datagen.fields.base import FIELDS, Field
from datagen.fields.draw import Draw
from datagen.language import AnyExpression, Expression, Scope


@FIELDS.register
class ExpressionField(Field):
    """The value of `expr`."""

    type: Literal["expression"] = "expression"
    pure = False
    expr: AnyExpression

    def values(self, draw: Draw) -> Column:
        return draw.evaluated(self.expr)

    def column_type(self, scope: Scope) -> ColumnType:
        return self.expr.compiled(scope).column_type

    def expressions(self) -> Iterator[tuple[Path, Expression]]:
        yield ("expr",), self.expr

    @classmethod
    def raw_parts(cls, raw: Mapping[str, Any]) -> dict[str, Any] | None:
        del raw
        return None
