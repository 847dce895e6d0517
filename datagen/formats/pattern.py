"""The format `pattern`: lines with fields in braces, as `{client} [{time:%d/%b/%Y}] {bytes|-}`.

A pattern is parsed once and compiled to a column plan for each emitter.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Literal

from datagen.batch import EMITTER, Batch
from datagen.columns.column_type import ColumnType
from datagen.columns.format_spec import FormatSpec
from datagen.columns.pieces import joined_groups
from datagen.columns.strftime import TimePattern
from datagen.errors import Path
from datagen.formats.base import FORMATS, Format, Formatter
from datagen.formats.cells import CsvCell
from datagen.formats.column_plan import (
    ColumnPlan,
    Constant,
    FieldSegment,
    FormattedText,
    JsonText,
    PlainText,
    Segment,
    TimeText,
    Writer,
)
from datagen.formats.old_patterns import NOTE, pattern_of_today, unset_variables
from datagen.formats.rendered import Encoding, Payload, RecordBytes
from datagen.input_files import read_file
from datagen.lookup import find_file
from datagen.spec.record_schema import RecordSchema, Specification
from datagen.validation import UnicodeText, did_you_mean, quoted

_TOKEN = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_EMITTER_LINE = re.compile(r"^@emitter[ \t]+(.*?)[ \t]*\r?$\n?", re.MULTILINE)
_PLACEHOLDER = re.compile(r"([^!|:]+)(?:!([^|:]*))?(?:\|([^:]*))?(?::(.*))?", re.DOTALL)
_ESCAPE = re.compile(r"\\(x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|.|$)", re.DOTALL)
_ESCAPED = {"t": "\t", "n": "\n", "\\": "\\"}
_OTHERS = "*"
_CONVERSIONS: Mapping[str, Writer] = {"csv": CsvCell(), "json": JsonText()}


class PatternError(ValueError):
    """A pattern has a problem at a line."""

    def __init__(self, line: int, text: str) -> None:
        super().__init__(f"line {line}: {text}")


@dataclass(frozen=True)
class Placeholder:
    """A field in braces: name, conversion, format spec, and the text where there is no value."""

    name: str
    conversion: str | None
    default: str
    spec: str | None
    line: int


Parts = tuple[str | Placeholder, ...]


@FORMATS.register
class Pattern(Format):
    """A pattern, given here or in a file."""

    needs_schema: ClassVar[bool] = True
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
        return PatternFormatter(self._sections_for(spec), spec.record_schema)

    def check(self, spec: Specification) -> Iterator[tuple[Path, str]]:
        try:
            sections = self._sections_for(spec)
        except PatternError as error:
            yield (self.key,), str(error)
            return
        for name in unset_variables(self._text) if sections is not self.sections else ():
            yield (self.key,), f"the environment variable {quoted(name)} is not set"
        for text in _problems(sections, spec.record_schema):
            yield (self.key,), text

    def notes(self, spec: Specification) -> Iterator[str]:
        if self._sections_for(spec) is not self.sections:
            yield f"{self.file or self.key}: {NOTE}"

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

    def __init__(self, sections: Mapping[str, Parts], record_schema: RecordSchema) -> None:
        self._plans = {
            emitter: ColumnPlan(
                [*_segments(_parts_for(sections, emitter), emitter, record_schema), Constant("\n")]
            )
            for emitter in record_schema.emitters
        }

    def render(self, batch: Batch) -> Payload:
        if not batch.groups:
            return self.empty()
        groups = [(group.rows, self._plans[group.emitter].parts(group)) for group in batch.groups]
        return RecordBytes.of_texts(joined_groups(groups, len(batch)), self.encoding)


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


def _parts(text: str, line: int) -> Iterator[str | Placeholder]:
    end = 0
    for token in _TOKEN.finditer(text):
        here = line + text.count("\n", 0, token.start())
        yield _unescape(text[end : token.start()], line + text.count("\n", 0, end))
        end = token.end()
        if token[0] in ("{{", "}}"):
            yield token[0][0]
        elif token[1] is None:
            raise PatternError(here, f'"{token[0]}" is unmatched; write "{token[0] * 2}"')
        else:
            yield _placeholder(token[1], here)
    yield _unescape(text[end:], line + text.count("\n", 0, end))


def _placeholder(text: str, line: int) -> Placeholder:
    match = _PLACEHOLDER.fullmatch(text)
    if match is None:
        raise PatternError(line, f'"{{{text}}}" names no field; a brace is written "{{{{"')
    name, conversion, default, spec = match.groups()
    if conversion is not None and conversion not in _CONVERSIONS:
        hint = did_you_mean(conversion, _CONVERSIONS)
        raise PatternError(line, f"{{{text}}}: there is no conversion {quoted(conversion)}{hint}")
    if conversion is not None and spec is not None:
        raise PatternError(line, f'{{{text}}}: "!{conversion}" and a format contradict each other')
    return Placeholder(
        _unescape(name, line), conversion, _unescape(default or "", line),
        None if spec is None else _unescape(spec, line), line,
    )  # fmt: skip


def _unescape(text: str, line: int) -> str:
    """Return a text with escapes replaced. Raises PatternError."""

    def replacement(match: re.Match[str]) -> str:
        code = match[1]
        if code[:1] in ("x", "u") and len(code) > 1:
            character = chr(int(code[1:], 16))
            if "\ud800" <= character <= "\udfff":
                raise PatternError(line, f'"\\{code}" is a lone surrogate, not a character')
            return character
        if code not in _ESCAPED:
            known = r"\t, \n, \\, \xNN or \uNNNN"
            raise PatternError(line, f'"\\{code}" is not an escape; expected {known}')
        return _ESCAPED[code]

    return _ESCAPE.sub(replacement, text)


def _parts_for(sections: Mapping[str, Parts], emitter: str) -> Parts:
    return sections.get(emitter, sections.get(_OTHERS, ()))


def _problems(sections: Mapping[str, Parts], record_schema: RecordSchema) -> Iterator[str]:
    """Yield what does not fit between patterns and the fields of records."""
    for name in sections:
        if name != _OTHERS and name not in record_schema.emitters:
            yield f"@emitter {name}: there is no such emitter{did_you_mean(name, record_schema.emitters)}"
    for emitter in record_schema.emitters:
        if emitter not in sections and _OTHERS not in sections:
            yield f'there is no pattern for the emitter {quoted(emitter)}; "@emitter *" is for all others'
    yield from _field_problems(sections, record_schema)


def _field_problems(sections: Mapping[str, Parts], record_schema: RecordSchema) -> Iterator[str]:
    """Yield the problems of placeholders, in their order; each once, for the first emitter with it."""
    # line, problem: place in the pattern, emitter
    found: dict[tuple[int, str], tuple[int, str]] = {}
    for emitter, columns in record_schema.emitters.items():
        where = "" if len(record_schema.emitters) == 1 else f" (emitter {quoted(emitter)})"
        for place, part in enumerate(_parts_for(sections, emitter)):
            if not isinstance(part, Placeholder):
                continue
            if part.name not in (EMITTER, *record_schema.columns):
                found.setdefault((part.line, _unknown_field(part.name, record_schema)), (place, ""))
            elif (problem := _format_problem(part, columns.get(part.name))) is not None:
                found.setdefault((part.line, problem), (place, where))
    for (line, problem), (_, where) in sorted(
        found.items(), key=lambda each: (each[0][0], each[1][0])
    ):
        yield f"line {line}: {problem}{where}"


def _unknown_field(name: str, record_schema: RecordSchema) -> str:
    access = "; only names are possible" if re.search(r"[.\[]", name) else ""
    hint = did_you_mean(name, [EMITTER, *record_schema.columns])
    return f"no emitter has a field {quoted(name)}{hint}{access}"


def _format_problem(placeholder: Placeholder, column_type: ColumnType | None) -> str | None:
    try:
        _writer(placeholder, column_type)
    except ValueError as error:
        return f"{{{placeholder.name}}}: {error}"
    return None


def _segments(parts: Parts, emitter: str, record_schema: RecordSchema) -> Iterator[Segment]:
    columns = record_schema.emitters[emitter]
    for part in parts:
        if isinstance(part, str):
            yield Constant(part)
        elif part.name in columns:
            yield FieldSegment(part.name, _writer(part, columns[part.name]), part.default)
        else:
            ours = part.name == EMITTER and EMITTER not in record_schema.columns
            yield Constant(emitter if ours else part.default)


def _writer(placeholder: Placeholder, column_type: ColumnType | None) -> Writer:
    """Return the writer of a field. Raises ValueError for a format spec that does not suit it."""
    if placeholder.conversion is not None:
        return _CONVERSIONS[placeholder.conversion]
    if not placeholder.spec or column_type is None:
        return PlainText()
    if column_type.kind == "instant":
        return TimeText(TimePattern(placeholder.spec))
    return FormattedText(FormatSpec(placeholder.spec, column_type.kind))
