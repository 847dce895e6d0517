"""Reads and checks what a request names: the specification, its target, formats and schedule, with all problems."""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, TypeVar

from pydantic import ValidationError

from datagen.curves.curve import Curve
from datagen.disorder.effects import Effect
from datagen.errors import Path, Problem, SpecError, UsageError
from datagen.file_set import FileSet
from datagen.formats import FORMATS, Format, JsonLines
from datagen.formats.base import any_format
from datagen.formats.timed import time_problems
from datagen.input_files import MAX_BYTES
from datagen.lookup import find_file
from datagen.running import untrusted
from datagen.running.disordering import read_disorder
from datagen.running.documents import (
    parse_document,
    parse_schedule,
    parse_target,
    read_document,
    read_json,
    why_not_found,
)
from datagen.running.environment import Redaction
from datagen.running.given import Given
from datagen.running.includes import with_includes
from datagen.running.open_hours import with_hours
from datagen.running.options import Request
from datagen.running.params import with_params
from datagen.running.short_targets import short_target
from datagen.running.stream_parts import counter_mistakes
from datagen.running.truth_target import label_problems, read_truth
from datagen.short_names import is_short, shown
from datagen.spec.entity_table import EntityTable, entity_table
from datagen.spec.generator import Generator
from datagen.spec.memory import memory_problems
from datagen.spec.parsing import parse_spec
from datagen.spec.record_schema import Specification
from datagen.targets import Target
from datagen.targets.stdout import StdoutTarget
from datagen.validation import in_document_order, messages_of, quoted, value_at

T = TypeVar("T")
_KINDS = {"arrow": "arrow_stream"}  # formats of flags, where they are not called the same
NO_SCHEDULE = "none"  # the value of --schedule that switches off the one of the specification


@dataclass(frozen=True)
class Parts:
    """What the files hold, checked, each part by itself and with the others."""

    spec: Specification
    target: Target
    format: Format | None
    format_override: Format | None
    schedule: Curve | None
    redaction: Redaction
    effects: tuple[Effect, ...] = ()
    truth: Target | None = None


def checked_parts(given: Given) -> tuple[Parts, list[Problem]]:
    """Read and check all parts, and return them with warnings. Raises SpecError with all problems."""
    problems: list[Problem] = [*given.problems]
    spec, warnings = _collect(lambda: _spec(given), problems) or (None, [])
    problems += _limits(given, spec)
    known = spec if spec is not None and spec.schema_known else None
    document = _collect(lambda: _target_document(given), problems)
    target = given.target
    if document and target is None:
        target = _collect(lambda: _target(given, document, known, warnings), problems)
    problems += _target_problems(given, target, known)
    override = _collect(lambda: _format_override(given.request, known), problems)
    default = _collect(lambda: _default_format(given, known), problems)
    problems += [] if problems else _format_problems(given, target, default, override)
    wrong, unused = _template_problems(given, known, target, default, override)
    problems += wrong
    problems += _refused_variables(given, known)
    schedule = _collect(lambda: _schedule(given), problems)
    both = default, override
    effects = _collect(lambda: _effects(given, spec, target, both, warnings), problems)
    truth = _collect(lambda: _truth(given, spec, warnings), problems)
    if spec is None or document is None or target is None or problems:
        raise SpecError(
            document.without_secrets(problems, given.request.target) if document else problems
        )
    redaction = Redaction(document.raw)
    parts = Parts(spec, target, default, override, schedule, redaction, effects or (), truth)
    return parts, [*warnings, *unused]


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


def _collect(step: Callable[[], T], problems: list[Problem]) -> T | None:
    """Return what a step makes, or None where it adds to the problems."""
    try:
        return step()
    except SpecError as error:
        problems += error.problems
        return None


def _spec(given: Given) -> tuple[Specification, list[Problem]]:
    """Check a specification of either kind."""
    request, raw, file = given.request, given.raw, given.file
    if value_at(raw, "type") != "replay":
        path = None if request.config in (None, "-") else file
        made, warnings = parse_spec(raw, file, path, lambda child: _child(child, given.stdin))
        return (made if request.entities is None else _entities(given, made)), warnings
    if request.entities is not None:
        text = f"--entities {request.entities}: a replay has no entities"
        raise SpecError([Problem((), text, file)])
    from datagen.replay.checks import parse_replay  # noqa: PLC0415 - a machine reads no source

    taken = request.config in (None, "-")
    spec, warnings = parse_replay(
        raw,
        file,
        given.stdin,
        spec_is_stdin=taken,
        unread=request.validate or given.target is not None,
    )
    if request.max_workers is not None:
        warnings.append(Problem((), f"-m {request.max_workers}: a replay has no workers", file))
    return spec, warnings


def _entities(given: Given, spec: Generator) -> EntityTable:
    """Return the members that the request asks for in place of events. Raises SpecError."""
    request = given.request
    limited = request.duration is not None or request.until is not None
    records = request.records is not None
    return entity_table(spec, str(request.entities), given.file, limited=limited, records=records)


def _child(path: str, stdin: BinaryIO) -> tuple[Any, str]:
    """Return the JSON of a child, and the name that its problems go by. Raises SpecError."""
    raw, name = with_includes(*read_json(path))
    raw, _ = with_params(raw, name, MAX_BYTES)
    raw, problems = with_hours(raw, name, stdin)
    if problems:
        raise SpecError(problems)
    return raw, name


def _limits(given: Given, spec: Specification | None) -> Iterator[Problem]:
    """Yield what a specification asks for that the request does not allow."""
    if spec is None:
        return
    for path, text in time_problems(spec.time, spec) if spec.time is not None else ():
        yield Problem(("time", *path), text, given.file)
    yield from memory_problems(spec, given.request.memory, given.file)
    for path, text in counter_mistakes(spec, given.request.part):
        yield Problem(path, text, given.file)


def _target_document(given: Given) -> _TargetDocument:
    """Return the target that the request, or else the specification, asks for, as it is written."""
    name, in_spec = given.request.target, given.key("target")
    if given.target is not None:
        return _TargetDocument()
    if name == "-":
        raise UsageError("-t -: stdin is for the specification")
    if name is not None and is_short(name):
        raw = given.params.in_target(short_target(name), shown(name), MAX_BYTES)
        return _TargetDocument(raw, shown(name))
    if name is not None:
        data, name = read_document(name, "tar", given.stdin)
        raw = given.params.in_target(parse_document(data, name), name, MAX_BYTES)
        return _TargetDocument(raw, name)
    return _TargetDocument(in_spec if isinstance(in_spec, dict) else None, given.file, ("target",))


def _target(
    given: Given, document: _TargetDocument, spec: Specification | None, notes: list[Problem]
) -> Target:
    """Return the checked target of a document, that of the part that is made; add to the notes of a user."""
    if document.raw is None and given.request.target is None:
        return StdoutTarget()
    part = given.request.part
    escapes = given.params.declared
    target = parse_target(document.raw, document.file, document.where, escapes=escapes)
    if not part.is_whole:
        mistakes = [_problem_of_target(given, *each) for each in target.part_mistakes()]
        if mistakes:
            raise SpecError(mistakes)
        notes += [Problem((), text, document.file) for text in target.part_notes()]
    target = target.of_part(part, [*spec.fields] if spec else ())
    _check_overwritten(given, target.files())
    return target


def _check_overwritten(given: Given, files: FileSet) -> None:
    """Raise SpecError where a target writes a file that the run reads."""
    for name in (given.file, *given.included):
        if os.path.exists(name) and name in files:
            raise SpecError([Problem((), f"the target would overwrite the specification, {name}")])
    for source in given.source.paths:
        if "\0" not in source and source in files:
            raise SpecError([Problem((), f"the target would overwrite the source, {source}")])


def _target_problems(
    given: Given, target: Target | None, spec: Specification | None
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


def _problem_of_target(given: Given, path: tuple[str | int, ...], text: str) -> Problem:
    if given.request.target is not None:
        return Problem(path, text, shown(given.request.target))
    return Problem(("target", *path), text, given.file)


def _format_override(request: Request, spec: Specification | None) -> Format | None:
    """Return the format that the request asks for, if it does."""
    if request.kind is not None:
        form = FORMATS.parse({"type": _KINDS.get(request.kind, request.kind)})
        return _checked(form, spec, f"--{request.kind}")
    if request.template is not None:
        name = f"--template {request.template}"
        made = _made(lambda: FORMATS.parse({"type": "template", "name": request.template}), name)
        return _checked(made, spec, name)
    if request.format is None:
        return None
    name = str(find_file(request.format, "form") or request.format)
    return _checked(
        _made(lambda: FORMATS.parse({"type": "pattern", "file": request.format}), name), spec, name
    )


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


def _default_format(given: Given, spec: Specification | None) -> Format | None:
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
    given: Given, target: Target | None, default: Format | None, override: Format | None
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
    given: Given,
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
    from datagen.formats.template import template_problems  # noqa: PLC0415 - few runs use any

    found = [Problem(path, text, given.file) for path, text in template_problems(spec)]
    ordered = in_document_order(found, given.raw)
    wrong = [each for each in ordered if given.request.validate or each.path[1] in used]
    return wrong, [each for each in ordered if each not in wrong]


def _refused_variables(given: Given, spec: Specification | None) -> Iterator[Problem]:
    """Yield the templates that read the environment, where that is refused."""
    if spec is None or not given.request.untrusted:
        return
    from datagen.formats.template import lines_of_environment  # noqa: PLC0415 - few runs use any

    for path, line in lines_of_environment(spec):
        yield Problem(path, untrusted.refused_variable(line), given.file)


def _schedule(given: Given) -> Curve | None:
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
    return parse_schedule(parse_document(data, name), name)


def _effects(
    given: Given,
    spec: Specification | None,
    target: Target | None,
    formats: tuple[Format | None, Format | None],
    warnings: list[Problem],
) -> tuple[Effect, ...]:
    """Return the disorder that the request, or else the specification, asks for; add to the warnings.

    `formats` are the default and the override of targets.
    """
    if spec is None or target is None:
        return ()
    name = given.request.disorder
    effects, found = read_disorder(name, spec, given.file, given.stdin, target.formats(*formats))
    warnings += found
    return effects


def _truth(given: Given, spec: Specification | None, warnings: list[Problem]) -> Target | None:
    """Return the target of the truth, if it is told; add to the warnings."""
    if spec is not None:
        problems, found = label_problems(spec, given.file)
        if problems:
            raise SpecError(problems)
        warnings += found
    if given.target is not None:  # whoever takes the records takes the truth, too
        return None
    name, in_spec = given.request.truth, given.key("truth")
    return read_truth(
        name, in_spec, given.file, given.stdin, given.request.part, params=given.params
    )
