"""Compares how many workers of each population have started with the total that it is to have."""

from collections.abc import Iterator

from datagen.one_line import counted
from datagen.part import Part
from datagen.position import Cursor
from datagen.simulation.cursor import MachineCursor
from datagen.spec.record_schema import Specification
from datagen.validation import quoted


def missing_workers(spec: Specification, part: Part, cursor: Cursor) -> Iterator[str]:
    """Yield a sentence for each population of which fewer workers have started than its total."""
    pools = cursor.pools if isinstance(cursor, MachineCursor) else ()
    for arrivals, pool in zip(spec.arrivals, pools, strict=True):
        total = arrivals.limits.total
        started = pool.started // part.count
        if total is not None and started < part.share(total):
            who = "" if arrivals.name is None else f"population {quoted(arrivals.name)}: "
            missing = counted(part.share(total), "worker")
            yield f"{who}{started:,} of {missing} had started at the end of the run"
