"""JSON: one compact object a line."""

from typing import Literal

import pyarrow as pa

from datagen import jsontext
from datagen.columns import later_members, members
from datagen.formats.base import FORMATS, Format, Formatter, Rendered, buffered, in_order
from datagen.jsontext import Text
from datagen.records import Batch, Group, Section
from datagen.tables import Specification


@FORMATS.register
class JsonLines(Format):
    """One compact JSON object a line."""

    type: Literal["json"] = "json"

    def compile(self, spec: Specification) -> Formatter:
        del spec
        return JsonFormatter()


class JsonFormatter(Formatter):
    """Joins keys and values, all records of an emitter at once."""

    def render(self, batch: Batch) -> Rendered:
        if not batch.groups:
            return self.empty()
        return buffered(in_order(batch, [_objects(group) for group in batch.groups]))


def _objects(group: Group) -> Text:
    rows, first, *rest = len(group.rows), *group.sections
    pieces = ["{", *jsontext.object_pieces(members(first.names, first.columns), rows)]
    for section in rest:
        pieces += _pieces(section)
    return jsontext.join([*pieces, "}\n"], rows)


def _pieces(section: Section) -> list[Text | str]:
    """Give the pieces of a section; where it has few rows, joined and gathered."""
    pieces = jsontext.member_pieces(later_members(section.names, section.columns))
    if section.index is None:
        return pieces
    texts = jsontext.join(pieces, len(section.columns[0]))
    return [texts.take(pa.array(section.index))]
