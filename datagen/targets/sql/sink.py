"""Writes records into the tables of a database, in transactions that write the run's place too: exactly once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from datagen.columns.column_type import ColumnType
from datagen.errors import TargetError
from datagen.formats.rendered import RecordTables, Rendered
from datagen.one_line import counted
from datagen.targets.delivered import Position, impossible_position
from datagen.targets.retry import RetryBudget, Timing
from datagen.targets.sink import Sink
from datagen.targets.sql.database import Address, DatabaseError
from datagen.targets.sql.dialects import Dialect
from datagen.targets.sql.loading import Loaders, loaders_of
from datagen.targets.sql.places import Place
from datagen.targets.sql.tables import RUNS, TableNames

_LINGER = 1.0  # seconds that a transaction is open at most, while more records come
_MAX_BYTES = 64 << 20  # of the records of a transaction, as Arrow has them
_RUN = "run"  # in the state of a position: the name of the row with the place


@dataclass(frozen=True)
class SqlOptions:
    """What a sink is told: the database, its tables, and how large transactions are."""

    address: Address
    dialect: Dialect
    names: TableNames
    create: bool
    batch_records: int
    retry_seconds: float


class SqlSink(Sink):
    """Buffers records until a transaction is large enough, or old; they are delivered when it is committed.

    A transaction that fails because the connection breaks is tried again over another one: with a place, once it
    is known that it was not committed.
    """

    def __init__(
        self, options: SqlOptions, at: Position | None = None, timing: Timing | None = None
    ) -> None:
        super().__init__()
        self._options, self._timing = options, timing or Timing()
        self._name = options.address.name
        self._columns: Mapping[str, Mapping[str, ColumnType]] | None = None
        self._loaders: Loaders = {}
        self._pending: list[RecordTables] = []
        self._records = self._size = 0  # of those
        self._began = 0.0  # when the oldest of them came
        self._to_skip = 0  # records that the database has and the checkpoint does not know of
        self._doubtful = False  # whether a transaction was begun that may be open, or committed
        self._end = 0  # how many records of the stream there are after it
        self._place: Place | None = None
        self._database = self._once(options.address.connect)
        if at is not None:
            self.records_before = at.records
            self._resume(at)

    def write(self, records: Rendered) -> None:
        payload = records.payload
        if not isinstance(payload, RecordTables):
            raise TypeError("records that are no rows of tables")
        if self._columns is None:
            self._columns = payload.encoding.columns
            self._with_retries(self._prepare, races=True)
        first = min(self._to_skip, len(payload))
        self._to_skip -= first
        self.delivered += first
        while first < len(payload):
            last = min(first + self._options.batch_records - self._records, len(payload))
            self._buffer(payload.rows(first, last))
            first = last
            if self._records == self._options.batch_records or self._size >= _MAX_BYTES:
                self._deliver()
        if self._records and self._timing.monotonic() - self._began >= _LINGER:
            self._deliver()

    def flush(self) -> None:
        self._deliver()

    def close(self) -> None:
        try:
            self._deliver()
        finally:
            self._database.close()

    def position(self) -> Position:
        state = {} if self._place is None else {_RUN: self._place.run}
        return Position(self.records_before + self.delivered, state)

    def enable_checkpoints(self, before_rename: Callable[[], None]) -> None:
        super().enable_checkpoints(before_rename)
        dialect = self._options.dialect
        if not dialect.places or self._place is not None:
            return
        schema = self._options.names.schema_of(dialect)
        self._place = place = Place(dialect, schema)

        def create() -> None:
            if schema is not None and self._options.create:
                self._database.run(f"CREATE SCHEMA IF NOT EXISTS {dialect.quoted(schema)}")
            place.create(self._database, self.records_before)

        self._with_retries(create, races=True)

    def _resume(self, at: Position) -> None:
        """Take over the place of the run; records between the checkpoint and the place are not written again."""
        dialect = self._options.dialect
        if not dialect.places or _RUN not in at.state:
            return
        run = at.state[_RUN]
        if not isinstance(run, str):
            raise impossible_position(self._name)
        place = Place(dialect, self._options.names.schema_of(dialect), run)
        found: list[int | None] = []
        try:
            self._with_retries(lambda: found.append(place.take_over(self._database)))
        except TargetError:
            self._database.close()
            raise
        done = found[-1]
        if done is None or done < at.records:
            self._database.close()
            has = "nothing" if done is None else f"only {counted(done, 'record')}"
            text = (
                f"the checkpoint has {counted(at.records, 'record')}, but {RUNS} has {has} of this run: the database "
                "is another one, or was restored. To start over, move the checkpoint away"
            )
            raise TargetError(self._name, text, 0)
        self._place, self._to_skip = place, done - at.records

    def _buffer(self, records: RecordTables) -> None:
        if not self._records:
            self._began = self._timing.monotonic()
        self._pending.append(records)
        self._records += len(records)
        self._size += records.size

    def _deliver(self) -> None:
        """Write what is pending in one transaction. Raises TargetError, and counts its records as failed then."""
        if not self._records:
            return
        if not self._doubtful:  # else a signal has interrupted it
            self._end = self.records_before + self.delivered + self._records
        try:
            self._with_retries(self._write_transaction)
        except TargetError as error:
            self.failed += self._records
            self._forget()
            raise TargetError(error.what, error.why, self.delivered, self.failed) from error
        self.delivered = self._end - self.records_before
        self.bytes += self._size
        self._forget()

    def _forget(self) -> None:
        self._pending, self._records, self._size, self._doubtful = [], 0, 0, False

    def _write_transaction(self) -> None:
        if self._doubtful and self._is_committed():
            return
        self._doubtful = True
        found: dict[str, list[Any]] = {}
        for each in self._pending:
            for emitter, rows in each.rows_of.by_emitter():
                found.setdefault(emitter, []).append(rows)
        for emitter, batches in found.items():
            self._loaders[emitter].load(batches)
        if self._place is not None:
            self._place.move(self._database, self._end)
        self._database.commit()

    def _is_committed(self) -> bool:
        """Return whether a transaction that was interrupted took effect; take it back where it is still open."""
        self._database.rollback()
        return self._place is not None and self._place.records(self._database) == self._end

    def _prepare(self) -> None:
        """Create the tables and look at their columns."""
        options = self._options
        tables = options.names.tables(options.dialect, self._columns or {})
        self._loaders = loaders_of(self._database, options.dialect, tables, create=options.create)

    def _with_retries(self, step: Callable[[], None], *, races: bool = False) -> None:
        """Take a step, again while that may help, and over a new connection where the old one is gone.

        One that `races` creates what another part of the stream may create at the same moment: it may fail once.
        """
        budget, again = RetryBudget(self._timing), False
        while True:
            try:
                if again:
                    self._recover()
                step()
            except DatabaseError as error:
                if races and self._database.is_alive():
                    races = False
                    continue
                if not self._may_help(error) or not budget.wait(self._options.retry_seconds):
                    raise self._error(error) from error
                if not again:
                    self.warn(f"{self._name}: {error}; trying again")
                again = True
            else:
                return

    def _may_help(self, error: DatabaseError) -> bool:
        return error.temporary or not self._database.is_alive()

    def _recover(self) -> None:
        """Take back what is open, over a new connection where the old one is gone."""
        if self._database.is_alive():
            return
        self._database.close()
        self._database = self._options.address.connect()
        if self._columns is not None:
            self._prepare()

    def _once(self, step: Callable[[], Any]) -> Any:
        try:
            return step()
        except DatabaseError as error:
            raise self._error(error) from error

    def _error(self, error: DatabaseError) -> TargetError:
        return TargetError(self._name, str(error), self.delivered, self.failed)
