"""Turns cells of text into columns of the types that a specification asks for."""

from collections.abc import Callable, Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datagen.arrays import Mask, TextArray
from datagen.columns.column import NULL, Column
from datagen.columns.literal import LiteralColumn, nulls
from datagen.columns.scalar import FloatColumn, IntColumn, TextColumn
from datagen.sources.times import RowProblem
from datagen.validation import quoted

Parsed = tuple[Column, RowProblem | None]


def parse_cells(texts: TextArray, kind: str) -> Parsed:
    """Return the column of cells as a type (`text`, `int`, `float` or `bool`), and the first that is not one.

    An empty cell is null, but for texts, and so is one without a value. After a problem the column is
    without values.
    """
    if not texts.null_count:
        return _PARSERS[kind](texts)
    column, problem = _PARSERS[kind](pc.fill_null(texts, ""))
    return column.with_nulls(texts.is_null().to_numpy(zero_copy_only=False)), problem


def _parse_texts(texts: TextArray) -> Parsed:
    return TextColumn(texts), None


def _parse_ints(texts: TextArray) -> Parsed:
    problem, plain, empty = _match_cells(texts, r"^[+-]?[0-9]+$", "a whole number")
    if problem is not None:
        return nulls(len(texts)), problem
    try:
        values = pc.cast(pc.replace_substring(plain, "+", ""), pa.int64()).to_numpy()
    except pa.ArrowInvalid:
        for row, text in enumerate(plain.to_pylist()):
            if not -(1 << 63) <= int(text) < 1 << 63:
                return nulls(len(texts)), RowProblem(row, f"{quoted(text)} does not fit 64 bits")
        raise
    return IntColumn(values).with_nulls(empty), None


def _parse_floats(texts: TextArray) -> Parsed:
    pattern = r"^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$"
    problem, plain, empty = _match_cells(texts, pattern, "a number")
    if problem is not None:
        return nulls(len(texts)), problem
    values = pc.cast(pc.replace_substring_regex(plain, r"^\+", ""), pa.float64()).to_numpy()
    bad = np.flatnonzero(~np.isfinite(values))
    if len(bad):
        row = int(bad[0])
        return nulls(len(texts)), RowProblem(row, f"{quoted(texts[row].as_py())} is out of range")
    return FloatColumn(values).with_nulls(empty), None


def _parse_bools(texts: TextArray) -> Parsed:
    problem, plain, empty = _match_cells(texts, r"^(?i:true|false|0|1)$", "true or false")
    if problem is not None:
        return nulls(len(texts)), problem
    lower = pc.utf8_lower(plain)
    true = pc.or_(pc.equal(lower, "true"), pc.equal(lower, "1")).to_numpy(zero_copy_only=False)
    return LiteralColumn([False, True]).take(np.where(empty, NULL, true.astype(np.int64))), None


_PARSERS: Mapping[str, Callable[[TextArray], Parsed]] = {
    "text": _parse_texts, "int": _parse_ints, "float": _parse_floats, "bool": _parse_bools,
}  # fmt: skip


def _match_cells(
    texts: TextArray, pattern: str, what: str
) -> tuple[RowProblem | None, TextArray, Mask]:
    """Return the first text that does not match, the texts with "0" for empty ones, and which are empty."""
    empty = pc.equal(texts, "")
    plain = pc.if_else(empty, "0", texts)
    good = pc.match_substring_regex(plain, pattern)
    mask = empty.to_numpy(zero_copy_only=False)
    if pc.all(good).as_py() in (True, None):
        return None, plain, mask
    row = int(np.flatnonzero(~good.to_numpy(zero_copy_only=False))[0])
    return RowProblem(row, f"{quoted(texts[row].as_py())} is not {what}"), plain, mask
