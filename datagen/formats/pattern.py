"""Patterns: a line with fields in braces, such as `{client} [{time:%d/%b/%Y}] {bytes|-}`.

A pattern is read once and compiled to a plan of columns for each emitter.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Literal

from datagen.batch import Batch
from datagen.columns.column_type import ColumnType
from datagen.columns.format_spec import FormatSpec
from datagen.columns.strftime import TimePattern
from datagen.errors import Path
from datagen.formats.base import FORMATS, Format, Formatter, in_order
from datagen.formats.column_plan import (
    AsJson,
    ColumnPlan,
    Constant,
    FieldSegment,
    Formatted,
    PlainText,
    Quoted,
    Segment,
    Timed,
    Writer,
)
from datagen.formats.rendered import Encoding, Payload, RecordBytes
from datagen.lookup import find_file
from datagen.spec.record_schema import EMITTER, RecordSchema, Specification
from datagen.validation import Text, did_you_mean, quoted

_TOKEN = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_SECTION = re.compile(r"^@emitter[ \t]+(.*?)[ \t]*\r?$\n?", re.MULTILINE)
_FIELD = re.compile(r"([^!|:]+)(?:!([^|:]*))?(?:\|([^:]*))?(?::(.*))?", re.DOTALL)
_ESCAPE = re.compile(r"\\(x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|.|$)", re.DOTALL)
_SIMPLE = {"t": "\t", "n": "\n", "\\": "\\"}
_OTHERS = "*"
_CONVERSIONS: Mapping[str, Writer] = {"csv": Quoted(), "json": AsJson()}


class PatternError(ValueError):
    """A pattern has a mistake at a line."""

    def __init__(self, line: int, text: str) -> None:
        super().__init__(f"line {line}: {text}")


@dataclass(frozen=True)
class Slot:
    """A field in braces: its name, how it is converted and formatted, what stands where it is not."""

    name: str
    conversion: str | None
    default: str
    spec: str | None
    line: int


Parts = tuple[str | Slot, ...]


@FORMATS.register
class Pattern(Format):
    """A pattern, given here or in a file."""

    needs_schema: ClassVar[bool] = True
    type: Literal["pattern"] = "pattern"
    pattern: Text | None = None
    file: str | None = None

    def mistakes(self) -> Iterator[tuple[Path, str]]:
        if (self.pattern is None) == (self.file is None):
            yield (), 'expected either "pattern" or "file"'
            return
        try:
            self.sections.items()
        except (OSError, ValueError) as error:
            yield (self.key,), str(error)

    @property
    def key(self) -> str:
        """Return the key that says what the pattern is."""
        return "file" if self.pattern is None else "pattern"

    @cached_property
    def sections(self) -> Mapping[str, Parts]:
        """Return the pattern of each emitter, `*` for all others. Raises ValueError, OSError."""
        text = _text_of(self.file) if self.pattern is None else self.pattern
        return dict(_sections(text or ""))

    def compile(self, spec: Specification) -> Formatter:
        return PatternFormatter(self.sections, spec.record_schema)

    def check(self, spec: Specification) -> Iterator[tuple[Path, str]]:
        for text in _problems(self.sections, spec.record_schema):
            yield (self.key,), text


class PatternFormatter(Formatter):
    """Writes each record by the pattern of its emitter."""

    encoding = Encoding(is_json=False, media_type="text/plain")

    def __init__(self, sections: Mapping[str, Parts], table: RecordSchema) -> None:
        self._plans = {
            emitter: ColumnPlan(
                [*_pieces(_section(sections, emitter), emitter, table), Constant("\n")]
            )
            for emitter in table.emitters
        }

    def render(self, batch: Batch) -> Payload:
        if not batch.groups:
            return self.empty()
        texts = [self._plans[group.emitter].texts(group) for group in batch.groups]
        return RecordBytes.of_texts(in_order(batch, texts), self.encoding)


def _text_of(name: str | None) -> str:
    """Read a pattern file, a path or a bare name."""
    path = find_file(name or "", "form")
    if path is None:
        raise ValueError(f"{name}: there is no such file")
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"is not UTF-8 text (byte {error.start})") from error


def _sections(text: str) -> Iterator[tuple[str, Parts]]:
    """Cut a pattern into those of emitters. Raises PatternError."""
    starts = list(_SECTION.finditer(text))
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
            what = "stands here twice" if start[1] else 'names no emitter; "*" is all others'
            raise PatternError(line, f"@emitter {start[1]}".rstrip() + f" {what}")
        seen.add(start[1])
        body = text[start.end() : after.start() if after else len(text)]
        yield start[1], tuple(_parts(_without_newline(body), line + 1))


def _line(text: str, match: re.Match[str]) -> int:
    return text.count("\n", 0, match.start()) + 1


def _without_newline(text: str) -> str:
    return text.removesuffix("\n").removesuffix("\r")


def _parts(text: str, line: int) -> Iterator[str | Slot]:
    end = 0
    for token in _TOKEN.finditer(text):
        here = line + text.count("\n", 0, token.start())
        yield _unescaped(text[end : token.start()], line + text.count("\n", 0, end))
        end = token.end()
        if token[0] in ("{{", "}}"):
            yield token[0][0]
        elif token[1] is None:
            raise PatternError(here, f'"{token[0]}" stands alone; write "{token[0] * 2}"')
        else:
            yield _slot(token[1], here)
    yield _unescaped(text[end:], line + text.count("\n", 0, end))


def _slot(text: str, line: int) -> Slot:
    match = _FIELD.fullmatch(text)
    if match is None:
        raise PatternError(line, f'"{{{text}}}" names no field; a brace is written "{{{{"')
    name, conversion, default, spec = match.groups()
    if conversion is not None and conversion not in _CONVERSIONS:
        hint = did_you_mean(conversion, _CONVERSIONS)
        raise PatternError(line, f"{{{text}}}: there is no conversion {quoted(conversion)}{hint}")
    if conversion is not None and spec is not None:
        raise PatternError(line, f'{{{text}}}: "!{conversion}" and a format contradict each other')
    return Slot(
        _unescaped(name, line), conversion, _unescaped(default or "", line),
        None if spec is None else _unescaped(spec, line), line,
    )  # fmt: skip


def _unescaped(text: str, line: int) -> str:
    """Replace escapes. Raises PatternError."""

    def character(match: re.Match[str]) -> str:
        code = match[1]
        if code[:1] in ("x", "u") and len(code) > 1:
            made = chr(int(code[1:], 16))
            if "\ud800" <= made <= "\udfff":
                raise PatternError(line, f'"\\{code}" is half of a surrogate pair, no character')
            return made
        if code not in _SIMPLE:
            known = r"\t, \n, \\, \xNN and \uNNNN"
            raise PatternError(line, f'"\\{code}" is no escape; there are {known}')
        return _SIMPLE[code]

    return _ESCAPE.sub(character, text)


def _section(sections: Mapping[str, Parts], emitter: str) -> Parts:
    return sections.get(emitter, sections.get(_OTHERS, ()))


def _problems(sections: Mapping[str, Parts], table: RecordSchema) -> Iterator[str]:
    """Yield what is wrong between patterns and the fields of records."""
    for name in sections:
        if name != _OTHERS and name not in table.emitters:
            yield f"@emitter {name}: there is no such emitter{did_you_mean(name, table.emitters)}"
    for emitter in table.emitters:
        if emitter not in sections and _OTHERS not in sections:
            yield f'no pattern is for the emitter {quoted(emitter)}; "@emitter *" is for all others'
    told: set[str] = set()
    for emitter, columns in table.emitters.items():
        for part in _section(sections, emitter):
            if isinstance(part, Slot):
                told.update(_problems_of(part, columns, emitter, table, told))
    yield from sorted(told, key=lambda text: int(re.findall(r"\d+", text)[0]))


def _problems_of(
    slot: Slot, columns: Mapping[str, ColumnType], emitter: str, table: RecordSchema, told: set[str]
) -> Iterator[str]:
    known = [EMITTER, *table.columns]
    if slot.name not in known:
        access = "; only names are possible" if re.search(r"[.\[]", slot.name) else ""
        hint = did_you_mean(slot.name, known)
        yield f"line {slot.line}: no emitter has a field {quoted(slot.name)}{hint}{access}"
        return
    try:
        _writer(slot, columns.get(slot.name))
    except ValueError as error:
        text = f"line {slot.line}: {{{slot.name}}}: {error}"
        if not any(each.startswith(text) for each in told):
            yield text + ("" if len(table.emitters) == 1 else f" (emitter {quoted(emitter)})")


def _pieces(parts: Parts, emitter: str, table: RecordSchema) -> Iterator[Segment]:
    columns = table.emitters[emitter]
    for part in parts:
        if isinstance(part, str):
            yield Constant(part)
        elif part.name in columns:
            yield FieldSegment(part.name, _writer(part, columns[part.name]), part.default)
        else:
            ours = part.name == EMITTER and EMITTER not in table.columns
            yield Constant(emitter if ours else part.default)


def _writer(slot: Slot, column_type: ColumnType | None) -> Writer:
    """Return how a field is written. Raises ValueError for a format that does not suit it."""
    if slot.conversion is not None:
        return _CONVERSIONS[slot.conversion]
    if not slot.spec or column_type is None:
        return PlainText()
    if column_type.kind == "instant":
        return Timed(TimePattern(slot.spec))
    return Formatted(FormatSpec(slot.spec, column_type.kind))
