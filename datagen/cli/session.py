"""Runs a plan with progress, metrics and signals, and reports at the end what came of it."""

import contextlib
import json
import os
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from datagen.cli.console import Console
from datagen.cli.progress import Progress
from datagen.cli.signals import Interruption
from datagen.errors import DatagenError, Problem, ReaderGoneError, SignalError, SpecError
from datagen.file_set import FileSet
from datagen.formats import FORMATS
from datagen.formats.rendered import RecordBytes, Rendered
from datagen.lookup import find_file
from datagen.one_line import counted, were
from datagen.running.checkpoint import CheckpointFile
from datagen.running.observer import Observer
from datagen.running.options import Request
from datagen.running.outcome import outcome_of
from datagen.running.plan import Plan, Start
from datagen.running.summary import Summary, SummaryFile
from datagen.short_names import is_short
from datagen.targets.stdout import StdoutTarget

if TYPE_CHECKING:
    from datagen.running.pipeline import Run


def summary_file(request: Request, seed: int) -> SummaryFile:
    """Return the file of the summary, which may be none. Raises OperationError."""
    path = None if request.validate or request.avro_schema or request.ddl else request.summary
    file = SummaryFile(path, Summary(request.config or "-", seed))
    file.reject_overlap(_files_read(request))
    if request.resume is not None:
        file.reject_overlap(CheckpointFile(request.resume).files)
    return file


def other_files(request: Request, plan: Plan) -> list[FileSet]:
    """Return the files of a run besides those of --resume."""
    summary = (request.summary,) if request.summary else ()
    return [
        plan.target.files(),
        *([plan.truth.files()] if plan.truth else []),
        _files_read(request),
        FileSet("source", plan.spec.source_files),
        FileSet("summary", summary),
    ]


def shows_preparation(request: Request, console: Console) -> bool:
    """Return whether there is a person who sees how far the sets of values are."""
    return console.isatty() and not request.quiet if request.progress is None else request.progress


def show_columns(request: Request, plan: Plan, stdout: BinaryIO, console: Console) -> None:
    """Write what a request asks for in place of records: their schema, or statements. Raises SpecError, TargetError."""
    if request.ddl is None:
        show_schema(plan, stdout, console)
    else:
        show_statements(plan, request.ddl, stdout)


def show_schema(plan: Plan, stdout: BinaryIO, console: Console) -> None:
    """Write the Avro schema of the records. Raises SpecError, TargetError."""
    avro = next((form for form in plan.formats if form.has_schema), None)
    avro = avro or FORMATS.parse({"type": "avro"}).named_after(plan.file)
    problems = [Problem(path, text, plan.file) for path, text in avro.check(plan.spec)]
    if problems:
        raise SpecError(problems)
    for text in avro.notes(plan.spec):
        console.warn(f"{plan.file}: {text}")
    _show(json.dumps(avro.schema_of(plan.spec), indent=2) + "\n", stdout)


def show_statements(plan: Plan, database: str, stdout: BinaryIO) -> None:
    """Write the statements that create the tables of the records. Raises SpecError, TargetError."""
    from datagen.targets.sql import ddl  # noqa: PLC0415 - for those who ask

    text, problems = ddl.statements_for(database, plan.target, plan.spec)
    if problems:
        raise SpecError([Problem((), each, plan.file) for each in problems])
    _show(text, stdout)


def _show(text: str, stdout: BinaryIO) -> None:
    data = text.encode()
    with StdoutTarget().open(stdout) as sink:
        sink.write(Rendered((RecordBytes(memoryview(data), np.array([len(data)])),)))


def speaks_of_run(request: Request) -> bool:
    """Return whether warnings of how a run will go are wanted: a check of files may name no run."""
    limits = (request.records, request.duration, request.until, request.bytes)
    named = (*limits, request.max_workers)
    return not request.quiet and (not request.validate or any(each is not None for each in named))


def run_to_end(
    run: "Run",
    start: Start,
    request: Request,
    stdout: BinaryIO,
    console: Console,
    signals: Interruption | None = None,
) -> None:
    """Run to the end. Raises what the run raises, and SignalError when a signal ended it."""
    plan = run.plan
    shown = _shows_progress(plan, request, stdout, console)
    progress = Progress(
        console, shown, plan.max_records, start.duration, start.offset, plan.max_bytes
    )
    observer = Observer(progress.update, console.warn)
    with signals or Interruption() as interruption, _metrics(request, run.summary, console):
        try:
            run.deliver(stdout, interruption, observer=observer, start=start)
        except (KeyboardInterrupt, DatagenError) as error:
            if not interruption.signal:
                raise
            silent = isinstance(error, KeyboardInterrupt | ReaderGoneError)
            texts = () if silent else outcome_of(error).texts
            raise SignalError(interruption.signal, *texts) from error
        finally:
            interruption.cancel_alarm()
            progress.end()
            _report(run, request, console, bool(interruption.signal))
        if interruption.signal:
            raise SignalError(interruption.signal)


def _files_read(request: Request) -> FileSet:
    """Return the files that say what to do."""
    names = {
        "gen": request.config,
        "tar": None if is_short(request.target or "") else request.target,
        "form": request.format,
        "sched": request.schedule,
    }
    paths = [find_file(name, folder) for folder, name in names.items() if name]
    return FileSet("description of the run", tuple(str(path) for path in paths if path))


def _report(run: "Run", request: Request, console: Console, interrupted: bool) -> None:
    """Write what came of a run; also a quiet one that was cut short says what it has lost."""
    summary = run.summary
    if run.reader_gone:
        return
    if not request.quiet:
        console.print(*summary.lines)
    elif interrupted and summary.undelivered:
        console.warn(
            f"{counted(summary.undelivered, 'record')} {were(summary.undelivered)} not delivered "
            f"({summary.failed:,} failed, {summary.unsent:,} not sent)"
        )


def _metrics(
    request: Request, summary: Summary, console: Console
) -> contextlib.AbstractContextManager[object]:
    """Serve the figures of a run, if that is asked for."""
    if request.metrics is None:
        return contextlib.nullcontext()
    from datagen.cli.metrics import Metrics  # noqa: PLC0415 - its package is for those who ask

    metrics = Metrics(request.metrics, summary)
    if not request.quiet or request.metrics[1] == 0:  # a port that nobody knows yet
        console.print(f"metrics: {metrics.url}")
    return metrics


def _shows_progress(plan: Plan, request: Request, stdout: BinaryIO, console: Console) -> bool:
    """Return whether there is a person who sees the line, at a terminal without records."""
    if request.progress is not None:
        return request.progress
    if request.quiet or not console.isatty():
        return False
    return not (plan.target.on_stdout() and _same_terminal(stdout, console))


def _same_terminal(stdout: BinaryIO, console: Console) -> bool:
    try:
        one, other = os.fstat(stdout.fileno()), os.fstat(console.fileno())
    except OSError:
        return stdout.isatty()
    return stdout.isatty() and one.st_rdev == other.st_rdev
