"""The records of a specification for a program: iterated over as dicts, or as Arrow record batches."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal

import pyarrow as pa

from datagen.api.arguments import Asked
from datagen.api.reporting import reported
from datagen.errors import Error, Path, Problem
from datagen.formats import Format
from datagen.formats.columnar import Arrow, arrow_schema
from datagen.formats.encoding import Output
from datagen.formats.jsonlines import JsonLines
from datagen.formats.objects import Objects
from datagen.formats.rendered import RecordObjects
from datagen.instants import EPOCH
from datagen.running.cap_warning import run_warnings
from datagen.running.clock import Moment
from datagen.running.loading import load
from datagen.running.pipeline import Run
from datagen.running.plan import Plan
from datagen.running.resume import resume_or_start
from datagen.running.table_run import TableRun
from datagen.spec.record_schema import Specification
from datagen.targets import Target
from datagen.targets.compatibility import Accepted

BATCH_ROWS = 32_768
_NO_LIMIT = "these events have no end: give records, duration, until or bytes; or take some of iter(events) or events.batches()"


class _Taken(Target):
    """Takes the place of the target of a specification: a program takes the records."""

    type: Literal["taken"] = "taken"
    of: Any = Objects()

    def formats(self, default: Format | None, override: Format | None = None) -> tuple[Format, ...]:
        del default, override
        return (self.of,)

    def measured(self, default: Format | None, override: Format | None = None) -> Format:
        """Return the format of the command, as if the records went to stdout."""
        return override or default or JsonLines()

    def accepted(self) -> Accepted:
        return Accepted(Output.FILES)

    def check(self, spec: Specification) -> Iterator[tuple[Path, str]]:
        yield from self.of.check(spec)


@dataclass(frozen=True)
class _Stream:
    """What all iterations have in common: a checked plan, and the warnings of its files."""

    plan: Plan
    limited: bool
    warnings: tuple[Problem, ...]


class Events:
    """Records of a specification, made anew and alike by each iteration, as fast as they can be.

    Iterating yields dicts: the objects of JSON, with instants as datetimes in UTC; a missing key is absent,
    null is None. Batches and tables have a column for each field of any emitter; missing and null are null there.

        >>> events = datagen.generate("clickstream", records=1000, seed=1, start="2027-03-12")
        >>> sum(1 for event in events)
        1000
        >>> table = events.to_arrow()
    """

    def __init__(self, stream: _Stream) -> None:
        self._stream = stream

    @property
    def seed(self) -> int:
        """Return the seed: the one that was given, or drawn."""
        return self._stream.plan.seed

    @property
    def start(self) -> datetime:
        """Return when the stream starts, in UTC: the instant that was given, or the present when this was made."""
        return EPOCH + timedelta(microseconds=self._start.micros)

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """Return what the command would warn of, such as arrivals that have to wait: objects with file, path and text."""
        plan = self._stream.plan
        with reported():
            texts = [*run_warnings(plan, plan.start_at(Moment.present()))]
        return (*self._stream.warnings, *(Problem((), text, plan.file) for text in texts))

    @property
    def schema(self) -> pa.Schema:
        """Return the columns of batches and tables. Raises datagen.Error where there can be none."""
        return arrow_schema(self._tabled.spec.record_schema.columns)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        with reported():
            for payload in TableRun(self._stream.plan, Objects()).payloads():
                assert isinstance(payload, RecordObjects)
                yield from payload.objects

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield record batches of 32,768 rows, the last one of fewer. Raises datagen.Error."""
        with reported():
            yield from _of_equal_size(TableRun(self._tabled, Arrow()).records())

    def to_reader(self) -> pa.RecordBatchReader:
        """Return a reader that makes batches as they are read: DuckDB, Polars, ADBC and others take one.

            >>> reader = events.to_reader()
            >>> duckdb.sql("SELECT count(*) FROM reader")

        Raises datagen.Error for events without an end.
        """
        self._check_limited()
        return pa.RecordBatchReader.from_batches(self.schema, self.batches())

    def to_arrow(self) -> pa.Table:
        """Return all records as an Arrow table. Raises datagen.Error, also for events without an end."""
        self._check_limited()
        return pa.Table.from_batches(self.batches(), schema=self.schema)

    def to_pandas(self) -> Any:
        """Return all records as a DataFrame with the types of Arrow, which shares the memory of the columns.

        Raises ImportError without pandas, datagen.Error also for events without an end.
        """
        try:
            import pandas as pd  # noqa: PLC0415 - for those who ask
        except ImportError:
            raise _missing("pandas") from None
        return self.to_arrow().to_pandas(types_mapper=pd.ArrowDtype)

    def to_polars(self) -> Any:
        """Return all records as a DataFrame of Polars, which shares the memory of the columns.

        Raises ImportError without Polars, datagen.Error also for events without an end.
        """
        try:
            import polars as pl  # noqa: PLC0415 - for those who ask
        except ImportError:
            raise _missing("polars") from None
        return pl.from_arrow(self.to_arrow(), rechunk=False)

    def __repr__(self) -> str:
        """Return what gives the same records again, besides their limits."""
        return (
            f'<datagen.Events of {self._stream.plan.file}: seed={self.seed}, start="{self._start}">'
        )

    @property
    def _start(self) -> Any:
        start = self._stream.plan.start
        assert start is not None
        return start

    @property
    def _tabled(self) -> Plan:
        """Return the plan of records in columns. Raises datagen.Error where there can be none."""
        plan = self._stream.plan
        problems = [Problem(path, text, plan.file) for path, text in Arrow().check(plan.spec)]
        if problems:
            raise Error(problems)
        return replace(plan, target=_Taken(of=Arrow()))

    def _check_limited(self) -> None:
        if not self._stream.limited:
            raise Error([Problem((), _NO_LIMIT)])


def events_of(asked: Asked) -> Events:
    """Return the events that are asked for, once all that they are made of is read and checked.

    Raises SpecError with all problems, UsageError.
    """
    plan, warnings = load(
        asked.request, now=asked.now, target=_Taken(), from_program=asked.from_program
    )
    with resume_or_start(asked.request, plan, (), lambda _: None, asked.now) as checked:
        plan = Run(
            checked
        ).plan  # which makes all that must be there before a record, once, to see that it can be
    limited = asked.limited or asked.request.entities is not None
    shown = tuple(each for each in warnings if not each.minor)
    return Events(_Stream(plan, limited, shown))


def _of_equal_size(batches: Iterator[Any]) -> Iterator[Any]:
    """Yield the same rows in record batches of BATCH_ROWS, the last one of fewer."""
    waiting: list[Any] = []
    count = 0
    for batch in batches:
        waiting.append(batch)
        count += len(batch)
        while count >= BATCH_ROWS:
            yield _joined(waiting, BATCH_ROWS)
            count -= BATCH_ROWS
    if count:
        yield _joined(waiting, count)


def _joined(waiting: list[Any], rows: int) -> Any:
    """Return the first so many rows, and leave the others; rows of one batch share its memory."""
    parts = []
    while rows:
        first = waiting.pop(0)
        parts.append(first.slice(0, rows))
        if len(first) > rows:
            waiting.insert(0, first.slice(rows))
        rows -= len(parts[-1])
    if len(parts) == 1:
        return parts[0]
    return pa.Table.from_batches(parts).combine_chunks().to_batches()[0]


def _missing(package: str) -> ImportError:
    return ImportError(f"this needs {package}: pip install {package}", name=package)
