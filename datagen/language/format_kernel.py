"""The kernel of `format`, such as `'P%05d'|format(id)`: what is common by arrays."""

import re
from functools import lru_cache

import numpy as np
import pyarrow as pa

from datagen.arrays import TextArray
from datagen.columns.column_type import TEXT
from datagen.columns.format_spec import FormatSpec
from datagen.columns.pieces import Piece
from datagen.language.objects import Single
from datagen.language.operation import Operation, Result
from datagen.language.text_kernels import joined_texts
from datagen.language.texts import Texts
from datagen.language.vectors import Numbers, Vector

_DIRECTIVE = re.compile(r"(%%|%0?\d{0,2}d|%\d{0,2}\.\d{1,2}f|%s)")
_GROUP = 10_000  # numbers of four digits
_MOST_DIGITS = 20
_LONGEST = 400  # bytes of a number with decimals


def formatted(operation: Operation) -> Result | None:
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
        return Texts([Piece(spec.format_floats(values))], rows, None, _LONGEST)
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
