"""Values of expressions as Python holds them, their texts, and one type turned into another.

An int, a float, a bool, a str, a list, a dict, or None for null. An instant is an int, microseconds since
1970, wherever the column type says `instant`, also within lists and objects; what is `json` holds its text.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from datagen.columns import json_text
from datagen.columns.column_type import JSON, NOTHING, TEXT, ColumnType, list_type, object_type
from datagen.instants import EPOCH, Style, parse_instant

MAX_DEPTH = 8  # of lists and objects in each other, in a type
Convert = Callable[[Any], Any]
_MICROSECOND = timedelta(microseconds=1)
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - of local clocks


def instant_text(micros: int, style: Style) -> str:
    """Return the text of an instant as in JSON: three decimals, truncated."""
    style = style.at(micros)
    local = _EPOCH + timedelta(milliseconds=(micros + style.offset) // 1000)
    return local.isoformat(timespec="milliseconds") + style.suffix


def read_instant(text: Any, style: Style) -> int:
    """Return the instant of an ISO 8601 text. Raises ValueError."""
    if not isinstance(text, str) or len(text) > 100:
        raise ValueError("is not an instant")
    parsed = parse_instant(text)
    micros = style.placed(parsed).micros
    first, last = style.limits
    if not first <= micros < last:
        raise ValueError("is not an instant of the years 1 to 9999")
    return micros


def value_text(value: Any) -> str:
    """Return the text of a value without instants: a text as it is, else as in JSON."""
    return value if value.__class__ is str else json_text.of_value(value)


def has_instants(column_type: ColumnType) -> bool:
    """Return whether values of a type hold instants, or are some."""
    if column_type.kind == "list":
        return has_instants(column_type.elements or NOTHING)
    if column_type.kind == "object":
        return any(has_instants(member) for _, member in column_type.members)
    return column_type.kind == "instant"


def settled_type(column_type: ColumnType) -> ColumnType:
    """Return a type with texts in place of the instants."""
    if column_type.kind == "list":
        return list_type(settled_type(column_type.elements or NOTHING))
    if column_type.kind == "object":
        return object_type({name: settled_type(each) for name, each in column_type.members})
    return TEXT if column_type.kind == "instant" else column_type


def truncated(column_type: ColumnType, depth: int = MAX_DEPTH) -> ColumnType:
    """Return a type with `json` in place of what is nested more deeply: what grows at each visit has one too."""
    if column_type.kind == "list":
        elements = column_type.elements or NOTHING
        return list_type(truncated(elements, depth - 1)) if depth else JSON
    if column_type.kind == "object":
        members = {name: truncated(each, depth - 1) for name, each in column_type.members}
        return object_type(members) if depth else JSON
    return column_type


def conversion(source: ColumnType, target: ColumnType, style: Style) -> Convert | None:
    """Return what turns a value that is not null into one of another type, None where it is one already.

    `target` is the union of `source` with others: whole numbers become doubles, instants texts.
    """
    if source.kind == "instant" and target.kind != "instant":
        return lambda value: instant_text(value, style)
    if source.kind == "int" and target.kind == "float":
        return float
    if source.kind == "list":
        inner = target.elements if target.kind == "list" else settled_type(source).elements
        return _of_elements(conversion(source.elements or NOTHING, inner or NOTHING, style))
    if source.kind == "object":
        whole = target if target.kind == "object" else settled_type(source)
        found = {name: conversion(each, whole.member(name), style) for name, each in source.members}
        return _of_members({name: each for name, each in found.items() if each is not None})
    return None


def loading(column_type: ColumnType) -> Convert | None:
    """Return what turns a value of a column, not null, into one of its type; None where it is one already.

    Columns give instants as datetimes, and whole numbers among doubles.
    """
    match column_type.kind:
        case "float":
            return float
        case "instant":
            return _micros
        case "json":
            return _plain
        case "list":
            return _of_elements(loading(column_type.elements or NOTHING))
        case "object":
            found = {name: loading(each) for name, each in column_type.members}
            return _of_members({name: each for name, each in found.items() if each is not None})
    return None


def _micros(value: Any) -> int:
    return value if isinstance(value, int) else (value - EPOCH) // _MICROSECOND


def _plain(value: Any) -> Any:
    """Return a value with texts in place of the instants in it."""
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return str(value) if isinstance(value, datetime) else value


def _of_elements(convert: Convert | None) -> Convert | None:
    if convert is None:
        return None
    return lambda values: [None if each is None else convert(each) for each in values]


def _of_members(converts: dict[str, Convert]) -> Convert | None:
    if not converts:
        return None

    def convert(value: dict[str, Any]) -> dict[str, Any]:
        changed = {
            name: converts[name](value[name]) for name in converts if value.get(name) is not None
        }
        return {**value, **changed}

    return convert
