"""Turns records into dicts, for whoever iterates over them in Python: the objects of JSON, with instants as datetimes."""

from datetime import UTC, datetime
from typing import Any, ClassVar, Literal

from datagen.batch import Batch, Group
from datagen.columns.column import ABSENT, Column
from datagen.columns.scalar import InstantColumn
from datagen.formats.base import Format, Formatter
from datagen.formats.encoding import Encoding, Output
from datagen.formats.rendered import Payload, RecordObjects
from datagen.instants import EPOCH
from datagen.spec.record_schema import Specification

_ENCODING = Encoding(is_json=False, has_newline=False)


class Objects(Format):
    """A dict for each record: a key that is missing is absent, null is None, and instants are in UTC.

    Made in Python only: no specification can name it.
    """

    type: Literal["objects"] = "objects"
    outputs: ClassVar[Output] = Output.FILES

    def compile(self, spec: Specification) -> Formatter:
        del spec
        return ObjectFormatter()


class ObjectFormatter(Formatter):
    """Makes dicts of their own for each record: whoever changes one changes no other."""

    encoding = _ENCODING

    def render(self, batch: Batch) -> Payload:
        records: list[dict[str, Any]] = [{}] * len(batch)
        for group in batch.groups:
            for row, record in zip(group.rows.tolist(), _objects(group), strict=True):
                records[row] = record
        return RecordObjects(records, self.encoding)

    def empty(self) -> Payload:
        return RecordObjects([], self.encoding)


def _objects(group: Group) -> list[dict[str, Any]]:
    """Return the records of one emitter."""
    names: list[str] = []
    columns: list[Column] = []
    for section in group.sections:
        names += section.names
        index = section.index
        columns += [each if index is None else each.take(index) for each in section.columns]
    if not names:
        return [{} for _ in group.rows]
    rows = zip(*map(_values, columns), strict=True)
    if all(each.present is None for each in columns):
        return [dict(zip(names, row, strict=True)) for row in rows]
    return [
        {name: value for name, value in zip(names, row, strict=True) if value is not ABSENT}
        for row in rows
    ]


def _values(column: Column) -> list[Any]:
    """Return the values of a column as Python objects, ABSENT where one is missing."""
    if isinstance(column, InstantColumn):
        return [each.replace(tzinfo=UTC) for each in column.values.view("M8[us]").tolist()]
    values = column.to_python(ABSENT)
    kinds = set(map(type, values))
    zeros = float in kinds and 0.0 in values  # which may be -0.0, as JSON never has it
    if zeros or any(issubclass(each, datetime | dict | list) for each in kinds):
        return [_own(value) for value in values]
    return values


def _own(value: Any) -> Any:
    """Return a value that shares nothing that can be changed, with its instants in UTC, and 0.0 for -0.0."""
    if isinstance(value, datetime):
        return EPOCH + datetime.__sub__(value, EPOCH)
    if isinstance(value, float):
        return value + 0.0
    if isinstance(value, dict):
        return {name: _own(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_own(each) for each in value]
    return value
