"""What stands in the braces of a pattern: a field, or an expression over fields.

A field comes first: where one has the name that begins the braces, what follows is a default and a format.
Only the fields of records decide, so that the braces are read anew for each specification.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, ClassVar

import numpy as np

from datagen.arrays import Ints
from datagen.batch import EMITTER, EVENT, POPULATION, Group, Section
from datagen.columns.column import Column, Columns
from datagen.columns.column_type import NOTHING, TEXT, ColumnType
from datagen.columns.format_spec import FormatSpec
from datagen.columns.literal import LiteralColumn, nulls
from datagen.columns.pieces import Piece
from datagen.columns.strftime import TimePattern
from datagen.formats.cells import CsvCell
from datagen.formats.column_plan import (
    Constant,
    FieldSegment,
    FormattedText,
    JsonText,
    PlainText,
    Segment,
    TimeText,
    Writer,
)
from datagen.instants import NAIVE, Style
from datagen.language import NO_TIMELINE, TIME, Compiled, Expression, ExpressionError, Scope
from datagen.one_line import shortened
from datagen.spec.record_schema import RecordSchema, Specification
from datagen.timeline import Timeline
from datagen.validation import did_you_mean, quoted

_SHOWN = 60  # characters of what stands in braces, in messages
_FIELD = re.compile(r"([^!|:]+)(?:!([^|:]*))?(?:\|([^:]*))?(?::(.*))?", re.DOTALL)
_PLAIN_NAME = re.compile(r"@?[\w \t.-]*")
_CALL = re.compile(r"\s*([A-Za-z_]\w*)\s*\(.*\)\s*|\s*([A-Za-z_]\w*)\s*", re.DOTALL)
_QUOTED_OR_BRACKET = re.compile(r"""'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|[][():]""", re.DOTALL)
_CONVERTED = re.compile(r"(.*)!(\w+)\s*", re.DOTALL)
_ESCAPE = re.compile(r"\\(x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|.|$)", re.DOTALL)
_ESCAPED = {"t": "\t", "n": "\n", "\\": "\\"}
_CONVERSIONS: Mapping[str, Writer] = {"csv": CsvCell(), "json": JsonText()}


class PatternError(ValueError):
    """A pattern has a problem at a line."""

    def __init__(self, line: int, text: str) -> None:
        super().__init__(f"line {line}: {text}")


@dataclass(frozen=True)
class Written:
    """How a value is written: by a conversion, by a format spec, and what stands for none."""

    conversion: str | None
    spec: str | None
    default: str = ""

    def writer(self, column_type: ColumnType) -> Writer:
        """Return the writer of a field. Raises ValueError for a format spec that does not suit it."""
        if self.conversion is not None:
            return _CONVERSIONS[self.conversion]
        if not self.spec or column_type == NOTHING:
            return PlainText()
        if column_type.kind == "instant":
            return TimeText(TimePattern(self.spec))
        return FormattedText(FormatSpec(self.spec, column_type.kind))


class Known:
    """What is known of the records of a specification: the columns of all and of each emitter, tables, and periods."""

    def __init__(
        self,
        schema: RecordSchema,
        tables: Mapping[str, Any] = MappingProxyType({}),
        timeline: Timeline = NO_TIMELINE,
        clock: str = TIME,
    ) -> None:
        self.columns, self.emitters, self.tables = schema.columns, schema.emitters, tables
        self.timeline, self.clock = timeline, clock
        self._compiled: dict[Any, Compiled] = {}

    @classmethod
    def of(cls, spec: Specification) -> "Known":
        """Return what is known of a specification."""
        return cls(spec.record_schema, spec.tables, spec.run_timeline, spec.clock)

    def with_column(self, name: str, column_type: ColumnType) -> "Known":
        """Return the same with a column besides, of all emitters that have none of its name."""
        schema = RecordSchema(self.columns, self.emitters).with_column(name, column_type)
        return Known(schema, self.tables, self.timeline, self.clock)

    def compiled(
        self, expression: Expression, columns: Mapping[str, ColumnType], style: Style = NAIVE
    ) -> Compiled:
        """Return an expression over the columns of an emitter; what it lacks is null. Raises ExpressionError."""
        types = {EMITTER: TEXT} | {name: columns.get(name, NOTHING) for name in self.columns}
        key = expression, tuple(types.items()), style
        if key not in self._compiled:
            shared = Scope(types, style=style, tables=self.tables)
            scope = replace(shared, timeline=self.timeline, clock=self.clock)
            self._compiled[key] = expression.compiled(scope)
        return self._compiled[key]


class Content:
    """What stands in braces, for the records of a specification."""

    def problem(self, columns: Mapping[str, ColumnType], schema: Known) -> str | None:
        """Return what is wrong with it for the records of an emitter with these columns."""
        raise NotImplementedError

    def segment(self, emitter: str, schema: Known, style: Style) -> Segment:
        """Return the segment of the records of an emitter. Raises ValueError where it has a problem."""
        raise NotImplementedError

    def notes(self, schema: Known) -> Iterator[str]:
        """Yield warnings about it."""
        del schema
        yield from ()


@dataclass(frozen=True)
class Named(Content):
    """A field, by its name."""

    name: str
    written: Written

    def problem(self, columns: Mapping[str, ColumnType], schema: Known) -> str | None:
        if self.name not in (EMITTER, *schema.columns):
            hint = did_you_mean(self.name, [EMITTER, POPULATION, EVENT, *schema.columns])
            return f"no emitter has a field {quoted(self.name)}{hint}"
        try:
            self.written.writer(columns.get(self.name, NOTHING))
        except ValueError as error:
            return f"{{{self.name}}}: {error}"
        return None

    def segment(self, emitter: str, schema: Known, style: Style) -> Segment:
        del style
        columns = schema.emitters[emitter]
        if self.name in columns:
            write = self.written.writer(columns[self.name])
            return FieldSegment(self.name, write, self.written.default)
        ours = self.name == EMITTER and EMITTER not in schema.columns
        return Constant(emitter if ours else self.written.default)

    def notes(self, schema: Known) -> Iterator[str]:
        del schema
        match = _CALL.fullmatch(self.written.default)
        if match is None:
            return
        from datagen.language.functions import FUNCTIONS  # noqa: PLC0415 - few patterns need it

        name = match[1] or match[2]
        if name in FUNCTIONS:
            default, call = self.written.default.strip(), f"{{{name}({self.name}, ...)}}"
            yield f"{quoted(default)} stands where {{{self.name}}} has no value; the function is {call}"


@dataclass(frozen=True)
class Computed(Content):
    """An expression over fields; `text` is how it is written."""

    text: str
    expression: Expression
    written: Written

    def problem(self, columns: Mapping[str, ColumnType], schema: Known) -> str | None:
        try:
            compiled = schema.compiled(self.expression, columns)
            self.written.writer(compiled.column_type)
        except ValueError as error:
            return f"{shown(self.text)}: {error}"
        return None

    def segment(self, emitter: str, schema: Known, style: Style) -> Segment:
        columns = schema.emitters[emitter]
        compiled = schema.compiled(self.expression, columns, style)
        names = tuple(each for each in compiled.names if each in columns)
        write = self.written.writer(compiled.column_type)
        return ComputedSegment(compiled, names, emitter, write)

    def notes(self, schema: Known) -> Iterator[str]:
        for columns in schema.emitters.values():
            compiled = schema.compiled(self.expression, columns)
            yield from (f"{shown(self.text)}: {text}" for text in compiled.warnings)


def _function(text: str) -> str | None:
    """Return the function that a text calls, or names, None where it is none."""
    match = _CALL.fullmatch(text)
    if match is None:
        return None
    from datagen.language.functions import FUNCTIONS  # noqa: PLC0415 - few patterns need it

    name = match[1] or match[2]
    return name if name in FUNCTIONS else None


def shown(text: str) -> str:
    """Return what stands in braces for a message."""
    return f"{{{shortened(text.strip(), _SHOWN)}}}" if len(text) > _SHOWN else f"{{{text}}}"


@dataclass(frozen=True, eq=False)
class ComputedSegment(Segment):
    """The value of an expression over `fields`, which `section` puts beside those of a group.

    A name without a field is `emitter`, or null.
    """

    compiled: Compiled
    fields: tuple[str, ...]
    emitter: str
    write: Writer
    may_fail: ClassVar[bool] = False

    @property
    def text(self) -> str:
        """Return the text of the expression."""
        return self.compiled.expression.text

    @property
    def name(self) -> str:
        """Return what the value is called among fields, of which none is called so."""
        return f"\ud800{self.text}"  # a lone surrogate is in no name

    @property
    def names(self) -> tuple[str, ...]:
        return (self.name,)

    def part(self, columns: Columns, rows: int) -> Piece:
        return FieldSegment(self.name, self.write).part(columns, rows)

    def section(self, group: Group) -> tuple[Section, Ints]:
        """Return the values for the records of a group, and for which rows of the batch there are none: int64[k]."""
        index, rows = None, len(group.rows)
        of_fields = [each for each in group.sections if {*each.names} & {*self.fields}]
        if len(of_fields) == 1 and of_fields[0].index is not None:
            size = len(of_fields[0].columns[0])
            if 2 * size <= rows:
                index, rows = of_fields[0].index, size

        def column_of(name: str) -> Column:
            if name in self.fields:
                column = group.column(name) if index is None else _own(of_fields[0], name)
                assert column is not None
                return column
            if name == EMITTER:
                return LiteralColumn([self.emitter], lasting=True).take(np.zeros(rows, np.int64))
            return nulls(rows)

        values = self.compiled.values(column_of, rows)
        section = Section((self.name,), (values.column,), index)
        if values.faults is None:
            return section, np.empty(0, dtype=np.int64)
        return section, group.rows[values.faults if index is None else values.faults[index]]


def _own(section: Section, name: str) -> Column:
    """Return a column of a section, a value for each of its own rows."""
    return section.columns[section.names.index(name)]


@dataclass(frozen=True)
class Braces:
    """The text in braces, at a line of a pattern: a `field`, if it can be one, or an expression."""

    text: str
    line: int
    field: Named | None

    def content(self, names: Sequence[str]) -> Content:
        """Return what it is where fields have these names. Raises ExpressionError where it is neither."""
        if self.field is None:
            return _computed(self.text)
        is_name = self.field.name.isidentifier() and not _function(self.field.written.default)
        if self.field.name in names or is_name:
            return self.field
        try:
            return _computed(self.text)
        except ExpressionError:
            if _PLAIN_NAME.fullmatch(self.field.name):
                return self.field
            raise


def braces(text: str, line: int) -> Braces:
    """Return what stands in braces. Raises PatternError where it can be neither field nor expression."""
    try:
        return Braces(text, line, _field(text, line))
    except PatternError:
        try:
            _computed(text)
        except ExpressionError:
            pass
        else:
            return Braces(text, line, None)
        raise


def _field(text: str, line: int) -> Named:
    match = _FIELD.fullmatch(text)
    if match is None:
        raise PatternError(line, f'"{shown(text)}" names no field; a brace is written "{{{{"')
    name, conversion, default, spec = match.groups()
    if conversion is not None and conversion not in _CONVERSIONS:
        hint = did_you_mean(conversion, _CONVERSIONS)
        raise PatternError(
            line, f"{shown(text)}: there is no conversion {quoted(conversion)}{hint}"
        )
    if conversion is not None and spec is not None:
        raise PatternError(
            line, f'{shown(text)}: "!{conversion}" and a format contradict each other'
        )
    spec = None if spec is None else unescaped(spec, line)
    return Named(unescaped(name, line), Written(conversion, spec, unescaped(default or "", line)))


def _computed(text: str) -> Computed:
    """Return the expression in braces. Raises ExpressionError where there is none."""
    end = _end_of_expression(text)
    before, spec = text[:end], text[end + 1 :] if end < len(text) else None
    converted = _CONVERTED.fullmatch(before)
    conversion = None
    if converted is not None and converted[2] in _CONVERSIONS and spec is None:
        before, conversion = converted.groups()
    expression = Expression(before)
    expression.names  # noqa: B018 - reads the text
    return Computed(before.strip(), expression, Written(conversion, spec))


def _end_of_expression(text: str) -> int:
    """Return the place of the first colon outside quotes and brackets, or the length of the text."""
    depth = 0
    for each in _QUOTED_OR_BRACKET.finditer(text):
        if each[0] == ":" and depth <= 0:
            return each.start()
        depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(each[0], 0)
    return len(text)


def unescaped(text: str, line: int) -> str:
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
