"""Reads where the truth about a stream goes, and what it is labelled with."""

from collections.abc import Collection
from typing import Any, BinaryIO

from datagen.errors import Path, Problem, SpecError, UsageError
from datagen.formats.jsonlines import JsonLines
from datagen.input_files import MAX_BYTES
from datagen.lookup import find_file
from datagen.part import Part
from datagen.running.documents import parse_document, parse_target, read_document
from datagen.running.params import NO_PARAMS, Params
from datagen.running.short_targets import short_target
from datagen.short_names import scheme_of, shown
from datagen.spec.record_schema import Specification
from datagen.targets import Target
from datagen.truth.labels import compiled_labels
from datagen.validation import quoted


def read_truth(
    name: str | None,
    in_spec: Any,
    file: str,
    stdin: BinaryIO,
    part: Part,
    *,
    params: Params = NO_PARAMS,
) -> Target | None:
    """Return the target of the truth that is asked for by a name, or else in a specification, whose file this is.

    A name is the path of the file to write, an address, or that of a target as JSON. Raises SpecError, UsageError.
    """
    if name == "-":
        raise UsageError("--truth -: stdout is for records; give a file")
    where: Path = ("truth",)
    if name is None:
        raw = in_spec
    elif scheme_of(name) is not None:
        raw, file, where = short_target(name, "--truth"), shown(name), ()
    elif _is_target(name):
        data, file = read_document(name, "tar", stdin)
        raw, where = params.in_target(parse_document(data, file), file, MAX_BYTES), ()
    else:
        raw = name
    if raw is None:
        return None
    if isinstance(raw, str):
        raw = {"type": "file", "path": raw}
    if not isinstance(raw, dict):
        text = f'expected the path of a file, or a target such as {{"type": "file", ...}}, not {quoted(raw)}'
        raise SpecError([Problem(where, text, file)])
    target = parse_target(raw, file, where, escapes=params.declared)
    problems = [Problem((*where, *path), text, file) for path, text in _mistakes(target, part)]
    if problems:
        raise SpecError(problems)
    return target.of_part(part)


def label_problems(spec: Specification, file: str) -> tuple[list[Problem], list[Problem]]:
    """Return what is wrong with the labels of a specification, and warnings."""
    found = compiled_labels(spec.labels, spec)
    problems, warnings = (
        [Problem(("labels", *path), text, file) for path, text in each]
        for each in (found.problems, found.warnings)
    )
    return problems, warnings


def _mistakes(target: Target, part: Part) -> Collection[tuple[Path, str]]:
    """Return why a target cannot have the truth."""
    found: list[tuple[Path, str]] = []
    if any(not isinstance(each, JsonLines) or each.array for each in target.formats(None)):
        found.append((("format",), "the truth is written as json, a line for each event"))
    filters = [key for key in ("emitters", "when") if getattr(target, key) is not None]
    found += [((key,), "the truth is told of all events") for key in filters]
    if target.labels():
        found.append(
            ((), "the truth has no fields that could be the key, topic or header of a message")
        )
    if target.transactional:
        found.append((("transactional_id",), "the truth is not committed by its target"))
    if target.on_stdout():
        found.append(((), "stdout is for records; give a file"))
    return found + ([] if part.is_whole else [*target.part_mistakes()])


def _is_target(name: str) -> bool:
    """Return whether a name is that of a target as JSON: of a file of the kind, or without an extension one of conf/tar."""
    if name.endswith((".json", ".yaml", ".yml")) or "." not in name.rpartition("/")[2]:
        return bool(find_file(name, "tar"))
    return False
