"""The field type `expression`: a value computed from others of the same record, and from variables."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

import numpy as np

from datagen.columns.column import Column
from datagen.columns.column_type import ColumnType
from datagen.columns.scalar import FloatColumn
from datagen.columns.typed_values import ValueType, values_of_column
from datagen.errors import Path
from datagen.fields.base import FIELDS, Field, ScalarFunction
from datagen.fields.draw import Context, Draw
from datagen.fields.enum import Finite
from datagen.fields.numbers import Decimals, round_decimals
from datagen.language import FAULT, AnyExpression, Expression, ExpressionError, Scope


@FIELDS.register
class ExpressionField(Field):
    """The value of `expr`; with `precision`, doubles are rounded. A variable that names itself has `initial` at first."""

    type: Literal["expression"] = "expression"
    expr: AnyExpression
    precision: Decimals | None = None
    initial: Finite = None

    def values(self, draw: Draw) -> Column:
        column = draw.evaluated(self.expr)
        of = draw.context.expressions[draw.path, self.expr].column_type
        if self.precision is None or of.kind != "float":
            return column
        found = values_of_column(column, ValueType(of))
        rounded = FloatColumn(round_decimals(np.asarray(found.values), self.precision))
        return rounded.with_nulls(found.absent < 0)

    def column_type(self, scope: Scope) -> ColumnType:
        return self.expr.compiled(scope).column_type

    def problems(self, scope: Scope) -> Iterator[tuple[Path, str]]:
        if self.precision is None:
            return
        try:
            of = self.column_type(scope)
        except (ExpressionError, KeyError):  # it is told of as such
            return
        if not of.may_be_number:
            text = "rounds numbers; these values are none (leave it out, or round(x, decimals) within expr)"
            yield ("precision",), text

    def expressions(self) -> Iterator[tuple[Path, Expression]]:
        yield ("expr",), self.expr

    def initials(self) -> Sequence[Any]:
        return (self.initial,) if "initial" in self.model_fields_set else ()

    def function(self, path: tuple[str, ...], context: Context) -> ScalarFunction | None:
        if self.percent_nulls or self.percent_missing:
            return None
        compiled = context.expressions[path, self.expr]
        compute, precision = compiled.function, self.precision
        if precision is None or compiled.column_type.kind != "float":
            return ScalarFunction(compiled.names, compute)

        def rounded(*values: Any) -> Any:
            value = compute(*values)
            return value if value is None or value is FAULT else round(value, precision)

        return ScalarFunction(compiled.names, rounded)

    @classmethod
    def raw_parts(cls, raw: Mapping[str, Any]) -> dict[str, Any] | None:
        del raw
        return None
