"""What every format shares: its keys, and a formatter that turns batches into bytes or tables.

A format is a checked model with one verb, `compile`, which makes the formatter. To add a format, write
one file here and list it in `__init__.py`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Annotated, Any, ClassVar, Self

import numpy as np
import pyarrow as pa
from pydantic import PlainValidator, PrivateAttr

from datagen.batch import Batch
from datagen.errors import Path
from datagen.formats.encoding import Encoding, Output
from datagen.formats.rendered import NO_INTS, Payload, RecordBytes
from datagen.spec.record_schema import Specification
from datagen.spec.time_form import TimeForm
from datagen.validation import Family, Model, invalid_value, quoted

FORMATS: "Family[Format]" = Family("format", "csv")


class Formatter:
    """Turns batches into payloads; `encoding` is what is the same for all of them."""

    encoding = Encoding()

    def render(self, batch: Batch) -> Payload:
        """Return the records of a batch, in order."""
        raise NotImplementedError

    def stop_when(self, stopped: Callable[[], bool]) -> None:
        """Have `render` come back early once `stopped` is true: with the records until there."""
        del stopped

    def empty(self) -> Payload:
        """Return a payload of no records."""
        return RecordBytes(memoryview(b""), NO_INTS, self.encoding)


class Format(Model):
    """The base of all formats: the keys of one, checked, and what others must know of it."""

    type: str
    ending: ClassVar[str] = ""  # of the names of files that are in this format
    needs_schema: ClassVar[bool] = False  # every record must have columns of the record schema
    has_schema: ClassVar[bool] = False  # Avro's, which `schema_of` returns
    outputs: ClassVar[Output] = Output.LINES  # what it can produce
    is_json: ClassVar[bool] = False  # each line is an object
    names_fields: ClassVar[bool] = True  # in its output: as keys, columns or in a header
    _emitters: tuple[str, ...] | None = PrivateAttr(default=None)
    _by_emitter: bool = PrivateAttr(default=False)
    _time: TimeForm | None = PrivateAttr(default=None)

    @property
    def time(self) -> TimeForm | None:
        """Return how the instants of records are called and written; None: as they are."""
        return self._time

    def with_time(self, form: TimeForm | None) -> Self:
        """Return the format with a way to write instants, if it has none."""
        if form is None or self._time is not None:
            return self
        return self._having("_time", form)

    @property
    def emitters(self) -> tuple[str, ...] | None:
        """Return the emitters whose records alone are written, None: all."""
        return self._emitters

    @property
    def by_emitter(self) -> bool:
        """Return whether the records of each emitter have its own columns."""
        return self._by_emitter

    def with_own_columns(self) -> Self:
        """Return the format for targets that keep the records of emitters apart, each with its own columns."""
        if not (self.needs_schema and self.names_fields):
            return self
        return self._having("_by_emitter", True)

    def only_for(self, emitters: Sequence[str] | None) -> Self:
        """Return the format for the records of some emitters, of those that it is for; None: of all these."""
        if emitters is None:
            return self
        own = (each for each in emitters if self._emitters is None or each in self._emitters)
        return self._having("_emitters", tuple(own))

    def _having(self, name: str, value: Any) -> Self:
        """Return a copy with one of the attributes that are no keys."""
        found = self.model_copy()
        setattr(found, name, value)
        return found

    @property
    def templates(self) -> tuple[str, ...]:
        """Return the names of the templates of the specification that the format uses."""
        return ()

    @property
    def cells(self) -> tuple[str, str]:
        """Return what is between two cells of a line, and around one that holds it; both empty where there are no cells."""
        return "", ""

    def named_after(self, file: str) -> Self:
        """Return the format with the defaults that it takes from the name of the specification's file."""
        del file
        return self

    def excluded(self) -> Mapping[Output, str]:
        """Return the outputs for which the keys that are set make no sense, and why."""
        return {}

    def compile(self, spec: Specification) -> Formatter:
        """Return the formatter for the records of a specification that has passed `check`."""
        raise NotImplementedError

    def check(self, spec: Specification) -> Iterator[tuple[Path, str]]:
        """Yield what is wrong between the format and the records of a specification."""
        del spec
        yield from ()

    def notes(self, spec: Specification) -> Iterator[str]:
        """Yield warnings about the records of a specification in this format."""
        del spec
        yield from ()

    def schema_of(self, spec: Specification) -> Mapping[str, Any]:
        """Return the Avro schema of the records of a specification, for a format that has one."""
        raise NotImplementedError

    def numbers_events(self, spec: Specification) -> bool:
        """Return whether the records of a specification show the numbers of their events."""
        del spec
        return False

    def described(self, spec: Specification) -> str:
        """Return a line that says how the format writes the records of a specification."""
        del spec
        return self.type


def any_format(data: Any) -> Format:
    """Return the format that an object describes, or that has a name and needs no further keys."""
    if not isinstance(data, str | dict):
        raise invalid_value(
            f'expected a format such as "csv" or {{"type": "csv", ...}}, not {quoted(data)}'
        )
    return FORMATS.parse({"type": data} if isinstance(data, str) else data)


AnyFormat = Annotated[Format, PlainValidator(any_format)]


def in_order(batch: Batch, arrays: Sequence[Any]) -> Any:
    """Return the values of a batch's n records, in order: an Arrow array of n.

    `arrays` are the values of each group, at least one, in the order of the groups.
    """
    if len(arrays) == 1:
        return arrays[0]
    places = np.empty(len(batch), dtype=np.int64)
    places[np.concatenate([group.rows for group in batch.groups])] = np.arange(len(batch))
    return pa.concat_arrays(arrays).take(pa.array(places))
