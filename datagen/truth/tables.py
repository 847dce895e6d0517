"""Turns the truth into rows of Arrow tables, with exact instants, in the place of lines of JSON."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from datagen.arrays import Ints
from datagen.batch import Batch
from datagen.columns.column_type import INSTANT, INT, TEXT, ColumnType
from datagen.disorder.clean_records import evaluated
from datagen.formats.encoding import Encoding
from datagen.formats.rendered import Payload, RecordTable
from datagen.instants import SECOND
from datagen.truth.labels import CompiledLabels, origin_columns
from datagen.truth.ledger import Account, Ledger

_ENCODING = Encoding(is_json=False, has_newline=False)
_ORIGINS: Mapping[str, ColumnType] = {
    "population": TEXT, "worker": INT, "visit": INT, "state": TEXT, "emitter": TEXT,
}  # fmt: skip


class EventRows:
    """Makes a struct of each event: where it comes from and, where there are labels, a struct of these."""

    def __init__(self, labels: CompiledLabels) -> None:
        self._labels = labels

    def of(self, batch: Batch) -> Any:
        """Return what is known of each record of a clean batch, which has origins: a struct array of n."""
        columns = origin_columns(batch)
        arrays = [columns[name].to_arrow(each) for name, each in _ORIGINS.items()]
        if self._labels.by_name:
            own = [
                evaluated(compiled, batch, self._labels.fields)[0].to_arrow(compiled.column_type)
                for compiled in self._labels.by_name.values()
            ]
            labels = pa.StructArray.from_arrays(own, fields=list(_labels_type(self._labels)))
            arrays.append(labels)
        return pa.StructArray.from_arrays(arrays, fields=_origin_fields(self._labels))


class TableLedger(Ledger):
    """A ledger whose events have been told by EventRows, and which gives tables with a row for each."""

    def _payload(self, told: Account) -> Payload:
        counts = told.counts
        kinds, places = np.unique(told.effects, return_inverse=True)
        effects = pa.array(map(self.names_of, kinds.tolist()), pa.list_(pa.string()))
        columns = {
            "event": pa.array(told.events),
            "time": _instants(told.times),
            **dict(zip((each.name for each in told.texts.type), told.texts.flatten(), strict=True)),
            "arrivals": _listed(_instants(told.arrivals), counts),
            "records": _listed(pa.array(told.records), told.record_counts),
            "late_by": _listed(pa.array(told.late / SECOND), counts),
            "skewed_by": _listed(pa.array(told.skews / SECOND), counts),
            "effects": effects.take(pa.array(places)),
        }
        return RecordTable(pa.RecordBatch.from_pydict(columns), _ENCODING)


def truth_schema(labels: CompiledLabels) -> Any:
    """Return the Arrow schema of the tables."""
    return pa.schema([
        ("event", pa.int64()),
        ("time", INSTANT.arrow_type),
        *_origin_fields(labels),
        ("arrivals", pa.list_(INSTANT.arrow_type)),
        ("records", pa.list_(pa.int64())),
        ("late_by", pa.list_(pa.float64())),
        ("skewed_by", pa.list_(pa.float64())),
        ("effects", pa.list_(pa.string())),
    ])  # fmt: skip


def _origin_fields(labels: CompiledLabels) -> list[Any]:
    fields = [pa.field(name, each.arrow_type) for name, each in _ORIGINS.items()]
    return fields + ([pa.field("labels", _labels_type(labels))] if labels.by_name else [])


def _labels_type(labels: CompiledLabels) -> Any:
    return pa.struct([(name, each.column_type.arrow_type) for name, each in labels.by_name.items()])


def _instants(micros: Ints) -> Any:
    return pa.array(micros).cast(INSTANT.arrow_type)


def _listed(values: Any, counts: Ints) -> Any:
    """Return values in lists, counts[i] of them in turn for each of n: a list array of n."""
    offsets = np.append(0, np.cumsum(counts)).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), values)
