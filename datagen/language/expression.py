"""Turns the text of an expression into what computes its value for each row.

An `Expression` is a text without mistakes of its own; compiled in a `Scope`, which says what the names
are, it has a column type and gives columns.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any

from pydantic import PlainValidator

from datagen.arrays import Mask
from datagen.columns.column import Column
from datagen.columns.faults import Faults
from datagen.language.problems import ExpressionError
from datagen.language.scope import Scope
from datagen.language.tree import INSTANT_NAME
from datagen.timeline import Use
from datagen.validation import invalid_value, quoted


@dataclass(frozen=True)
class Values:
    """The value of an expression for each of n rows, and where it could not be computed: bool[n], None for nowhere.

    There the value is null.
    """

    column: Column
    faults: Mask | None = None


class Compiled:
    """An expression in a scope. `warnings` are sentences with their columns in the text."""

    def __init__(self, expression: "Expression", scope: Scope) -> None:
        # imported where there is an expression: what follows takes a while, Jinja2 most of it
        from datagen.language.evaluation import Evaluator  # noqa: PLC0415
        from datagen.language.parsing import parsed  # noqa: PLC0415
        from datagen.language.translator import translated  # noqa: PLC0415

        self.expression = expression
        self.tree, warnings = translated(parsed(expression.text), scope)
        self.names = _names(expression.names, scope)
        self.warnings = [f"column {at}: {text}" for at, text in warnings]
        self.column_type = self.tree.column_type
        self._evaluator = Evaluator(self.tree, scope.style)

    def values(self, column_of_name: Callable[[str], Column], rows: int) -> Values:
        """Return the value for each of n rows; the function gives the column of a name, of n rows."""
        return Values(*self._evaluator.values(column_of_name, rows))

    def faults_seen(self, column_of_name: Callable[[str], Column], rows: int) -> Faults:
        """Return the faults of the values that it looks at, each for the rows that do: bool[n] by place."""
        return self._evaluator.faults_seen(column_of_name, rows)

    @cached_property
    def function(self) -> Callable[..., Any]:
        """Return a Python function of the values of `names`, in this order; null is None, a fault is FAULT.

        Values are as the module `values` describes them.
        """
        from datagen.language.codegen import compiled  # noqa: PLC0415 - few need it

        return compiled(self.tree, self.names)


def _names(names: tuple[str, ...], scope: Scope) -> tuple[str, ...]:
    """Return the names that an expression reads in a scope: that of the instant of a record is its clock."""
    if INSTANT_NAME in names and INSTANT_NAME not in scope.types:
        return tuple(dict.fromkeys(scope.clock if each == INSTANT_NAME else each for each in names))
    return names


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

    @cached_property
    def uses(self) -> tuple[Use, ...]:
        """Return the functions of periods that look at the instant of the visit, each with the name of its period."""
        from datagen.language.parsing import parsed, uses_in  # noqa: PLC0415 - it imports Jinja2

        return uses_in(parsed(self.text).tree)

    @cached_property
    def names_needed(self) -> tuple[str, ...]:
        """Return the names of those values whose null matters: `default` does not replace it."""
        from datagen.language.parsing import names_needed_in, parsed  # noqa: PLC0415 - it imports Jinja2

        return names_needed_in(parsed(self.text).tree)

    def compiled(self, scope: Scope) -> Compiled:
        """Return the expression in a scope. Raises ExpressionError with all mistakes."""
        try:
            return Compiled(self, scope)
        except RecursionError:
            raise ExpressionError([(1, "is nested too deeply")]) from None


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
