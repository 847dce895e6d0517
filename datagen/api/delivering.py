"""Runs what a program asks for to its end, as the command does, but for signals and stderr."""

import io
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from threading import Event
from typing import Any, BinaryIO

from datagen.api.arguments import Asked
from datagen.api.reporting import reported
from datagen.cli.session import other_files
from datagen.errors import ReaderGoneError, UsageError
from datagen.running.cap_warning import run_warnings
from datagen.running.clock import Moment, NeverStopped, StopSignal
from datagen.running.description import repeating_flags
from datagen.running.loading import load
from datagen.running.observer import Observer
from datagen.running.outcome import outcome_of
from datagen.running.pipeline import Run
from datagen.running.resume import resume_or_start

Warn = Callable[[str], object]


class StopEvent:
    """Stops a run in order once an event is set."""

    def __init__(self, event: Event) -> None:
        self._event = event

    def stopped(self) -> bool:
        """Return whether the event is set."""
        return self._event.is_set()

    def sleep(self, seconds: float) -> None:
        """Wait so many seconds, or until the event is set."""
        self._event.wait(max(seconds, 0.0))

    def opening(self) -> AbstractContextManager[None]:
        """Return a context in which nothing is different."""
        return nullcontext()


def delivered(
    asked: Asked, stdout: BinaryIO | None, stop: Event | None, on_warning: Warn | None
) -> dict[str, Any]:
    """Run to the end, and return the document of the summary; `stdout` None is that of the process.

    Raises Error: of a run that has failed too.
    """
    plan, warnings = load(asked.request, now=asked.now, from_program=asked.from_program)
    redact = plan.redaction

    def warn(text: object) -> None:
        if on_warning is not None:
            on_warning(redact(str(text)))

    with (
        reported(redact),
        resume_or_start(
            asked.request, plan, other_files(asked.request, plan), warn, asked.now
        ) as resumed,
    ):
        run = Run(resumed)
        plan, start = run.plan, run.plan.start_at(Moment.present())
        for each in warnings:
            if not each.minor:
                warn(each)
        for text in run_warnings(plan, start, run.source) if on_warning else ():
            warn(text)
        run.summary.repeat = repeating_flags(asked.request, plan, start)
        stream = stdout or (_standard_output() if plan.target.on_stdout() else io.BytesIO())
        observer = Observer(warn=warn)
        signal: StopSignal = NeverStopped() if stop is None else StopEvent(stop)
        error = None
        try:
            run.deliver(stream, signal, observer=observer, start=start)
        except ReaderGoneError as gone:  # nothing is wrong
            error = gone
    return run.summary.document(outcome_of(error))


def _standard_output() -> BinaryIO:
    """Return the stdout of the process. Raises UsageError where that takes no bytes, as in a notebook."""
    buffer: BinaryIO | None = getattr(sys.stdout, "buffer", None)
    if buffer is None:
        raise UsageError("stdout takes no bytes here: give a target, or a binary file as one")
    sys.stdout.flush()
    return buffer
