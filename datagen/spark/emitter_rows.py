"""Turns records into tables of one emitter's columns in which the rows of others can be told apart, once they have left."""

from dataclasses import replace
from typing import Any, ClassVar, Literal

import numpy as np
import pyarrow as pa

from datagen.batch import Batch
from datagen.formats import Format
from datagen.formats.base import Formatter
from datagen.formats.columnar import record_batch
from datagen.formats.encoding import Encoding, Output
from datagen.formats.rendered import Payload, RecordTable
from datagen.spec.record_schema import Specification

_ENCODING = Encoding(is_json=False, has_newline=False)
_IS_OWN = "is_own"  # the last column, whatever others are called


class OfEmitter(Format):
    """Rows of all records: the columns of an emitter, empty for others, and whether the record is its own."""

    type: Literal["of_emitter"] = "of_emitter"
    emitter: str
    needs_schema: ClassVar[bool] = True
    outputs: ClassVar[Output] = Output.FILES

    def compile(self, spec: Specification) -> Formatter:
        return _EmitterFormatter(spec, self.emitter)


class NoColumns(Format):
    """Rows of all records that say nothing of them."""

    type: Literal["no_columns"] = "no_columns"
    outputs: ClassVar[Output] = Output.FILES

    def compile(self, spec: Specification) -> Formatter:
        del spec
        return _RowFormatter()


class _EmitterFormatter(Formatter):
    def __init__(self, spec: Specification, emitter: str) -> None:
        self.encoding, self._emitter = _ENCODING, emitter
        self._columns = spec.record_schema.emitters[emitter]

    def render(self, batch: Batch) -> Payload:
        is_own = np.zeros(len(batch), dtype=bool)
        groups = []
        for each in batch.groups:
            own = each.emitter == self._emitter
            is_own[each.rows] = own
            groups.append(each if own else replace(each, sections=()))
        found = record_batch(replace(batch, groups=tuple(groups)), self._columns)
        names = [*found.schema.names, _IS_OWN]
        columns = [*found.columns, pa.array(is_own)]
        return RecordTable(pa.RecordBatch.from_arrays(columns, names), self.encoding)


class _RowFormatter(Formatter):
    encoding = _ENCODING

    def render(self, batch: Batch) -> Payload:
        rows = pa.array(np.ones(len(batch), dtype=bool))
        return RecordTable(pa.RecordBatch.from_arrays([rows], [_IS_OWN]), self.encoding)


def without_others(table: Any) -> Any:
    """Return the own rows of a record batch of OfEmitter, without the last column."""
    own = table.filter(table.column(table.num_columns - 1))
    return own.select(range(own.num_columns - 1))
