"""Turns a plan and a file of a checkpoint into a plan that goes on where the run before it stopped."""

import contextlib
import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from datagen.checkpoint import Checkpoint, CheckpointFile
from datagen.commandline import Request
from datagen.cursor import Cursor
from datagen.errors import OperationError, UsageError
from datagen.instants import Instant, parse_instant, utc_now
from datagen.keeping import Keep
from datagen.pipeline import Plan
from datagen.schema import is_comment

_NOT_OF_THE_STREAM = ("target", "format", "templates")


@contextlib.contextmanager
def kept(request: Request, plan: Plan, warn: Callable[[str], None]) -> Iterator[Plan]:
    """Give a plan that is kept in a file, if that is asked for, and goes on from there.

    Raises OperationError for a file that another run has, that is damaged or belongs to something
    else, UsageError for flags that contradict it.
    """
    if request.resume is None or request.validate:
        yield plan
        return
    with CheckpointFile(request.resume) as file:
        before = file.read()
        if before is not None:
            _compare(request, plan, before, warn)
            plan = replace(plan, seed=before.seed, start=before.start, live=_live(request, before))
        every = request.checkpoint_every
        yield replace(plan, keep=Keep(file, every, before), skip_gap=request.catch_up == "skip")


def fingerprint(raw: Any, most_alive: int) -> str:
    """Give what tells one stream from another: the specification without its comments, and -m."""
    body = {key: value for key, value in raw.items() if key not in _NOT_OF_THE_STREAM}
    text = json.dumps([_without_comments(body), most_alive], sort_keys=True)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _compare(request: Request, plan: Plan, before: Checkpoint, warn: Callable[[str], None]) -> None:
    """See to it that a checkpoint and a request fit each other."""
    name = request.resume
    if request.seed is not None and request.seed != before.seed:
        raise UsageError(f"--seed {request.seed}: {name} goes on with seed {before.seed}")
    if request.start is not None and not _same_start(request.start, before.start):
        raise UsageError(f"-s {request.start}: {name} goes on with a run from {before.start}")
    if before.target != plan.target.identity:
        text = f"was written for the target {before.target}, not {plan.target.identity}"
        raise OperationError(f"{name}: {text}")
    if before.fingerprint == plan.fingerprint:
        return
    if not request.resume_anyway:
        raise OperationError(
            f"{name}: the specification or -m is not that of the run before (--resume-anyway goes on "
            "all the same)"
        )
    if not _fits(before.cursor, plan):
        raise OperationError(f"{name}: the workers in it are in states that are no longer there")
    warn(
        f"{name} is of another specification or -m: whether the records fit those before, and "
        "whether workers mean the same states and variables, cannot be known"
    )


def _fits(cursor: Cursor, plan: Plan) -> bool:
    """Tell whether the workers of a cursor can be those of a specification."""
    alive = cursor.pool.alive
    states = len(plan.spec.states)
    inside = alive.states.max(initial=-1) < states and alive.memory[..., 1].max(initial=-1) < states
    return bool(inside) and alive.memory.shape[1] == plan.marks


def _same_start(text: str, before: Instant) -> bool:
    try:
        start = utc_now() if text == "now" else parse_instant(text)
    except ValueError:  # told elsewhere
        return True
    return start == before


def _live(request: Request, before: Checkpoint) -> bool:
    """Tell whether a run that goes on is on the real clock: as the one before, if nothing is said."""
    return before.live or request.then_live


def _without_comments(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: _without_comments(each) for key, each in node.items() if not is_comment(key)}
    return [_without_comments(each) for each in node] if isinstance(node, list) else node
