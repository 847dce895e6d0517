"""The format `pattern`: lines with fields in braces, as `{client} [{time:%d/%b/%Y}] {bytes|-}`.

A pattern is parsed once and compiled to a column plan for each emitter.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from typing import ClassVar, Literal

from datagen.batch import (
    EMITTER,
    EVENT,
    POPULATION,
    Batch,
    FaultPlace,
    FaultRows,
    Group,
    merged_faults,
)
from datagen.columns.column_type import INT, TEXT, ColumnType
from datagen.columns.pieces import Part, joined_groups
from datagen.errors import Path
from datagen.formats.base import FORMATS, Format, Formatter
from datagen.formats.column_plan import ColumnPlan, Constant, Segment
from datagen.formats.encoding import Encoding
from datagen.formats.old_patterns import NOTE, pattern_of_today, unset_variables
from datagen.formats.placeholders import (
    Braces,
    ComputedSegment,
    Known,
    PatternError,
    braces,
    shown,
    unescaped,
)
from datagen.formats.rendered import Payload, RecordBytes
from datagen.input_files import read_file
from datagen.instants import Style
from datagen.language import ExpressionError
from datagen.lookup import find_file
from datagen.spec.record_schema import Specification
from datagen.validation import UnicodeText, did_you_mean, quoted

_TOKEN = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_EMITTER_LINE = re.compile(r"^@emitter[ \t]+(.*?)[ \t]*\r?$\n?", re.MULTILINE)
_OTHERS = "*"
_BESIDES: Mapping[str, ColumnType] = {POPULATION: TEXT, EVENT: INT}
Parts = tuple[str | Braces, ...]


@FORMATS.register
class Pattern(Format):
    """A pattern, given here or in a file."""

    needs_schema: ClassVar[bool] = True
    names_fields: ClassVar[bool] = False
    type: Literal["pattern"] = "pattern"
    pattern: UnicodeText | None = None
    file: str | None = None

    def validate_keys(self) -> Iterator[tuple[Path, str]]:
        if (self.pattern is None) == (self.file is None):
            yield (), 'expected either "pattern" or "file"'
            return
        try:
            self.sections.items()
        except (OSError, ValueError) as error:
            yield (self.key,), str(error)

    @property
    def key(self) -> str:
        """Return the key that gives the pattern."""
        return "file" if self.pattern is None else "pattern"

    @cached_property
    def sections(self) -> Mapping[str, Parts]:
        """Return the pattern of each emitter, `*` for all others. Raises ValueError, OSError."""
        return dict(_sections(self._text))

    def compile(self, spec: Specification) -> Formatter:
        place = self.file or self.key
        sections, known = self._sections_for(spec), self._known(spec)
        return PatternFormatter(sections, known, place, self._besides)

    def check(self, spec: Specification) -> Iterator[tuple[Path, str]]:
        try:
            sections = self._sections_for(spec)
        except PatternError as error:
            yield (self.key,), str(error)
            return
        for name in unset_variables(self._text) if sections is not self.sections else ():
            yield (self.key,), f"the environment variable {quoted(name)} is not set"
        for text in _problems(sections, self._known(spec)):
            yield (self.key,), text

    def notes(self, spec: Specification) -> Iterator[str]:
        sections, schema = self._sections_for(spec), self._known(spec)
        if sections is not self.sections:
            yield f"{self.file or self.key}: {NOTE}"
        found = (
            f"{self.file or self.key}: line {part.line}: {text}"
            for parts in sections.values()
            for part in parts
            if isinstance(part, Braces)
            for text in part.content((EMITTER, *schema.columns)).notes(schema)
        )
        yield from dict.fromkeys(found)

    def numbers_events(self, spec: Specification) -> bool:
        return EVENT in self._besides and EVENT not in spec.record_schema.columns

    @cached_property
    def _besides(self) -> tuple[str, ...]:
        """Return what the pattern may show of a record besides its fields."""
        return tuple(name for name in _BESIDES if name in self._text)

    def _known(self, spec: Specification) -> Known:
        """Return what the pattern knows of a specification, with what it names besides fields."""
        known = Known.of(spec)
        for name in self._besides:
            known = known.with_column(name, _BESIDES[name])
        return known

    @cached_property
    def _text(self) -> str:
        return (_read(self.file) if self.pattern is None else self.pattern) or ""

    def _sections_for(self, spec: Specification) -> Mapping[str, Parts]:
        """Return the patterns as the fields of a specification make them read. Raises PatternError."""
        text = pattern_of_today(self._text, (EMITTER, *spec.record_schema.columns))
        return self.sections if text is None else dict(_sections(text))


class PatternFormatter(Formatter):
    """Writes each record by the pattern of its emitter."""

    encoding = Encoding(is_json=False, media_type="text/plain")

    def __init__(
        self,
        sections: Mapping[str, Parts],
        record_schema: Known,
        place: str,
        besides: tuple[str, ...] = (),
    ) -> None:
        """Prepare for records; `place` says where the pattern is, to name expressions that have no value.

        `besides` is what it may show of records that is no field.
        """
        self._sections, self._record_schema, self._place = sections, record_schema, place
        self._besides = besides
        self._plans: dict[Style, Mapping[str, PatternPlan]] = {}

    def render(self, batch: Batch) -> Payload:
        if not batch.groups:
            return self.empty()
        if self._besides:
            batch = batch.with_names(self._besides)
        if batch.style not in self._plans:
            self._plans[batch.style] = self._plans_in(batch.style)
        plans = self._plans[batch.style]
        groups, faults = [], []
        for group in batch.groups:
            parts, own = plans[group.emitter].parts(group)
            groups.append((group.rows, parts))
            faults.append(own)
        written = RecordBytes.of_texts(joined_groups(groups, len(batch)), self.encoding)
        return replace(written, faults=merged_faults(faults))

    def _plans_in(self, style: Style) -> "Mapping[str, PatternPlan]":
        """Return the plan of each emitter for instants that are written in a style."""
        return {
            emitter: PatternPlan(
                [
                    *_segments(
                        _parts_for(self._sections, emitter), emitter, self._record_schema, style
                    ),
                    Constant("\n"),
                ],
                self._place,
            )
            for emitter in self._record_schema.emitters
        }


class PatternPlan:
    """The column plan of an emitter's pattern, and the expressions in it."""

    def __init__(self, segments: Iterable[Segment], place: str) -> None:
        self._plan = ColumnPlan(segments)
        computed = [each for each in self._plan.segments if isinstance(each, ComputedSegment)]
        self._computed = {FaultPlace((place,), each.text): each for each in computed}

    def parts(self, group: Group) -> tuple[list[Part], FaultRows]:
        """Return the parts of the texts of a group's records, and where expressions have no value."""
        faults, sections = {}, group.sections
        for place, each in self._computed.items():
            section, faults[place] = each.section(group)
            sections = (*sections, section)
        return self._plan.parts(replace(group, sections=sections)), faults


def _read(name: str | None) -> str:
    """Return the text of a pattern file, a path or a bare name. Raises ValueError, OSError."""
    path = find_file(name or "", "form")
    if path is None:
        raise ValueError(f"{name}: there is no such file")
    try:
        return read_file(path).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"is not UTF-8 text (byte {error.start})") from error


def _sections(text: str) -> Iterator[tuple[str, Parts]]:
    """Yield the pattern of each emitter. Raises PatternError."""
    starts = list(_EMITTER_LINE.finditer(text))
    if not text:
        raise PatternError(1, "the pattern is empty")
    if not starts:
        yield _OTHERS, tuple(_parts(_without_newline(text), 1))
        return
    if text[: starts[0].start()].strip():
        raise PatternError(1, f'expected "@emitter ...", as in line {_line(text, starts[0])}')
    seen = set()
    for start, after in zip(starts, [*starts[1:], None], strict=True):
        line = _line(text, start)
        if start[1] in seen or not start[1]:
            what = "appears twice" if start[1] else 'names no emitter ("*" means all others)'
            raise PatternError(line, f"@emitter {start[1]}".rstrip() + f" {what}")
        seen.add(start[1])
        body = text[start.end() : after.start() if after else len(text)]
        yield start[1], tuple(_parts(_without_newline(body), line + 1))


def _line(text: str, match: re.Match[str]) -> int:
    return text.count("\n", 0, match.start()) + 1


def _without_newline(text: str) -> str:
    return text.removesuffix("\n").removesuffix("\r")


def _parts(text: str, line: int) -> Iterator[str | Braces]:
    end = 0
    for token in _TOKEN.finditer(text):
        here = line + text.count("\n", 0, token.start())
        yield unescaped(text[end : token.start()], line + text.count("\n", 0, end))
        end = token.end()
        if token[0] in ("{{", "}}"):
            yield token[0][0]
        elif token[1] is None:
            raise PatternError(here, f'"{token[0]}" is unmatched; write "{token[0] * 2}"')
        else:
            yield braces(token[1], here)
    yield unescaped(text[end:], line + text.count("\n", 0, end))


def _parts_for(sections: Mapping[str, Parts], emitter: str) -> Parts:
    return sections.get(emitter, sections.get(_OTHERS, ()))


def _problems(sections: Mapping[str, Parts], record_schema: Known) -> Iterator[str]:
    """Yield what does not fit between patterns and the fields of records."""
    for name in sections:
        if name != _OTHERS and name not in record_schema.emitters:
            yield f"@emitter {name}: there is no such emitter{did_you_mean(name, record_schema.emitters)}"
    for emitter in record_schema.emitters:
        if emitter not in sections and _OTHERS not in sections:
            yield f'there is no pattern for the emitter {quoted(emitter)}; "@emitter *" is for all others'
    yield from _field_problems(sections, record_schema)


def _field_problems(sections: Mapping[str, Parts], record_schema: Known) -> Iterator[str]:
    """Yield the problems of what stands in braces, in order; each once, for the first emitter with it."""
    # line, problem: place in the pattern, emitters
    found: dict[tuple[int, str], tuple[int, list[str]]] = {}
    for emitter, columns in record_schema.emitters.items():
        for place, part in enumerate(_parts_for(sections, emitter)):
            problem = _problem(part, columns, record_schema) if isinstance(part, Braces) else None
            if isinstance(part, Braces) and problem is not None:
                _, emitters = found.setdefault((part.line, problem), (place, []))
                emitters.append(emitter)
    in_order = sorted(found.items(), key=lambda each: (each[0][0], each[1][0]))
    for (line, problem), (_, emitters) in in_order:
        some = len(set(emitters)) < len(record_schema.emitters)
        where = f" (emitter {quoted(emitters[0])})" if some else ""
        yield f"line {line}: {problem}{where}"


def _problem(braces: Braces, columns: Mapping[str, ColumnType], schema: Known) -> str | None:
    """Return what is wrong with what stands in braces, for the records of an emitter."""
    try:
        return braces.content((EMITTER, *schema.columns)).problem(columns, schema)
    except ExpressionError as error:
        return f"{shown(braces.text)}: {error}"


def _segments(parts: Parts, emitter: str, record_schema: Known, style: Style) -> Iterator[Segment]:
    names = (EMITTER, *record_schema.columns)
    for part in parts:
        if isinstance(part, str):
            yield Constant(part)
        else:
            yield part.content(names).segment(emitter, record_schema, style)
