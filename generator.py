"""The command line: `python generator.py -c SPEC [-n N | -r D] [-s TIME] [-t TARGET]`."""

import argparse
import os
import secrets
import sys
import traceback
from collections.abc import Sequence
from typing import BinaryIO, NoReturn, TextIO

from datagen import __version__
from datagen.commandline import (
    Request,
    seed_number,
    wanted,
    with_negative_durations,
    workers_number,
)
from datagen.errors import DatagenError, ReaderGoneError, UsageError


def main(
    arguments: Sequence[str] | None = None,
    stdin: BinaryIO | None = None,
    stdout: BinaryIO | None = None,
    stderr: TextIO | None = None,
) -> int:
    """Run the generator and give its exit status; the streams can be replaced in tests."""
    stdin, stdout = stdin or sys.stdin.buffer, stdout or sys.stdout.buffer
    stderr = stderr or sys.stderr
    options = argparse.Namespace(verbose=False)
    try:
        given = sys.argv[1:] if arguments is None else arguments
        options = parser().parse_args(with_negative_durations(given))
        request = wanted(options, lambda text: print(f"generator.py: {text}", file=stderr))
        return _run(request, stdin, stdout, stderr)
    except ReaderGoneError:
        _let_go_of_stdout()
        return 0
    except DatagenError as error:
        prefix = "generator.py: error: " if isinstance(error, UsageError) else ""
        print(f"{prefix}{error}", file=stderr)
        return error.exit_status
    except KeyboardInterrupt:
        return 130
    except MemoryError:
        print("generator.py: out of memory", file=stderr)
        return 1
    except Exception as error:  # noqa: BLE001 - a mistake of ours: one line, and all of it on request
        if options.verbose:
            traceback.print_exc(file=stderr)
        what = f"{type(error).__name__}: {error}".splitlines()[0]
        print(f"generator.py: internal error: {what} (-v shows where)", file=stderr)
        return 1


class _Parser(argparse.ArgumentParser):
    """Tells wrong usage as an error of ours."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(message)


def parser() -> argparse.ArgumentParser:
    """Give the parser of the command line."""
    made = _Parser(
        prog="generator.py",
        description="Make a realistic stream of events from a JSON description of a state machine.",
        epilog="Data goes to the target, everything else to stderr. Docs: docs/command-line.md",
        allow_abbrev=False,
    )
    add = made.add_argument
    add(
        "-c",
        "--config",
        metavar="SPEC",
        help="generator specification: a path, a bare name such as clickstream, or - for stdin "
        "(stdin without -c)",
    )
    add(
        "-t",
        "--target",
        metavar="TARGET",
        action="append",
        default=[],
        help="target specification; overrides the one in SPEC (default: stdout)",
    )
    add("-o", dest="old_target", action="append", default=[], help=argparse.SUPPRESS)
    add(
        "-f",
        "--format",
        "-p",
        "--pattern",
        metavar="FORMAT",
        action="append",
        default=[],
        help="record format (pattern) file; without it, JSON, one object a line",
    )
    add(
        "-s",
        "--start",
        metavar="TIME",
        help="simulated clock from this ISO 8601 instant (or now), as fast as possible; without "
        "it, the real clock",
    )
    add(
        "-m",
        "--max-workers",
        metavar="N",
        type=workers_number,
        default=100,
        help="most workers alive at once (default: 100)",
    )
    limit = made.add_mutually_exclusive_group()
    limit.add_argument(
        "-n", "--records", metavar="N", type=_records, help="stop after exactly N records"
    )
    limit.add_argument(
        "-r",
        "--duration",
        metavar="D",
        help="stop after this much time of the clock: 30S, 10M, 1H, 2D, 1h30m, PT1H",
    )
    add("--seed", metavar="INT", type=seed_number, help="seed of the run (default: one is drawn)")
    add("--validate", action="store_true", help="check all files, generate nothing")
    loudness = made.add_mutually_exclusive_group()
    loudness.add_argument("-q", "--quiet", action="store_true", help="no progress, no summary")
    loudness.add_argument(
        "-v",
        "--verbose",
        action="store_true",
        help="means with --validate, a traceback for mistakes of ours",
    )
    add("--version", action="version", version=f"datagen {__version__}")
    return made


def _run(request: Request, stdin: BinaryIO, stdout: BinaryIO, stderr: TextIO) -> int:
    from datagen.clock import Interruption  # noqa: PLC0415 - keeps --help light
    from datagen.loading import described, load  # noqa: PLC0415
    from datagen.pipeline import Run  # noqa: PLC0415
    from datagen.progress import Progress  # noqa: PLC0415

    seed = secrets.randbelow(1 << 53) if request.seed is None else request.seed
    plan, warnings = load(request, seed, stdin)
    run = Run(plan)
    for warning in warnings:
        print(f"warning: {warning}", file=stderr)
    if request.validate:
        print(described(plan, request.verbose), file=stderr)
        return 0
    print(f"repeat with: --seed {seed} -s {plan.start}", file=stderr, flush=True)
    progress = Progress(stderr, shown=not request.quiet and stderr.isatty() and not stdout.isatty())
    with Interruption() as interruption:
        try:
            run.go(stdout, interruption, told=progress.tell)
        except KeyboardInterrupt:
            pass
        except ReaderGoneError:
            if not interruption.signal:
                raise
        finally:
            progress.end()
            if not request.quiet and not run.reader_gone:
                print(run.summary, file=stderr)
        return 128 + interruption.signal if interruption.signal else 0


def _records(text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        number = -1
    if number < 0:
        raise argparse.ArgumentTypeError(f"expected a whole number of 0 or more, not {text!r}")
    return number


def _let_go_of_stdout() -> None:
    """Keep Python from complaining, at its end, that stdout is closed."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError):
        return


if __name__ == "__main__":
    sys.exit(main())
