"""Checks what parts of a stream share: the cap, counters, what they write to, and what says which stream it is."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from datagen.curves.curve import Curve
from datagen.errors import Path, UsageError
from datagen.part import Part
from datagen.running.options import Request
from datagen.simulation.cap import lowered
from datagen.spec.populations import Arrivals
from datagen.spec.record_schema import Specification
from datagen.validation import quoted


def counter_mistakes(spec: Any, part: Part) -> Iterator[tuple[Path, str]]:
    """Yield each counter of a specification whose values cannot be divided among parts."""
    if part.is_whole or not spec.has_workers:
        return
    for where, _, fields in spec.field_lists():
        for place, each in enumerate(fields):
            for path, field in [
                ((), each),
                *((inner.path, inner.field) for inner in each.descendants()),
            ]:
                if field.counts and not getattr(field, "increment", 1):
                    text = f"is 0, so that all parts of --part {part} would count the same; leave out --part"
                    yield (*where, place, *path, "increment"), text


def check_cap(
    request: Request, max_workers: int, arrivals: Arrivals, schedule: Curve | None
) -> None:
    """Raise UsageError where some part of a population could never have a worker alive."""
    part, most, given = request.part, max_workers, f"-m {max_workers}"
    if arrivals.limits.total is not None and most >= arrivals.limits.total:
        return  # parts without a worker are as they should be
    if arrivals.limits.max is not None:
        given = f'the "max" of {max_workers}'
        given += "" if arrivals.name is None else f" of {quoted(arrivals.name)}"
    elif request.max_workers is None:
        given += ", the default,"
    schedule = arrivals.curve(schedule, "workers")
    if schedule is not None:
        most = int(lowered(max_workers, np.array([schedule.extremes[1]]))[0])
        given = f"{given} lowered by the schedule to at most {most}"
    if most < part.count:
        enough = -(-part.count * max_workers // most)
        raise UsageError(
            f"--part {part}: {given} is less than a worker for each of the {part.count:,} parts; "
            f"use {'a max of' if arrivals.limits.max is not None else '-m'} {enough} or more, or fewer parts"
        )


def check_stream(request: Request) -> Iterator[str]:
    """Yield what a user should know of a new run of one of several parts. Raises UsageError."""
    if request.part.is_whole:
        return
    if request.seed is None:
        raise UsageError(
            f"--part {request.part} needs --seed, the same for all parts of the stream"
        )
    if request.start is None or request.start.lower().startswith("now"):
        since = "without -s" if request.start is None else f"-s {request.start}"
        yield (
            f"--part {request.part} {since}: each part begins when it is started, so that together they are not "
            "one stream; give all the same -s, with --then-live for the real clock"
        )


def described_part(part: Part, spec: Specification, max_workers: int | None) -> str:
    """Return which workers or records a part has, and how many workers may be alive."""
    what = "workers" if spec.has_workers else "records"
    numbers = ", ".join(str(part.index + place * part.count) for place in range(3))
    cap = ""
    if spec.has_workers and max_workers is not None:
        cap = f"; at most {part.share(max_workers):,} of -m {max_workers} alive at once"
    return f"part {part}: {what} {numbers}, ...{cap}"
