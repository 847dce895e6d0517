"""The flags of the command line."""

import argparse

from datagen import __version__
from datagen.cli.options import (
    STATS_RECORDS,
    bytes_number,
    explained_form,
    jobs_number,
    memory_size,
    metrics_address,
    part_of,
    rate_number,
    records_number,
    sample_number,
    seed_number,
    speed_number,
    stats_number,
    workers_number,
)
from datagen.cli.strict_parser import OnOff, StrictParser


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    made = StrictParser(
        prog="generator.py",
        description="Make a realistic stream of events from a JSON description of a state machine.",
        epilog="Data goes to the target, everything else to stderr. Docs: docs/command-line.md",
        allow_abbrev=False,
    )
    _add_files(made)
    _add_formats(made)
    _add_simulation(made)
    _add_disorder(made)
    _add_limits(made)
    _add_checkpoints(made)
    _add_time(made)
    _add_actions(made)
    _add_looking(made)
    _add_watching(made)
    made.add_argument("--version", action="version", version=f"datagen {__version__}")
    return made


def _add_files(made: argparse.ArgumentParser) -> None:
    made.add_argument(
        "-c",
        "--config",
        metavar="SPEC",
        help="generator specification, JSON or YAML: a path, a bare name such as clickstream, or - for stdin "
        "(stdin without -c)",
    )
    made.add_argument(
        "--set",
        dest="settings",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        help="change a value of SPEC for this run: a parameter, or a path such as states.pay.delay.mean=2; "
        "may be given several times",
    )
    made.add_argument(
        "-t",
        "--target",
        metavar="TARGET",
        action="append",
        default=[],
        help="target specification; overrides the one in SPEC (default: stdout)",
    )
    made.add_argument("-o", dest="old_target", action="append", default=[], help=argparse.SUPPRESS)


def _add_formats(made: argparse.ArgumentParser) -> None:
    made.add_argument(
        "-f",
        "--format",
        "-p",
        "--pattern",
        metavar="FORMAT",
        action="append",
        default=[],
        help="record format: a file with a pattern (default: JSON, one object per line)",
    )
    kind = made.add_mutually_exclusive_group()
    for name, what in (
        ("csv", "comma-separated values"),
        ("tsv", "tab-separated values with escapes, as databases read them"),
    ):
        kind.add_argument(
            f"--{name}",
            dest="kind",
            action="store_const",
            const=name,
            help=f"{what}, with a header line",
        )
    kind.add_argument(
        "--arrow",
        dest="kind",
        action="store_const",
        const="arrow",
        help="a stream of Arrow's record batches, for DuckDB, Polars and others that read stdin",
    )
    kind.add_argument(
        "--template", metavar="NAME", help="format the records with this template of SPEC"
    )


def _add_simulation(made: argparse.ArgumentParser) -> None:
    made.add_argument(
        "-s",
        "--start",
        metavar="TIME",
        help="simulated clock that starts at this ISO 8601 instant, or at now, now-90D, today, yesterday, "
        "as fast as possible (default: the real clock)",
    )
    made.add_argument(
        "--timezone",
        metavar="ZONE",
        help="write times as the clocks of a zone such as Europe/Berlin show them; -s and --until without "
        "an offset are local to it",
    )
    made.add_argument(
        "-m",
        "--max-workers",
        metavar="N",
        type=workers_number,
        help="maximum number of workers alive at once (default: 100); arrivals wait while it is reached. "
        "With none they never wait",
    )
    made.add_argument(
        "--part",
        metavar="I/K",
        type=part_of,
        help="make part I of the K parts of the stream, from 0 to K-1: all with the same SPEC, -s and --seed",
    )
    made.add_argument(
        "--memory",
        metavar="SIZE",
        type=memory_size,
        help="budget for tables and sets of values, such as 500M or 2G (default: 1G)",
    )
    made.add_argument(
        "-j",
        "--jobs",
        metavar="N",
        type=jobs_number,
        help="so many processes that make the text of records, besides the one that simulates, with the "
        "same output; auto: one for each processor (default: 1, no process besides)",
    )
    made.add_argument(
        "--schedule",
        metavar="FILE",
        help="curve over time that lowers the limit of -m, or multiplies the arrival rate; overrides "
        "the one in SPEC; none: no schedule",
    )
    made.add_argument(
        "--rate",
        metavar="RATE",
        help="scale the arrivals so that the run comes to this on average: 5000/s, 3000000/D (records), 40GB/D, "
        "200 workers; overrides the one in SPEC",
    )


def _add_disorder(made: argparse.ArgumentParser) -> None:
    made.add_argument(
        "--disorder",
        metavar="FILE",
        help="list of effects of a network: records that are late, come twice, get lost, ...; overrides the one in SPEC",
    )
    made.add_argument(
        "--truth",
        metavar="TARGET",
        help="write the truth about each event besides, as JSON: a path, or the file of a target",
    )
    made.add_argument(
        "--no-disorder",
        action="store_true",
        help="the clean stream: leave out the disorder of SPEC",
    )


def _add_limits(made: argparse.ArgumentParser) -> None:
    limit = made.add_mutually_exclusive_group()
    limit.add_argument(
        "-n", "--records", metavar="N", type=records_number, help="stop after exactly N records"
    )
    limit.add_argument(
        "-r",
        "--duration",
        metavar="D",
        help="stop when the clock has advanced by D: 30S, 10M, 1H, 2D, 1h30m, PT1H",
    )
    limit.add_argument(
        "--until",
        metavar="TIME",
        help="stop when the clock reaches this instant, in the words of -s",
    )
    limit.add_argument(
        "--bytes",
        metavar="SIZE",
        type=bytes_number,
        help="stop before the record with which the text of all records would be longer: 50GB, 200M",
    )


def _add_checkpoints(made: argparse.ArgumentParser) -> None:
    made.add_argument(
        "--resume",
        metavar="FILE",
        help="write checkpoints to FILE; resume from it if it exists",
    )
    made.add_argument(
        "--resume-anyway",
        action="store_true",
        help="resume although the specification or -m has changed",
    )
    made.add_argument(
        "--checkpoint-every",
        metavar="D",
        help="write a checkpoint this often, in wall time (default: 10S)",
    )
    made.add_argument(
        "--catch-up",
        choices=("history", "skip"),
        help="when resuming on the real clock: generate the missed records at once (default), or "
        "skip them",
    )


def _add_time(made: argparse.ArgumentParser) -> None:
    made.add_argument(
        "--warm-up",
        metavar="D",
        help="simulate D before the start and discard its records",
    )
    made.add_argument(
        "--then-live",
        action="store_true",
        help="with -s in the past: generate history as fast as possible, then continue on the real clock",
    )
    made.add_argument(
        "--speed", metavar="X", type=speed_number, help="run the real clock X times as fast"
    )
    made.add_argument(
        "--max-rate",
        metavar="RATE",
        type=rate_number,
        help="deliver at most so many records: 20000/s; no effect on their instants",
    )
    made.add_argument(
        "--seed", metavar="INT", type=seed_number, help="seed of the run (default: a random seed)"
    )


def _add_actions(made: argparse.ArgumentParser) -> None:
    made.add_argument(
        "--validate",
        action="store_true",
        help="check all files, report all problems, generate nothing",
    )
    made.add_argument(
        "--entities",
        metavar="NAME",
        help="write the entities of this name in SPEC as records, in place of events: those at the start, those "
        "born before the end of -r or --until, or -n of them",
    )
    made.add_argument(
        "--avro-schema", action="store_true", help="print the Avro schema, generate nothing"
    )
    made.add_argument(
        "--ddl",
        metavar="DATABASE",
        choices=("postgresql", "sqlite", "duckdb", "clickhouse"),
        help="print the CREATE TABLE statements for the records, generate nothing: postgresql, sqlite, duckdb "
        "or clickhouse",
    )
    made.add_argument(
        "--json-schema",
        metavar="KIND",
        nargs="?",
        const="spec",
        choices=("spec", "target", "schedule", "disorder"),
        help="print the JSON Schema of files of a KIND, for editors: spec (the default), target, schedule or "
        "disorder",
    )
    made.add_argument(
        "--presets", action="store_true", help="list the bare names for -c, each with what it is"
    )
    made.add_argument(
        "--completion",
        metavar="SHELL",
        choices=("bash", "zsh", "fish"),
        help="print what makes a SHELL complete flags, and bare names: bash, zsh or fish",
    )
    made.add_argument(
        "--untrusted",
        action="store_true",
        help="refuse a SPEC that reads files or the environment, or has a target of its own, and limit "
        "what it takes to load",
    )


def _add_looking(made: argparse.ArgumentParser) -> None:
    made.add_argument(
        "--sample",
        metavar="K",
        type=sample_number,
        help="show K records of every emitter, aligned, and end",
    )
    made.add_argument(
        "--stats",
        metavar="N",
        nargs="?",
        const=STATS_RECORDS,
        type=stats_number,
        help="show statistics of N records (default: 100000): fields, transitions, delays; and end",
    )
    made.add_argument(
        "--explain",
        metavar="FORM",
        nargs="?",
        const="text",
        type=explained_form,
        help="say what a run will make: records, their rate and size, workers, states; as text (default) or json; or draw them: mermaid, dot, or a page (PATH.html); and end",
    )
    made.add_argument(
        "--watch",
        action="store_true",
        help="with --sample or --explain: show it again whenever a file of the specification is saved",
    )


def _add_watching(made: argparse.ArgumentParser) -> None:
    loudness = made.add_mutually_exclusive_group()
    loudness.add_argument(
        "-q", "--quiet", action="store_true", help="print nothing but warnings and errors"
    )
    loudness.add_argument(
        "-v",
        "--verbose",
        action="store_true",
        help="with --validate, print mean times and the old words of SPEC; print a traceback for "
        "internal errors",
    )
    loudness.add_argument(
        "--debug", dest="verbose", action="store_const", const="--debug", help=argparse.SUPPRESS
    )
    made.add_argument(
        "--progress",
        action=OnOff,
        help="show progress on stderr, or not (default: if stderr is a terminal that shows no records)",
    )
    made.add_argument(
        "--summary", metavar="FILE", help="write the summary as JSON when the run ends"
    )
    made.add_argument(
        "--report",
        metavar="FILE",
        help="hold the run against SPEC and write what fits and what does not, when it ends: to an .html or .json file",
    )
    made.add_argument(
        "--check",
        metavar="FILE",
        nargs="+",
        help="with --report: make nothing; hold files of records that were made with SPEC before against it",
    )
    made.add_argument(
        "--metrics",
        metavar="PORT",
        type=metrics_address,
        help="serve metrics for Prometheus at this PORT of the loopback interface, or at HOST:PORT",
    )
