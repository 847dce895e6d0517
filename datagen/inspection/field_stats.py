"""Turns the batches of a run into figures of every field, members of objects and elements of lists included."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datagen.arrays import Floats, TextArray
from datagen.batch import Batch
from datagen.columns.column import Column
from datagen.columns.column_type import JSON, NOTHING, ColumnType
from datagen.inspection.number_tally import NumberSummary, NumberTally
from datagen.inspection.value_tally import ValueTally
from datagen.spec.record_schema import RecordSchema

MOST_TOP = 5
_NUMBER = r"^-?\d"
COUNTED = {"text": "characters", "list": "elements"}  # what the numbers of a kind count


@dataclass(frozen=True)
class FieldFigures:
    """What the values of a field are like, over all records of `emitters`, or all elements of a list.

    `kind` is that of its column type. Among `records` some have no such field, `missing`, and some null. `distinct` is an
    estimate where it is not `exact`. `numbers` are the values themselves, microseconds since 1970 of instants, of texts how many
    characters they have, of lists how many elements. `top` are frequent values as JSON, with how often they come.
    """

    name: str
    kind: str
    emitters: tuple[str, ...]
    records: int
    missing: int
    nulls: int
    distinct: int
    exact: bool
    numbers: NumberSummary
    top: tuple[tuple[str, int], ...]

    @property
    def present(self) -> int:
        """Return how many values there are."""
        return self.records - self.missing - self.nulls


class FieldStatistics:
    """Takes the batches of a run, whose columns are those of a schema, or of any types where there is none."""

    def __init__(self, schema: RecordSchema | None) -> None:
        self._types: Mapping[str, ColumnType] = {} if schema is None else schema.columns
        self._fields: dict[str, _Field] = {}
        if schema is not None:
            self._fields = {name: _Field(name, each) for name, each in schema.columns.items()}

    def add(self, batch: Batch) -> None:
        """Add the records of a batch."""
        for group in batch.groups:
            if not len(group.rows):
                continue
            for name in dict.fromkeys(name for each in group.sections for name in each.names):
                column = group.column(name)
                assert column is not None
                if name not in self._fields:
                    self._fields[name] = _Field(name, JSON)
                self._fields[name].add(column, group.emitter)

    def figures(self) -> tuple[FieldFigures, ...]:
        """Return what the fields are like that some record may have, in the order of the schema."""
        return tuple(
            one for each in self._fields.values() if each.records for one in each.figures()
        )


class _Field:
    """The values of one field so far, and those inside of it."""

    def __init__(self, name: str, column_type: ColumnType) -> None:
        self._name, self._type = name, column_type
        self.records = self._missing = self._nulls = 0
        self._emitters: dict[str, None] = {}
        self._values, self._numbers = ValueTally(), NumberTally()
        self._members = {}
        self._elements = None
        if column_type.kind == "object":
            self._members = {
                member: _Field(f"{name}.{member}", inner) for member, inner in column_type.members
            }
        if column_type.kind == "list":
            self._elements = _Field(f"{name}[]", column_type.elements or NOTHING)

    def add(self, column: Column, emitter: str) -> None:
        """Add the values of some records of an emitter."""
        self._emitters[emitter] = None
        texts = column.json_text
        missing, null = pc.equal(texts, ""), pc.equal(texts, "null")
        self.records += len(column)
        self._missing += pc.sum(missing).as_py() or 0
        self._nulls += pc.sum(null).as_py() or 0
        present = pc.invert(pc.or_(missing, null))
        texts = texts.filter(present)
        if self._type.kind != "object":
            self._values.add(texts)
        self._numbers.add(self._numbers_of(column, texts, present))
        for member, inner in self._members.items():
            inner.add(column.member(member), emitter)
        if self._elements is not None:
            elements = column.list_parts()[1]
            if len(elements):
                self._elements.add(elements, emitter)

    def figures(self) -> Iterator[FieldFigures]:
        """Yield the figures of the field, and of what is inside."""
        yield FieldFigures(
            self._name,
            self._type.kind,
            tuple(self._emitters),
            self.records,
            self._missing,
            self._nulls,
            self._values.distinct(),
            self._values.exact,
            self._numbers.summary(),
            self._values.top(MOST_TOP),
        )
        for each in (*self._members.values(), *([self._elements] if self._elements else [])):
            yield from each.figures() if each.records else ()

    def _numbers_of(self, column: Column, texts: TextArray, present: pa.BooleanArray) -> Floats:
        """Return the numbers that sum up the values: float64[n], of those that are there."""
        kind = self._type.kind
        if kind in ("int", "float", "instant"):
            values = column.to_arrow(self._type).drop_null()
            whole = values.cast(pa.int64()) if kind == "instant" else values
            return np.asarray(whole, dtype=np.float64)
        if kind == "text":
            return np.asarray(pc.utf8_length(column.text.filter(present)), dtype=np.float64)
        if kind == "list":
            rows = present.to_numpy(zero_copy_only=False)
            lengths: Floats = column.list_parts()[0][rows].astype(np.float64)
            return lengths
        if kind == "json":
            numbers = texts.filter(pc.match_substring_regex(texts, _NUMBER))
            return np.asarray(pc.cast(numbers, pa.float64()), dtype=np.float64)
        return np.empty(0)
