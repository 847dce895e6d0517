"""Turns the JSON of a replay into its source, or the list of what is wrong with either.

What can be seen of the source before a run is checked with the keys: that it is there, its names, and
the first records. What can be read only once is not touched until somebody needs it.
"""

import copyreg
import io
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
    raw: Any, file: str, stdin: BinaryIO, *, spec_is_stdin: bool = False, unread: bool = False
) -> tuple[ReplaySource, list[Problem]]:
    """Check a specification, and the source that it names; return it and its warnings.

    With `spec_is_stdin` the specification came from stdin, so that no records can; with `unread` nothing
    is read of what can be read only once. Raises SpecError.
    """
    try:
        spec = ReplaySpec.model_validate(raw)
    except ValidationError as error:
        raise SpecError(in_document_order(problems_of(error, file), raw)) from None
    mistake = next(_file_mistakes(spec, spec_is_stdin), None) or next(_format_mistakes(spec), None)
    if mistake is not None:
        raise SpecError([Problem(*mistake, file)])
    replay = opened(spec, stdin, unread=unread)
    problems = _source_problems(replay, file)
    if problems:
        raise SpecError(in_document_order(problems, raw))
    if replay.unread:
        note = f"{spec.source_file} can be read only once: its content is not checked"
        return replay, [Problem((), note, file)]
    notes = () if replay.read_once else replay.source.unsorted.notes(replay.sample)
    return replay, [Problem((), text, spec.source_file) for text in notes]


def opened(
    spec: ReplaySpec, stdin: BinaryIO | None = None, *, unread: bool = False
) -> ReplaySource:
    """Return a specification with its source, which is opened. Raises OSError, SourceError."""
    stdin = stdin or io.BytesIO()
    source = SOURCES[spec.resolved_format](spec.source_file, spec.read_options, stdin)
    unread = unread and source.read_once
    return ReplaySource(spec, Sorted(source) if spec.sort else source, unread=unread)


def _file_mistakes(spec: ReplaySpec, spec_is_stdin: bool) -> Iterator[tuple[Path, str]]:
    """Yield why there is no source to read; with `spec_is_stdin`, stdin is none."""
    name = spec.source_file
    if name == "-":
        if spec_is_stdin:
            yield (
                ("source_file",),
                '"-" is stdin, which holds the specification: give it with -c FILE',
            )
    elif not os.path.exists(name):
        yield ("source_file",), f"{quoted(name)}: there is no such file"
    elif os.path.isdir(name):
        yield ("source_file",), f"{quoted(name)} is a folder, not a file"


def _format_mistakes(spec: ReplaySpec) -> Iterator[tuple[Path, str]]:
    """Yield why a source that is there cannot be read as it is asked."""
    name, kind = spec.source_file, SOURCES[spec.resolved_format]
    what = "stdin" if name == "-" else quoted(name)
    read_once = name == "-" or not os.path.isfile(name)
    if read_once and spec.loop:
        yield ("loop",), f'{what} can be read only once: set "loop": false'
    if not kind.needs_plain_file:
        return
    if read_once:
        yield ("source_format",), f"{what} can be read only once, which {kind.label} does not allow"
    if spec.types:
        yield ("types",), f"{kind.label} has its own types"
    if split_file_name(name)[2]:
        yield ("source_file",), f"{kind.label} is compressed internally: unpack the file"


def _source_problems(replay: ReplaySource, file: str) -> list[Problem]:
    """Return what is wrong with the names and the first records of a source."""
    try:
        problems = [Problem(path, text, file) for path, text in _unknown_fields(replay)]
        if not problems and not replay.read_once:
            texts = _sample_mistakes(replay)
            problems = [Problem((), text, replay.spec.source_file) for text in texts]
    except SourceError as error:
        problems = [Problem((), error.text, error.file)]
    return problems


def _unknown_fields(replay: ReplaySource) -> Iterator[tuple[Path, str]]:
    """Yield the fields of the specification that the source does not have."""
    if replay.unread:
        return
    has_names = replay.source.names is not None
    if replay.read_once and not has_names:
        return
    known = replay.fields
    if has_names:
        what = f"{replay.spec.source_file} has no column"
    else:
        what = f"none of the first {SAMPLE:,} records has a field"
    for path, name in _named_fields(replay.spec, with_time=has_names):
        is_time = path[0] == "time_field"
        if is_time and (
            replay.source.holds_time(name) if has_names else name.split(".")[0] in known
        ):
            continue
        if name not in known:
            yield path, f"{what} {quoted(name)}{did_you_mean(name, known)}"


def _named_fields(spec: ReplaySpec, *, with_time: bool) -> Iterator[tuple[Path, str]]:
    """Yield the fields that a specification names, and where."""
    listed = not isinstance(spec.time_field, str)
    for place, name in enumerate(spec.time_fields):
        if with_time or place:
            yield ("time_field", place) if listed else ("time_field",), name
    for name in spec.types:
        yield ("types", name), name
    for place, each in enumerate(spec.null_injection):
        yield ("null_injection", place, "field"), each.field


def _sample_mistakes(replay: ReplaySource) -> Iterator[str]:
    """Yield what is wrong with the first records: the first mistake, or that there are no records."""
    last: LastRecord | None = None
    size = 0
    for chunk in replay.sample:
        times, problem = read_times(chunk, last, ordered=not replay.spec.sort)
        part = chunk.part(0, len(times))
        _, other = part.rows.field_groups(times.micros)
        problem = other or problem
        if problem is not None:
            yield f"{chunk.location(problem.row)}: {problem.text}"
            return
        size += len(chunk)
        last = LastRecord(times.nanos(-1), part) if len(times) else last
    if not size and replay.spec.loop:
        yield 'contains no records, so there is nothing to replay; with "loop": false this is allowed'


# another process, to which it travels by pickle, opens the source anew
copyreg.pickle(ReplaySource, lambda replay: (opened, (replay.spec,)))
