"""Turns a `-t` that is no target into the template that it once named."""

from dataclasses import replace
from typing import Any

from datagen.durations import why_no_duration
from datagen.errors import Problem, UsageError
from datagen.running.options import Request
from datagen.validation import value_at


def with_template(request: Request, raw: Any, file: str) -> tuple[Request, list[Problem]]:
    """Return a request whose unknown target is a template of a specification, raw JSON, and what to tell.

    Raises UsageError where it is none, or another format is given besides.
    """
    name = request.unknown_target
    if name is None:
        return request, []
    if value_at(raw, "templates", name) is None:
        templates = f", nor a template of {file}" if value_at(raw, "templates") else ""
        raise UsageError(
            f"-t {name}: neither a target file (there is none of that name) nor a duration "
            f"such as 30S ({why_no_duration(name)}){templates}"
        )
    if any(each is not None for each in (request.template, request.kind, request.format)):
        raise UsageError(
            f"-t {name} is a template, and -f, --csv, --tsv or --template gives another format"
        )
    asked = replace(request, template=name, unknown_target=None)
    return asked, [Problem((), f"-t {name} is the old spelling of --template {name}")]
