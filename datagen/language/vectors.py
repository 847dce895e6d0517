"""The values that the parts of an expression have for n rows, as arrays, and the columns they become.

A vector says which rows have a value; the others are null, and what its arrays hold there means nothing.
"""

from copy import copy
from typing import Any

import numpy as np

from datagen.arrays import Ints, Mask
from datagen.columns.column import NULL, Column
from datagen.columns.literal import LiteralColumn
from datagen.columns.pieces import Part, Piece
from datagen.columns.scalar import FloatColumn, InstantColumn, IntColumn
from datagen.instants import Style

_BOOLS = LiteralColumn([False, True], lasting=True)


class Vector:
    """The values of n rows; `valid`, bool[n], says where they are not null, None for everywhere."""

    def __init__(self, valid: Mask | None = None) -> None:
        self.valid = valid

    def take(self, rows: Ints) -> "Vector":
        """Return the values at rows: int64[m]."""
        raise NotImplementedError

    def merged(self, rows: Ints, others: "Vector") -> "Vector":
        """Return the values with others, of the same class, in their place at rows: int64[m]."""
        raise NotImplementedError

    def where(self, which: Mask, other: "Vector") -> "Vector":
        """Return the values where a mask is true, bool[n], else others, of the same class."""
        raise NotImplementedError

    def truth(self) -> Mask:
        """Return where a value is true for Python, as if none were null: bool[n]."""
        raise NotImplementedError

    def to_list(self) -> list[Any]:
        """Return the values as Python objects; anything where there is none."""
        raise NotImplementedError

    def text_parts(self, style: Style) -> list[Part]:
        """Return the parts of the plain text of each row, as if none were null."""
        raise NotImplementedError

    def column(self, style: Style) -> Column:
        """Return the column of the values."""
        raise NotImplementedError

    def limited(self, valid: Mask | None) -> "Vector":
        """Return the values, null where a mask is false too."""
        if valid is None:
            return self
        limited = copy(self)
        limited.valid = both(self.valid, valid)
        return limited

    # for classes of the family

    def valid_at(self, rows: Ints) -> Mask | None:
        """Return `valid` of the values at rows."""
        return None if self.valid is None else self.valid[rows]

    def merged_valid(self, rows: Ints, others: "Vector", size: int) -> Mask | None:
        """Return `valid` of the n values that `merged` gives."""
        if self.valid is None and others.valid is None:
            return None
        valid = np.ones(size, dtype=bool) if self.valid is None else self.valid.copy()
        valid[rows] = True if others.valid is None else others.valid
        return valid

    def valid_where(self, which: Mask, other: "Vector") -> Mask | None:
        """Return `valid` of the values that `where` gives."""
        if self.valid is None and other.valid is None:
            return None
        valid: Mask = np.where(
            which,
            True if self.valid is None else self.valid,
            True if other.valid is None else other.valid,
        )
        return valid

    def with_nulls(self, column: Column) -> Column:
        """Return a column of n rows, null where the vector is."""
        if self.valid is None or self.valid.all():
            return column
        return column.take(np.where(self.valid, np.arange(len(self.valid)), NULL))


class Numbers(Vector):
    """int64[n], float64[n] or bool[n]; `are_instants`: microseconds since 1970."""

    def __init__(
        self, values: Any, valid: Mask | None = None, *, are_instants: bool = False
    ) -> None:
        super().__init__(valid)
        self.values = values
        self.are_instants = are_instants

    @property
    def safe(self) -> Any:
        """Return the numbers, with 0 where there is none."""
        return self.values if self.valid is None else np.where(self.valid, self.values, 0)

    def take(self, rows: Ints) -> Vector:
        return self._with(self.values[rows], self.valid_at(rows))

    def merged(self, rows: Ints, others: Vector) -> Vector:
        assert isinstance(others, Numbers)
        values = self.values.copy()
        values[rows] = others.values
        return self._with(values, self.merged_valid(rows, others, len(values)))

    def where(self, which: Mask, other: Vector) -> Vector:
        assert isinstance(other, Numbers)
        values = np.where(which, self.values, other.values)
        return self._with(values, self.valid_where(which, other))

    def truth(self) -> Mask:
        true: Mask = self.values != 0
        return true

    def to_list(self) -> list[Any]:
        values: list[Any] = self.values.tolist()
        return values

    def text_parts(self, style: Style) -> list[Part]:
        whole = self._whole(style)
        if self.values.dtype.kind == "b" or self.are_instants:
            return [Piece(whole.text)]
        return whole.json_parts()

    def column(self, style: Style) -> Column:
        return self.with_nulls(self._whole(style))

    def _whole(self, style: Style) -> Column:
        if self.are_instants:
            return InstantColumn(self.safe, style)
        match self.values.dtype.kind:
            case "b":
                return _BOOLS.take(self.values.astype(np.int64))
            case "i":
                return IntColumn(self.values)
        return FloatColumn(self.safe)

    def _with(self, values: Any, valid: Mask | None) -> Vector:
        return Numbers(values, valid, are_instants=self.are_instants)


def both(*masks: Mask | None) -> Mask | None:
    """Return where all masks are true: bool[n]; None stands for everywhere."""
    found: Mask | None = None
    for mask in masks:
        if mask is not None:
            found = mask if found is None else found & mask
    return found
