"""Writes records as JSON: one compact object a line, also in an array, which is one document."""

import json
from collections.abc import Iterator, Mapping
from typing import ClassVar, Literal

from datagen.batch import Batch, Group, Section
from datagen.columns.gathering import take_all
from datagen.columns.members import member_parts, object_parts
from datagen.columns.pieces import Part, Piece, joined, joined_groups
from datagen.errors import Path
from datagen.formats.base import FORMATS, Format, Formatter
from datagen.formats.encoding import Encoding, Output
from datagen.formats.rendered import Payload, RecordBytes
from datagen.spec.record_schema import Specification
from datagen.validation import UnicodeText

_LINES = Encoding()


@FORMATS.register
class JsonLines(Format):
    """One compact JSON object a line; with `array` all of them in one, which `wrap` names as the only member of an object."""

    type: Literal["json"] = "json"
    array: bool = False
    wrap: UnicodeText | None = None
    is_json: ClassVar[bool] = True
    outputs: ClassVar[Output] = Output.LINES | Output.DOCUMENTS

    def validate_keys(self) -> Iterator[tuple[Path, str]]:
        if self.wrap is not None and not self.array:
            yield ("wrap",), 'is the name of an array: add "array": true'

    def excluded(self) -> Mapping[Output, str]:
        if not self.array:
            return {}
        return {
            Output.LINES: "a JSON array is one document: for a file, stdout or the body of http"
        }

    def compile(self, spec: Specification) -> Formatter:
        del spec
        return JsonFormatter(self._encoding()) if self.array else JsonFormatter()

    def _encoding(self) -> Encoding:
        begin, end = "[", "]"
        if self.wrap is not None:
            begin, end = f"{{{json.dumps(self.wrap)}:[", "]}"
        return Encoding(
            media_type="application/json",
            header=f"{begin}\n".encode(),
            separator=b",",
            footer=f"{end}\n".encode(),
        )


class JsonFormatter(Formatter):
    """Joins keys and values, all records at once."""

    def __init__(self, encoding: Encoding = _LINES) -> None:
        self.encoding = encoding

    def render(self, batch: Batch) -> Payload:
        if not batch.groups:
            return self.empty()
        before = [self.encoding.separator.decode()] if self.encoding.separator else []
        groups = [(group.rows, [*before, *_parts(group)]) for group in batch.groups]
        return RecordBytes.of_texts(joined_groups(groups, len(batch)), self.encoding)


def _parts(group: Group) -> list[Part]:
    rows, sections = len(group.rows), group.sections
    optional = bool(sections) and sections[0].columns[0].present is not None
    members = [
        part
        for section in sections
        for part in _members(section, rows, first_comma=optional or section is not sections[0])
    ]
    return [*object_parts(members, rows, commas=optional), "\n"]


def _members(section: Section, rows: int, *, first_comma: bool) -> Iterator[Part]:
    """Yield the parts of a section of n records; where it has few rows, joined before they are gathered."""
    names, columns, index = section.names, section.columns, section.index
    if index is None:
        yield from member_parts(names, columns, first_comma=first_comma)
    elif len(columns) > 1 and 2 * len(columns[0]) <= rows:
        members = list(member_parts(names, columns, first_comma=first_comma))
        yield Piece(joined(members, len(columns[0])), index)
    else:
        yield from member_parts(names, take_all(columns, index), first_comma=first_comma)
