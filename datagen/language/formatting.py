"""Turns a pattern with directives such as `%05d` into the function that fills in values."""

import re
from typing import Any

from datagen.language import bounds
from datagen.language.tree import Function

_DIRECTIVE = re.compile(
    r"%(?:\((?P<key>[^()]*)\))?[-#0 +]*(?P<width>\*|\d*)(?:\.(?P<decimals>\*|\d*))?[hlL]?(?P<kind>.?)",
    re.DOTALL,
)
_MAX_WIDTH = 1_000
WHOLE, NUMBERS, TEXTS = frozenset("xXo"), frozenset("diueEfFgG"), frozenset("s")


def directives(pattern: str) -> str:
    """Return the letter of each directive of a pattern that takes a value. Raises NoValueError for a wrong one."""
    found = ""
    for each in _DIRECTIVE.finditer(pattern):
        kind = each["kind"]
        if each["key"] is not None or "*" in (each["width"], each["decimals"]):
            raise bounds.NoValueError(f'"{each[0]}" is not known; values stand in their order')
        if any(
            int(size or 0) > _MAX_WIDTH
            for size in (each["width"][:9], (each["decimals"] or "")[:9])
        ):
            raise bounds.NoValueError(f"a width of more than {_MAX_WIDTH:,} characters")
        if kind == "%":
            if each[0] != "%%":
                raise bounds.NoValueError(f'"{each[0]}" is not known; "%%" is a percent sign')
        elif not kind or kind not in {*WHOLE, *NUMBERS, *TEXTS}:
            raise bounds.NoValueError(f'"{each[0]}" is not known; "%d", "%.2f" and "%s" are')
        else:
            found += kind
    return found


def filled_in(pattern: str) -> Function:
    """Return the function of the values that a pattern takes, numbers or texts as its directives say."""

    def compute(*values: Any) -> str:
        return bounds.text(pattern % tuple(map(_plus_zero, values)))

    return Function("format", compute, settings=(pattern,))


def _plus_zero(value: Any) -> Any:
    return value + 0.0 if value.__class__ is float else value
