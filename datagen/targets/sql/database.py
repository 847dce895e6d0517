"""A connection to a database by a driver of ADBC: statements, rows, transactions.

Not by the DB-API of ADBC's packages: that cancels a statement where a signal comes, which is to end the run in
order.
"""

import importlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from datagen.errors import TargetError
from datagen.one_line import first_line, shortened

EXTRA = "pip install 'datagen[sql]'"
_PACKAGES = {"postgresql": "adbc_driver_postgresql", "sqlite": "adbc_driver_sqlite", "duckdb": "adbc_driver_duckdb"}  # fmt: skip
_LONGEST_LINE = 300  # characters of what a driver says
_TEMPORARY = ("08", "40", "53", "55P03", "57P")  # SQLSTATEs after which another attempt may succeed
_BUSY = ("database is locked", "database table is locked")  # as SQLite says it
_INGEST = "adbc.ingest."
_PREFIX = re.compile(r"[A-Z_]+: (?:\[\w+\] )?")  # of what drivers say


class DatabaseError(Exception):
    """What a database refuses: `str()` of it is one line without secrets.

    `temporary` says whether another attempt may succeed, over another connection where `gone`.
    """

    def __init__(self, text: str, *, temporary: bool = False) -> None:
        super().__init__(text)
        self.temporary = temporary


@dataclass(frozen=True)
class Address:
    """Where a database is: its driver, what that is told, and how messages call the place.

    `session` are the statements at the beginning of each connection, `secrets` the texts that no message may show.
    """

    driver: str
    name: str
    options: Mapping[str, str] = field(repr=False)
    session: tuple[str, ...] = ()
    secrets: tuple[str, ...] = field(default=(), repr=False)

    def connect(self) -> "Database":
        """Return a connection. Raises DatabaseError, TargetError where a package is missing."""
        return Database(self)

    def error_of(self, error: Exception) -> DatabaseError:
        """Return what a driver says, on one line and without secrets."""
        prefix = _PREFIX.match(str(error))
        text = str(error)[prefix.end() if prefix else 0 :]
        for each in sorted(filter(None, self.secrets), key=len, reverse=True):
            text = text.replace(each, "***")
        text = first_line(text) or type(error).__name__
        state = getattr(error, "sqlstate", None) or ""
        busy = any(each in text for each in _BUSY)
        text = shortened(text.removesuffix(f". SQLSTATE: {state}"), _LONGEST_LINE)
        return DatabaseError(text, temporary=busy or state.startswith(_TEMPORARY))


class Database:
    """An open connection, in a transaction from the first statement on, and from each commit on.

    All methods raise DatabaseError.
    """

    def __init__(self, address: Address) -> None:
        manager = _package("adbc_driver_manager", address.name)
        self._manager, self._address, self._error = manager, address, manager.Error
        entrypoint = {"entrypoint": "duckdb_adbc_init"} if address.driver == "duckdb" else {}
        driver = _driver_path(address.driver, address.name)
        try:
            self._database = manager.AdbcDatabase(driver=driver, **entrypoint, **address.options)
            try:
                self._connection = manager.AdbcConnection(self._database)
            except BaseException:
                self._database.close()
                raise
        except self._error as error:
            raise self._address.error_of(error) from None
        self._open = True
        self._commits = self._begin()
        self._start_session()

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """Return the rows that a query gives."""
        statement = self._manager.AdbcStatement(self._connection)
        try:
            statement.set_sql_query(query)
            stream, _ = statement.execute_query()
            table = pa.RecordBatchReader._import_from_c(stream.address).read_all()  # noqa: SLF001 - as ADBC's own packages do
        except (self._error, pa.ArrowException, OSError) as error:
            raise self._address.error_of(error) from None
        finally:
            statement.close()
        return [tuple(row.values()) for row in table.to_pylist()] if table.num_columns else []

    def run(self, query: str) -> None:
        """Run a statement that gives no rows."""
        statement = self._manager.AdbcStatement(self._connection)
        try:
            statement.set_sql_query(query)
            statement.execute_update()
        except self._error as error:
            raise self._address.error_of(error) from None
        finally:
            statement.close()

    def ingest(
        self,
        name: str,
        rows: Any,
        *,
        schema: str | None = None,
        temporary: bool = False,
        create: bool = False,
    ) -> None:
        """Append rows, an Arrow table, to a table, which is created if need be where `create` says so."""
        options = {
            f"{_INGEST}target_table": name,
            f"{_INGEST}mode": f"{_INGEST}mode.{'create_append' if create else 'append'}",
        }
        if schema is not None:
            options[f"{_INGEST}target_db_schema"] = schema
        if temporary:
            options[f"{_INGEST}temporary"] = "true"
        statement = self._manager.AdbcStatement(self._connection)
        try:
            statement.set_options(**options)
            statement.bind_stream(rows.to_reader())
            statement.execute_update()
        except self._error as error:
            raise self._address.error_of(error) from None
        finally:
            statement.close()

    def commit(self) -> None:
        """Commit what was done since the last commit."""
        if self._commits:
            try:
                self._connection.commit()
            except self._error as error:
                raise self._address.error_of(error) from None

    def rollback(self) -> None:
        """Take back what was done since the last commit."""
        if self._commits:
            try:
                self._connection.rollback()
            except self._error as error:
                raise self._address.error_of(error) from None

    def is_alive(self) -> bool:
        """Return whether there is still a connection; what was not committed is taken back."""
        if not self._open:
            return False
        try:
            self.rollback()
            self.ask("SELECT 1")
        except DatabaseError:
            return False
        return True

    def close(self) -> None:
        """Close; what was not committed is taken back."""
        self._open = False
        for each in (self._connection, self._database):
            try:
                each.close()
            except self._error:
                continue  # it is gone: nothing is left to close

    def _begin(self) -> bool:
        """Begin transactions, if the driver has any; return whether."""
        try:
            self._connection.set_autocommit(False)
        except self._manager.NotSupportedError:
            return False
        except self._error as error:
            self.close()
            raise self._address.error_of(error) from None
        return True

    def _start_session(self) -> None:
        try:
            for each in self._address.session:
                self.run(each)
            self.commit()
        except DatabaseError:
            self.close()
            raise


def _package(module: str, name: str) -> Any:
    try:
        return importlib.import_module(module)
    except ImportError as error:
        missing = "duckdb" if module == _PACKAGES["duckdb"] else module.replace("_", "-")
        raise TargetError(name, f"the package {missing} is missing: {EXTRA}") from error


def _driver_path(driver: str, name: str) -> str:
    """Return the library of a driver, or the name by which ADBC's manager looks for it. Raises TargetError."""
    if driver in _PACKAGES:
        package = _package(_PACKAGES[driver], name)
        path: str = package.driver_path() if driver == "duckdb" else package._driver_path()  # noqa: SLF001 - there is no public one
        return path
    try:
        module = importlib.import_module(f"adbc_driver_{driver}") if driver.isidentifier() else None
    except ImportError:
        module = None
    found = getattr(module, "_driver_path", None)
    return str(found()) if found else driver
