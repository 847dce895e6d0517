"""The language of expressions: Jinja2's, parsed by Jinja2, with the rules of specifications.

Jinja2 is imported inside functions, when there is an expression.
"""

from datagen.language.expression import (
    AnyExpression,
    Compiled,
    Expression,
    Values,
    parse_expression,
)
from datagen.language.problems import FAULT, ExpressionError
from datagen.language.scope import NO_TIMELINE, Scope
from datagen.language.tree import INSTANT_NAME, TIME

__all__ = [
    "FAULT",
    "INSTANT_NAME",
    "NO_TIMELINE",
    "TIME",
    "AnyExpression",
    "Compiled",
    "Expression",
    "ExpressionError",
    "Scope",
    "Values",
    "parse_expression",
]
