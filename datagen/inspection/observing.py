"""Turns a plan into windows and their batches, for whoever looks at a run: nothing is written and no clock is waited for."""

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

from datagen.batch import Batch
from datagen.errors import Problem, SpecError
from datagen.running.batch_source import batch_source_of
from datagen.running.batch_stream import BatchStream
from datagen.running.plan import Plan, Start
from datagen.running.stream_position import StreamPosition


def observed(
    plan: Plan, start: Start, stopped: Callable[[], bool] = lambda: False
) -> Iterator[tuple[Any, Batch]]:
    """Yield each window of a run and its records, within the limits of the plan.

    The stream is the clean one, without disorder. A batch may have no records. Raises SpecError for sets of values that
    cannot be made, RunError where the model cannot go on.
    """
    source = batch_source_of(plan.spec, plan, plan.style)
    problems = source.prepare()
    if problems:
        raise SpecError([Problem(path, text, plan.file) for path, text in problems])
    source.start_stream(start.instant.micros)
    position = StreamPosition(plan, start)
    with closing(BatchStream(source, start.time_range, stopped)) as stream:
        stream.limit(position.needed, position.start)
        windows = iter(()) if position.is_complete else stream.windows()
        for window in windows:
            batch = stream.batch(window)
            first, last = position.select(batch, len(batch))
            yield window, batch.rows(first, last)
            if position.is_complete or stopped():
                return
            if batch.failure:
                raise batch.failure
