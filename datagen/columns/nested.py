"""Columns of objects and lists, made of the columns of their parts."""

from collections.abc import Callable, Sequence
from itertools import islice
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datagen.arrays import Ints, TextArray
from datagen.columns.column import MISSING, Column, GatheredColumn
from datagen.columns.column_type import NOTHING, ColumnType
from datagen.columns.faults import Faults, all_faults
from datagen.columns.lazy import lazy_property
from datagen.columns.members import member_parts, object_parts
from datagen.columns.pieces import Part, Piece, joined, parts_at

_FEW = 8  # elements that are pieces of their own


class ObjectColumn(Column):
    """Nested objects: a column for each name, all of n rows."""

    def __init__(self, names: Sequence[str], columns: Sequence[Column], rows: int) -> None:
        self.names = tuple(names)
        self.columns = tuple(columns)
        self.rows = rows

    def __len__(self) -> int:
        return self.rows

    @lazy_property
    def faults(self) -> Faults:
        return all_faults(each.faults for each in self.columns)

    @lazy_property
    def json_text(self) -> TextArray:
        return joined(self.json_parts(), self.rows)

    def json_parts(self) -> list[Part]:
        optional = bool(self.columns) and self.columns[0].present is not None
        members = list(member_parts(self.names, self.columns, first_comma=optional))
        return object_parts(members, self.rows, commas=optional)

    def to_arrow(self, column_type: ColumnType) -> Any:
        if column_type.kind != "object":
            return super().to_arrow(column_type)
        parts = [self.member(name).to_arrow(member) for name, member in column_type.members]
        return pa.StructArray.from_arrays(parts, fields=list(column_type.arrow_type))

    def to_python(self, absent: Any) -> list[Any]:
        rows: list[Any] = [{} for _ in range(self.rows)]
        for name, column in zip(self.names, self.columns, strict=True):
            for row, value in zip(rows, column.to_python(absent), strict=True):
                if value is not absent:
                    row[name] = value
        return rows

    def member(self, name: str) -> Column:
        if name in self.names:
            return self.columns[self.names.index(name)]
        return GatheredColumn(self, np.full(self.rows, MISSING))


class ListColumn(Column):
    """Lists: how many elements each of n rows has, and all elements in one column, in order."""

    def __init__(self, lengths: Ints, elements: Column) -> None:
        self.lengths = lengths
        self.elements = elements

    def __len__(self) -> int:
        return len(self.lengths)

    @lazy_property
    def faults(self) -> Faults:
        owners = np.repeat(np.arange(len(self)), self.lengths)
        of_elements = self.elements.faults.items()
        return {
            key: np.bincount(owners[each], minlength=len(self)) > 0 for key, each in of_elements
        }

    @lazy_property
    def json_text(self) -> TextArray:
        return joined(self.json_parts(), len(self))

    def json_parts(self) -> list[Part]:
        length = int(self.lengths.max(initial=0))
        alike = length == self.lengths.min(initial=length) and self.elements.present is None
        if not alike or length > _FEW:
            return ["[", Piece(pc.binary_join(self._lists(self.elements.json_text), ",")), "]"]
        elements = self.elements.json_parts() if length else []
        parts: list[Part] = []
        for place in range(length):
            rows = np.arange(place, len(self.elements), length)
            parts += [",", *parts_at(elements, rows, "null")]
        return ["[", *parts[1:], "]"]

    def to_arrow(self, column_type: ColumnType) -> Any:
        if column_type.kind != "list":
            return super().to_arrow(column_type)
        return self._lists(self.elements.to_arrow(column_type.elements or NOTHING))

    def to_python(self, absent: Any) -> list[Any]:
        elements = iter(self.elements.to_python(absent))
        lists = [list(islice(elements, length)) for length in self.lengths.tolist()]
        return [[value for value in each if value is not absent] for each in lists]

    def list_parts(self) -> tuple[Ints, Column]:
        present = self.elements.present
        if present is None:
            return self.lengths, self.elements
        ends = np.cumsum(self.lengths)
        before = np.concatenate([[0], np.cumsum(present)])
        lengths: Ints = before[ends] - before[ends - self.lengths]
        return lengths, self.elements.take(np.flatnonzero(present))

    def _lists(self, elements: Any) -> Any:
        """Return lists of elements, an Arrow array; those that are missing are left out."""
        offsets, present = np.concatenate([[0], np.cumsum(self.lengths)]), self.elements.present
        if present is not None:
            offsets = np.concatenate([[0], np.cumsum(present)])[offsets]
            elements = elements.filter(pa.array(present))
        return pa.ListArray.from_arrays(pa.array(offsets.astype(np.int32)), elements)


class LazyObjectColumn(Column):
    """Objects of n rows whose members are made when one looks at them, each once: `make` gives the column of a name.

    Only those of `faulty` can have faults, for which they are made.
    """

    def __init__(
        self,
        names: Sequence[str],
        make: Callable[[str], Column],
        rows: int,
        faulty: Sequence[str] = (),
    ) -> None:
        self.names = tuple(names)
        self._make, self._rows, self._faulty = make, rows, tuple(faulty)

    def __len__(self) -> int:
        return self._rows

    @lazy_property
    def faults(self) -> Faults:
        return all_faults(self.member(name).faults for name in self._faulty)

    @lazy_property
    def json_text(self) -> TextArray:
        return self._objects.json_text

    def json_parts(self) -> list[Part]:
        return self._objects.json_parts()

    def to_arrow(self, column_type: ColumnType) -> Any:
        return self._objects.to_arrow(column_type)

    def to_python(self, absent: Any) -> list[Any]:
        return self._objects.to_python(absent)

    def member(self, name: str) -> Column:
        if name not in self.names:
            return GatheredColumn(self, np.full(self._rows, MISSING))
        return self.kept(("member", name), lambda: self._made(name))

    def _made(self, name: str) -> Column:
        column = self._make(name)
        column.origin[0].lasting |= self.lasting
        return column

    @lazy_property
    def _objects(self) -> ObjectColumn:
        return ObjectColumn(self.names, [self.member(name) for name in self.names], self._rows)
