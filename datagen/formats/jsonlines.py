"""Writes records as JSON: one compact object a line."""

from typing import Literal

from datagen.batch import Batch, Group
from datagen.columns.members import object_parts
from datagen.columns.pieces import Part, joined_groups
from datagen.formats.base import FORMATS, Format, Formatter
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
    """Joins keys and values, all records at once."""

    def render(self, batch: Batch) -> Payload:
        if not batch.groups:
            return self.empty()
        groups = [(group.rows, _parts(group)) for group in batch.groups]
        return RecordBytes.of_texts(joined_groups(groups, len(batch)), self.encoding)


def _parts(group: Group) -> list[Part]:
    names = [name for section in group.sections for name in section.names]
    columns = [
        column if section.index is None else column.take(section.index)
        for section in group.sections
        for column in section.columns
    ]
    return [*object_parts(names, columns, len(group.rows)), "\n"]
