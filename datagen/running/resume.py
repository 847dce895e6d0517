"""Turns a plan and the file of a checkpoint into a plan that resumes where an earlier run stopped."""

import contextlib
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from datagen.curves.curve import Curve
from datagen.disorder.effects import Effect
from datagen.errors import OperationError, UsageError
from datagen.fields.libraries import library_versions
from datagen.file_set import FileSet
from datagen.formats.encoding import Output
from datagen.instants import Instant
from datagen.one_line import counted
from datagen.running.checkpoint import (
    Checkpoint,
    CheckpointFile,
    CheckpointOptions,
    decoded_checkpoint,
)
from datagen.running.clock import Moment
from datagen.running.departure_cursor import DepartureCursor
from datagen.running.options import NO_LIMIT, Request
from datagen.running.plan import Plan
from datagen.running.stream_parts import check_stream
from datagen.spec.entities import attribute_lists
from datagen.spec.record_schema import Specification
from datagen.targets import Target
from datagen.validation import is_comment

_NOT_OF_THE_STREAM = ("target", "format", "templates", "schedule", "disorder", "truth", "labels")
Warn = Callable[[str], None]


@contextlib.contextmanager
def resume_or_start(
    request: Request,
    plan: Plan,
    other_files: Iterable[FileSet],
    warn: Warn,
    now: Instant | None = None,
) -> Iterator[Plan]:
    """Yield a plan with its checkpoints, if these are asked for, that goes on from the last one.

    `other_files` are those that the run reads and writes besides, `now` the present. Raises
    OperationError for a checkpoint file that is one of them, that another run uses, that is damaged
    or belongs to something else, UsageError for flags that contradict it.
    """
    now = now or Moment.present().time
    if request.resume is None:
        if plan.target.transactional and not request.validate:
            raise UsageError("the target has a transactional_id, which needs --resume FILE")
        _check_new(request, plan, warn, now)
        yield plan
        return
    _check_resumable(plan)
    file = CheckpointFile(request.resume)
    for files in other_files:
        file.reject_overlap(files)
    if request.validate:
        _checkpoint_of_file(request, plan, file, warn, now)
        yield plan
        return
    with file:
        checkpoint = _checkpoint_of_file(request, plan, file, warn, now)
        if plan.target.transactional:
            checkpoint = _last_of_target(request, plan, checkpoint, warn)
        yield _with_checkpoints(
            request, plan, CheckpointOptions(file, request.checkpoint_every, checkpoint)
        )


def fingerprint(
    raw: Any,
    spec: Specification,
    max_workers: int | None,
    schedule: Curve | None,
    timezone: str | None = None,
    effects: Sequence[Effect] = (),
    truth: Target | None = None,
    rate: str | None = None,
    entities: str | None = None,
) -> dict[str, str]:
    """Return hashes of all that a stream depends on, by names for a person."""
    body = {key: value for key, value in raw.items() if key not in _NOT_OF_THE_STREAM}
    if spec.child_documents:
        body["children"] = list(spec.child_documents)
    text = json.dumps(_without_comments(body), sort_keys=True)
    parts = {"the specification": hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()}
    if spec.has_workers:
        curve = "" if schedule is None else hashlib.sha256(repr(schedule).encode()).hexdigest()
        most = NO_LIMIT if max_workers is None else str(max_workers)
        parts |= {"-m": most, "the schedule": curve}
        parts |= library_versions(_libraries(spec))
    if effects:
        parts["the disorder"] = hashlib.sha256(repr(list(effects)).encode()).hexdigest()
    if truth is not None:
        parts["the truth"] = hashlib.sha256(
            repr([truth.identity, raw.get("labels")]).encode()
        ).hexdigest()
    given = {"--timezone": timezone, "--rate": rate, "--entities": entities}
    return parts | {name: value for name, value in given.items() if value is not None}


def _libraries(spec: Any) -> set[str]:
    """Return the libraries whose lists values come from."""
    lists = (*spec.field_lists(), *attribute_lists(spec.entities))
    fields = [field for *_, own in lists for each in own for field in each.with_descendants()]
    return {name for field in fields for name in field.libraries}


def _check_resumable(plan: Plan) -> None:
    """Refuse what no later run could go on with. Raises UsageError."""
    reason = plan.spec.unresumable()
    if reason:
        raise UsageError(f"--resume: {reason}")
    for each in plan.formats:
        if Output.STREAM in each.outputs:
            raise UsageError(
                f"--resume: records in {each.type} are one stream, which ends with the run"
            )
    for text in plan.target.not_resumable():
        raise UsageError(f"--resume: {text}")
    truth = plan.truth
    for text in truth.not_resumable() if truth else ():
        raise UsageError(f"--resume: the truth: {text}")
    if truth and plan.target.transactional and (truth.type != "file" or truth.files().patterns):
        raise UsageError(
            "--resume: the truth about a target with a transactional_id goes to one file, whose path has no time in it"
        )


def _with_checkpoints(request: Request, plan: Plan, options: CheckpointOptions) -> Plan:
    """Return a plan that goes on from a checkpoint, if there is one. Raises UsageError."""
    checkpoint = options.resumed_from
    if checkpoint is not None:
        # as before, unless the request says that it changes
        real_clock = checkpoint.real_clock or request.then_live
        start = replace(checkpoint.start, style=plan.zone_style or checkpoint.start.style)
        plan = replace(plan, seed=checkpoint.seed, start=start, real_clock=real_clock)
        scaling = checkpoint.scaling
        if plan.wish and scaling and scaling.wish == plan.wish.text:
            plan = plan.scaled(scaling)  # as it was computed then
        _check_clock(request, plan)
    return replace(plan, checkpointing=options, skip_gap=request.catch_up == "skip")


def _checkpoint_of_file(
    request: Request, plan: Plan, file: CheckpointFile, warn: Warn, now: Instant
) -> Checkpoint | None:
    """Return the checkpoint of the file, if there is one. Raises where the plan cannot resume from it."""
    checkpoint = file.read()
    if checkpoint is None:
        _check_new(request, plan, warn, now)
    else:
        _check_match(request, plan, checkpoint, warn, file.path)
    return checkpoint


def _last_of_target(
    request: Request, plan: Plan, checkpoint: Checkpoint | None, warn: Warn
) -> Checkpoint | None:
    """Return the last checkpoint of a target that stores them itself: no file can be ahead of it.

    The same position may have been written to the file once more, at a later instant.
    """
    name = f"the last checkpoint of {plan.target.identity}"
    data = plan.target.last_checkpoint()
    last = None if data is None else decoded_checkpoint(data, name)
    if checkpoint is None:
        if last is not None:
            _check_match(request, plan, last, warn, name)
            warn(f"{request.resume} does not exist: resuming from {name}")
        return last
    done = 0 if last is None else last.position.records
    if last is None or done < checkpoint.position.records:
        raise OperationError(
            f"{request.resume}: the file has {counted(checkpoint.position.records, 'record')}, but "
            f"{name} has only {done:,}: the topic was lost, or the brokers are different ones. To start over, move "
            "the file away and use another transactional_id"
        )
    if (last.seed, last.start, last.part) != (checkpoint.seed, checkpoint.start, checkpoint.part):
        raise OperationError(
            f"{request.resume}: was written with {_stream_flags(checkpoint)}, but "
            f"{name} with {_stream_flags(last)}: they belong to different runs"
        )
    if last.fingerprint != checkpoint.fingerprint:
        _check_match(request, plan, last, warn, name)
    return checkpoint if last.position == checkpoint.position else last


def _check_new(request: Request, plan: Plan, warn: Warn, now: Instant) -> None:
    """Refuse a new run that cannot begin as it is asked. Raises UsageError."""
    if not request.validate:
        for text in check_stream(request):
            warn(text)
    _check_times(request, plan, warn, now)


def _check_times(request: Request, plan: Plan, warn: Warn, now: Instant) -> None:
    """Refuse a new run that cannot start, or ends before its start. Raises UsageError.

    `warn` gets a sentence where what would be history is to come.
    """
    if request.then_live and plan.start is None:
        raise UsageError("--then-live needs -s, the instant at which history begins")
    start = plan.start or now
    if plan.until is not None and plan.until.micros < start.micros:
        past = "in the past; to generate past records, give the start of the stream with -s"
        reason = past if plan.start is None else f"before the start, {start}"
        raise UsageError(f"--until {request.until}: this is {reason}")
    if request.then_live and start.micros > now.micros:
        warn(
            f"-s {request.start}: this is in the future, so that --then-live has no history to make and "
            "waits; is the simulated clock meant? Then leave out --then-live"
        )
    if start.micros - plan.warm_up < start.style.limits[0]:
        raise UsageError("--warm-up: it would begin before the year 1")


def _check_clock(request: Request, plan: Plan) -> None:
    """Refuse flags of the real clock where the run before was on the simulated one."""
    for flag, given in (
        ("--speed", request.speed != 1),
        ("--catch-up", request.catch_up == "skip"),
    ):
        if given and not plan.real_clock:
            name = request.resume
            raise UsageError(
                f"{flag} needs the real clock, but {name} was written on the simulated one"
            )


def _check_match(
    request: Request, plan: Plan, checkpoint: Checkpoint, warn: Warn, name: str
) -> None:
    """Check that a request and a checkpoint, of this name, are of the same stream and target.

    Raises UsageError, OperationError.
    """
    _check_part(plan, checkpoint, name)
    if request.seed is not None and request.seed != checkpoint.seed:
        raise UsageError(f"--seed {request.seed}: {name} was written with seed {checkpoint.seed}")
    if request.start is not None and str(plan.start) != str(checkpoint.start):  # not their zones
        text = f"was written by a run that started at {checkpoint.start}"
        raise UsageError(f"-s {request.start}: {name} {text}")
    if checkpoint.target != plan.target.identity:
        text = f"was written for the target {checkpoint.target}, not {plan.target.identity}"
        raise OperationError(f"{name}: {text}")
    _check_truth(plan, checkpoint, name)
    cursor = checkpoint.cursor
    if cursor.has_workers != plan.spec.has_workers:
        was = "was not written" if cursor.has_workers else "was written"
        raise OperationError(f"{name}: {was} by a replay")
    changed = " and ".join(_changes(checkpoint, plan))
    if not changed:
        return
    if not request.resume_anyway:
        raise OperationError(
            f"{name}: {changed} changed since the previous run (use --resume-anyway to resume nevertheless)"
        )
    if not cursor.fits(plan.spec):
        raise OperationError(f"{name}: some workers are in states that no longer exist")
    workers = ", and workers may be in states or have variables with another meaning"
    warn(
        f"{name}: {changed} changed since the previous run: records may not match earlier ones"
        f"{workers if cursor.has_workers else ''}"
    )


def _check_part(plan: Plan, checkpoint: Checkpoint, name: str) -> None:
    """Refuse the checkpoint of another part, whose workers are others. Raises OperationError."""
    if checkpoint.part == plan.part:
        return
    whole = "a run without --part"
    then, now = (
        whole if each.is_whole else f"--part {each}" for each in (checkpoint.part, plan.part)
    )
    raise OperationError(f"{name}: was written by {then}; {now} cannot resume it")


def _check_truth(plan: Plan, checkpoint: Checkpoint, name: str) -> None:
    """Refuse to begin the truth, or numbers of events, in the middle of a stream. Raises OperationError."""
    if plan.truth is not None and checkpoint.truth is None:
        raise OperationError(f"{name}: was written without the truth, which cannot begin now")
    if plan.numbers_events and not isinstance(checkpoint.cursor, DepartureCursor):
        raise OperationError(
            f"{name}: was written by a run that did not number its events, which cannot begin now"
        )


def _stream_flags(checkpoint: Checkpoint) -> str:
    """Return the flags that a checkpoint's run had."""
    part = "" if checkpoint.part.is_whole else f" --part {checkpoint.part}"
    return f"--seed {checkpoint.seed} -s {checkpoint.start}{part}"


def _changes(checkpoint: Checkpoint, plan: Plan) -> Iterator[str]:
    """Yield what has changed; of a file, as far as its size and time show it."""
    now, then = plan.fingerprint, checkpoint.fingerprint
    yield from (what for what in {**then, **now} if now.get(what) != then.get(what))
    if checkpoint.cursor.source != plan.spec.source_state:
        yield from plan.spec.source_files


def _without_comments(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: _without_comments(each) for key, each in node.items() if not is_comment(key)}
    return [_without_comments(each) for each in node] if isinstance(node, list) else node
