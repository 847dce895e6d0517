"""The truth as rows: exact where lines have milliseconds."""

import json

import numpy as np
import pyarrow as pa

from datagen.formats.rendered import RecordTable
from datagen.instants import NAIVE
from datagen.part import Part
from datagen.spec.parsing import parse_spec
from datagen.truth.labels import CompiledLabels, EventTexts, compiled_labels
from datagen.truth.tables import EventRows, TableLedger, truth_schema
from tests.support.disorder import batches_of
from tests.support.machines import ENDING
from tests.truth.test_ledger import SECOND, copies

LABELS = {"odd": "worker % 2 == 1", 'a "name"': "state ~ '-' ~ population", "half": "visit / 2"}


def test_each_event_has_a_row() -> None:
    """The values of its text, with the types of labels."""
    spec, _ = parse_spec({**ENDING, "labels": LABELS}, "x.json")
    labels = compiled_labels(spec.labels, spec, NAIVE)
    rows, texts = EventRows(labels), EventTexts(labels, NAIVE)
    found = []
    for batch in batches_of(spec, 50):
        made = rows.of(batch)
        assert made.type.field("labels").type == truth_schema(labels).field("labels").type
        told = [json.loads("{" + text + "}") for text in texts.of(batch).to_pylist()]
        for each in told:
            del each["time"]
        assert made.to_pylist() == told
        found += told
    assert len(found) > 50
    types = [field.type for field in truth_schema(labels).field("labels").type]
    assert types == [pa.bool_(), pa.string(), pa.float64()]
    assert "labels" not in truth_schema(CompiledLabels()).names


def test_rows_of_a_ledger_are_exact() -> None:
    """Of an event with two copies, and of one that is dropped; in part 1 of 3."""
    made = TableLedger(("late", "drop"), NAIVE, 0, Part(1, 3))
    known = pa.array([{"state": "a"}, {"state": "b"}])
    first = copies((0, SECOND + 1, True, 0), (0, 9 * SECOND, True, 1), (1, 2 * SECOND, False, 2))
    made.add(np.array([SECOND + 1, 2 * SECOND]), known, first, first.arrivals)
    made.leave(np.array([0, 1]), np.array([SECOND + 1, 9 * SECOND]))
    (settled,) = made.settled(2)
    payload = settled.payload
    assert isinstance(payload, RecordTable)
    micros = [
        {**row, "time": row["time"].timestamp(), "arrivals": [each.timestamp() for each in row["arrivals"]]}
        for row in payload.table.to_pylist()
    ]  # fmt: skip
    assert micros == [
        {"event": 1, "time": 1.000001, "state": "a", "arrivals": [1.000001, 9.0], "records": [0, 1],
         "late_by": [0.0, 7.999999], "skewed_by": [0.0, 0.0], "effects": ["late"]},
        {"event": 4, "time": 2.0, "state": "b", "arrivals": [], "records": [],
         "late_by": [], "skewed_by": [], "effects": ["drop"]},
    ]  # fmt: skip
