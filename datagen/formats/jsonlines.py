"""Writes records as JSON: one compact object a line."""

from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc

from datagen.arrays import TextArray
from datagen.batch import Batch, Group, Section
from datagen.columns import json_text
from datagen.columns.nested import following_members, object_members
from datagen.formats.base import FORMATS, Format, Formatter, in_order
from datagen.formats.rendered import Payload, RecordBytes
from datagen.spec.record_schema import Specification


@FORMATS.register
class JsonLines(Format):
    """One compact JSON object a line."""

    type: Literal["json"] = "json"

    def compile(self, spec: Specification) -> Formatter:
        del spec
        return JsonFormatter()


class JsonFormatter(Formatter):
    """Joins keys and values, all records of an emitter at once."""

    def render(self, batch: Batch) -> Payload:
        if not batch.groups:
            return self.empty()
        objects = [_objects(group) for group in batch.groups]
        return RecordBytes.of_texts(in_order(batch, objects), self.encoding)


def _objects(group: Group) -> TextArray:
    rows, sections = len(group.rows), group.sections
    pieces = [piece for section in sections for piece in _pieces(section, section is sections[0])]
    if sections and sections[0].columns[0].present is not None:  # where a comma comes first differs
        pieces = [pc.utf8_slice_codeunits(json_text.join(pieces, rows), 1)]
    return json_text.join(["{", *pieces, "}\n"], rows)


def _pieces(section: Section, first: bool) -> list[TextArray | str]:
    """Return the pieces of a section; where it has few rows, joined and gathered.

    Each member has a comma before it, but for the first of all where that is in every record.
    """
    names, columns = section.names, section.columns
    leading = 1 if first and columns[0].present is None else 0
    pieces = json_text.object_pieces(object_members(names[:leading], columns[:leading]), 0)
    pieces += json_text.member_pieces(following_members(names[leading:], columns[leading:]))
    if section.index is None:
        return pieces
    texts = json_text.join(pieces, len(columns[0]))
    return [texts.take(pa.array(section.index))]
