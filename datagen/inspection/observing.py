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


class Observation:
    """A run that is looked at: its clean stream, without disorder, within the limits of its plan."""

    def __init__(self, plan: Plan) -> None:
        """Prepare. Raises SpecError for sets of values that cannot be made."""
        self.plan = plan
        self._source = batch_source_of(plan.spec, plan, plan.style)
        problems = self._source.prepare()
        if problems:
            raise SpecError([Problem(path, text, plan.file) for path, text in problems])

    def windows(
        self, start: Start, stopped: Callable[[], bool] = lambda: False
    ) -> Iterator[tuple[Any, Batch]]:
        """Yield each window and its records, of which there may be none; call it once. Raises RunError."""
        self._source.start_stream(start.instant.micros)
        position = StreamPosition(self.plan, start)
        with closing(BatchStream(self._source, start.time_range, stopped)) as stream:
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
