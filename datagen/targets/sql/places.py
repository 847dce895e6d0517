"""The places of runs: how many records of its stream each has in a database, in a table there.

A place is written in the transaction that writes the records, so that it is true at any moment. A run that is
resumed takes its place over: one that still writes with it, elsewhere, finds that at its next transaction.
"""

import secrets

from datagen.targets.sql.database import Database, DatabaseError
from datagen.targets.sql.dialects import Dialect, SqlTable, literal
from datagen.targets.sql.tables import RUNS

_CREATE = (
    "CREATE TABLE IF NOT EXISTS {table} "
    "(run VARCHAR(16) PRIMARY KEY, holder VARCHAR(16) NOT NULL, records BIGINT NOT NULL)"
)
_INSERT = "INSERT INTO {table} (run, holder, records) VALUES ({run}, {holder}, {records}) ON CONFLICT (run) DO NOTHING"
_TAKE_OVER = "UPDATE {table} SET holder = {holder} WHERE run = {run} RETURNING records"
_MOVE = (
    "UPDATE {table} SET records = {records} WHERE run = {run} AND holder = {holder} "
    "RETURNING records"
)
TAKEN_OVER = "another run has taken over the place of this one"


class Place:
    """The place of a run, in the row of `datagen_runs` that has its name."""

    def __init__(self, dialect: Dialect, schema: str | None, run: str | None = None) -> None:
        """Begin a place, or go on with that of a run."""
        self.run = run or secrets.token_hex(8)
        self._words = {
            "table": dialect.qualified(SqlTable("", schema, RUNS, ())),
            "run": literal(self.run),
            "holder": literal(secrets.token_hex(8)),
        }

    def create(self, database: Database, records: int) -> None:
        """Write the row of a new run, if it is not there from an attempt before. Raises DatabaseError."""
        database.run(_CREATE.format(**self._words))
        database.run(_INSERT.format(**self._words, records=records))
        database.commit()

    def take_over(self, database: Database) -> int | None:
        """Take the place over from an older run; return how many records there are, None without a row.

        A transaction of the older run that is about to end is waited for. Raises DatabaseError.
        """
        rows = database.ask(_TAKE_OVER.format(**self._words))
        database.commit()
        return int(rows[0][0]) if rows else None

    def records(self, database: Database) -> int:
        """Return how many records there are, once a transaction of ours over a lost connection has ended.

        Raises DatabaseError, also where another run has the place.
        """
        found = self._move(database, "records")
        database.commit()
        return found

    def move(self, database: Database, records: int) -> None:
        """Write how many records there are with the transaction that is open. Raises DatabaseError."""
        self._move(database, records)

    def _move(self, database: Database, records: int | str) -> int:
        rows = database.ask(_MOVE.format(**self._words, records=records))
        if not rows:
            raise DatabaseError(TAKEN_OVER)
        return int(rows[0][0])
