"""Compares how many workers of each population have started with the total that it is to have."""

from collections.abc import Callable, Iterator

from datagen.one_line import counted
from datagen.part import Part
from datagen.position import Cursor
from datagen.running.plan import Plan
from datagen.simulation.cursor import MachineCursor
from datagen.spec.record_schema import Specification


def warn_of_missing(plan: Plan, cursor: Cursor, warn: Callable[[str], None]) -> None:
    """Tell of the populations of a run that have not had all of their workers where it has ended."""
    for text in missing_workers(plan.spec, plan.part, cursor):
        warn(text)


def missing_workers(spec: Specification, part: Part, cursor: Cursor) -> Iterator[str]:
    """Yield a sentence for each population of which fewer workers have started than its total."""
    pools = cursor.pools if isinstance(cursor, MachineCursor) else ()
    for arrivals, pool in zip(spec.arrivals, pools, strict=True):
        total = arrivals.limits.total
        started = pool.started // part.count
        if total is not None and started < part.share(total):
            missing = counted(part.share(total), "worker")
            yield f"{arrivals.prefix}{started:,} of {missing} had started at the end of the run"
