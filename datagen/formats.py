"""Turns a batch of columns into bytes: one text for each record, in one buffer, with offsets.

A format is a class with one verb, `render(batch)`. Nothing that it has written is parsed again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import pyarrow as pa

from datagen import jsontext
from datagen.columns import later_members, members
from datagen.instants import NAIVE, Style
from datagen.jsontext import Text
from datagen.randomness import Ints
from datagen.records import Batch, Group, Section


@dataclass(frozen=True)
class Rendered:
    """Records as bytes: record i is data[ends[i - 1]:ends[i]], its newline included.

    `times`, int64[n], are their instants, microseconds since 1970, and `style` is how the run writes
    instants. `labels` are what a target asked for besides: for each name a sequence of n texts (None
    where there is none). `json` tells that each record is JSON.
    """

    data: memoryview
    ends: Ints
    times: Ints = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    labels: Mapping[str, Sequence[str | None]] = field(default_factory=dict)
    json: bool = True
    style: Style = NAIVE

    def __len__(self) -> int:
        return len(self.ends)

    def rows(self, first: int, last: int) -> "Rendered":
        """Give the records first .. last - 1."""
        if first == 0 and last == len(self):
            return self
        begin = int(self.ends[first - 1]) if first else 0
        ends = self.ends[first:last]
        end = int(ends[-1]) if len(ends) else begin
        labels = {name: texts[first:last] for name, texts in self.labels.items()}
        times = self.times[first:last]
        return Rendered(self.data[begin:end], ends - begin, times, labels, self.json, self.style)


class Format(Protocol):
    """Writes the records of a batch."""

    def render(self, batch: Batch) -> Rendered:
        """Give the text of each record, in order."""


class JsonLines:
    """One compact JSON object a line."""

    def render(self, batch: Batch) -> Rendered:
        """Give the text of each record, in order."""
        texts = [_objects(group) for group in batch.groups]
        if len(texts) == 1:
            return buffered(texts[0])
        if not texts:
            return buffered(pa.array([], pa.string()))
        places = np.empty(len(batch), dtype=np.int64)
        places[np.concatenate([group.rows for group in batch.groups])] = np.arange(len(batch))
        return buffered(pa.concat_arrays(texts).take(pa.array(places)))


def buffered(texts: Text) -> Rendered:
    """Read a string array as one buffer and where each string ends."""
    if not len(texts):
        return Rendered(memoryview(b""), np.empty(0, dtype=np.int64))
    _, offsets, data = texts.buffers()
    ends = np.frombuffer(offsets, dtype=np.int32)[texts.offset : texts.offset + len(texts) + 1]
    view = memoryview(data if data is not None else b"").cast("B")
    return Rendered(view[ends[0] : ends[-1]], ends[1:].astype(np.int64) - int(ends[0]))


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
