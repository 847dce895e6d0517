"""Runs of parts of a stream, and what they are merged."""

import io
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from datagen.arrays import Ints
from datagen.formats.rendered import RecordBytes
from datagen.instants import Instant
from datagen.part import Part
from datagen.running.delivery import Delivery
from datagen.running.loading import load
from datagen.running.options import Request
from datagen.running.pipeline import Run
from datagen.running.plan import Plan
from datagen.running.summary import Summary

START = "2027-03-12T05:20:13"


@dataclass(frozen=True)
class Lines:
    """The records of a run as lines, in order, and the time and the worker of each: int64[n]."""

    lines: list[bytes]
    times: Ints
    workers: Ints


def plan_of(config: str, spec: bytes = b"", **keys: Any) -> Plan:
    """Return a plan with the seed 7 from a start on; a specification named `-` is given."""
    request = Request(**{"config": config, "start": START, "seed": 7, **keys})
    plan, _ = load(request, stdin=io.BytesIO(spec))
    return plan


def lines_of(plan: Plan, part: Part, size_window: Any = None) -> Lines:
    """Return the records of a part of a plan's stream."""
    plan = replace(plan, part=part)
    delivery = Delivery(plan, Summary())
    lines: list[bytes] = []
    times, workers = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for batch in Run(plan, size_window).batches():
        payload = delivery.render(batch).payloads[0]
        assert isinstance(payload, RecordBytes)
        lines += bytes(payload.data).splitlines(keepends=True)
        times.append(batch.times)
        workers.append(batch.workers)
    found = Lines(lines, np.concatenate(times), np.concatenate(workers))
    assert len(lines) == len(found.times)
    return found


def parts_of(plan: Plan, count: int) -> list[Lines]:
    """Return the records of each of so many parts of a plan's stream."""
    return [lines_of(plan, Part(index, count)) for index in range(count)]


def merged(parts: Iterable[Lines]) -> list[bytes]:
    """Return the lines of all parts in order of time and worker; those of a worker are in one part."""
    parts = list(parts)
    times = np.concatenate([each.times for each in parts])
    workers = np.concatenate([each.workers for each in parts])
    lines = [line for each in parts for line in each.lines]
    return [lines[row] for row in np.lexsort((workers, times)).tolist()]


def first_records(plan: Plan, count: int) -> Plan:
    """Return the plan of about the first records of a stream: up to the instant of one of them."""
    batches = Run(replace(plan, max_records=count)).batches()
    last = max((int(batch.times[-1]) for batch in batches), default=0)
    assert plan.start is not None
    return replace(plan, until=Instant(last, plan.start.style))


def has_counters(spec: Any) -> bool:
    """Return whether some field of a specification counts."""
    return any(
        field.counts
        for _, _, fields in spec.field_lists()
        for each in fields
        for field in (each, *(inner.field for inner in each.descendants()))
    )
