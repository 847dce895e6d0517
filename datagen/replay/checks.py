"""Turns the JSON of a replay into its source, or the list of what is wrong with either.

What can be seen of the source before a run is checked with the keys: that it is there, its names, and
the first records. What can be read only once is not touched until somebody needs it.
"""

import os
from collections.abc import Iterator
from typing import Any, BinaryIO

from pydantic import ValidationError

from datagen.errors import Path, Problem, SpecError
from datagen.replay.source import SAMPLE, ReplaySource
from datagen.replay.spec import ReplaySpec
from datagen.replay.times import LastRecord, read_times
from datagen.sources import SOURCES, Sorted, SourceError
from datagen.sources.file_names import split_file_name
from datagen.validation import did_you_mean, in_document_order, problems_of, quoted


def parse_replay(
    raw: Any, file: str, stdin: BinaryIO, *, taken: bool = False, unread: bool = False
) -> tuple[ReplaySource, list[Problem]]:
    """Check a specification, and the source that it names; return it and its warnings.

    `taken` tells that stdin was the specification; with `unread` nothing that can be read only once is
    touched. Raises SpecError.
    """
    try:
        keys = ReplaySpec.model_validate(raw)
    except ValidationError as error:
        raise SpecError(in_document_order(problems_of(error, file), raw)) from None
    mistake = next(_file_mistakes(keys, taken), None) or next(_format_mistakes(keys), None)
    if mistake is not None:
        raise SpecError([Problem(*mistake, file)])
    replay = _opened(keys, stdin, unread)
    problems = _source_problems(replay, file)
    if problems:
        raise SpecError(in_document_order(problems, raw))
    note = f"{keys.source_file} can be read only once: its content is not checked"
    return replay, [Problem((), note, file)] if replay.unread else []


def _file_mistakes(keys: ReplaySpec, taken: bool) -> Iterator[tuple[Path, str]]:
    """Yield why there is no source to read; `taken` tells that stdin was the specification."""
    name = keys.source_file
    if name == "-":
        if taken:
            yield (
                ("source_file",),
                '"-" is stdin, which holds the specification: give it with -c FILE',
            )
    elif not os.path.exists(name):
        yield ("source_file",), f"{quoted(name)}: there is no such file"
    elif os.path.isdir(name):
        yield ("source_file",), f"{quoted(name)} is a folder, not a file"


def _format_mistakes(keys: ReplaySpec) -> Iterator[tuple[Path, str]]:
    """Yield why a source that is there cannot be read as it is asked."""
    name, kind = keys.source_file, SOURCES[keys.kind]
    what = "stdin" if name == "-" else quoted(name)
    read_once = name == "-" or not os.path.isfile(name)
    if read_once and keys.loop:
        yield ("loop",), f'{what} can be read only once: set "loop": false'
    if not kind.needs_plain_file:
        return
    if read_once:
        yield ("source_format",), f"{what} can be read only once, which {kind.label} does not allow"
    if keys.types:
        yield ("types",), f"{kind.label} has its own types"
    if split_file_name(name)[2]:
        yield ("source_file",), f"{kind.label} is compressed internally: unpack the file"


def _opened(keys: ReplaySpec, stdin: BinaryIO, unread: bool) -> ReplaySource:
    source = SOURCES[keys.kind](keys.source_file, keys.read_options, stdin)
    unread = unread and source.read_once
    return ReplaySource(keys, Sorted(source) if keys.sort else source, unread=unread)


def _source_problems(replay: ReplaySource, file: str) -> list[Problem]:
    """Return what is wrong with the names and the first records of a source."""
    try:
        problems = [Problem(path, text, file) for path, text in _unknown_fields(replay)]
        if not problems and not replay.read_once:
            texts = _sample_mistakes(replay)
            problems = [Problem((), text, replay.keys.source_file) for text in texts]
    except SourceError as error:
        problems = [Problem((), error.text, error.file)]
    return problems


def _unknown_fields(replay: ReplaySource) -> Iterator[tuple[Path, str]]:
    """Yield the fields of the specification that the source does not have."""
    keys, named = replay.keys, None if replay.unread else replay.source.names is not None
    if named is None or (replay.read_once and not named):
        return
    known = replay.fields
    what = (
        f"{keys.source_file} has no column"
        if named
        else f"none of the first {SAMPLE:,} records has a field"
    )
    for path, name in _named_fields(keys, with_time=named):
        if name not in known:
            yield path, f"{what} {quoted(name)}{did_you_mean(name, known)}"


def _named_fields(keys: ReplaySpec, *, with_time: bool) -> Iterator[tuple[Path, str]]:
    """Yield the fields that a specification names, and where."""
    if with_time:
        yield ("time_field",), keys.time_field
    for name in keys.types:
        yield ("types", name), name
    for place, each in enumerate(keys.null_injection):
        yield ("null_injection", place, "field"), each.field


def _sample_mistakes(replay: ReplaySource) -> Iterator[str]:
    """Yield the first mistake in the first records, or that there are none."""
    last: LastRecord | None = None
    size = 0
    for chunk in replay.sample:
        times, problem = read_times(chunk, last, ordered=not replay.keys.sort)
        part = chunk.part(0, len(times))
        _, other = part.rows.field_groups()
        problem = other or problem
        if problem is not None:
            yield f"{chunk.location(problem.row)}: {problem.text}"
            return
        size += len(chunk)
        last = LastRecord(times.nanos(-1), part) if len(times) else last
    if not size and replay.keys.loop:
        yield 'contains no records, so there is nothing to replay; with "loop": false this is allowed'
