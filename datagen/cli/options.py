"""Turns the options of a command line, old spellings too, into what the user wants.

Light on purpose: `--help` and wrong usage import nothing but the standard library.
"""

import argparse
import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path as FilePath

from datagen.durations import duration_micros, is_duration, why_no_duration
from datagen.errors import UsageError
from datagen.lookup import find_file
from datagen.running.options import Request

Tell = Callable[[str], None]


def parse_request(options: argparse.Namespace, tell: Tell) -> Request:
    """Read options; `tell` gets a line for each old spelling. Raises UsageError."""
    config, target, pattern, duration = _today(options, tell)
    if duration is not None and options.records is not None:
        raise UsageError("a duration and -n contradict each other")
    if options.then_live and options.start is None and options.resume is None:
        raise UsageError("--then-live needs -s, the instant at which history begins")
    if options.speed is not None and options.start is not None and not options.then_live:
        raise UsageError("--speed is for the real clock: leave out -s, or add --then-live")
    if pattern is not None and options.kind is not None:
        raise UsageError(f"-f {pattern} and --{options.kind} contradict each other")
    if options.validate and options.avro_schema:
        raise UsageError("--validate and --avro-schema contradict each other")
    if pattern is not None and options.template is not None:
        raise UsageError(f"-f {pattern} and --template {options.template} contradict each other")
    _check_resume(options, duration)
    if options.quiet and options.progress:
        raise UsageError("-q and --progress contradict each other")
    if options.resume == "-":
        raise UsageError("--resume -: give a file, for where the run stands")
    if options.summary == "-":
        raise UsageError("--summary -: give a file; stdout is for records")
    return Request(
        config=config,
        target=target,
        format=pattern,
        kind=options.kind,
        template=options.template,
        schedule=options.schedule,
        start=options.start,
        max_workers=options.max_workers,
        records=options.records,
        duration=duration,
        then_live=options.then_live,
        speed=options.speed or 1.0,
        seed=options.seed,
        validate=options.validate,
        avro_schema=options.avro_schema,
        quiet=options.quiet,
        verbose=options.verbose,
        progress=options.progress,
        summary=options.summary,
        metrics=options.metrics,
        resume=options.resume,
        resume_anyway=options.resume_anyway,
        checkpoint_every=duration_micros(options.checkpoint_every or "10S", "--checkpoint-every")
        / 1e6,
        catch_up=options.catch_up or "history",
        warm_up=duration_micros(options.warm_up or "0S", "--warm-up"),
        until=options.until,
    )


def _check_resume(options: argparse.Namespace, duration: int | None) -> None:
    """Refuse what makes no sense without --resume, or together. Raises UsageError."""
    for name, value in (
        ("--resume-anyway", options.resume_anyway),
        ("--checkpoint-every", options.checkpoint_every),
        ("--catch-up", options.catch_up),
    ):
        if value and options.resume is None:
            raise UsageError(f"{name} needs --resume")
    if options.until is not None and (duration is not None or options.records is not None):
        raise UsageError("--until contradicts -r and -n: each says when the run ends")
    if options.catch_up == "skip" and options.start is not None and not options.then_live:
        raise UsageError("--catch-up skip is for the real clock: leave out -s")


def _today(
    options: argparse.Namespace, tell: Tell
) -> tuple[str | None, str | None, str | None, int | None]:
    """Sort out `-t`, `-o`, `-f` and `-p`, which older documents use for other things."""
    for value in options.old_target:
        tell(f"-o {value} is the old spelling of -t {value}")
    targets, durations = _targets_and_durations([*options.target, *options.old_target], tell)
    configs, formats = _specs_and_formats(options.format, options.config, tell)
    if durations and options.duration is not None:
        raise UsageError(f"-t {durations[0]} is a duration, and -r gives another")
    durations += [options.duration] if options.duration is not None else []
    config = configs[0] if configs else options.config
    duration = duration_micros(durations[0]) if durations else None
    return config, _only(targets), _only(formats), duration


def _targets_and_durations(values: list[str], tell: Tell) -> tuple[list[str], list[str]]:
    targets, durations = [], []
    for value in values:
        if find_file(value, "tar"):
            targets.append(value)
        elif is_duration(value):
            durations.append(value)
            tell(f"-t {value} is the old spelling of -r {value}")
        else:
            raise UsageError(
                f"-t {value}: neither a target file (there is none of that name) nor a duration "
                f"such as 30S ({why_no_duration(value)})"
            )
    _one_of_a_kind("durations", durations)
    _one_of_a_kind("targets", targets)
    return targets, durations


def _specs_and_formats(
    values: list[str], config: str | None, tell: Tell
) -> tuple[list[str], list[str]]:
    configs, formats = [], []
    for value in values:
        if config is None and _is_spec(value):
            configs.append(value)
            tell(f"-f {value} is the old spelling of -c {value}")
        elif find_file(value, "form"):
            formats.append(value)
        else:
            raise UsageError(
                f"-f {value}: neither a record format nor a generator specification: "
                "there is no such file"
            )
    _one_of_a_kind("specifications", configs)
    _one_of_a_kind("formats", formats)
    return configs, formats


def _one_of_a_kind(what: str, values: list[str]) -> None:
    if len(values) > 1:
        raise UsageError(f"two {what}: {values[0]} and {values[1]}")


def _only(values: list[str]) -> str | None:
    return values[0] if values else None


def with_negative_durations(arguments: Sequence[str]) -> list[str]:
    """Join `-r -1H` into one argument, so that it is read as a duration and refused as one."""
    joined: list[str] = []
    for argument in arguments:
        if joined and joined[-1] in ("-r", "--duration") and re.match(r"-[\d.Pp]", argument):
            joined[-1] = f"--duration={argument}"
        else:
            joined.append(argument)
    return joined


def _is_spec(value: str) -> bool:
    path = find_file(value, "gen") or find_file(value, "form")
    try:
        raw = json.loads(FilePath(path).read_bytes()) if path else None
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(raw, dict) and "states" in raw


def workers_number(text: str) -> int:
    """Read the value of -m."""
    try:
        number = int(text)
    except ValueError:
        number = 0
    if not 1 <= number <= 100_000_000:
        raise argparse.ArgumentTypeError(
            f"expected a whole number from 1 to 100,000,000, not {text!r}"
        )
    return number


def speed_number(text: str) -> float:
    """Read the value of --speed."""
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 1e-6 <= number <= 1e6:
        raise argparse.ArgumentTypeError(
            f"expected a number from 0.000001 to 1000000, not {text!r}"
        )
    return number


def metrics_address(text: str) -> tuple[str, int]:
    """Read the value of --metrics: a port, on the loopback, or a host and a port."""
    host, _, port = text.rpartition(":")
    bracketed = host.startswith("[") and host.endswith("]")
    host = host[1:-1] if bracketed else host
    named = bool(host) or ":" not in text
    if not named or (":" in host and not bracketed) or not re.fullmatch(r"\d{1,5}", port, re.ASCII):
        raise argparse.ArgumentTypeError(f"expected PORT, HOST:PORT or [IPV6]:PORT, not {text!r}")
    if int(port) > 65_535:
        raise argparse.ArgumentTypeError(f"expected a port from 0 to 65535, not {port}")
    return host or "127.0.0.1", int(port)


def seed_number(text: str) -> int:
    """Read the value of --seed."""
    try:
        return int(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"expected a whole number, not {text!r}") from error
