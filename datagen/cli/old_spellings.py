"""Turns the spellings of older documents into today's options: `-f SPEC`, `-o TARGET`, `-t 30S`.

It works on what argparse has parsed, which alone knows where an argument ends (`-qt30S`).
"""

import argparse
import json
import re
from collections.abc import Callable, Sequence

from datagen.durations import is_duration
from datagen.errors import UsageError
from datagen.input_files import read_file
from datagen.lookup import find_file
from datagen.short_names import is_short

_MAY_LOOK_NEGATIVE = {"-r": "--duration", "--duration": "--duration", "--part": "--part"}
Print = Callable[[str], None]


def modernized(options: argparse.Namespace, write_line: Print) -> argparse.Namespace:
    """Return options in today's spelling, each with one value or None.

    `write_line` gets a sentence for each old spelling. Raises UsageError for what has no meaning, or two.
    """
    for value in options.old_target:
        write_line(f"-o {value} is the old spelling of -t {value}")
    if options.verbose == "--debug":
        write_line("--debug is the old spelling of -v")
    targets, durations, unknown = _sorted_targets(
        [*options.target, *options.old_target], write_line
    )
    configs, formats = _specs_and_formats(options.format, options.config, write_line)
    if durations and options.duration is not None:
        raise UsageError(f"-t {durations[0]} is a duration, and -r gives another")
    today = {
        "config": _first([*configs, options.config]),
        "target": _first(targets),
        "format": _first(formats),
        "duration": _first([*durations, options.duration]),
        "unknown_target": _first(unknown),
        "verbose": bool(options.verbose),
    }
    return argparse.Namespace(**{**vars(options), **today})


def with_negative_values(arguments: Sequence[str]) -> list[str]:
    """Join `-r -1H` into one argument, so that it is read as a duration and refused as one; `--part -1/3` too."""
    joined: list[str] = []
    for argument in arguments:
        if joined and joined[-1] in _MAY_LOOK_NEGATIVE and re.match(r"-[\d.Pp]", argument):
            joined[-1] = f"{_MAY_LOOK_NEGATIVE[joined[-1]]}={argument}"
        else:
            joined.append(argument)
    return joined


def _sorted_targets(values: list[str], write_line: Print) -> tuple[list[str], list[str], list[str]]:
    """Sort the values of -t into targets, durations where there is no such file, and others.

    One of the others may be the name of a template, which the specification knows.
    """
    targets, durations, others = [], [], []
    for value in values:
        if is_short(value) or find_file(value, "tar"):
            targets.append(value)
        elif is_duration(value):
            durations.append(value)
            write_line(f"-t {value} is the old spelling of -r {value}")
        else:
            others.append(value)
    _check_single("durations", durations)
    _check_single("targets", targets)
    _check_single("values of -t that are neither targets nor durations", others)
    return targets, durations, others


def _specs_and_formats(
    values: list[str], config: str | None, write_line: Print
) -> tuple[list[str], list[str]]:
    """Sort the values of -f into formats and, without -c, specifications."""
    configs, formats = [], []
    for value in values:
        if config is None and _is_spec(value):
            configs.append(value)
            write_line(f"-f {value} is the old spelling of -c {value}")
        elif find_file(value, "form"):
            formats.append(value)
        else:
            raise UsageError(
                f"-f {value}: neither a record format nor a generator specification: "
                "there is no such file"
            )
    _check_single("specifications", configs)
    _check_single("formats", formats)
    return configs, formats


def _check_single(what: str, values: list[str]) -> None:
    if len(values) > 1:
        raise UsageError(f"two {what}: {values[0]} and {values[1]}")


def _first(values: Sequence[str | None]) -> str | None:
    return values[0] if values else None


def _is_spec(value: str) -> bool:
    path = find_file(value, "gen") or find_file(value, "form")
    try:
        raw = json.loads(read_file(path)) if path else None
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(raw, dict) and "states" in raw
