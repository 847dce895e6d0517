"""Has a run looked at while it goes on, and writes the report of it at the end; or looks at files, or a specification, and makes nothing."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from datagen.cli.console import Console
from datagen.errors import MisfitError
from datagen.file_set import FileSet
from datagen.running.description import described
from datagen.running.options import Request
from datagen.running.plan import Start

if TYPE_CHECKING:
    from datagen.inspection.report_figures import Report
    from datagen.running.pipeline import Run


@contextmanager
def reporting(
    run: "Run", start: Start, request: Request, others: Sequence[FileSet], console: Console
) -> Iterator[None]:
    """Watch a run, if a report is asked for, and write it however the run ends; `others` are the run's other files.

    Raises UsageError for a run that cannot be looked at, OperationError where the file cannot be written.
    """
    if request.report is None:
        yield
        return
    from datagen.inspection.report import RunReport  # noqa: PLC0415 - few runs are looked at
    from datagen.inspection.report_file import ReportFile  # noqa: PLC0415

    file, watched, complete = ReportFile(request.report), RunReport(run, start), False
    for each in others:
        file.reject_overlap(each)
    try:
        yield
        complete = True
    finally:
        if not run.reader_gone:
            report = watched.report(complete=complete)
            file.write(report)
            show_verdict(report, request, console)


def check_only(run: "Run", start: Start, request: Request, console: Console) -> None:
    """Make nothing: say what a specification is, or hold files of records against it. Raises DatagenError."""
    if request.check:
        check_files(run, start, request, console)
    else:
        console.print(*described(run.plan, request.verbose))


def check_files(run: "Run", start: Start, request: Request, console: Console) -> None:
    """Hold files of records against the model of a run, which does not take place, and write the report.

    Raises MisfitError where they do not fit, OperationError for files that cannot be read or written, UsageError for a replay.
    """
    from datagen.inspection.file_check import checked  # noqa: PLC0415 - few look at files
    from datagen.inspection.report import file_model, simulation_of  # noqa: PLC0415
    from datagen.inspection.report_file import ReportFile  # noqa: PLC0415

    assert request.report is not None
    file, plan = ReportFile(request.report), run.plan
    file.reject_overlap(FileSet("records", request.check))
    source, covered = simulation_of(run), start.time_range
    source.start_stream(start.instant.micros)
    model = file_model(plan, source, seeded=request.seed is not None)
    begin = start.instant.micros if plan.start is not None else None
    end = covered.end if covered.bounded else None
    report = checked(request.check, model, begin, end, plan.file, request.seed)
    file.write(report)
    if report.red:
        raise MisfitError(f"{request.report}: {report.line}")
    if not request.quiet:
        console.print(f"{request.report}: {report.line}")


def show_verdict(report: "Report", request: Request, console: Console) -> None:
    """Print the verdict; one that is red also where a run is quiet."""
    if report.red:
        console.warn(f"{request.report}: {report.line}")
    elif not request.quiet:
        console.print(f"{request.report}: {report.line}")
