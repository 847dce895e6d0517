"""Turns a plan and a file of a checkpoint into a plan that goes on where the run before it stopped."""

import contextlib
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from datagen.curves.curve import Curve
from datagen.errors import OperationError, UsageError
from datagen.file_set import FileSet
from datagen.instants import utc_now
from datagen.position import Cursor
from datagen.replay.cursor import ReplayCursor
from datagen.replay.source import ReplaySource
from datagen.running.checkpoint import Checkpoint, CheckpointFile, checkpoint_of
from datagen.running.checkpointing import CheckpointOptions
from datagen.running.options import Request
from datagen.running.pipeline import Plan
from datagen.simulation.build import build_machine
from datagen.simulation.cursor import MachineCursor
from datagen.spec.generator import Generator
from datagen.spec.record_schema import Specification
from datagen.validation import is_comment

_NOT_OF_THE_STREAM = ("target", "format", "templates", "schedule")


@contextlib.contextmanager
def resume_or_start(
    request: Request, plan: Plan, others: Iterable[FileSet], warn: Callable[[str], None]
) -> Iterator[Plan]:
    """Return a plan that is kept in a file, if that is asked for, and goes on from there.

    `others` are the run's other files. Raises OperationError for a file that is one of them, that
    another run has, that is damaged or belongs to something else, UsageError for flags that contradict
    it.
    """
    if request.resume is None and plan.target.transactional and not request.validate:
        raise UsageError("the target has a transactional_id, which needs --resume FILE")
    if request.resume is None:
        _check_times(request, plan)
        yield plan
        return
    _see_whether_it_can_be(plan)
    whole = CheckpointFile(request.resume)
    for files in others:
        whole.reject_overlap(files)
    if request.validate:
        _found(request, plan, whole, warn)
        yield plan
        return
    with whole as file:
        before = _found(request, plan, file, warn)
        if plan.target.transactional:
            before = _recalled(request, plan, before, warn)
        if before is not None:
            plan = replace(plan, seed=before.seed, start=before.start, live=_live(request, before))
            _check_clock(request, plan)
        every = request.checkpoint_every
        yield replace(
            plan, keep=CheckpointOptions(file, every, before), skip_gap=request.catch_up == "skip"
        )


def fingerprint(
    raw: Any, spec: Specification, max_workers: int, schedule: Curve | None
) -> dict[str, str]:
    """Return what tells one stream from another, sums of it all: by the names that a person knows."""
    body = {key: value for key, value in raw.items() if key not in _NOT_OF_THE_STREAM}
    text = json.dumps(_without_comments(body), sort_keys=True)
    parts = {"the specification": hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()}
    if isinstance(spec, Generator):  # a replay has neither workers nor arrivals
        curve = "" if schedule is None else hashlib.sha256(repr(schedule).encode()).hexdigest()
        parts |= {"-m": str(max_workers), "the schedule": curve}
    return parts


def _see_whether_it_can_be(plan: Plan) -> None:
    """Refuse what a later run could not go on with. Raises UsageError."""
    if isinstance(plan.spec, ReplaySource) and plan.spec.read_once:
        name = plan.spec.keys.source_file
        what = "stdin" if name == "-" else name
        raise UsageError(
            f"--resume: {what} can be read only once, so that no run can go on with it"
        )
    for text in plan.target.not_resumable():
        raise UsageError(f"--resume: {text}")


def _found(
    request: Request, plan: Plan, file: CheckpointFile, warn: Callable[[str], None]
) -> Checkpoint | None:
    """Return the checkpoint of the file, if there is one, that the plan can go on with."""
    before = file.read()
    if before is None:
        _check_times(request, plan)
    else:
        _compare(request, plan, before, warn)
    return before


def _recalled(
    request: Request, plan: Plan, before: Checkpoint | None, warn: Callable[[str], None]
) -> Checkpoint | None:
    """Return the last checkpoint of a target that keeps them itself: no file can be further.

    The same place may have been written to the file once more, at a later instant.
    """
    name = f"the last checkpoint of {plan.target.identity}"
    data = plan.target.last_checkpoint()
    last = None if data is None else checkpoint_of(data, name)
    if before is None:
        if last is not None:
            _compare(request, plan, last, warn, name)
            warn(f"{request.resume} is not there: going on from {name}")
        return last
    done = 0 if last is None else last.position.records
    if last is None or done < before.position.records:
        raise OperationError(
            f"{request.resume}: {before.position.records:,} records are done, but {name} tells of "
            f"{done:,}: it was lost, or the brokers are others. To begin anew, move the file away, and "
            "take another transactional_id"
        )
    if (last.seed, last.start) != (before.seed, before.start):
        raise OperationError(
            f"{request.resume}: is of --seed {before.seed} -s {before.start}, but {name} of "
            f"--seed {last.seed} -s {last.start}: each belongs to another run"
        )
    if last.fingerprint != before.fingerprint:
        _compare(request, plan, last, warn, name)
    return before if last.position == before.position else last


def _check_times(request: Request, plan: Plan) -> None:
    """See to it that a run that begins can, and does not end before. Raises UsageError."""
    if request.then_live and plan.start is None:
        raise UsageError("--then-live needs -s, the instant at which history begins")
    start = plan.start or utc_now()
    if plan.until is not None and plan.until.micros < start.micros:
        past = "in the past; what is past needs -s, the start of the stream"
        before = past if plan.start is None else f"before the start, {start}"
        raise UsageError(f"--until {request.until}: this is {before}")
    if start.micros - plan.warm_up < start.style.limits[0]:
        raise UsageError("--warm-up: it would begin before the year 1")


def _check_clock(request: Request, plan: Plan) -> None:
    """Refuse what is for the real clock where the run before was on the simulated one."""
    for flag, given in (
        ("--speed", request.speed != 1),
        ("--catch-up", request.catch_up == "skip"),
    ):
        if given and not plan.live:
            name = request.resume
            raise UsageError(f"{flag} is for the real clock: {name} goes on with a simulated one")


def _compare(
    request: Request,
    plan: Plan,
    before: Checkpoint,
    warn: Callable[[str], None],
    name: str | None = None,
) -> None:
    """See to it that a checkpoint, of the file or of that name, and a request fit each other."""
    name = name or request.resume
    if request.seed is not None and request.seed != before.seed:
        raise UsageError(f"--seed {request.seed}: {name} goes on with seed {before.seed}")
    if request.start is not None and plan.start != before.start:
        raise UsageError(f"-s {request.start}: {name} goes on with a run from {before.start}")
    if before.target != plan.target.identity:
        text = f"was written for the target {before.target}, not {plan.target.identity}"
        raise OperationError(f"{name}: {text}")
    replayed = isinstance(before.cursor, ReplayCursor)
    if replayed != isinstance(plan.spec, ReplaySource):
        raise OperationError(f"{name}: is of {'a replay' if replayed else 'no replay'}")
    changed = " and ".join(_changes(before, plan))
    if not changed:
        return
    if not request.resume_anyway:
        raise OperationError(
            f"{name}: {changed} is not that of the run before (--resume-anyway goes on all the same)"
        )
    if not _fits(before.cursor, plan):
        raise OperationError(f"{name}: the workers in it are in states that are no longer there")
    workers = "" if replayed else ", and whether workers mean the same states and variables,"
    warn(
        f"{name}: {changed} is not that of the run before: whether the records fit those before"
        f"{workers} cannot be known"
    )


def _changes(before: Checkpoint, plan: Plan) -> Iterator[str]:
    """Yield what is no longer as it was; of a file, as far as its size and time tell."""
    now, then, cursor, spec = plan.fingerprint, before.fingerprint, before.cursor, plan.spec
    yield from (what for what in now if now[what] != then.get(what))
    if isinstance(cursor, ReplayCursor) and isinstance(spec, ReplaySource):
        yield from [spec.keys.source_file] * (cursor.source != spec.source.state())


def _fits(cursor: Cursor, plan: Plan) -> bool:
    """Return whether the workers of a cursor can be those of a machine."""
    if not isinstance(cursor, MachineCursor) or not isinstance(plan.spec, Generator):
        return True
    alive, machine = cursor.pool.alive, build_machine(plan.spec, plan.seed)
    inside = alive.states.max(initial=-1) < len(plan.spec.states)
    return (
        bool(inside)
        and alive.memory.shape[1] == len(machine.variable_groups)
        and all(
            np.isin(alive.memory[:, number, 1], [-1, *group.states]).all()
            for number, group in enumerate(machine.variable_groups)
        )
    )


def _live(request: Request, before: Checkpoint) -> bool:
    """Return whether a run that goes on is on the real clock: as the one before, if nothing is said."""
    return before.live or request.then_live


def _without_comments(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: _without_comments(each) for key, each in node.items() if not is_comment(key)}
    return [_without_comments(each) for each in node] if isinstance(node, list) else node
