"""Estimates how long a simulated run will take here, by making its first records."""

import time
from collections.abc import Callable
from dataclasses import replace

from datagen.inspection.explanation import MakingTime
from datagen.inspection.observing import Observation
from datagen.running.plan import Plan, Start
from datagen.running.rendering import RenderingJob

PATIENCE = 0.5  # seconds after which no further window is begun
_STEADY = 2  # times as many or as few records as the largest before it: such a window is as fast as those to come


def making_time(
    plan: Plan,
    start: Start,
    records: float,
    timer: Callable[[], float] = time.process_time,
    patience: float = PATIENCE,
) -> MakingTime:
    """Return how long the clean stream of a run of about so many records takes, with the format of its first target.

    Windows grow at first, and a record of a small one takes longer; where none has come to its size in time, what the last
    one took is the most that others take. Raises RunError, SpecError.
    """
    tried = replace(plan, effects=(), truth=None, checkpointing=None)
    began = last = timer()
    rendering = RenderingJob.of(tried).rendering()
    rendering.begin(start.instant.micros)
    made = largest = steady_records = 0
    pace = steady_seconds = 0.0
    for _, batch in Observation(tried).windows(start):
        rendering.render(batch)
        now = timer()
        if len(batch):
            pace = (now - last) / len(batch)
            if largest / _STEADY <= len(batch) <= largest * _STEADY:
                steady_records += len(batch)
                steady_seconds += now - last
                pace = steady_seconds / steady_records
            largest, made, last = max(largest, len(batch)), made + len(batch), now
        if now - began > patience:
            break
    rest = max(records - made, 0.0)
    return MakingTime(last - began + rest * pace, at_most=bool(rest) and not steady_records)
