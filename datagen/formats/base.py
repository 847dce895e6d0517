"""What every format shares: its keys, its formatter, and the bytes that this makes of a batch.

A format is a checked model with one verb, `compile`; the formatter that it gives writes batch after
batch. To add a format, write one file here and list it in `__init__.py`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, ClassVar, Self

import numpy as np
import pyarrow as pa
from pydantic import PlainValidator, SecretStr

from datagen.arrays import Ints, TextArray
from datagen.batch import Batch
from datagen.errors import DatagenError, Path
from datagen.instants import NAIVE, Style
from datagen.spec.record_schema import Specification
from datagen.validation import Family, Model, invalid_value, quoted

FORMATS: "Family[Format]" = Family("format", "csv")


class FileEncoder:
    """Writes a file that is more than the bytes of records, to a stream that it is made with.

    It comes in pieces of `most` records (the last has fewer), and is a file once it has its end.
    """

    most = 0
    readable_without_footer = False  # whatever pieces there are, they can be read without an end

    def piece(self, records: "Sequence[Rendered]") -> None:
        """Write a piece. Raises OSError."""
        raise NotImplementedError

    def end(self) -> None:
        """Write what stands at the end. Raises OSError."""

    def drop(self) -> None:
        """Let go of a file that could not be written."""


@dataclass(frozen=True)
class Registration:
    """A schema of messages, and the registry that has to know it before the first of them."""

    schema: str
    registry: SecretStr
    subject: str | None
    username: str | None = field(repr=False)
    password: SecretStr | None
    ssl_cafile: str | None


@dataclass(frozen=True)
class Rendered:
    """Records as bytes: record i is data[ends[i - 1]:ends[i]], its newline included.

    `times`, int64[n], are their instants, microseconds since 1970, and `style` is how the run writes
    instants. `labels` are what a target asked for besides: for each name a sequence of n texts (None
    where there is none). `json` tells that each record is JSON, `lines` that each ends with a newline
    that is not part of it. `header` stands before the first record of a file or stream. `table` holds
    the records as an Arrow record batch where the format is one of columns; there are no bytes then.
    `encoder` makes files of records where a file is more than their bytes, and `registration` is of
    messages whose schema is kept elsewhere. `variants` are the same records in the format of each of several targets; `media` is what HTTP
    calls the format. `stopped` tells that the text of some record cannot be made: which, and why.
    """

    data: memoryview
    ends: Ints
    times: Ints = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    labels: Mapping[str, Sequence[str | None]] = field(default_factory=dict)
    json: bool = True
    style: Style = NAIVE
    lines: bool = True
    header: bytes = b""
    table: Any = None
    encoder: Callable[[Any], FileEncoder] | None = None
    registration: Registration | None = None
    variants: "tuple[Rendered, ...]" = ()
    stopped: tuple[int, DatagenError] | None = None
    media: str = "application/x-ndjson"

    def __len__(self) -> int:
        return len(self.ends)

    @property
    def size(self) -> int:
        """Return about how many bytes the records take."""
        return len(self.data) if self.table is None else int(self.table.nbytes)

    @property
    def preface(self) -> bool:
        """Return whether a target needs to know of something before the first record."""
        return bool(self.header or self.encoder or self.registration)

    def rows(self, first: int, last: int) -> "Rendered":
        """Return the records first .. last - 1."""
        if first == 0 and last == len(self):
            return self
        begin = int(self.ends[first - 1]) if first else 0
        ends = self.ends[first:last]
        end = int(ends[-1]) if len(ends) else begin
        return replace(
            self,
            data=self.data[begin:end],
            ends=ends - begin,
            times=self.times[first:last],
            labels={name: texts[first:last] for name, texts in self.labels.items()},
            table=None if self.table is None else self.table.slice(first, last - first),
            variants=tuple(each.rows(first, last) for each in self.variants),
        )

    def of_target(self, first: int, last: int) -> "Rendered":
        """Return the records as the targets first .. last - 1 of several want them."""
        if not self.variants:
            return self
        mine = self.variants[first:last]
        times, labels = self.times, self.labels
        return replace(
            mine[0], times=times, labels=labels, style=self.style,
            variants=mine if last - first > 1 else (),
        )  # fmt: skip


class Formatter:
    """Writes the records of batches; `header` stands before the first one."""

    header = b""

    def render(self, batch: Batch) -> Rendered:
        """Return the text of each record, in order."""
        raise NotImplementedError

    def empty(self) -> Rendered:
        """Return no record, but the header."""
        return Rendered(memoryview(b""), np.empty(0, dtype=np.int64), header=self.header)


class Format(Model):
    """The base of the family."""

    type: str
    ending: ClassVar[str] = ""  # of the names of files that are in this format
    needs_schema: ClassVar[bool] = False  # it writes columns: a record keeps to those of all
    sealed: ClassVar[bool] = False  # its files come from an encoder, and have this ending
    only: ClassVar[str] = ""  # where alone it can go, in words

    def named(self, file: str) -> Self:
        """Return the format with whatever it takes from the name of the specification's file."""
        del file
        return self

    def unfit_for_files(self) -> str:
        """Say why records in this format cannot go to files of its ending, or nothing."""
        return ""

    def unfit_for_messages(self, *, one_topic: bool) -> str:
        """Say why records in this format cannot be messages, of one topic or several, or nothing."""
        del one_topic
        return self.only

    def compile(self, spec: Specification) -> Formatter:
        """Return what writes the records of a specification that has passed `check`."""
        raise NotImplementedError

    def check(self, spec: Specification) -> Iterator[tuple[Path, str]]:
        """Yield what is wrong between the format and the records of a specification."""
        del spec
        yield from ()

    def notes(self, spec: Specification) -> Iterator[str]:
        """Yield what a user should know of the records of a specification in this format."""
        del spec
        yield from ()

    def described(self, spec: Specification) -> str:
        """Say in a line how the format writes the records of a specification."""
        del spec
        return self.type


def any_format(data: Any) -> Format:
    """Check a format: an object, or the name of one that needs no further keys."""
    if not isinstance(data, str | dict):
        raise invalid_value(
            f'expected a format such as "csv" or {{"type": "csv", ...}}, not {quoted(data)}'
        )
    return FORMATS.parse({"type": data} if isinstance(data, str) else data)


AnyFormat = Annotated[Format, PlainValidator(any_format)]


def buffered(texts: TextArray, **more: Any) -> Rendered:
    """Read a string array as one buffer and where each string ends."""
    if not len(texts):
        return Rendered(memoryview(b""), np.empty(0, dtype=np.int64), **more)
    _, offsets, data = texts.buffers()
    ends = np.frombuffer(offsets, dtype=np.int32)[texts.offset : texts.offset + len(texts) + 1]
    view = memoryview(data if data is not None else b"").cast("B")
    return Rendered(view[ends[0] : ends[-1]], ends[1:].astype(np.int64) - int(ends[0]), **more)


def joined(parts: Sequence[Rendered]) -> Rendered:
    """Put records of one format one after the other, in memory of their own; without labels."""
    first, table = parts[0], None
    if first.table is not None:
        table = (
            pa.Table.from_batches([each.table for each in parts]).combine_chunks().to_batches()[0]
        )
    data = b"".join(each.data for each in parts)
    begins = np.cumsum([0, *(len(each.data) for each in parts[:-1])])
    return replace(
        first,
        data=memoryview(data),
        ends=np.concatenate([each.ends + at for each, at in zip(parts, begins, strict=True)]),
        times=np.concatenate([each.times for each in parts]),
        labels={},
        table=table,
    )


def in_order(batch: Batch, texts: Sequence[Any]) -> Any:
    """Put what stands for each record of each group, in arrays, into the order of the batch."""
    if len(texts) == 1:
        return texts[0]
    places = np.empty(len(batch), dtype=np.int64)
    places[np.concatenate([group.rows for group in batch.groups])] = np.arange(len(batch))
    return pa.concat_arrays(texts).take(pa.array(places))
