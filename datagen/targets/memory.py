"""Keeps what is written in memory, for tests and for programs that use the package as a library.

It is made in Python only: no specification can name it.
"""

from collections.abc import Mapping
from itertools import pairwise
from typing import BinaryIO, Literal

from pydantic import Field as Key
from pydantic import PrivateAttr

from datagen.formats.encoding import Output
from datagen.formats.rendered import Payload, RecordBytes, Rendered
from datagen.targets.base import Target
from datagen.targets.compatibility import Accepted
from datagen.targets.message_keys import Label, LabelTemplate
from datagen.targets.sink import Sink

_EVERYTHING = ~Output(0)


class MemorySink(Sink):
    """Accepts everything, and stores it in order."""

    def __init__(self) -> None:
        super().__init__()
        self.payloads: list[Payload] = []
        self.times: list[int] = []  # of the records, microseconds since 1970
        self.labels: dict[str, list[str | None]] = {}  # by their names, a text for each record
        self.closed = False

    def write(self, records: Rendered) -> None:
        payload = records.payload
        self.payloads.append(payload)
        self.times += records.times.tolist()
        for name, texts in records.labels.items():
            self.labels.setdefault(name, []).extend(texts)
        self.delivered += len(payload)
        self.bytes += payload.size

    def close(self) -> None:
        self.closed = True

    @property
    def records(self) -> list[bytes]:
        """Return each record, its newline included, of a format that gives bytes."""
        parts = [each for each in self.payloads if isinstance(each, RecordBytes)]
        ends = [[0, *each.ends.tolist()] for each in parts]
        return [
            bytes(part.data[begin:end])
            for part, places in zip(parts, ends, strict=True)
            for begin, end in pairwise(places)
        ]

    @property
    def data(self) -> bytes:
        """Return what a file of the records would hold, its header included."""
        header = self.payloads[0].encoding.header if self.payloads else b""
        return header + b"".join(self.records)


class MemoryTarget(Target):
    """Collects records in `sink`, that of the last run.

    `label_texts` are texts with fields in braces, such as "{user}", by the names of labels.
    """

    type: Literal["memory"] = "memory"
    label_texts: dict[str, str] = Key(default_factory=dict)
    _sink: MemorySink = PrivateAttr(default_factory=MemorySink)

    @property
    def sink(self) -> MemorySink:
        """Return the sink of the last run."""
        return self._sink

    def accepted(self) -> Accepted:
        return Accepted(_EVERYTHING)

    def labels(self) -> Mapping[str, Label]:
        return {name: LabelTemplate(text) for name, text in self.label_texts.items()}

    def open(self, stdout: BinaryIO) -> Sink:
        del stdout
        self._sink = MemorySink()
        return self._sink
