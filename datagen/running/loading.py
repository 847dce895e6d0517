"""Turns a request into a plan: reads the files, checks them, tells all of their problems."""

import os
from collections.abc import Callable
from dataclasses import replace
from typing import Any, BinaryIO, TypeVar

from pydantic import ValidationError

from datagen.curves.curve import Curve
from datagen.distributions.base import Distribution
from datagen.errors import Problem, SpecError, UsageError
from datagen.file_set import FileSet
from datagen.formats import FORMATS, Format, JsonLines, Pattern, TemplateFormat
from datagen.formats.base import any_format
from datagen.formats.template import template_problems
from datagen.instants import NAIVE, Instant, parse_instant, utc_now
from datagen.lookup import find_file
from datagen.replay.checks import parse_replay
from datagen.replay.source import ReplaySource
from datagen.running.documents import parse_json, parse_schedule, parse_target, read, why_not_found
from datagen.running.options import Request
from datagen.running.pipeline import Plan
from datagen.running.resume import fingerprint
from datagen.spec.generator import Generator
from datagen.spec.parsing import parse_spec
from datagen.spec.record_schema import Specification
from datagen.targets import Target
from datagen.targets.stdout import StdoutTarget
from datagen.validation import in_document_order, messages_of, quoted, value_at

T = TypeVar("T")
DEFAULT_MAX_WORKERS = 100  # without -m


def load(
    request: Request, seed: int, stdin: BinaryIO, spare: Callable[[FileSet], None]
) -> tuple[Plan, list[Problem]]:
    """Return the plan of a run, and the warnings of its specification.

    `spare` is told of the source as soon as it is known. Raises SpecError with the problems of all files, UsageError for what no file can mend.
    """
    start = None if request.start is None else _instant(request.start, "-s")
    if request.config is None and stdin.isatty():
        raise UsageError("no specification: give -c SPEC, or pipe one into stdin")
    problems: list[Problem] = []
    name = "-" if request.config is None else request.config
    raw, file = _raw(name, "gen", stdin, problems)
    spare(_source(raw))
    parsed = _tried(lambda: _spec(request, raw, file, stdin), problems)
    spec, warnings = parsed or (None, [])
    seen = None if isinstance(spec, ReplaySource) and spec.unread else spec
    target = _tried(lambda: _target(request, raw, file, stdin), problems)
    name, path = (request.target, ()) if request.target is not None else (file, ("target",))
    if seen is not None and target is not None:
        problems += [Problem((*path, *each), text, name) for each, text in target.check(seen)]
    chosen = _tried(lambda: _chosen(request, seen), problems)
    default = _tried(lambda: _default(raw, file, seen), problems)
    if target is not None and not problems:
        problems += dict.fromkeys(
            Problem(("format",), text, file)
            if form is default
            else Problem((*path, *place), text + _remedy(request), name)
            for place, form, text in target.incompatibilities(default, chosen)
        )
    if seen is not None and _with_templates(request, target, chosen, default):
        problems += in_document_order(
            [Problem(path, text, file) for path, text in template_problems(seen)], raw
        )
    schedule = _tried(lambda: _schedule(request, raw, file, stdin), problems)
    if spec is None or target is None or problems:
        raise SpecError(problems)
    plan = Plan(
        spec=spec,
        file=file,
        target=target,
        format=default,
        chosen=chosen,
        start=start if start is None else _with_style(start, spec),
        seed=seed,
        max_workers=request.max_workers or DEFAULT_MAX_WORKERS,
        max_records=request.records,
        duration=request.duration,
        live=request.start is None or request.then_live,
        speed=request.speed,
        schedule=schedule,
        fingerprint=fingerprint(raw, spec, request.max_workers or DEFAULT_MAX_WORKERS, schedule),
        warm_up=request.warm_up,
        until=None if request.until is None else _instant(request.until, "--until"),
    )
    notes = [text for each in dict.fromkeys(plan.formats) for text in each.notes(spec)]
    if schedule and schedule.applies_to == "workers" and schedule.minute_heights.min() >= 1:
        notes.append("the schedule is never below 1, so it lowers no cap of workers")
    if schedule and isinstance(spec, ReplaySource):
        notes.append("a replay has no workers, and follows no schedule")
    return plan, [*warnings, *(Problem((), text, file) for text in dict.fromkeys(notes))]


def described(plan: Plan, verbose: bool) -> str:
    """Say that a specification is right, and with `verbose` what it amounts to."""
    spec = plan.spec
    lines = [f"{plan.file}: ok: {spec.described()}"]
    if verbose and isinstance(spec, Generator):
        lines += [f"{what} of {_mean(time)} s" for what, time in spec.durations()]
        if plan.schedule is not None:
            lines.append(f"schedule: {_curve(plan.schedule)}")
        lines.append(f"target: {plan.target.type}")
        lines += [TemplateFormat(name=name).described(spec) for name in spec.templates]
    return "\n".join(lines)


def _spec(
    request: Request, raw: Any, file: str, stdin: BinaryIO
) -> tuple[Specification, list[Problem]]:
    """Check a specification of either kind."""
    if value_at(raw, "type") != "replay":
        return parse_spec(raw, file)
    taken = request.config in (None, "-")
    spec, warnings = parse_replay(raw, file, stdin, taken=taken, unread=request.validate)
    if request.max_workers is not None:
        warnings.append(Problem((), f"-m {request.max_workers}: a replay has no workers", file))
    return spec, warnings


def _mean(distribution: Distribution) -> str:
    mean = distribution.mean()
    return "infinity" if mean == float("inf") else f"{mean:g}"


def _curve(curve: Curve) -> str:
    """Say what a schedule multiplies by how much."""
    heights = curve.minute_heights
    what = {"workers": "the most workers", "arrivals": "the rate of arrivals"}[curve.applies_to]
    return (
        f"{curve.type} in {curve.timezone or 'UTC'}, multiplies {what} by {heights.mean():.3g} on "
        f"average, {heights.min():.3g} to {heights.max():.3g}"
    )


def _instant(text: str, flag: str) -> Instant:
    if text == "now":
        return utc_now()
    try:
        return parse_instant(text)
    except ValueError as error:
        raise UsageError(f"{flag} {text}: {error}") from error


def _with_style(start: Instant, spec: Specification) -> Instant:
    """Return an offset to a start that has none, where the form of the specification asks for it."""
    return replace(start, style=spec.style) if start.style == NAIVE else start


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
    files = target.files()
    if os.path.exists(file) and file in files:
        raise SpecError([Problem((), f"the target would overwrite the specification, {file}")])
    for source in _source(spec).paths:
        if "\0" not in source and source in files:
            raise SpecError([Problem((), f"the target would overwrite the source, {source}")])
    return target


def _source(raw: Any) -> FileSet:
    """Return the file that a replay is of, if a specification is that of one."""
    found_ = value_at(raw, "source_file")
    return FileSet("source", (found_,) if isinstance(found_, str) else ())


def _chosen(request: Request, spec: Specification | None) -> Format | None:
    """Return the format that the command line asks for."""
    if request.kind is not None:
        return FORMATS.parse({"type": request.kind})
    if request.template is not None:
        template = TemplateFormat(name=request.template)
        where = f"--template {request.template}"
        found_ = [Problem((), text, where) for _, text in template.check(spec)] if spec else []
        if found_:
            raise SpecError(found_)
        return template
    if request.format is None:
        return None
    name = str(find_file(request.format, "form") or request.format)
    try:
        pattern = Pattern(file=request.format)
    except ValidationError as error:
        raise SpecError([Problem((), text, name) for _, text in messages_of(error)]) from None
    problems = [Problem((), text, name) for _, text in pattern.check(spec)] if spec else []
    if problems:
        raise SpecError(problems)
    return pattern


def _remedy(request: Request) -> str:
    """Say how the command line asks for a format, if it does."""
    if request.kind is not None:
        return f": leave out --{request.kind}"
    if request.template is not None:
        return f": leave out --template {request.template}"
    return f": leave out -f {request.format}" if request.format is not None else ""


def _default(raw: Any, file: str, spec: Specification | None) -> Format | None:
    """Return the format that the specification asks for, if it does."""
    asked = raw.get("format") if isinstance(raw, dict) else None
    if not isinstance(asked, dict | str):
        return None
    try:
        form = any_format(asked)
    except ValidationError as error:
        found = [Problem(("format", *path), text, file) for path, text in messages_of(error)]
        raise SpecError(found) from None
    problems = (
        [Problem(("format", *path), text, file) for path, text in form.check(spec)] if spec else []
    )
    if problems:
        raise SpecError(problems)
    return form


def _with_templates(
    request: Request, target: Target | None, chosen: Format | None, default: Format | None
) -> bool:
    """Return whether the templates of a specification are of use; only then Jinja2 is imported."""
    formats = [chosen, default]
    formats += target.formats(default or JsonLines(), chosen) if target is not None else []
    return request.validate or any(isinstance(each, TemplateFormat) for each in formats)


def _schedule(request: Request, raw: Any, file: str, stdin: BinaryIO) -> Curve | None:
    """Return the schedule that the command line, or else the specification, asks for."""
    asked = raw.get("schedule") if isinstance(raw, dict) else None
    if request.schedule == "-":
        raise UsageError("--schedule -: stdin is for the specification")
    if request.schedule is None and isinstance(asked, dict):
        return parse_schedule(asked, file, ("schedule",))
    name = asked if request.schedule is None else request.schedule
    if not isinstance(name, str):
        return None
    if request.schedule is None and not find_file(name, "sched"):
        text = f"{quoted(name)}: {why_not_found(name, 'sched')}"
        raise SpecError([Problem(("schedule",), text, file)])
    data, name = read(name, "sched", stdin)
    return parse_schedule(parse_json(data, name), name)


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
