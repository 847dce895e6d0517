"""Turns what a program passes (texts, numbers, datetimes, dicts) into a request, and what it hands over in place of files."""

import argparse
import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from datagen.cli.options import (
    bytes_number,
    contradictions,
    jobs_number,
    memory_size,
    rate_number,
    records_number,
    seed_number,
    speed_number,
    workers_number,
)
from datagen.cli.parser import parser
from datagen.durations import duration_micros
from datagen.errors import UsageError
from datagen.instants import Instant
from datagen.part import WHOLE, Part
from datagen.rate_wish import RateWish
from datagen.running.clock import Moment
from datagen.running.given_instants import given_instant
from datagen.running.loading import FromProgram, seed_of
from datagen.running.options import Request
from datagen.validation import quoted

Document = str | os.PathLike[str] | Mapping[str, Any]
"""A path, a bare name such as "clickstream", or what a file of JSON holds."""
Settings = Mapping[str, Any]
"""Values by the names that `--set` knows: a parameter, a top-level key, or names with dots."""
When = str | date
"""An instant: ISO 8601 text, `now`, `now-90D`, `today`, `yesterday`, or a date or datetime."""
Length = str | timedelta
"""A duration: a text such as "1H", or a timedelta."""

_KINDS = ("csv", "tsv", "arrow")
_LIMITS = ("records", "duration", "until", "bytes")


@dataclass(frozen=True)
class Asked:
    """What a program asks for: a request, what comes from the program itself, and the present."""

    request: Request
    from_program: FromProgram
    now: Instant

    @property
    def limited(self) -> bool:
        """Return whether the request says when its records end."""
        return any(getattr(self.request, name) is not None for name in _LIMITS)


def asked(spec: Document, given: Mapping[str, Any], *, live: bool = False) -> Asked:
    """Return what is asked for by a specification and arguments, of which those that are None count as left out.

    Without a start it is the present, or with `live` the real clock. A seed is drawn here. Raises UsageError.
    """
    now = Moment.present().time
    arguments = {name: value for name, value in given.items() if value is not None}
    keys = {
        name: arguments.pop(name) for name in _DOCUMENTS & {*arguments} if _is_json(arguments[name])
    }
    _check_limits(arguments)
    values = {name: READERS[name](name, value) for name, value in arguments.items()}
    for name in _INSTANTS & {*values}:
        given_instant(values[name], name, now, None)  # or the sentence would be about a flag
    _check_together(values, keys)
    document = _json_text("spec", spec) if isinstance(spec, Mapping) else None
    config = None if isinstance(spec, Mapping) else _name("spec", spec)
    for name in _NAMED_BY_PART & {*values}:
        values[name] = values.get("part", WHOLE).in_name(values[name])
    form = values.pop("format", None)
    request = Request(config=config, **values)
    if form is not None:
        request = replace(request, **{"kind" if form in _KINDS else "format": form})
    if not live and request.start is None:
        request = replace(request, start="now")
    request = replace(request, seed=seed_of(request))
    return Asked(request, FromProgram(document, _plain("arguments", keys)), now)


def is_stream(target: object) -> bool:
    """Return whether a target is something that takes bytes."""
    return hasattr(target, "write") and not isinstance(target, str | Mapping)


def _check_limits(arguments: Mapping[str, Any]) -> None:
    limits = [name for name in _LIMITS if name in arguments]
    if len(limits) > 1:
        raise UsageError(f"{' and '.join(limits)}: one of them says when the records end")


def _check_together(values: Mapping[str, Any], keys: Mapping[str, Any]) -> None:
    """Raise UsageError for arguments that contradict each other, in the words of their flags."""
    none = {**vars(parser().parse_args([])), "target": None, "format": None}
    options = argparse.Namespace(**{**none, **keys, **values})
    for sentence in contradictions(options):
        raise UsageError(sentence)


def _is_json(value: object) -> bool:
    return isinstance(value, Mapping) or (
        isinstance(value, Sequence) and not isinstance(value, str)
    )


def _json_text(name: str, value: Any) -> bytes:
    """Return the JSON of what a program holds. Raises UsageError for what JSON has not."""
    try:
        return json.dumps(value, default=_of_json).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise UsageError(f"{name}: is not JSON: {error}") from None


def _plain(name: str, value: Any) -> Any:
    """Return the same as plain objects that nobody else changes."""
    return json.loads(_json_text(name, value))


def _of_json(value: object) -> Any:
    """Return a mapping or a sequence of any kind as JSON has it. Raises TypeError."""
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    raise TypeError(f"there is no JSON of {type(value).__name__}")


def _name(name: str, value: Any) -> str:
    if not isinstance(value, str | os.PathLike):
        raise UsageError(f"{name}: expected a path, a name or a dict, not {type(value).__name__}")
    text = os.fspath(value)
    if text == "-":
        raise UsageError(f'{name}: "-" is stdin, which only the command reads')
    return str(text)


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str | os.PathLike):
        raise UsageError(f"{name}: expected a text, not {quoted(value)}")
    return str(os.fspath(value))


def _instant(name: str, value: Any) -> str:
    if isinstance(value, date):
        return value.isoformat()
    if not isinstance(value, str):
        raise UsageError(
            f"{name}: expected an ISO 8601 text or a datetime, not {type(value).__name__}"
        )
    return value


def _micros(name: str, value: Any) -> int:
    if isinstance(value, timedelta):
        micros = value // timedelta(microseconds=1)
        if micros < 0:
            raise UsageError(f"{name} {value}: a duration cannot be negative")
        return micros
    return duration_micros(str(value), name)


def _seconds(name: str, value: Any) -> float:
    return _micros(name, value) / 1e6


def _settings(name: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, Mapping):
        raise UsageError(f"{name}: expected a dict, not {quoted(value)}")
    return tuple(f"{key}={_json_text(name, each).decode()}" for key, each in value.items())


def _part(name: str, value: Any) -> Part:
    try:
        return value if isinstance(value, Part) else Part.parsed(str(value))
    except ValueError as error:
        raise UsageError(f"{name}: {error}") from None


def _flag(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise UsageError(f"{name}: expected True or False, not {quoted(value)}")
    return value


def _by(read: Callable[[str], Any]) -> Callable[[str, Any], Any]:
    """Return a reader of an argument that reads the text of it as a flag does."""

    def reader(name: str, value: Any) -> Any:
        try:
            return read(str(value))
        except argparse.ArgumentTypeError as error:
            raise UsageError(f"{name}: {error}") from None

    return reader


def _rate(name: str, value: Any) -> str:
    """Return a rate as it was written, which is one."""
    try:
        return RateWish.parsed(str(value)).text
    except ValueError as error:
        raise UsageError(f"{name}: {error}") from None


def _max_rate(name: str, value: Any) -> float:
    """Return records a second: such a number, or a text such as 20000/s."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(_by(rate_number)(name, f"{value}/s" if is_number else value))


def _memory(name: str, value: Any) -> int:
    """Return bytes: a whole number of them, or a text such as 500M."""
    return int(_by(memory_size)(name, value))


_DOCUMENTS = {"target", "schedule", "disorder", "truth"}
_INSTANTS = {"start", "until"}
_NAMED_BY_PART = {"resume", "truth"}
READERS: Mapping[str, Callable[[str, Any], Any]] = {
    "settings": _settings,
    "records": _by(records_number),
    "bytes": _by(bytes_number),
    "rate": _rate,
    "max_rate": _max_rate,
    "duration": _micros,
    "until": _instant,
    "seed": _by(seed_number),
    "start": _instant,
    "timezone": _text,
    "max_workers": _by(workers_number),
    "part": _part,
    "schedule": _name,
    "disorder": _name,
    "warm_up": _micros,
    "memory": _memory,
    "target": _name,
    "format": _text,
    "template": _text,
    "truth": _name,
    "then_live": _flag,
    "speed": _by(speed_number),
    "resume": _text,
    "resume_anyway": _flag,
    "checkpoint_every": _seconds,
    "catch_up": _text,
    "renderers": _by(jobs_number),
    "entities": _text,
    "validate": _flag,
    "untrusted": _flag,
}
