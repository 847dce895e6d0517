"""Turns the options of a data source, which are texts, into a request and what Spark needs besides."""

import argparse
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from datagen.cli.options import memory_size, records_number, seed_number, workers_number
from datagen.durations import duration_micros
from datagen.errors import UsageError
from datagen.part import MAX_PARTS, Part
from datagen.rate_wish import RateWish
from datagen.running.options import DEFAULT_MEMORY, NO_LIMIT, Request
from datagen.validation import did_you_mean, quoted

_TRUTH = "truth"


@dataclass(frozen=True)
class SourceOptions:
    """What a user asks of the data source: a request, for part 0 of all, and how it is read.

    `emitter` is the one whose records are wanted, None: all; with `truth` it is the truth about them that is wanted. Of a stream, `state` is the folder of its
    cursors, if there is one, and `batch` the longest time of a step, microseconds.
    """

    request: Request
    emitter: str | None = None
    state: str | None = None
    batch: int | None = None
    truth: bool = False


def source_options(texts: Mapping[str, str]) -> SourceOptions:
    """Return the options that texts mean, by lower-case names. Raises UsageError."""
    for name in texts:
        if name not in OPTIONS:
            raise UsageError(f"{name}: there is no such option{did_you_mean(name, OPTIONS)}")
    values = {name: _read(name, text) for name, text in texts.items()}
    for name in ("spec", "start"):
        if name not in values:
            raise UsageError(f"{name}: this option is needed")
    ends = [name for name in ("duration", "until", "records") if name in values]
    if len(ends) > 1:
        raise UsageError(f"{' and '.join(ends)}: one of them says when the records end")
    request = Request(
        config=values["spec"],
        schedule=values.get("schedule"),
        start=values["start"],
        timezone=values.get("timezone"),
        max_workers=values.get("max_workers", NO_LIMIT),
        records=values.get("records"),
        rate=values.get("rate"),
        duration=values.get("duration"),
        seed=values.get("seed"),
        warm_up=values.get("warm_up", 0),
        until=values.get("until"),
        memory=values.get("memory", DEFAULT_MEMORY),
        disorder=values.get("disorder"),
        part=Part(0, values.get("parts", 1)),
    )
    truth = values.get("rows") == _TRUTH
    if truth and "emitter" in values:
        raise UsageError("emitter: the truth is about the records of all emitters")
    emitter, state, batch = (values.get(name) for name in ("emitter", "state", "batch"))
    return SourceOptions(request, emitter, state, batch, truth)


def _read(name: str, text: str) -> Any:
    """Return the value of an option. Raises UsageError."""
    try:
        return OPTIONS[name](name, text)
    except argparse.ArgumentTypeError as error:
        raise UsageError(f"{name}: {error}") from error


def _text(name: str, text: str) -> str:
    if not text:
        raise UsageError(f"{name}: is empty")
    return text


def _folder(name: str, text: str) -> str:
    if "://" in text:
        raise UsageError(
            f"{name}: expected a folder that all executors see at the same path, not {quoted(text)}"
        )
    return _text(name, text)


def _rows(name: str, text: str) -> str:
    if text not in {"records", _TRUTH}:
        raise UsageError(f'{name}: expected "records" or "{_TRUTH}", not {quoted(text)}')
    return text


def _rate(name: str, text: str) -> str:
    try:
        return RateWish.parsed(text).text
    except ValueError as error:
        raise UsageError(f"{name} {text}: {error}") from error


def _parts_number(name: str, text: str) -> int:
    number = int(text) if text.isdecimal() and text.isascii() and len(text) < 9 else 0
    if not 1 <= number <= MAX_PARTS:
        raise UsageError(
            f"{name}: expected a whole number from 1 to {MAX_PARTS:,}, not {quoted(text)}"
        )
    return number


def _length(name: str, text: str) -> int:
    micros = duration_micros(text, name)
    if micros < 1:
        raise UsageError(f"{name} {text}: expected a duration above 0")
    return micros


def _duration(name: str, text: str) -> int:
    return duration_micros(text, name)


def _by(read: Callable[[str], Any]) -> Callable[[str, str], Any]:
    """Return a reader of an option that reads as the flag of its name does."""
    return lambda _, text: read(text)


OPTIONS: Mapping[str, Callable[[str, str], Any]] = {
    "spec": _text,
    "seed": _by(seed_number),
    "start": _text,
    "duration": _duration,
    "until": _text,
    "records": _by(records_number),
    "parts": _parts_number,
    "max_workers": _by(workers_number),
    "rate": _rate,
    "schedule": _text,
    "timezone": _text,
    "warm_up": _duration,
    "memory": _by(memory_size),
    "disorder": _text,
    "rows": _rows,
    "emitter": _text,
    "state": _folder,
    "batch": _length,
}
