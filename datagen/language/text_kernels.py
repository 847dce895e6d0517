"""Kernels of functions of texts: the values of the scalar rules, by arrays."""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datagen.arrays import Mask, TextArray
from datagen.columns import json_text
from datagen.columns.column_type import TEXT
from datagen.columns.format_spec import FormatSpec
from datagen.columns.pieces import Part, Piece
from datagen.columns.strftime import TimePattern
from datagen.language.bounds import MAX_CHARACTERS
from datagen.language.objects import Single
from datagen.language.operation import Kernel, Operation, Result
from datagen.language.vectors import Numbers, Texts, Vector

_LONGEST_NUMBER, _LONGEST_INSTANT = 26, 40  # bytes
_DIRECTIVE = re.compile(r"(%%|%0?\d{0,2}d|%\d{0,2}\.\d{1,2}f|%s)")
_GROUP = 10_000  # numbers of four digits
_MOST_DIGITS = 20
_LONGEST_WITH_DECIMALS = 400  # bytes
_SEPARATORS = range(28, 32)  # what Python takes for spaces, and Arrow does not


def _concat(operation: Operation) -> Result | None:
    return joined_texts(operation.arguments, operation.rows)


def joined_texts(texts: Sequence[Vector], rows: int) -> Result | None:
    """Return texts of n rows one after the other; a null one is empty."""
    parts: list[Part] = []
    longest = 0
    for each in texts:
        if isinstance(each, Single):
            parts.append(each.value or "")
            longest += len((each.value or "").encode())
        elif isinstance(each, Texts):
            parts += _only_valid(each.parts, each.valid)
            longest += each.longest
        else:
            return None
    if longest <= MAX_CHARACTERS:
        return Result(Texts(parts, rows, None, longest))
    faults = _characters(parts, rows) > MAX_CHARACTERS
    return Result(Texts(_only_valid(parts, ~faults), rows), faults)


def _only_valid(parts: list[Part], valid: Mask | None) -> list[Part]:
    """Return parts that are empty where a mask is false."""
    if valid is None or valid.all():
        return parts
    found: list[Part] = []
    for part in parts:
        if isinstance(part, str):
            found.append(Piece(pa.array([part], pa.string()), np.where(valid, 0, -1)))
        else:
            index = np.arange(len(valid)) if part.index is None else part.index
            found.append(Piece(part.texts, np.where(valid, index, -1)))
    return found


def _characters(parts: list[Part], rows: int) -> Any:
    """Return how many characters the parts of each row have: int64[n]."""
    total = np.zeros(rows, dtype=np.int64)
    for part in parts:
        if isinstance(part, str):
            total += len(part)
            continue
        lengths = np.append(pc.utf8_length(part.texts).to_numpy(), 0)
        total += lengths[:-1] if part.index is None else lengths[np.maximum(part.index, -1)]
    return total


def _string(operation: Operation) -> Result | None:
    value = operation.arguments[0]
    if isinstance(value, Texts):
        return Result(value)
    if not isinstance(value, Numbers):
        return None
    parts = value.text_parts(operation.style)
    return Result(Texts(parts, operation.rows, value.valid, _LONGEST_NUMBER))


def _instant_text(operation: Operation) -> Result | None:
    value, (style,) = operation.arguments[0], operation.call.function.settings
    parts = value.text_parts(style)
    return Result(Texts(parts, operation.rows, value.valid, _LONGEST_INSTANT))


def _change_case(change: Callable[[TextArray], TextArray]) -> Kernel:
    def kernel(operation: Operation) -> Result | None:
        text = operation.arguments[0]
        if not isinstance(text, Texts):
            return None
        if text.longest > MAX_CHARACTERS:
            return None
        return Result(text.mapped(change, text.longest), doubtful=_not_ascii(text))

    return kernel


def _trim(operation: Operation) -> Result | None:
    text = operation.arguments[0]
    if len(operation.arguments) > 1 or not isinstance(text, Texts):
        return None
    doubtful = text.map(lambda texts: _wide(texts, json_text.bytes_of(texts), _SEPARATORS))
    return Result(text.mapped(pc.ascii_trim_whitespace, text.longest), doubtful=doubtful)


def _replace(operation: Operation) -> Result | None:
    text, *rest = operation.arguments
    values = [each.value for each in rest if isinstance(each, Single)]
    if not isinstance(text, Texts) or len(rest) != 2 or len(values) != 2 or not values[0]:
        return None
    old, new = values
    times = max(-(-len(new.encode()) // len(old.encode())), 1)
    if text.longest * times > MAX_CHARACTERS:
        return None
    return Result(
        text.mapped(lambda texts: pc.replace_substring(texts, old, new), text.longest * times)
    )


def _length(operation: Operation) -> Result | None:
    text = operation.arguments[0]
    if not isinstance(text, Texts):
        return None
    lengths = text.map(lambda texts: pc.utf8_length(texts).to_numpy())
    return Result(Numbers(lengths.astype(np.int64)))


def _affix(matches: Callable[..., Any]) -> Kernel:
    """Return a kernel of whether a text starts or ends with one that is always the same."""

    def kernel(operation: Operation) -> Result | None:
        text, affix = operation.arguments
        if not isinstance(text, Texts) or not isinstance(affix, Single):
            return None
        part = affix.value
        return Result(
            Numbers(text.map(lambda texts: matches(texts, part).to_numpy(zero_copy_only=False)))
        )

    return kernel


def _strftime(operation: Operation) -> Result | None:
    pattern, style = operation.call.function.settings
    return _formatted(operation.arguments[0], pattern, style)


def _date(operation: Operation) -> Result | None:
    return _formatted(operation.arguments[0], _date_pattern(), operation.call.function.settings[0])


def _formatted(instants: Vector, pattern: TimePattern, style: Any) -> Result | None:
    if not isinstance(instants, Numbers):
        return None
    texts = Texts([Piece(pattern.format_instants(instants.safe, style))], len(instants.values))
    return Result(texts) if texts.longest <= MAX_CHARACTERS else None


@lru_cache(maxsize=1)
def _date_pattern() -> TimePattern:
    return TimePattern("%Y-%m-%d")


def _format(operation: Operation) -> Result | None:
    """Return a pattern with values in place of its directives."""
    pieces = _DIRECTIVE.split(operation.call.function.settings[0])
    if any("%" in each for each in pieces[::2]):
        return None
    values = iter(operation.arguments)
    texts: list[Vector] = []
    for piece in pieces:
        if not piece.startswith("%"):
            texts.append(Single(piece, TEXT, operation.rows))
        elif piece == "%%":
            texts.append(Single("%", TEXT, operation.rows))
        else:
            text = _filled_in(piece, next(values), operation.rows)
            if text is None:
                return None
            texts.append(text)
    return joined_texts(texts, operation.rows)


def _filled_in(directive: str, value: Vector, rows: int) -> Vector | None:
    """Return a value as a directive writes it, None where that is left to the scalar rule."""
    if directive == "%s":
        return value if isinstance(value, Single | Texts) else None
    if not isinstance(value, Numbers):
        return None
    if directive.endswith("f"):
        spec = FormatSpec(directive[1:], "float")
        values = value.safe.astype(np.float64) + 0.0
        return Texts([Piece(spec.format_floats(values))], rows, None, _LONGEST_WITH_DECIMALS)
    width = int(directive[1:-1] or 0)
    padded = directive.startswith("%0")
    if value.values.dtype.kind != "i" or (width and not padded) or width > _MOST_DIGITS:
        return None
    return _digits(value, width, rows)


def _digits(value: Numbers, width: int, rows: int) -> Vector | None:
    """Return whole numbers with leading zeros, if they are from 0 to 99,999,999."""
    numbers = value.safe
    if numbers.min(initial=0) < 0 or numbers.max(initial=0) >= _GROUP * _GROUP:
        return None
    if numbers.max(initial=0) < _GROUP:
        return Texts([Piece(_padded(width), numbers)], rows, None, _MOST_DIGITS)
    if width <= 4:
        return None
    front, back = np.divmod(numbers, _GROUP)
    parts = [Piece(_padded(width - 4), front), Piece(_padded(4), back)]
    return Texts(parts, rows, None, 2 * _MOST_DIGITS)


@lru_cache(maxsize=16)
def _padded(width: int) -> TextArray:
    """Return the numbers of up to four digits with leading zeros."""
    return pa.array([f"{number:0{width}d}" for number in range(_GROUP)], pa.string())


def _not_ascii(text: Texts) -> Mask | None:
    """Return where a text has characters beyond ASCII, None for nowhere."""
    wide: Mask = text.map(lambda texts: _wide(texts, json_text.bytes_of(texts), ()))
    return wide if wide.any() else None


def _wide(texts: TextArray, data: Any, codes: Any) -> Mask:
    """Return which texts have characters beyond ASCII, all of them where some has one of a few codes."""
    if data.max(initial=0) < 128 and not json_text.holds_any(data, codes):
        return np.zeros(len(texts), dtype=bool)
    if json_text.holds_any(data, codes):
        return np.ones(len(texts), dtype=bool)
    wide: Mask = pc.utf8_length(texts).to_numpy() != pc.binary_length(texts).to_numpy()
    return wide


TEXT_KERNELS: Mapping[str, Kernel] = {
    "concat": _concat, "add_texts": _concat, "string": _string, "instant_text": _instant_text,
    "upper": _change_case(pc.ascii_upper), "lower": _change_case(pc.ascii_lower), "trim": _trim,
    "replace": _replace, "length": _length, "startswith": _affix(pc.starts_with),
    "endswith": _affix(pc.ends_with), "strftime": _strftime, "date": _date, "format": _format,
}  # fmt: skip
