"""Turns a request into a plan: reads the files, checks them, tells all of their problems."""

import os
from collections.abc import Callable
from typing import Any, BinaryIO, TypeVar

from pydantic import ValidationError

from datagen.commandline import Request
from datagen.distributions import Distribution
from datagen.documents import parse_json, parse_target, read
from datagen.errors import Problem, SpecError, UsageError
from datagen.formats import FORMATS, Format, JsonLines, Pattern
from datagen.formats.base import any_format
from datagen.instants import Instant, parse_instant, utc_now
from datagen.pipeline import Plan
from datagen.places import found
from datagen.resuming import fingerprint
from datagen.schema import sentences
from datagen.spec import Generator, parse_spec
from datagen.targets import Target
from datagen.targets.file import FileTarget
from datagen.targets.stdout import StdoutTarget
from datagen.targets.tee import leaves

T = TypeVar("T")


def load(request: Request, seed: int, stdin: BinaryIO) -> tuple[Plan, list[Problem]]:
    """Give the plan of a run, and the warnings of its specification.

    Raises SpecError with the problems of all files, UsageError for what no file can mend.
    """
    start = None if request.start is None else _instant(request.start, "-s")
    if request.config is None and stdin.isatty():
        raise UsageError("no specification: give -c SPEC, or pipe one into stdin")
    problems: list[Problem] = []
    name = "-" if request.config is None else request.config
    raw, file = _raw(name, "gen", stdin, problems)
    spec, warnings = _tried(lambda: parse_spec(raw, file), problems) or (None, [])
    target = _tried(lambda: _target(request, raw, file, stdin), problems)
    if spec is not None and target is not None:
        name, path = (request.target, ()) if request.target is not None else (file, ("target",))
        problems += [Problem((*path, *each), text, name) for each, text in target.check(spec)]
    chosen = _tried(lambda: _chosen(request, spec), problems)
    default = _tried(lambda: _default(raw, file, spec), problems)
    if spec is None or target is None or default is None or problems:
        raise SpecError(problems)
    plan = Plan(
        spec=spec,
        file=file,
        target=target,
        format=default,
        chosen=chosen,
        start=start,
        seed=seed,
        most_alive=request.max_workers,
        most_records=request.records,
        duration=request.duration,
        live=request.start is None or request.then_live,
        speed=request.speed,
        fingerprint=fingerprint(raw, request.max_workers),
        warm_up=request.warm_up,
        until=None if request.until is None else _instant(request.until, "--until"),
    )
    notes = [text for each in dict.fromkeys(plan.formats) for text in each.notes(spec)]
    return plan, [*warnings, *(Problem((), text, file) for text in dict.fromkeys(notes))]


def described(plan: Plan, verbose: bool) -> str:
    """Say that a specification is right, and with `verbose` what it amounts to."""
    spec = plan.spec
    lines = [f"{plan.file}: ok: {len(spec.states)} states, {len(spec.emitters)} emitters"]
    if verbose:
        lines.append(f"interarrival: a mean of {_mean(spec.interarrival)} s")
        lines += [
            f'state "{each.name}": a mean delay of {_mean(each.delay)} s' for each in spec.states
        ]
        lines.append(f"target: {plan.target.type}")
    return "\n".join(lines)


def _mean(distribution: Distribution) -> str:
    mean = distribution.mean()
    return "infinity" if mean == float("inf") else f"{mean:g}"


def _instant(text: str, flag: str) -> Instant:
    if text == "now":
        return utc_now()
    try:
        return parse_instant(text)
    except ValueError as error:
        raise UsageError(f"{flag} {text}: {error}") from error


def _target(request: Request, spec: Any, file: str, stdin: BinaryIO) -> Target:
    if request.target is not None:
        if request.target == "-":
            raise UsageError("-t -: stdin is for the specification")
        data, name = read(request.target, "tar", stdin)
        target = parse_target(parse_json(data, name), name)
    elif isinstance(spec, dict) and isinstance(spec.get("target"), dict):
        target = parse_target(spec["target"], file, ("target",))
    else:
        return StdoutTarget()
    if any(isinstance(each, FileTarget) and _same(each.file, file) for each in leaves(target)):
        raise SpecError([Problem((), f"the target would overwrite the specification, {file}")])
    return target


def _chosen(request: Request, spec: Generator | None) -> Format | None:
    """Give the format that the command line asks for."""
    if request.kind is not None:
        return FORMATS.parse({"type": request.kind})
    if request.format is None:
        return None
    name = str(found(request.format, "form") or request.format)
    try:
        pattern = Pattern(file=request.format)
    except ValidationError as error:
        raise SpecError([Problem((), text, name) for _, text in sentences(error)]) from None
    problems = [Problem((), text, name) for _, text in pattern.check(spec)] if spec else []
    if problems:
        raise SpecError(problems)
    return pattern


def _default(raw: Any, file: str, spec: Generator | None) -> Format:
    """Give the format that the specification asks for, or JSON."""
    asked = raw.get("format") if isinstance(raw, dict) else None
    if not isinstance(asked, dict | str):
        return JsonLines()
    try:
        form = any_format(asked)
    except ValidationError as error:
        found = [Problem(("format", *path), text, file) for path, text in sentences(error)]
        raise SpecError(found) from None
    problems = (
        [Problem(("format", *path), text, file) for path, text in form.check(spec)] if spec else []
    )
    if problems:
        raise SpecError(problems)
    return form


def _same(one: str, other: str) -> bool:
    try:
        return os.path.samefile(one, other)
    except OSError:
        return False


def _raw(name: str, folder: str, stdin: BinaryIO, problems: list[Problem]) -> tuple[Any, str]:
    def parse() -> tuple[Any, str]:
        data, file = read(name, folder, stdin)
        return parse_json(data, file), file

    loaded = _tried(parse, problems)
    if loaded is None:
        raise SpecError(problems)
    return loaded


def _tried(step: Callable[[], T], problems: list[Problem]) -> T | None:
    try:
        return step()
    except SpecError as error:
        problems += error.problems
        return None
