"""Writes each record in Avro's binary encoding, with a schema that follows from the specification.

A file contains the schema itself. A message is the record alone; its readers know the schema, or get it
from a schema registry.
"""

import json
import os
import re
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from hashlib import blake2b
from typing import Annotated, Any, ClassVar, Literal, Self

import numpy as np
import pyarrow as pa
from pydantic import AfterValidator

from datagen.batch import Batch
from datagen.columns.column_type import ColumnType
from datagen.errors import Path
from datagen.formats.avro_binary import encode_longs, encode_records
from datagen.formats.base import FORMATS, Format, Formatter
from datagen.formats.columnar import column_problems, record_batch
from datagen.formats.encoding import Encoding, FileEncoder, Output, Registration
from datagen.formats.rendered import Payload, RecordBytes
from datagen.spec.record_schema import Specification
from datagen.validation import Name, Secret, WebAddress, invalid_value, quoted

Schema = dict[str, Any]
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_BLOCK = 4096  # records
_TYPES: Mapping[str, Any] = {
    "nothing": "string",
    "int": "long",
    "float": "double",
    "bool": "boolean",
    "text": "string",
    "instant": {"type": "long", "logicalType": "timestamp-micros"},
    "json": "string",
}


def _simple_name(value: str) -> str:
    if not _NAME.fullmatch(value):
        raise invalid_value(
            f"expected letters, digits and underscores, no digit first, not {quoted(value)}"
        )
    return value


def _dotted_name(value: str) -> str:
    if not all(_NAME.fullmatch(part) for part in value.split(".")):
        raise invalid_value(
            f'expected names separated by dots, such as "com.example", not {quoted(value)}'
        )
    return value


@FORMATS.register
class Avro(Format):
    """Avro's binary encoding: in files with blocks of records, or a record a message."""

    needs_schema: ClassVar[bool] = True
    has_schema: ClassVar[bool] = True
    type: Literal["avro"] = "avro"
    name: Annotated[str, AfterValidator(_simple_name)] | None = None
    namespace: Annotated[str, AfterValidator(_dotted_name)] | None = None
    codec: Literal["deflate", "zstandard", "null"] | None = None
    registry: WebAddress | None = None
    subject: Name | None = None
    username: str | None = None
    password: Secret | None = None
    ssl_cafile: str | None = None
    ending = ".avro"
    outputs = Output.MESSAGES | Output.ROUTED_MESSAGES | Output.FILES

    def validate_keys(self) -> Iterator[tuple[Path, str]]:
        for key in ("subject", "username", "password", "ssl_cafile"):
            if getattr(self, key) is not None and self.registry is None:
                yield (key,), 'is for a schema registry, and "registry" is missing'
        if (self.username is None) != (self.password is None):
            yield ("username" if self.username is None else "password",), "missing"

    def named_after(self, file: str) -> Self:
        stem = os.path.splitext(os.path.basename(file))[0]
        name = "Event" if file == "stdin" else avro_name(stem)
        return self if self.name else self.model_copy(update={"name": name})

    def excluded(self) -> Mapping[Output, str]:
        found: dict[Output, str] = {}
        if self.codec is not None:
            text = '"codec" is for files; messages are compressed by the target'
            found |= {Output.MESSAGES: text, Output.ROUTED_MESSAGES: text}
        if self.registry is not None:
            found[Output.FILES] = '"registry" is for messages; a file holds its schema'
            if self.subject is None:
                text = 'the topic is not the same for all records: give the "subject" of the schema'
                found[Output.ROUTED_MESSAGES] = text
        return found

    def check(self, spec: Specification) -> Iterator[tuple[Path, str]]:
        columns = spec.record_schema.columns
        for text in (*column_problems(columns), *_collisions(list(columns.items()), "")):
            yield (), text

    def notes(self, spec: Specification) -> Iterator[str]:
        yield from spec.record_schema.clashes()

    def compile(self, spec: Specification) -> Formatter:
        return AvroFormatter(self, spec.record_schema.columns)

    def schema_of(self, spec: Specification) -> Schema:
        return _schema(self, spec.record_schema.columns)


class AvroFormatter(Formatter):
    """Writes each record in binary, all of a batch at once."""

    def __init__(self, form: Avro, columns: Mapping[str, ColumnType]) -> None:
        self._columns = columns
        text = json.dumps(_schema(form, columns), separators=(",", ":"))
        self.encoding = Encoding(
            is_json=False,
            has_newline=False,
            file_encoder=partial(AvroEncoder, text, form.codec or "deflate"),
            registration=_registration(form, text),
        )

    def render(self, batch: Batch) -> Payload:
        return RecordBytes.of_texts(
            encode_records(record_batch(batch, self._columns)), self.encoding
        )


class AvroEncoder(FileEncoder):
    """Writes an object container file: the schema, then each piece as a block."""

    max_records = _BLOCK
    readable_without_footer = True

    def __init__(self, schema: str, codec: str, stream: Any) -> None:
        self._stream, self._compress = stream, _CODECS[codec]
        # Avro wants it random; a hash makes the same file of the same records
        self._sync_marker = blake2b(schema.encode(), digest_size=16).digest()
        entries = {"avro.codec": codec, "avro.schema": schema}
        texts = [text.encode() for entry in entries.items() for text in entry]
        header = b"".join(_long(len(text)) + text for text in texts)
        stream.write(b"Obj\x01" + _long(len(entries)) + header + _long(0) + self._sync_marker)

    def write_piece(self, records: Sequence[RecordBytes]) -> None:
        data = self._compress(b"".join(each.data for each in records))
        count = sum(map(len, records))
        self._stream.write(_long(count) + _long(len(data)) + data + self._sync_marker)


def avro_name(text: str) -> str:
    """Return the Avro name of a field: what is no letter, digit or underscore becomes an underscore."""
    name = re.sub(r"[^A-Za-z0-9_]", "_", text)
    return name if _NAME.fullmatch(name) else f"_{name}"


def _registration(form: Avro, schema: str) -> Registration | None:
    if form.registry is None:
        return None
    return Registration(
        schema, form.registry, form.subject, form.username, form.password, form.ssl_cafile
    )


def _schema(form: Avro, columns: Mapping[str, ColumnType]) -> Schema:
    made = _record(form.name or "Event", list(columns.items()), set())
    return made if form.namespace is None else {"namespace": form.namespace, **made}


def _record(name: str, members: Sequence[tuple[str, ColumnType]], taken: set[str]) -> Schema:
    """Return the schema of records; `taken` are the names of those above and before."""
    while name in taken:
        name += "_"
    taken.add(name)
    return {
        "type": "record",
        "name": name,
        "fields": [_field(name, member, column_type, taken) for member, column_type in members],
    }


def _field(record: str, name: str, column_type: ColumnType, taken: set[str]) -> Schema:
    ours = avro_name(name)
    doc = {} if ours == name else {"doc": name}
    kind = ["null", _type(f"{record}_{ours}", column_type, taken)]
    return {"name": ours, **doc, "type": kind, "default": None}


def _type(name: str, column_type: ColumnType, taken: set[str]) -> Any:
    if column_type.kind == "object":
        return _record(name, column_type.members, taken)
    if column_type.elements is not None:
        return {"type": "array", "items": ["null", _type(name, column_type.elements, taken)]}
    return _TYPES[column_type.kind]


def _collisions(members: Sequence[tuple[str, ColumnType]], where: str) -> Iterator[str]:
    """Yield a sentence for each field whose name in Avro another one has."""
    seen: dict[str, str] = {}
    for name, column_type in members:
        ours = avro_name(name)
        first = seen.setdefault(ours, name)
        if first != name:
            both = f"{quoted(where + first)} and {quoted(where + name)}"
            yield f'Avro has the same name, "{ours}", for the fields {both}'
        yield from _collisions(_members(column_type), f"{where}{name}.")


def _members(column_type: ColumnType) -> Sequence[tuple[str, ColumnType]]:
    """Return the fields of records, or of those that lists hold."""
    while column_type.kind == "list" and column_type.elements is not None:
        column_type = column_type.elements
    return column_type.members if column_type.kind == "object" else ()


def _long(number: int) -> bytes:
    encoded: bytes = encode_longs(np.array([number]))[0].as_py()
    return encoded


def _deflated(data: bytes) -> bytes:
    packer = zlib.compressobj(1, wbits=-15)  # three times as fast as the usual 6, a fifth larger
    return packer.compress(data) + packer.flush()


def _zstandard(data: bytes) -> bytes:
    packed: bytes = pa.Codec("zstd").compress(data, asbytes=True)
    return packed


_CODECS: Mapping[str, Callable[[bytes], bytes]] = {
    "null": lambda data: data,
    "deflate": _deflated,
    "zstandard": _zstandard,
}
