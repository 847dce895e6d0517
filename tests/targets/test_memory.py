"""The target in memory: for tests and for programs, not for specifications."""

import io

import numpy as np
import pytest

from datagen.cli.signals import Interruption
from datagen.formats.base import any_format
from datagen.instants import parse_instant
from datagen.running.pipeline import Run
from datagen.running.plan import Plan
from datagen.spec.parsing import parse_spec
from datagen.targets import TARGETS
from datagen.targets.memory import MemorySink, MemoryTarget
from tests.support.files import WIDE, run
from tests.support.records import rendered

START = parse_instant("2027-03-12")


def run_into(target: MemoryTarget, form: str, records: int = 500) -> MemorySink:
    """Run with a target; return what it got."""
    spec, _ = parse_spec(WIDE, "test.json")
    plan = Plan(spec, "test.json", target, any_format(form), START, 1, 100, records)
    Run(plan).deliver(io.BytesIO(), Interruption())
    return target.sink


def test_specifications_cannot_name_it() -> None:
    """It is not registered."""
    assert "memory" not in TARGETS


@pytest.mark.parametrize("form", ["json", "csv"])
def test_memory_gets_the_bytes_of_stdout(form: str) -> None:
    """Header included; the counts are those of the run."""
    sink = run_into(MemoryTarget(), form)
    assert sink.data == run("-n", "500", spec={**WIDE, "format": form}).out
    assert (sink.delivered, len(sink.records), sink.closed) == (500, 500, True)


def test_memory_keeps_instants_and_labels() -> None:
    """One of each for every record."""
    sink = run_into(MemoryTarget(label_texts={"key": "{emitter}-{id}"}), "json")
    assert len(sink.labels["key"]) == len(sink.times) == 500
    assert all(
        text and text.encode()[2:] in record
        for text, record in zip(sink.labels["key"], sink.records, strict=True)
    )
    assert (np.diff(sink.times) >= 0).all()


def test_memory_keeps_tables() -> None:
    """Of a format of columns there are no bytes."""
    sink = run_into(MemoryTarget(), "parquet")
    assert sum(map(len, sink.payloads)) == 500
    assert (sink.records, sink.data) == ([], b"")


def test_each_run_begins_with_nothing() -> None:
    """The sink of a target is that of its last run."""
    target = MemoryTarget()
    for text in (b"a\n", b"b\n"):
        target.open(io.BytesIO()).write(rendered([text]))
    assert target.sink.records == [b"b\n"]
