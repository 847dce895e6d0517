"""Turns the text of an expression into what computes its value for each row.

An `Expression` is a text without mistakes of its own; compiled in a `Scope`, which says what the names
are, it has a column type and gives columns.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any

import numpy as np
from pydantic import PlainValidator

from datagen.arrays import Mask
from datagen.columns.column import Column
from datagen.language.column_values import column_of, values_of
from datagen.language.problems import ExpressionError
from datagen.language.scalar import evaluation
from datagen.language.scope import Scope
from datagen.validation import invalid_value, quoted


@dataclass(frozen=True)
class Values:
    """The value of an expression for each of n rows, and where it could not be computed: bool[n], None for nowhere.

    There the value is null.
    """

    column: Column
    faults: Mask | None = None


FAULT = object()  # what a function gives where the value cannot be computed


class Compiled:
    """An expression in a scope. `warnings` are sentences with their columns in the text."""

    def __init__(self, expression: "Expression", scope: Scope) -> None:
        from datagen.language.parsing import parsed  # noqa: PLC0415 - it imports Jinja2
        from datagen.language.translator import translated  # noqa: PLC0415

        self.expression = expression
        self.names = expression.names
        self.tree, warnings = translated(parsed(expression.text), scope)
        self.warnings = [f"column {at}: {text}" for at, text in warnings]
        self.column_type = self.tree.column_type
        self._style = scope.style
        self._types = [scope.types[name] for name in self.names]

    def values(self, column_of_name: Callable[[str], Column], rows: int) -> Values:
        """Return the value for each of n rows; the function gives the column of a name, of n rows."""
        lists = [
            values_of(column_of_name(name), column_type)
            for name, column_type in zip(self.names, self._types, strict=True)
        ]
        given = zip(*lists, strict=True) if lists else ((),) * rows
        values = [self.function(*row) for row in given]
        faults = np.array([each is FAULT for each in values], dtype=bool)
        found = [None if each is FAULT else each for each in values]
        column = column_of(found, self.column_type, self._style)
        return Values(column, faults if faults.any() else None)

    @cached_property
    def function(self) -> Callable[..., Any]:
        """Return a Python function of the values of `names`, in this order; null is None, a fault is FAULT.

        Values are as the module `values` describes them.
        """
        evaluate = evaluation(self.tree, self.names)

        def function(*values: Any) -> Any:
            try:
                return evaluate(values)
            except (ArithmeticError, ValueError):
                return FAULT

        return function


@dataclass(frozen=True)
class Expression:
    """The text of an expression, which Jinja2 reads."""

    text: str

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Return the names whose values it reads, in order of appearance; of `a.b` that is `a`.

        Raises ExpressionError where the text is no expression.
        """
        from datagen.language.parsing import names_in, parsed  # noqa: PLC0415 - it imports Jinja2

        return names_in(parsed(self.text).tree)

    def compiled(self, scope: Scope) -> Compiled:
        """Return the expression in a scope. Raises ExpressionError with all mistakes."""
        return Compiled(self, scope)


def parse_expression(data: Any) -> Expression:
    """Return the expression of a text. Raises PydanticCustomError."""
    if not isinstance(data, str):
        raise invalid_value(f"expected an expression, a text, not {quoted(data)}")
    expression = Expression(data)
    try:
        expression.names  # noqa: B018 - reads the text
    except ExpressionError as error:
        raise invalid_value(error.texts[0]) from None
    return expression


AnyExpression = Annotated[Expression, PlainValidator(parse_expression)]
