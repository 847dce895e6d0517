"""Columns of any JSON values, held as Python objects."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datagen.arrays import Ints, Mask, TextArray
from datagen.columns import json_text
from datagen.columns.column import ABSENT, NULL, Column, GatheredColumn
from datagen.columns.column_type import ColumnType
from datagen.columns.format_spec import FormatSpec
from datagen.columns.lazy import lazy_property

_ARROW_TYPES = {bool: pa.bool_(), int: pa.int64(), float: pa.float64(), str: pa.string()}


class LiteralColumn(Column):
    """Any JSON values, null among them, as Python objects; usually few, which others gather by index.

    ABSENT stands for a missing one.
    """

    def __init__(self, values: Sequence[Any], *, lasting: bool = False) -> None:
        self.values = tuple(values)
        self.lasting = lasting

    def __len__(self) -> int:
        return len(self.values)

    @lazy_property
    def present(self) -> Mask | None:
        there = np.array([value is not ABSENT for value in self.values], dtype=bool)
        return None if there.all() else there

    @lazy_property
    def json_text(self) -> TextArray:
        texts = ["" if value is ABSENT else json_text.of_value(value) for value in self.values]
        return pa.array(texts, pa.string())

    @lazy_property
    def text(self) -> TextArray:
        return pa.array(list(map(json_text.plain_text, self._or_null)), pa.string())

    @lazy_property
    def is_full(self) -> bool:
        return all(value is not None for value in self._or_null)

    @lazy_property
    def vector(self) -> Any:
        known = [value for value in self._or_null if value is not None]
        types = set(map(type, known))
        kind = types.pop() if len(types) == 1 else None
        if kind not in _ARROW_TYPES:
            return None
        try:
            values = pa.array(self._or_null, _ARROW_TYPES[kind])
        except (UnicodeEncodeError, pa.ArrowInvalid, OverflowError):  # a lone surrogate, 65 bits
            return None
        if kind is str:
            return pc.fill_null(values, "")
        return pc.fill_null(values, kind()).to_numpy(zero_copy_only=False)

    def apply(self, function: Callable[[Column], TextArray]) -> TextArray:
        if function not in self._applied:
            texts = function(self)
            empty = [value is None for value in self._or_null]
            self._applied[function] = (
                pc.if_else(pa.array(empty), None, texts) if any(empty) else texts
            )
        return self._applied[function]

    def format(self, spec: FormatSpec) -> TextArray:
        if not spec.numeric:
            return super().format(spec)
        texts = [None if value is None else spec.format_value(value) for value in self._or_null]
        return pa.array(texts, pa.string())

    def to_arrow(self, column_type: ColumnType) -> Any:
        return pa.array(
            [column_type.for_arrow(value) for value in self._or_null], column_type.arrow_type
        )

    def to_python(self, absent: Any) -> list[Any]:
        return [absent if value is ABSENT else value for value in self.values]

    def member(self, name: str) -> Column:
        if name not in self._members:
            parts = [_member(value, name) for value in self.values]
            self._members[name] = LiteralColumn(parts, lasting=self.lasting)
        return self._members[name]

    def list_parts(self) -> tuple[Ints, Column]:
        lists = [value if isinstance(value, list) else [] for value in self.values]
        elements = [element for each in lists for element in each]
        lengths = np.array(list(map(len, lists)), dtype=np.int64)
        return lengths, LiteralColumn(elements, lasting=self.lasting)

    @lazy_property
    def _members(self) -> dict[str, Column]:
        return {}

    @property
    def _or_null(self) -> list[Any]:
        return self.to_python(None)


def merged_literals(columns: Sequence[Column]) -> Column | None:
    """Return one column of the values of several, None where some hold other than literal values."""
    literals = [column for column in columns if isinstance(column, LiteralColumn)]
    if not literals or len(literals) < len(columns):
        return None
    if len(literals) == 1:
        return literals[0]
    lasting = all(column.lasting for column in literals)
    return LiteralColumn([value for column in literals for value in column.values], lasting=lasting)


def _member(value: Any, name: str) -> Any:
    if isinstance(value, dict):
        return value.get(name, ABSENT)
    return ABSENT if value is ABSENT else None


_NOTHING = LiteralColumn([], lasting=True)


def nulls(rows: int) -> Column:
    """Return a column of nothing but nulls."""
    return GatheredColumn(_NOTHING, np.full(rows, NULL))
