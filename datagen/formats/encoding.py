"""What a format can produce, and what is the same for all of its records."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Flag, auto
from typing import Any

from pydantic import SecretStr

from datagen.columns.column_type import ColumnType


class Output(Flag):
    """What a format can produce, and what a target accepts."""

    DOCUMENTS = auto()  # records that are together one document, with a beginning and an end
    LINES = auto()  # records one after the other, each with its newline, as in a text file
    MESSAGES = auto()  # records without a newline, in messages of one topic
    ROUTED_MESSAGES = auto()  # the same in messages of several topics
    FILES = auto()  # files that are more than the bytes of their records
    STREAM = auto()  # a stream of tables, which is read as it comes
    TABLES = auto()  # rows of tables, one table for each emitter


class FileEncoder:
    """Writes a file that is more than the bytes of records, to the stream that it is made with.

    A piece (a row group, a record batch, a block) has `max_records`, the last one fewer; the file is
    complete once the footer is written.
    """

    max_records = 0
    readable_without_footer = False  # readers get all pieces of a file that has no footer

    def write_piece(self, records: "Sequence[Any]") -> None:
        """Write payloads, of the kind that the format makes, as one piece. Raises OSError."""
        raise NotImplementedError

    def write_footer(self) -> None:
        """Write what comes after the last piece. Raises OSError."""

    def discard(self) -> None:
        """Close a file that could not be written."""


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
class Encoding:
    """What is the same for all records of a formatter.

    `header` comes before the first record of a file or stream, and `footer` after the last. Each record begins with the
    `separator`, which the first one after a header does not have in the file. `file_encoder` makes the encoder of a
    stream where a file is more than the bytes of its records. `registration` is for messages whose
    schema is in a registry. `columns` are those of the table of each emitter.
    """

    is_json: bool = True  # each record is JSON
    has_newline: bool = True  # each record ends with a newline that is not part of it
    media_type: str = "application/x-ndjson"
    header: bytes = b""
    separator: bytes = b""
    footer: bytes = b""
    file_encoder: Callable[[Any], FileEncoder] | None = None
    registration: Registration | None = None
    columns: Mapping[str, Mapping[str, ColumnType]] = field(default_factory=dict)
    # where each emitter has its own columns, and of such a one those, of all in a table
    of_emitters: "Mapping[str, Encoding]" = field(default_factory=dict)
    own_columns: tuple[str, ...] | None = None

    @property
    def has_preamble(self) -> bool:
        """Return whether a target has something to do before the first record, or without any."""
        return bool(self.header or self.file_encoder or self.registration or self.columns)
