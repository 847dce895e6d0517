"""The bounds of values that expressions make: a value beyond them is a fault."""

from math import isfinite
from typing import Any

from datagen.columns.column_type import INT64


class NoValueError(ValueError):
    """A function has no value for its arguments."""


MAX_CHARACTERS = 16_384  # of a text
MAX_ELEMENTS = 4_096  # of a list


def whole(value: int) -> int:
    """Return a whole number of 64 bits. Raises OverflowError for others."""
    if value not in INT64:
        raise OverflowError("does not fit in 64 bits")
    return value


def finite(value: float) -> float:
    """Return a double. Raises OverflowError where it is infinite or NaN."""
    if not isfinite(value):
        raise OverflowError("is too large for a double")
    return value


def number(value: Any) -> Any:
    """Return a whole number of 64 bits, or a finite double. Raises OverflowError for others."""
    return finite(value) if value.__class__ is float else whole(value)


def text(value: str) -> str:
    """Return a text. Raises NoValueError where it is too long."""
    if len(value) > MAX_CHARACTERS:
        raise NoValueError(f"makes a text of more than {MAX_CHARACTERS:,} characters")
    return value


def elements(value: list[Any]) -> list[Any]:
    """Return a list. Raises NoValueError where it is too long."""
    if len(value) > MAX_ELEMENTS:
        raise NoValueError(f"makes a list of more than {MAX_ELEMENTS:,} elements")
    return value
