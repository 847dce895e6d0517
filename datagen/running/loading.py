"""Turns a request into a plan: reads the files, checks them, collects all of their problems."""

import io
import secrets
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, BinaryIO

from datagen.curves.curve import Curve
from datagen.curves.zone_style import ZoneStyle
from datagen.curves.zones import known_zone
from datagen.errors import Problem, SpecError, UsageError
from datagen.file_set import FileSet
from datagen.input_files import MAX_BYTES
from datagen.instants import NAIVE, Instant
from datagen.rate_wish import RateWish
from datagen.running import untrusted
from datagen.running.clock import Moment
from datagen.running.documents import (
    parse_document,
    read_document,
)
from datagen.running.given import Given
from datagen.running.given_instants import given_instant
from datagen.running.includes import INCLUDE, with_includes
from datagen.running.old_targets import with_template
from datagen.running.open_hours import with_hours
from datagen.running.options import DEFAULT_MAX_WORKERS, NO_LIMIT, Request
from datagen.running.overrides import with_settings
from datagen.running.params import Params, with_params
from datagen.running.parts import Parts, checked_parts
from datagen.running.plan import Plan
from datagen.running.positions import located
from datagen.running.resume import fingerprint
from datagen.running.stream_parts import check_cap
from datagen.running.text_size import check_limit
from datagen.spec.generator import Generator
from datagen.spec.record_schema import Specification
from datagen.targets import Target
from datagen.validation import in_document_order, quoted, value_at

_PROGRAM = "specification"  # the name of one that is in no file


@dataclass(frozen=True)
class FromProgram:
    """What a program hands over in place of files: the JSON of the specification, and keys that replace its own."""

    document: bytes | None = None
    keys: Mapping[str, Any] = field(default_factory=dict)


def load(
    request: Request,
    seed: int | None = None,
    stdin: BinaryIO | None = None,
    reject_overlap: Callable[[FileSet], None] = lambda _: None,
    now: Instant | None = None,
    target: Target | None = None,
    from_program: FromProgram | None = None,
) -> tuple[Plan, list[Problem]]:
    """Return the plan of a run, and the warnings of its specification.

    Without a `seed` it is that of the request, or drawn; without a `stdin` there is none to read.
    `reject_overlap` gets the source as soon as it is known; `now` is the present. A `target` takes the
    place of any that the request or the specification asks for, and what comes `from_program` that of a file.
    Raises SpecError with the problems of all files, UsageError for what no file can mend.
    """
    try:
        plan, warnings = _load(request, seed, stdin, reject_overlap, now, target, from_program)
    except SpecError as error:
        raise SpecError(located(error.problems)) from error
    return plan, located(warnings, minor=request.verbose)


def _load(
    request: Request,
    seed: int | None,
    stdin: BinaryIO | None,
    reject_overlap: Callable[[FileSet], None],
    now: Instant | None,
    target: Target | None,
    from_program: FromProgram | None,
) -> tuple[Plan, list[Problem]]:
    """Return the plan of a run, and warnings, with places in the document that is made of several files."""
    now = now or Moment.present().time
    zone_style = _zone_style(request)
    start = until = None
    if request.start is not None:
        start = given_instant(request.start, "-s", now, zone_style)
    if request.until is not None:
        until = given_instant(request.until, "--until", now, zone_style)
    seed = seed_of(request) if seed is None else seed
    limit = untrusted.MAX_BYTES if request.untrusted else MAX_BYTES
    raw, file = _document(request, stdin, from_program or FromProgram(), limit)
    stdin = stdin or io.BytesIO()
    ours = {*(from_program or FromProgram()).keys, *(("target", "truth") if target else ())}
    raw, file, params = _composed(request, raw, file, limit, ours)
    request, old_spelling = with_template(request, raw, file)
    given = Given(request, stdin, raw, file, target, params=params)
    raw, problems = with_hours(raw, file, stdin)
    given = replace(given, raw=raw, problems=tuple(problems))
    reject_overlap(given.source)
    parts, warnings = checked_parts(given)
    reject_overlap(FileSet("specification", (*parts.spec.source_files, *given.included)))
    warnings += old_spelling
    plan = replace(_plan(given, parts, seed, start), until=until, zone_style=zone_style)
    check_limit(plan)
    notes = dict.fromkeys(_notes(plan))
    return plan, [*warnings, *(Problem((), text, file) for text in notes)]


def _document(
    request: Request, stdin: BinaryIO | None, from_program: FromProgram, limit: int
) -> tuple[Any, str]:
    """Return the JSON of the specification, and the name that its problems go by. Raises SpecError, UsageError."""
    data, file = from_program.document, _PROGRAM
    if data is None:
        if request.config is None and (stdin is None or stdin.isatty()):
            raise UsageError("no specification: give -c SPEC, or pipe one into stdin")
        name = "-" if request.config is None else request.config
        data, file = read_document(name, "gen", stdin or io.BytesIO(), pipe=True, limit=limit)
    elif len(data) > limit:
        raise SpecError([Problem((), f"is larger than {limit >> 20} MB", file)])
    raw = parse_document(data, file, limit)
    return ({**raw, **from_program.keys} if isinstance(raw, dict) else raw), file


def _composed(
    request: Request, raw: Any, file: str, limit: int, ours: Collection[str]
) -> tuple[Any, str, Params]:
    """Return a document with what it includes, the settings of a request, and its parameters.

    What is `ours` is not of the document, though it is in it: its keys. Raises SpecError.
    """
    if request.untrusted and value_at(raw, INCLUDE) is not None:
        _check_refused(request, raw, file, ours)  # before a file of it is read
    raw, file = with_settings(*with_includes(raw, file), request.settings)
    raw, params = with_params(raw, file, limit)
    if request.untrusted:
        _check_refused(request, raw, file, ours)
    return raw, file, params


def seed_of(request: Request) -> int:
    """Return the seed that a request asks for, or one that is drawn."""
    return secrets.randbelow(1 << 53) if request.seed is None else request.seed


def _plan(given: Given, parts: Parts, seed: int, start: Instant | None) -> Plan:
    """Put the plan together."""
    request, spec = given.request, parts.spec
    max_workers = _max_workers(request, spec, parts.schedule)
    return Plan(
        spec=spec,
        file=str(given.file),
        target=parts.target,
        format=parts.format,
        format_override=parts.format_override,
        start=start if start is None else _with_style(start, spec),
        seed=seed,
        max_workers=max_workers,
        max_records=None if request.records is None else request.part.share(request.records),
        max_bytes=None if request.bytes is None else request.part.share(request.bytes),
        duration=request.duration,
        asked_rate=request.max_rate,
        real_clock=(request.start is None or request.then_live) and request.entities is None,
        speed=request.speed,
        schedule=parts.schedule,
        effects=parts.effects,
        labels=spec.labels,
        truth=parts.truth,
        memory=request.memory,
        redaction=parts.redaction,
        fingerprint=fingerprint(
            given.raw,
            spec,
            max_workers,
            parts.schedule,
            request.timezone,
            parts.effects,
            parts.truth,
            request.rate,
            request.entities,
        ),
        wish=_wish(request, spec),
        cap_is_given=request.max_workers is not None,
        warm_up=request.warm_up,
        part=request.part,
        renderers=request.renderers,
    )


def _wish(request: Request, spec: Specification) -> RateWish | None:
    """Return what the run is to come to: by its request, else by its specification. Raises UsageError."""
    if request.rate is None or request.entities is not None:
        return spec.rate if isinstance(spec, Generator) else None
    try:
        wish = RateWish.parsed(request.rate)
    except ValueError as error:
        raise UsageError(f"--rate {request.rate}: {error}") from error
    if not spec.has_workers:
        text = "a replay keeps the pace of its source; --speed runs the real clock faster"
        raise UsageError(f"--rate {request.rate}: {text}")
    return wish


def _max_workers(request: Request, spec: Specification, schedule: Curve | None) -> int | None:
    """Return how many workers may be alive at once, None for any number. Raises UsageError."""
    asked = request.max_workers
    most = asked if isinstance(asked, int) else None if asked == NO_LIMIT else DEFAULT_MAX_WORKERS
    for each in spec.arrivals if spec.has_workers else ():
        cap, of = each.cap(most), "" if each.name is None else f" of {quoted(each.name)}"
        if cap is not None:
            check_cap(request, cap, each, schedule)
        elif each.curve(schedule, "workers"):
            raise UsageError(
                f"-m none: the schedule{of} lowers the limit of workers, which needs a number; with "
                '"applies_to": "arrivals" it would change how often they arrive'
            )
        elif each.all_at_once and each.limits.total is None:
            raise UsageError(
                f"-m none: the interarrival time{of} {each.all_at_once}, so workers without end would start "
                "at once; give a number"
            )
    return DEFAULT_MAX_WORKERS if most is None and not spec.has_workers else most


def _check_refused(request: Request, raw: Any, file: str, ours: Collection[str]) -> None:
    """Raise SpecError for what --untrusted refuses of a document, but for some of its keys."""
    has_target, has_truth = request.target is not None, request.truth is not None
    found = [
        each
        for each in untrusted.refused_parts(raw, has_target=has_target, has_truth=has_truth)
        if each[0][0] not in ours
    ]
    if found:
        problems = [Problem(path, text, file) for path, text in found]
        raise SpecError(in_document_order(problems, raw))


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


def _notes(plan: Plan) -> Iterator[str]:
    """Yield what a user should know of a plan."""
    for each in dict.fromkeys(plan.formats):
        yield from each.notes(plan.spec)
    schedule = plan.schedule
    if schedule is not None:
        yield from _notes_on_schedule(schedule)
    for arrivals in plan.spec.arrivals:
        own = arrivals.limits.schedule
        yield from (f"{arrivals.prefix}{text}" for text in (_notes_on_schedule(own) if own else ()))
    if schedule and not plan.spec.has_workers:
        yield "a replay has no workers, so the schedule has no effect"


def _notes_on_schedule(schedule: Curve) -> Iterator[str]:
    for each in schedule.members:
        yield from each.notes()
    if schedule.applies_to == "workers":
        if any(each.grows for each in schedule.members):
            yield (
                "the trend of the schedule is above 1, but the limit of workers is m x min(1, g), never above -m; "
                'with "applies_to": "arrivals" more would arrive'
            )
        elif schedule.extremes[0] >= 1:
            yield "the schedule is never below 1, so it never lowers the limit of workers"
