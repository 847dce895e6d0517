"""Formats of the records of some emitters: a target that takes no others has only their columns."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, cast

import numpy as np
import pyarrow as pa

from datagen.batch import Batch
from datagen.formats.base import Format, Formatter
from datagen.formats.rendered import Payload, RecordBytes, RecordTable
from datagen.formats.timed import TimeWriter
from datagen.spec.record_schema import Specification, written_with


def narrowed(spec: Specification, emitters: Collection[str] | None) -> Specification:
    """Return a specification as a target of some emitters sees it; None: of all."""
    if emitters is None:
        return spec
    return written_with(spec, lambda own: own.of_emitters(emitters))


def compiled(form: Format, spec: Specification) -> Formatter:
    """Return the formatter of a format for the records of the emitters that it is for."""
    writer = None if form.time is None else TimeWriter(form.time, form.names_fields)
    written = spec if writer is None else written_with(spec, writer.schema)
    made = _compiled(form, narrowed(written, form.emitters))
    if writer is not None:
        made = TimedFormatter(made, writer)
    return made if form.emitters is None else NarrowedFormatter(made, form.emitters)


def _compiled(form: Format, spec: Specification) -> Formatter:
    if not form.by_emitter:
        return form.compile(spec)
    whole = form.compile(spec)
    own = {each: form.compile(narrowed(spec, [each])) for each in spec.record_schema.emitters}
    if isinstance(whole.empty(), RecordTable):
        return OwnTables(form, whole, own)
    return OwnTexts(whole, own)


class OwnTexts(Formatter):
    """Writes the records of each emitter with its own columns, as bytes; readers of one file get those of one."""

    def __init__(self, whole: Formatter, own: Mapping[str, Formatter]) -> None:
        self._own = own
        encodings = {name: each.encoding for name, each in own.items()}
        self.encoding = replace(whole.encoding, of_emitters=encodings)

    def render(self, batch: Batch) -> Payload:
        parts, places = [self.empty()], np.empty(len(batch), dtype=np.int64)
        count = 0
        for name, formatter in self._own.items():
            own, rows = batch.of_emitters([name])
            places[rows] = count + np.arange(len(rows))
            count += len(rows)
            parts.append(formatter.render(own))
        found: Payload = RecordBytes.picked(cast("list[RecordBytes]", parts), places)
        return found


class OwnTables(Formatter):
    """Makes tables of all columns, of which the file of an emitter has its own, with their types over all emitters."""

    def __init__(self, form: Any, whole: Formatter, own: Mapping[str, Formatter]) -> None:
        self._whole = whole
        schema = cast("RecordTable", whole.empty()).table.schema
        encodings = {}
        for name, each in own.items():
            columns = tuple(cast("RecordTable", each.empty()).table.schema.names)
            own_schema = pa.schema([schema.field(column) for column in columns])
            encoder = partial(form.encoder, own_schema)
            encodings[name] = replace(whole.encoding, own_columns=columns, file_encoder=encoder)
        self.encoding = replace(whole.encoding, of_emitters=encodings)

    def render(self, batch: Batch) -> Payload:
        return replace(cast("RecordTable", self._whole.render(batch)), encoding=self.encoding)

    def empty(self) -> Payload:
        return replace(cast("RecordTable", self._whole.empty()), encoding=self.encoding)


class _Around(Formatter):
    """Writes what another formatter does of batches that are changed before."""

    def __init__(self, formatter: Formatter) -> None:
        self._formatter, self.encoding = formatter, formatter.encoding

    def stop_when(self, stopped: Callable[[], bool]) -> None:
        self._formatter.stop_when(stopped)

    def empty(self) -> Payload:
        return self._formatter.empty()


class TimedFormatter(_Around):
    """Writes records whose instants are called and written in another way."""

    def __init__(self, formatter: Formatter, writer: TimeWriter) -> None:
        super().__init__(formatter)
        self._writer = writer

    def render(self, batch: Batch) -> Payload:
        return self._formatter.render(self._writer.batch(batch))


class NarrowedFormatter(_Around):
    """Writes the records of some emitters; those of others are empty, and go nowhere."""

    def __init__(self, formatter: Formatter, emitters: Collection[str]) -> None:
        super().__init__(formatter)
        self._emitters = emitters

    def render(self, batch: Batch) -> Payload:
        own, rows = batch.of_emitters(self._emitters)
        if len(rows) == len(batch):
            return self._formatter.render(batch)
        return self._formatter.render(own).spread(rows, len(batch))
