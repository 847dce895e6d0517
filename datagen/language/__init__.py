"""The language of expressions: Jinja2's, parsed by Jinja2, with the rules of specifications.

Jinja2 is imported inside functions, when there is an expression.
"""

from datagen.language.expression import (
    AnyExpression,
    Compiled,
    Expression,
    ExpressionError,
    Scope,
    Values,
    parse_expression,
)

__all__ = [
    "AnyExpression",
    "Compiled",
    "Expression",
    "ExpressionError",
    "Scope",
    "Values",
    "parse_expression",
]
