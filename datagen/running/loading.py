"""Turns a request into a plan: reads the files, checks them, collects all of their problems."""

import io
import os
import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, BinaryIO, TypeVar

from pydantic import ValidationError

from datagen.curves.curve import Curve
from datagen.curves.zone_style import ZoneStyle
from datagen.curves.zones import known_zone
from datagen.errors import Path, Problem, SpecError, UsageError
from datagen.file_set import FileSet
from datagen.formats import FORMATS, Format, JsonLines, Pattern, TemplateFormat
from datagen.formats.base import any_format
from datagen.formats.template import lines_of_environment, template_problems
from datagen.input_files import MAX_BYTES
from datagen.instants import NAIVE, Instant
from datagen.lookup import find_file
from datagen.running import untrusted
from datagen.running.clock import Moment
from datagen.running.documents import (
    parse_json,
    parse_schedule,
    parse_target,
    read_document,
    read_json,
    why_not_found,
)
from datagen.running.environment import Redaction
from datagen.running.given_instants import given_instant
from datagen.running.old_targets import with_template
from datagen.running.options import DEFAULT_MAX_WORKERS, NO_LIMIT, Request
from datagen.running.plan import Plan
from datagen.running.resume import fingerprint
from datagen.spec.memory import memory_problems
from datagen.spec.parsing import parse_spec
from datagen.spec.record_schema import Specification
from datagen.targets import Target
from datagen.targets.stdout import StdoutTarget
from datagen.validation import in_document_order, messages_of, quoted, value_at

T = TypeVar("T")
NO_SCHEDULE = "none"  # the value of --schedule that switches off the one of the specification


def load(
    request: Request,
    seed: int | None = None,
    stdin: BinaryIO | None = None,
    reject_overlap: Callable[[FileSet], None] = lambda _: None,
    now: Instant | None = None,
) -> tuple[Plan, list[Problem]]:
    """Return the plan of a run, and the warnings of its specification.

    Without a `seed` it is that of the request, or drawn; without a `stdin` there is none to read.
    `reject_overlap` gets the source as soon as it is known; `now` is the present. Raises SpecError with
    the problems of all files, UsageError for what no file can mend.
    """
    now = now or Moment.present().time
    zone_style = _zone_style(request)
    start = until = None
    if request.start is not None:
        start = given_instant(request.start, "-s", now, zone_style)
    if request.until is not None:
        until = given_instant(request.until, "--until", now, zone_style)
    if request.config is None and (stdin is None or stdin.isatty()):
        raise UsageError("no specification: give -c SPEC, or pipe one into stdin")
    seed, stdin = seed_of(request) if seed is None else seed, stdin or io.BytesIO()
    limit = untrusted.MAX_BYTES if request.untrusted else MAX_BYTES
    name = "-" if request.config is None else request.config
    data, file = read_document(name, "gen", stdin, pipe=True, limit=limit)
    raw = parse_json(data, file)
    request, old_spelling = with_template(request, raw, file)
    given = _Given(request, stdin, raw, file)
    if request.untrusted:
        _check_refused(given)
    reject_overlap(given.source)
    parts, warnings = _checked_parts(given)
    reject_overlap(FileSet("specification", parts.spec.source_files))
    warnings += old_spelling
    plan = replace(_plan(given, parts, seed, start), until=until, zone_style=zone_style)
    notes = dict.fromkeys(_notes(plan))
    return plan, [*warnings, *(Problem((), text, file) for text in notes)]


def seed_of(request: Request) -> int:
    """Return the seed that a request asks for, or one that is drawn."""
    return secrets.randbelow(1 << 53) if request.seed is None else request.seed


@dataclass(frozen=True)
class _Given:
    """What a request has to be read from: the document of its specification, and stdin."""

    request: Request
    stdin: BinaryIO
    raw: Any
    file: str

    @property
    def source(self) -> FileSet:
        """Return the file that a replay is of, if the specification is that of one."""
        name = value_at(self.raw, "source_file")
        return FileSet("source", (name,) if isinstance(name, str) else ())

    def key(self, name: str) -> Any:
        """Return what the document has under a key, or None."""
        return self.raw.get(name) if isinstance(self.raw, dict) else None


@dataclass(frozen=True)
class _Parts:
    """What the files hold, checked, each part by itself and with the others."""

    spec: Specification
    target: Target
    format: Format | None
    format_override: Format | None
    schedule: Curve | None
    redaction: Redaction


@dataclass(frozen=True)
class _TargetDocument:
    """What a target is made of, and where that stands; None stands for stdout."""

    raw: Any = None
    file: str = ""
    where: Path = ()

    def without_secrets(self, problems: Sequence[Problem], name: str | None) -> list[Problem]:
        """Return problems that do not show what the target has from the environment; `name` is also its file."""
        files = [self.file, *([name] if name else [])]
        return [*Redaction(self.raw).of_problems(problems, files, self.where)]


def _checked_parts(given: _Given) -> tuple[_Parts, list[Problem]]:
    """Read and check all parts, and return them with warnings. Raises SpecError with all problems."""
    problems: list[Problem] = []
    spec, warnings = _collect(lambda: _spec(given), problems) or (None, [])
    problems += [] if spec is None else memory_problems(spec, given.request.memory, given.file)
    known = spec if spec is not None and spec.schema_known else None
    document = _collect(lambda: _target_document(given), problems)
    target = _collect(lambda: _target(given, document), problems) if document else None
    problems += _target_problems(given, target, known)
    override = _collect(lambda: _format_override(given.request, known), problems)
    default = _collect(lambda: _default_format(given, known), problems)
    problems += [] if problems else _format_problems(given, target, default, override)
    wrong, unused = _template_problems(given, known, target, default, override)
    problems += wrong
    problems += _refused_variables(given, known)
    schedule = _collect(lambda: _schedule(given), problems)
    if spec is None or document is None or target is None or problems:
        raise SpecError(
            document.without_secrets(problems, given.request.target) if document else problems
        )
    redaction = Redaction(document.raw)
    return _Parts(spec, target, default, override, schedule, redaction), [*warnings, *unused]


def _plan(given: _Given, parts: _Parts, seed: int, start: Instant | None) -> Plan:
    """Put the plan together."""
    request, spec = given.request, parts.spec
    max_workers = _max_workers(request, spec, parts.schedule)
    return Plan(
        spec=spec,
        file=given.file,
        target=parts.target,
        format=parts.format,
        format_override=parts.format_override,
        start=start if start is None else _with_style(start, spec),
        seed=seed,
        max_workers=max_workers,
        max_records=request.records,
        duration=request.duration,
        real_clock=request.start is None or request.then_live,
        speed=request.speed,
        schedule=parts.schedule,
        redaction=parts.redaction,
        fingerprint=fingerprint(given.raw, spec, max_workers, parts.schedule, request.timezone),
        warm_up=request.warm_up,
    )


def _max_workers(request: Request, spec: Specification, schedule: Curve | None) -> int | None:
    """Return how many workers may be alive at once, None for any number. Raises UsageError."""
    asked = request.max_workers
    if asked != NO_LIMIT or not spec.has_workers:
        return asked if isinstance(asked, int) else DEFAULT_MAX_WORKERS
    if schedule and schedule.applies_to == "workers":
        raise UsageError(
            "-m none: the schedule lowers the limit of workers, which needs a number; with "
            '"applies_to": "arrivals" it would change how often they arrive'
        )
    if not spec.arrivals_wait:
        raise UsageError(
            "-m none: the interarrival time is never above 0, so workers without end would start at "
            "once; give a number"
        )
    return None


def _check_refused(given: _Given) -> None:
    """Raise SpecError for what --untrusted refuses."""
    has_target = given.request.target is not None
    found = list(untrusted.refused_parts(given.raw, has_target=has_target))
    if found:
        problems = [Problem(path, text, given.file) for path, text in found]
        raise SpecError(in_document_order(problems, given.raw))


def _collect(step: Callable[[], T], problems: list[Problem]) -> T | None:
    """Return what a step makes, or None where it adds to the problems."""
    try:
        return step()
    except SpecError as error:
        problems += error.problems
        return None


def _zone_style(request: Request) -> ZoneStyle | None:
    """Return how a time zone that was asked for shows instants. Raises UsageError."""
    if request.timezone is None:
        return None
    try:
        return ZoneStyle(zone=known_zone(request.timezone))
    except ValueError as error:
        raise UsageError(f"--timezone {request.timezone}: {error}") from error


def _with_style(start: Instant, spec: Specification) -> Instant:
    """Return a start without an offset with the one that the specification asks for, if it does."""
    return replace(start, style=spec.style) if start.style == NAIVE else start


def _spec(given: _Given) -> tuple[Specification, list[Problem]]:
    """Check a specification of either kind."""
    request, raw, file = given.request, given.raw, given.file
    if value_at(raw, "type") != "replay":
        path = None if request.config in (None, "-") else file
        return parse_spec(raw, file, path, read_json)
    from datagen.replay.checks import parse_replay  # noqa: PLC0415 - a machine reads no source

    taken = request.config in (None, "-")
    spec, warnings = parse_replay(
        raw, file, given.stdin, spec_is_stdin=taken, unread=request.validate
    )
    if request.max_workers is not None:
        warnings.append(Problem((), f"-m {request.max_workers}: a replay has no workers", file))
    return spec, warnings


def _target_document(given: _Given) -> _TargetDocument:
    """Return the target that the request, or else the specification, asks for, as it is written."""
    name, in_spec = given.request.target, given.key("target")
    if name == "-":
        raise UsageError("-t -: stdin is for the specification")
    if name is not None:
        data, name = read_document(name, "tar", given.stdin)
        return _TargetDocument(parse_json(data, name), name)
    return _TargetDocument(in_spec if isinstance(in_spec, dict) else None, given.file, ("target",))


def _target(given: _Given, document: _TargetDocument) -> Target:
    """Return the checked target of a document."""
    if document.raw is None and given.request.target is None:
        return StdoutTarget()
    file = given.file
    target = parse_target(document.raw, document.file, document.where)
    files = target.files()
    if os.path.exists(file) and file in files:
        raise SpecError([Problem((), f"the target would overwrite the specification, {file}")])
    for source in given.source.paths:
        if "\0" not in source and source in files:
            raise SpecError([Problem((), f"the target would overwrite the source, {source}")])
    return target


def _target_problems(
    given: _Given, target: Target | None, spec: Specification | None
) -> Iterator[Problem]:
    """Yield what is wrong between a target and the records of a specification."""
    if target is not None and spec is not None:
        for name in spec.source_files:
            if name in target.files():
                yield Problem(
                    (), f"the target would overwrite {name}, which the specification reads"
                )
        for path, text in target.check(spec):
            yield _problem_of_target(given, path, text)


def _problem_of_target(given: _Given, path: tuple[str | int, ...], text: str) -> Problem:
    if given.request.target is not None:
        return Problem(path, text, given.request.target)
    return Problem(("target", *path), text, given.file)


def _format_override(request: Request, spec: Specification | None) -> Format | None:
    """Return the format that the request asks for, if it does."""
    if request.kind is not None:
        return FORMATS.parse({"type": request.kind})
    if request.template is not None:
        name = f"--template {request.template}"
        made = _made(lambda: TemplateFormat.model_validate({"name": request.template}), name)
        return _checked(made, spec, name)
    if request.format is None:
        return None
    name = str(find_file(request.format, "form") or request.format)
    return _checked(_made(lambda: Pattern(file=request.format), name), spec, name)


def _made(make: Callable[[], Format], name: str) -> Format:
    """Return a format that can be made. Raises SpecError."""
    try:
        return make()
    except ValidationError as error:
        raise SpecError([Problem((), text, name) for _, text in messages_of(error)]) from None


def _checked(form: Format, spec: Specification | None, name: str) -> Format:
    """Return a format that fits a specification. Raises SpecError."""
    problems = [Problem((), text, name) for _, text in form.check(spec)] if spec else []
    if problems:
        raise SpecError(problems)
    return form


def _default_format(given: _Given, spec: Specification | None) -> Format | None:
    """Return the format that the specification asks for, if it does."""
    in_spec = given.key("format")
    if not isinstance(in_spec, dict | str):
        return None
    try:
        form = any_format(in_spec)
        found = list(form.check(spec)) if spec else []
    except ValidationError as error:
        found = messages_of(error)
    if found:
        raise SpecError([Problem(("format", *path), text, given.file) for path, text in found])
    return form


def _format_problems(
    given: _Given, target: Target | None, default: Format | None, override: Format | None
) -> Iterator[Problem]:
    """Yield the formats that records cannot have at their target, each problem once."""
    found = target.incompatibilities(default, override) if target is not None else ()
    yield from dict.fromkeys(
        Problem(("format",), text, given.file)
        if form is default
        else _problem_of_target(given, path, text + _remedy(given.request))
        for path, form, text in found
    )


def _remedy(request: Request) -> str:
    """Return how the request asks for a format, if it does: it could leave that out."""
    if request.kind is not None:
        return f": leave out --{request.kind}"
    if request.template is not None:
        return f": leave out --template {request.template}"
    return f": leave out -f {request.format}" if request.format is not None else ""


def _template_problems(
    given: _Given,
    spec: Specification | None,
    target: Target | None,
    default: Format | None,
    override: Format | None,
) -> tuple[list[Problem], list[Problem]]:
    """Return what is wrong with templates that are used, and with others; Jinja2 is imported for the former.

    To validate is to use all of them.
    """
    formats = [override, default]
    formats += target.formats(default or JsonLines(), override) if target is not None else []
    used = {name for each in formats if each for name in each.templates}
    if spec is None or not (used or given.request.validate):
        return [], []
    found = [Problem(path, text, given.file) for path, text in template_problems(spec)]
    ordered = in_document_order(found, given.raw)
    wrong = [each for each in ordered if given.request.validate or each.path[1] in used]
    return wrong, [each for each in ordered if each not in wrong]


def _refused_variables(given: _Given, spec: Specification | None) -> Iterator[Problem]:
    """Yield the templates that read the environment, where that is refused."""
    if spec is None or not given.request.untrusted:
        return
    for path, line in lines_of_environment(spec):
        yield Problem(path, untrusted.refused_variable(line), given.file)


def _schedule(given: _Given) -> Curve | None:
    """Return the schedule that the request, or else the specification, asks for."""
    name, in_spec, file = given.request.schedule, given.key("schedule"), given.file
    if name == "-":
        raise UsageError("--schedule -: stdin is for the specification")
    if name == NO_SCHEDULE:
        return None
    if name is None and isinstance(in_spec, dict):
        return parse_schedule(in_spec, file, ("schedule",))
    if name is None and isinstance(in_spec, str):
        name = in_spec
        if not find_file(name, "sched"):
            text = f"{quoted(name)}: {why_not_found(name, 'sched')}"
            raise SpecError([Problem(("schedule",), text, file)])
    if name is None:
        return None
    data, name = read_document(name, "sched", given.stdin)
    return parse_schedule(parse_json(data, name), name)


def _notes(plan: Plan) -> Iterator[str]:
    """Yield what a user should know of a plan."""
    for each in dict.fromkeys(plan.formats):
        yield from each.notes(plan.spec)
    schedule = plan.schedule
    if schedule and schedule.applies_to == "workers" and schedule.minute_heights.min() >= 1:
        yield "the schedule is never below 1, so it never lowers the limit of workers"
    if schedule and not plan.spec.has_workers:
        yield "a replay has no workers, so the schedule has no effect"
