"""Functions that no one writes: they make values fit for those that do.

What is `json` holds values of several types; where one of them is asked for, others are faults.
"""

from collections.abc import Mapping
from typing import Any

from datagen.columns.column_type import ColumnType
from datagen.instants import Style
from datagen.language import bounds
from datagen.language.tree import Function
from datagen.language.values import conversion, read_instant, value_text


def _truth(value: Any) -> bool:
    return bool(value)


def _always(value: Any) -> bool:
    del value
    return True


def _is_null(value: Any) -> bool:
    return value is None


def _is_set(value: Any) -> bool:
    return value is not None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float)


def _is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_float(value: Any) -> bool:
    return isinstance(value, float)


def _is_string(value: Any) -> bool:
    return isinstance(value, str)


def _is_boolean(value: Any) -> bool:
    return isinstance(value, bool)


def _is_mapping(value: Any) -> bool:
    return isinstance(value, dict)


def _is_true(value: Any) -> bool:
    return value is True


def _is_false(value: Any) -> bool:
    return value is False


def _exact_number_of(value: Any) -> float:
    if not isinstance(value, int | float):
        raise bounds.NoValueError("is no number")
    return value


def _number_of(value: Any) -> float:
    return bounds.finite(float(_exact_number_of(value)))


def _whole_of(value: Any) -> int:
    if not isinstance(value, int | float) or value != int(value):
        raise bounds.NoValueError("is no whole number")
    return bounds.whole(int(value))


def _text_of(value: Any) -> str:
    if not isinstance(value, str):
        raise bounds.NoValueError("is no text")
    return value


def _written_of(value: Any) -> str:
    """Return the text of what is neither list nor object."""
    if isinstance(value, dict | list):
        raise bounds.NoValueError("is no text")
    return value_text(value)


def _scalar_of(value: Any) -> Any:
    if isinstance(value, dict | list):
        raise bounds.NoValueError("is neither a number nor a text")
    return value


def _list_of(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise bounds.NoValueError("is no list")
    return value


def _countable_of(value: Any) -> Any:
    if not isinstance(value, str | list | dict):
        raise bounds.NoValueError("has no length")
    return value


def converted(source: ColumnType, target: ColumnType, style: Style) -> Function | None:
    """Return the function that turns values into those of another type, None where they are."""
    convert = conversion(source, target, style)
    if convert is None:
        return None
    if source.kind == "int":
        return Function("float", convert)
    if source.kind == "instant":
        return Function("instant_text", convert, settings=(style,))
    return Function("convert", convert, settings=(source, target, style))


def instant_of(style: Style) -> Function:
    """Return the function that reads the texts of instants among values of mixed types."""
    return Function("instant_of", lambda value: read_instant(value, style), settings=(style,))


def int_of_bool() -> Function:
    """Return the function that makes truths 0 and 1."""
    return Function("int", int)


CONVERSIONS: Mapping[str, Function] = {
    name: Function(name, compute, takes_nulls=name.startswith("is_"))
    for name, compute in {
        "truth": _truth, "always": _always, "is_null": _is_null, "is_set": _is_set,
        "is_number": _is_number, "is_integer": _is_integer, "is_float": _is_float,
        "is_string": _is_string, "is_boolean": _is_boolean, "is_mapping": _is_mapping,
        "is_true": _is_true, "is_false": _is_false, "exact_number_of": _exact_number_of, "number_of": _number_of,
        "whole_of": _whole_of, "text_of": _text_of,
        "written_of": _written_of, "scalar_of": _scalar_of, "list_of": _list_of, "countable_of": _countable_of,
    }.items()
}  # fmt: skip
