"""The command line: `python generator.py -c SPEC [-n N | -r D] [-s TIME] [-t TARGET]`."""

import argparse
import secrets
import sys
import traceback
from collections.abc import Sequence
from typing import BinaryIO, TextIO

from datagen.cli.console import Console, hold_standard_streams, redirect_to_devnull, standard
from datagen.cli.options import (
    parse_request,
    with_negative_durations,
)
from datagen.cli.parser import parser
from datagen.running.options import Request
from datagen.running.outcome import outcome_of


def main(
    arguments: Sequence[str] | None = None,
    stdin: BinaryIO | None = None,
    stdout: BinaryIO | None = None,
    stderr: TextIO | None = None,
) -> int:
    """Run the generator and give its exit status; the streams can be replaced in tests."""
    hold_standard_streams()
    stdin, stdout = stdin or standard(sys.stdin, 0), stdout or standard(sys.stdout, 1)
    console = Console(stderr or sys.stderr)
    options = argparse.Namespace(verbose=False)
    try:
        given = sys.argv[1:] if arguments is None else arguments
        options = parser().parse_args(with_negative_durations(given))
        request = parse_request(options, lambda text: console.tell(f"generator.py: {text}"))
        _run(request, stdin, stdout, console)
    except SystemExit:
        raise
    except BaseException as error:  # noqa: BLE001 - whatever it is: a line, and a status
        ending = outcome_of(error)
        if ending.ours and options.verbose:
            console.tell("".join(traceback.format_exception(error)).rstrip())
        if ending.line:
            console.tell(ending.line)
        if ending.reason == "reader gone":
            redirect_to_devnull(sys.stdout)
        return ending.status
    return 0


def _run(request: Request, stdin: BinaryIO, stdout: BinaryIO, console: Console) -> None:
    from datagen.cli.session import (  # noqa: PLC0415
        input_files,
        operate,
        show_schema,
        summary_file,
    )
    from datagen.running.loading import described, load  # noqa: PLC0415 - keeps --help light
    from datagen.running.pipeline import Run  # noqa: PLC0415
    from datagen.running.resume import resume_or_start  # noqa: PLC0415

    seed = secrets.randbelow(1 << 53) if request.seed is None else request.seed
    with summary_file(request, seed) as file:
        plan, warnings = load(request, seed, stdin, file.reject_overlap)
        if request.avro_schema:
            show_schema(plan, stdout, console)
            return
        file.reject_overlap(plan.target.files())
        with resume_or_start(request, plan, input_files(request, plan), console.warn) as whole:
            run = Run(whole)
            file.summary = run.summary
            for warning in warnings:
                console.warn(warning)
            if request.validate:
                console.tell(described(plan, request.verbose))
                return
            console.tell(f"repeat with: --seed {whole.seed} -s {run.start}")
            if whole.before:
                console.tell(f"{request.resume}: {whole.before}")
            operate(run, request, stdout, console)


if __name__ == "__main__":
    sys.exit(main())
