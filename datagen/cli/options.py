"""Turns the parsed options of a command line into a request.

Light on purpose: `--help` and wrong usage import nothing but the standard library.
"""

import argparse
import os
import re
from collections.abc import Iterator
from typing import Any

from datagen.cli.old_spellings import Print, modernized
from datagen.durations import duration_micros
from datagen.errors import UsageError
from datagen.part import WHOLE, Part
from datagen.rate_wish import records_per_second, size_in_bytes
from datagen.running.options import DEFAULT_MEMORY, NO_DISORDER, NO_LIMIT, Request

MOST_JOBS = 256
MOST_SAMPLES = 1000
STATS_RECORDS = 100_000
EXPLAINED = ("text", "json", "mermaid", "dot")  # forms
MODES = {  # what is made in place of a run
    "--sample": "sample",
    "--stats": "stats",
    "--explain": "explain",
    "--entities": "entities",
    "--validate": "validate",
    "--avro-schema": "avro_schema",
    "--ddl": "ddl",
    "--json-schema": "json_schema",
    "--presets": "presets",
    "--completion": "completion",
}
LOOKING = ("--sample", "--stats", "--explain")  # those that look at a run
WATCHED = ("--sample", "--explain")  # those that --watch makes again
NOT_LOOKING = {
    "--truth": "truth",
    "--disorder": "disorder",
    "--resume": "resume",
    "--then-live": "then_live",
    "--speed": "speed",
    "-j": "jobs",
    "--summary": "summary",
    "--metrics": "metrics",
    "--progress": "progress",
    "--report": "report",
}

_AS_THEY_ARE = (  # options that are keys of a request
    "config", "target", "format", "kind", "template", "unknown_target", "schedule", "start",
    "timezone", "max_workers", "rate", "bytes", "max_rate", "then_live", "seed", "validate",
    "avro_schema", "ddl", "json_schema", "presets", "completion", "sample", "stats", "explain",
    "watch", "quiet", "verbose", "progress", "metrics", "resume_anyway", "until", "untrusted",
    "entities",
)  # fmt: skip


def parse_request(options: argparse.Namespace, write_line: Print) -> Request:
    """Return what the options ask for; `write_line` gets a sentence for each old spelling.

    Raises UsageError.
    """
    today = modernized(options, write_line)
    duration = None if today.duration is None else duration_micros(today.duration)
    part = today.part or WHOLE
    for contradiction in contradictions(today):
        raise UsageError(contradiction)
    same = {name: getattr(today, name) for name in _AS_THEY_ARE}
    files: dict[str, Any] = {
        name: _of_part(getattr(today, name), part)
        for name in ("summary", "resume", "truth", "report")
    }
    return Request(
        **same,
        **_with_defaults(today),
        **files,
        settings=tuple(today.settings),
        records=today.records if today.stats is None else today.stats,
        duration=duration,
        part=part,
        disorder=NO_DISORDER if today.no_disorder else today.disorder,
    )


def _with_defaults(today: argparse.Namespace) -> dict[str, Any]:
    """Return the keys of a request whose options may be absent. Raises UsageError."""
    every = duration_micros(today.checkpoint_every or "10S", "--checkpoint-every")
    return {
        "speed": today.speed or 1.0,
        "checkpoint_every": every / 1e6,
        "catch_up": today.catch_up or "history",
        "warm_up": duration_micros(today.warm_up or "0S", "--warm-up"),
        "memory": today.memory or DEFAULT_MEMORY,
        "renderers": today.jobs or 1,
        "check": tuple(today.check or ()),
    }


def _of_part(name: str | None, part: Part) -> str | None:
    """Return a name with the label of a part in it, where it asks for one."""
    return None if name is None else part.in_name(name)


def contradictions(options: argparse.Namespace) -> Iterator[str]:
    """Yield a sentence for each contradiction between options; the user sees the first."""
    yield from _contradictions_of_time(options)
    yield from _contradictions_of_formats(options)
    yield from _contradictions_of_resuming(options)
    yield from _contradictions_of_entities(options)
    yield from _contradictions_of_reports(options)
    yield from _contradictions_of_modes(options)
    if options.disorder is not None and options.no_disorder:
        yield "--disorder and --no-disorder contradict each other"
    if options.quiet and options.progress:
        yield "-q and --progress contradict each other"
    if options.resume == "-":
        yield "--resume -: give a file for the checkpoints"
    if options.summary == "-":
        yield "--summary -: give a file; stdout is for records"


def _contradictions_of_time(options: argparse.Namespace) -> Iterator[str]:
    if options.duration is not None and options.records is not None:
        yield "a duration and -n contradict each other"
    if options.duration is not None and options.bytes is not None:
        yield "a duration and --bytes contradict each other"
    if options.then_live and options.start is None and options.resume is None:
        yield "--then-live needs -s, the instant at which history begins"
    if options.speed is not None and options.start is not None and not options.then_live:
        yield "--speed is for the real clock: leave out -s, or add --then-live"


def _contradictions_of_formats(options: argparse.Namespace) -> Iterator[str]:
    pattern, template = options.format, options.template
    if pattern is not None and options.kind is not None:
        yield f"-f {pattern} and --{options.kind} contradict each other"
    if pattern is not None and template is not None:
        yield f"-f {pattern} and --template {template} contradict each other"


def _contradictions_of_resuming(options: argparse.Namespace) -> Iterator[str]:
    for name, value in (
        ("--resume-anyway", options.resume_anyway),
        ("--checkpoint-every", options.checkpoint_every),
        ("--catch-up", options.catch_up),
    ):
        if value and options.resume is None:
            yield f"{name} needs --resume"
    if options.until is not None and (options.duration is not None or options.records is not None):
        yield "--until contradicts -r and -n: each says when the run ends"
    if options.catch_up == "skip" and options.start is not None and not options.then_live:
        yield "--catch-up skip is for the real clock: leave out -s"


def _contradictions_of_entities(options: argparse.Namespace) -> Iterator[str]:
    if options.entities is None:
        return
    for flag, value, why in (
        ("-m", options.max_workers, "no workers come"),
        ("--schedule", options.schedule, "no workers come"),
        ("--rate", options.rate, "no workers come"),
        ("--disorder", options.disorder, "nothing is on its way"),
        ("--truth", options.truth, "there are no events"),
        ("--warm-up", options.warm_up, "there is nothing to warm up"),
        ("--speed", options.speed, "no clock is waited for"),
        ("--then-live", options.then_live, "no clock is waited for"),
        ("--resume", options.resume, "there is nothing to go on with; run it again"),
    ):
        if value:
            yield f"--entities {options.entities} and {flag} contradict each other: {why}"


def _contradictions_of_reports(options: argparse.Namespace) -> Iterator[str]:
    if options.check:
        yield from _contradictions_of_checks(options)
    if options.report is None:
        return
    if not options.report.endswith((".html", ".json")):
        yield f"--report {options.report}: expected a file that ends in .html or .json"
    nothing = {flag: name for flag, name in MODES.items() if name != "entities"}
    for flag, value, why in (
        *((flag, vars(options)[name], "nothing is made") for flag, name in nothing.items()),
        (f"--entities {options.entities}", options.entities, "there are no visits to look at"),
        ("-j", (options.jobs or 1) > 1, "records are looked at in one process; leave out -j"),
    ):
        if value not in (None, False):
            yield f"--report and {flag} contradict each other: {why}"


def _contradictions_of_checks(options: argparse.Namespace) -> Iterator[str]:
    if options.report is None:
        yield "--check needs --report, the file that says what fits"
    for flag, value in (("--resume", options.resume), ("--then-live", options.then_live)):
        if value:
            yield f"--check and {flag} contradict each other: nothing is made"


def _contradictions_of_modes(options: argparse.Namespace) -> Iterator[str]:
    """Yield what does not go with what is shown in place of a run."""
    values = vars(options)
    asked = [flag for flag, name in MODES.items() if values[name] not in (None, False)]
    if len(asked) > 1:
        yield f"{asked[0]} and {asked[1]} contradict each other"
    if options.watch and not set(asked) & set(WATCHED):
        yield f"--watch goes with {' or '.join(WATCHED)}"
    if options.watch and options.config in (None, "-"):
        yield "--watch needs a file: give -c SPEC"
    if options.stats is not None and options.records is not None:
        yield "--stats and -n contradict each other: --stats N says how many records"
    shown = next((flag for flag in asked if flag in LOOKING), None)
    if shown is not None:
        yield from _contradictions_of_looking(options, shown)


def _contradictions_of_looking(options: argparse.Namespace, shown: str) -> Iterator[str]:
    """Yield what does not go with a look at a run."""
    if options.bytes is not None and shown != "--explain":
        yield f"{shown} and --bytes contradict each other: nothing is delivered"
    for flag, name in NOT_LOOKING.items():
        if vars(options)[name]:
            yield f"{shown} and {flag} contradict each other: nothing is delivered"


def explained_form(text: str) -> str:
    """Return the value of --explain. Raises ArgumentTypeError."""
    if text in EXPLAINED or text.endswith(".html"):
        return text
    forms = ", ".join(EXPLAINED)
    raise argparse.ArgumentTypeError(f"expected {forms} or a file that ends in .html, not {text!r}")


def sample_number(text: str) -> int:
    """Return the value of --sample. Raises ArgumentTypeError."""
    number = int(text) if re.fullmatch("[0-9]{1,9}", text) else 0
    if not 1 <= number <= MOST_SAMPLES:
        raise argparse.ArgumentTypeError(
            f"expected a whole number from 1 to {MOST_SAMPLES:,}, not {text!r}"
        )
    return number


def stats_number(text: str) -> int:
    """Return the value of --stats. Raises ArgumentTypeError."""
    number = int(text) if re.fullmatch("[0-9]{1,12}", text) else 0
    if not number:
        raise argparse.ArgumentTypeError(f"expected a whole number of 1 or more, not {text!r}")
    return number


def records_number(text: str) -> int:
    """Return the value of -n. Raises ArgumentTypeError."""
    try:
        number = int(text)
    except ValueError:
        number = -1
    if number < 0:
        raise argparse.ArgumentTypeError(f"expected a whole number of 0 or more, not {text!r}")
    return number


def bytes_number(text: str) -> int:
    """Return the value of --bytes. Raises ArgumentTypeError."""
    size = size_in_bytes(text)
    if size is None:
        raise argparse.ArgumentTypeError(
            f"expected a size such as 50GB, 1.5MB or 20000, at most 1 EB, not {text!r}"
        )
    return size


def rate_number(text: str) -> float:
    """Return the value of --max-rate, records a second. Raises ArgumentTypeError."""
    try:
        return records_per_second(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text}: {error}") from error


def jobs_number(text: str) -> int:
    """Return the value of -j. Raises ArgumentTypeError."""
    if text == "auto":
        return min(processors(), MOST_JOBS)
    number = int(text) if re.fullmatch("[0-9]{1,9}", text) else 0
    if not 1 <= number <= MOST_JOBS:
        raise argparse.ArgumentTypeError(
            f"expected a whole number from 1 to {MOST_JOBS}, or auto, not {text!r}"
        )
    return number


def processors() -> int:
    """Return how many processors this process may use."""
    allowed = getattr(os, "sched_getaffinity", None)  # not on every system
    return len(allowed(0)) if allowed else os.cpu_count() or 1


def workers_number(text: str) -> int | str:
    """Return the value of -m. Raises ArgumentTypeError."""
    if text == NO_LIMIT:
        return text
    try:
        number = int(text)
    except ValueError:
        number = 0
    if not 1 <= number <= 100_000_000:
        raise argparse.ArgumentTypeError(
            f"expected a whole number from 1 to 100,000,000, or none, not {text!r}"
        )
    return number


def part_of(text: str) -> Part:
    """Return the value of --part. Raises ArgumentTypeError."""
    try:
        return Part.parsed(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def memory_size(text: str) -> int:
    """Return the value of --memory, in bytes. Raises ArgumentTypeError."""
    found = re.fullmatch(r"(\d{1,9})([kMGT]?)B?", text, re.IGNORECASE)
    size = int(found[1]) * 1000 ** " kmgt".index(found[2].lower() or " ") if found else 0
    if not size:
        raise argparse.ArgumentTypeError(f"expected a size such as 500M or 2G, not {text!r}")
    return size


def speed_number(text: str) -> float:
    """Return the value of --speed. Raises ArgumentTypeError."""
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 1e-6 <= number <= 1e6:
        raise argparse.ArgumentTypeError(
            f"expected a number from 0.000001 to 1000000, not {text!r}"
        )
    return number


def seed_number(text: str) -> int:
    """Return the value of --seed. Raises ArgumentTypeError."""
    try:
        return int(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"expected a whole number, not {text!r}") from error


def metrics_address(text: str) -> tuple[str, int]:
    """Return the value of --metrics, a port of the loopback or a host and a port.

    Raises ArgumentTypeError.
    """
    host, _, port = text.rpartition(":")
    bracketed = host.startswith("[") and host.endswith("]")
    host = host[1:-1] if bracketed else host
    named = bool(host) or ":" not in text
    if not named or (":" in host and not bracketed) or not re.fullmatch(r"\d{1,5}", port, re.ASCII):
        raise argparse.ArgumentTypeError(f"expected PORT, HOST:PORT or [IPV6]:PORT, not {text!r}")
    if int(port) > 65_535:
        raise argparse.ArgumentTypeError(f"expected a port from 0 to 65535, not {port}")
    return host or "127.0.0.1", int(port)
