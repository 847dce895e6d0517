"""The command line: `python generator.py -c SPEC [-n N | -r D] [-s TIME] [-t TARGET]`."""

import argparse
import contextlib
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from typing import BinaryIO, TextIO

from datagen.cli.catalogue import is_asked_for, print_text
from datagen.cli.collector import pause_collector, resume_collector
from datagen.cli.console import (
    Console,
    binary_stream,
    redirect_to_devnull,
    reserve_standard_streams,
)
from datagen.cli.old_spellings import with_negative_values
from datagen.cli.options import parse_request
from datagen.cli.parser import parser
from datagen.cli.signals import interruptible
from datagen.running.options import Request
from datagen.running.outcome import outcome_of
from datagen.unused_imports import leave_out_pandas


def main(
    arguments: Sequence[str] | None = None,
    stdin: BinaryIO | None = None,
    stdout: BinaryIO | None = None,
    stderr: TextIO | None = None,
) -> int:
    """Run the generator and return its exit status; may be called in any thread.

    What is not given is that of the process: its arguments and its standard streams.
    """
    owns_process = arguments is None
    if owns_process:
        pause_collector()
        leave_out_pandas()
        # Arrow's arrays get their memory where numpy's do, and what is freed is used again: 50 MB less
        os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    reserve_standard_streams()
    owns_stdout = stdout is None
    stdin, stdout = stdin or binary_stream(sys.stdin, 0), stdout or binary_stream(sys.stdout, 1)
    console = Console(stderr or sys.stderr)
    options = argparse.Namespace(verbose=False)
    try:
        given = sys.argv[1:] if arguments is None else arguments
        options = parser().parse_args(with_negative_values(given))
        request = parse_request(options, lambda text: console.print(f"generator.py: {text}"))
        if is_asked_for(request):
            print_text(request, stdout)
            return 0
        on_start = resume_collector if owns_process else lambda: None
        if owns_process:
            _share_one_heap()
        with interruptible():
            go = _run if request.mode is None else _show
            go(request, stdin, stdout, console, on_start)
    except SystemExit:
        raise
    except BaseException as error:  # noqa: BLE001 - whatever it is: a line, and a status
        outcome = outcome_of(error)
        if outcome.internal and options.verbose:
            console.fail(*"".join(traceback.format_exception(error)).splitlines())
        if outcome.lines:
            console.fail(*outcome.lines)
        if outcome.reason == "reader gone" and owns_stdout:
            redirect_to_devnull(sys.stdout)
        return outcome.status
    return 0


def _share_one_heap() -> None:
    # imported here, so that --help stays light
    from datagen.allocation import share_one_heap  # noqa: PLC0415

    share_one_heap()


def _show(
    request: Request,
    stdin: BinaryIO,
    stdout: BinaryIO,
    console: Console,
    on_start: Callable[[], None],
) -> None:
    """Show what is asked for in place of a run."""
    # imported here, so that --help and runs stay light
    from datagen.cli.modes import run_mode  # noqa: PLC0415
    from datagen.running.loading import seed_of  # noqa: PLC0415

    on_start()
    run_mode(request, seed_of(request), stdin, stdout, console)


def _run(
    request: Request,
    stdin: BinaryIO,
    stdout: BinaryIO,
    console: Console,
    on_start: Callable[[], None],
) -> None:
    """Load and run; `on_start` is called when all is ready, before the first record."""
    # imported here, so that --help stays light
    from datagen.cli.preparation import Preparation  # noqa: PLC0415
    from datagen.cli.reporting import check_only, reporting  # noqa: PLC0415
    from datagen.cli.session import (  # noqa: PLC0415
        other_files,
        run_to_end,
        show_columns,
        shows_preparation,
        speaks_of_run,
        summary_file,
    )
    from datagen.running.cap_warning import run_warnings  # noqa: PLC0415
    from datagen.running.clock import Moment  # noqa: PLC0415
    from datagen.running.description import repeating_flags  # noqa: PLC0415
    from datagen.running.loading import load, seed_of  # noqa: PLC0415
    from datagen.running.loading_budget import LoadingBudget  # noqa: PLC0415
    from datagen.running.pipeline import Run  # noqa: PLC0415
    from datagen.running.resume import resume_or_start  # noqa: PLC0415

    seed = seed_of(request)
    step = LoadingBudget().step if request.untrusted else contextlib.nullcontext
    with summary_file(request, seed) as file, interruptible() as check_signals:
        with step():
            plan, warnings = load(request, seed, stdin, file.reject_overlap)
            console.redact = file.redact = plan.redaction
        if request.avro_schema or request.ddl:
            show_columns(request, plan, stdout, console)
            return
        file.reject_overlap(plan.target.files())
        if plan.truth is not None:
            file.reject_overlap(plan.truth.files())
        others = other_files(request, plan)
        with resume_or_start(request, plan, others, console.warn) as resumed:
            shown = shows_preparation(request, console)
            with step(), Preparation(console, shown) as preparation:
                run = Run(resumed, on_members=preparation.update)
            file.summary = run.summary
            start = run.plan.start_at(Moment.present())
            for warning in warnings:
                if not warning.minor:
                    console.warn(warning)
                elif request.validate and request.verbose:
                    console.print(warning)
            with step():
                found = run_warnings(run.plan, start, run.source)
                texts = [*found] if speaks_of_run(request) else []
            for text in texts:
                console.warn(text)
            if request.validate or request.check:
                with step():
                    check_only(run, start, request, console)
                return
            run.summary.repeat = repeating_flags(request, run.plan, start)
            if not request.quiet:
                console.print(f"repeat with: {run.summary.repeat}")
                if run.plan.resumed_from:
                    console.print(f"{request.resume}: {run.plan.resumed_from}")
            on_start()
            check_signals()
            with reporting(run, start, request, others, console):
                run_to_end(run, start, request, stdout, console)


if __name__ == "__main__":
    sys.exit(main())
