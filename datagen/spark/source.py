"""The classes that Spark calls: a data source, and its readers of all records and of a stream of them."""

import sys
from collections.abc import Callable, Iterator, MutableMapping, Sequence
from typing import Any

from pyspark.sql.datasource import (
    DataSource,
    DataSourceReader,
    DataSourceStreamReader,
    InputPartition,
)
from pyspark.sql.pandas.types import from_arrow_schema
from pyspark.sql.types import StructType

from datagen.errors import DatagenError, UsageError
from datagen.instants import UTC_STYLE, Instant, parse_instant, utc_now
from datagen.running.clock import Moment
from datagen.running.given_instants import is_relative
from datagen.spark.cursor_files import CursorFiles
from datagen.spark.options import SourceOptions, source_options
from datagen.spark.records import PartedRecords, parted_records

try:
    from pyspark.sql.streaming.datasource import SupportsTriggerAvailableNow
except ImportError:  # before Spark 4.2

    class SupportsTriggerAvailableNow:  # type: ignore[no-redef]  # the same, of what knows no such trigger
        """Says nothing to a Spark that does not ask."""


Offset = dict[str, str]
_KEY = "instant"  # of an offset, which holds nothing else


class GeneratedSource(DataSource):
    """The format `datagen`. It is made on the driver, where all files are read; the rest travels by pickle."""

    def __init__(self, options: MutableMapping[str, str]) -> None:
        """Read and check all that the options name. Raises UsageError, SpecError."""
        super().__init__(options)
        try:
            self._options = source_options({**options})
            self._records = parted_records(self._options)
        except DatagenError as error:
            raise error.with_traceback(None) from None
        repeat = self._records.repeat(self._options.request)
        if repeat:
            print(f"datagen: repeat with {repeat}", file=sys.stderr)

    @classmethod
    def name(cls) -> str:
        return "datagen"

    def schema(self) -> StructType:
        return from_arrow_schema(self._records.schema)

    def reader(self, schema: StructType) -> DataSourceReader:
        del schema
        return PartReader(self._options, self._records)

    def streamReader(self, schema: StructType) -> DataSourceStreamReader:  # noqa: N802 - Spark's name
        del schema
        return SliceReader(self._options, self._records)


class PartReader(DataSourceReader):
    """Reads all records, a part in each partition."""

    def __init__(self, options: SourceOptions, records: PartedRecords) -> None:
        """Check that the records end. Raises UsageError."""
        plan = records.plan
        if plan.duration is None and plan.until is None and plan.max_records is None:
            raise UsageError("duration: this option is needed, or until, or records")
        for name, value in (("state", options.state), ("batch", options.batch)):
            if value is not None:
                raise UsageError(f"{name}: this option is for readStream")
        self._records = records

    def partitions(self) -> Sequence[InputPartition]:
        return [InputPartition(index) for index in range(self._records.parts)]

    def read(self, partition: InputPartition) -> Iterator[Any]:
        return self._records.of_part(partition.value)


class SliceReader(DataSourceStreamReader, SupportsTriggerAvailableNow):
    """Reads the records of one slice of time after the other, a part in each partition.

    An offset is an instant: before it all is read. The latest is the present, or the end of the stream.
    """

    def __init__(
        self, options: SourceOptions, records: PartedRecords, now: Callable[[], Instant] = utc_now
    ) -> None:
        """Check what a stream needs that can be restarted; `now` returns the present. Raises UsageError, OperationError."""
        _check_stream(options)
        self._records, self._now, self._batch = records, now, options.batch
        covered = records.plan.start_at(Moment.present()).time_range
        self._begin, self._end = covered.begin, covered.end
        self._reached: int | None = None  # by the steps that are planned, where that is known
        self._latest: int | None = None  # where a trigger ends that takes what there is
        self._files = CursorFiles(options.state, records.key) if options.state else None
        if self._files:
            self._files.create()

    def initialOffset(self) -> Offset:  # noqa: N802 - Spark's name
        return _offset(self._begin)

    def latestOffset(  # noqa: N802 - Spark's name
        self, start: Offset | None = None, limit: object = None
    ) -> Offset:
        """Return the present, at most a step after `start`: a limit in records or bytes means nothing here.

        Before Spark 4.2 nobody says what `start` is; until the first step is planned it is unknown.
        """
        del limit
        begin = self._reached if start is None else _instant(start)
        latest = self._present() if self._latest is None else self._latest
        if begin is None:
            return _offset(latest)
        step = latest if self._batch is None else begin + self._batch
        return _offset(max(begin, min(latest, step)))

    def reportLatestOffset(self) -> Offset:  # noqa: N802 - Spark's name
        return _offset(self._present())

    def prepareForTriggerAvailableNow(self) -> None:  # noqa: N802 - Spark's name
        self._latest = self._present()

    def partitions(self, start: Offset, end: Offset) -> Sequence[InputPartition]:
        begin, after = _instant(start), _instant(end)
        self._reached = after
        parts = range(self._records.parts) if begin < after else ()
        return [InputPartition((index, begin, after)) for index in parts]

    def read(self, partition: InputPartition) -> Iterator[Any]:
        index, begin, end = partition.value
        return self._records.of_slice(index, begin, end, self._files)

    def commit(self, end: Offset) -> None:
        if self._files:
            self._files.prune(_instant(end))

    def _present(self) -> int:
        """Return the instant up to which there are records now."""
        return max(self._begin, min(self._now().micros, self._end))


def _check_stream(options: SourceOptions) -> None:
    """Raise UsageError for what would make another stream of it when it is restarted, or has no meaning."""
    request = options.request
    if request.seed is None:
        raise UsageError("seed: this option is needed, so that a stream can be restarted")
    if is_relative(str(request.start)):
        text = "expected an instant, so that a stream can be restarted"
        raise UsageError(f"start {request.start}: {text}")
    if request.records is not None:
        raise UsageError("records: this option is not for readStream")
    if options.truth:
        text = "a row of the truth has the numbers of records from the start on; take it by read"
        raise UsageError(f"rows truth: {text}")


def _offset(micros: int) -> Offset:
    return {_KEY: str(Instant(micros, UTC_STYLE))}


def _instant(offset: Offset) -> int:
    return parse_instant(offset[_KEY]).micros
