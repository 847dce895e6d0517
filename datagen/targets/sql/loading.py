"""Puts rows into a table: directly where its columns are those of the rows, else by a temporary table that casts them."""

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from datagen.one_line import listed
from datagen.targets.sql.database import Database, DatabaseError
from datagen.targets.sql.dialects import Dialect, SqlTable
from datagen.validation import quoted

_INSERT = "INSERT INTO {table} ({names}) SELECT {values} FROM {rows}"
_EMPTY = "DELETE FROM {rows}"
_MOST_NAMES = 8  # of columns that a message lists


class TableLoader:
    """Appends rows to a table over one connection. All methods raise DatabaseError."""

    def __init__(self, database: Database, dialect: Dialect, table: SqlTable, number: int) -> None:
        """Look at the table, which is there; its number tells the temporary tables of a connection apart."""
        self._database, self._dialect, self._table = database, dialect, table
        self._names = [each.name for each in table.columns]
        found = _columns_of(database, dialect, table)
        there = {dialect.folds(name): (name, kind) for name, kind in found}
        missing = [name for name in self._names if dialect.folds(name) not in there]
        if missing:
            names = listed([*map(quoted, missing)], _MOST_NAMES)
            raise DatabaseError(
                f"the table {dialect.qualified(table)} lacks the columns {names}: add them, or give another name to "
                "the tables"
            )
        own = [there[dialect.folds(name)] for name in self._names]
        wanted = [(each.name, dialect.type_of(each)) for each in table.columns]
        fits = found == own if dialect.by_position else True
        equal = [kind.lower() for _, kind in own] == [kind.lower() for _, kind in wanted]
        self._staged: str | None = None
        if not fits or (dialect.typed and not equal):
            self._staged = f"datagen_rows_{number}"
            self._insert = _insertion(dialect, table, own, self._staged)
            self._create_temporary(self._staged)

    def load(self, batches: list[Any]) -> None:
        """Append rows, Arrow record batches with a column for each field."""
        rows = pa.Table.from_batches(batches).rename_columns(self._names)
        if self._staged is None:
            self._database.ingest(self._table.name, rows, schema=self._table.schema)
            return
        self._database.ingest(self._staged, rows, temporary=True)
        self._database.run(self._insert)
        self._database.run(_EMPTY.format(rows=self._dialect.quoted(self._staged)))

    def _create_temporary(self, name: str) -> None:
        columns = ", ".join(
            f"{self._dialect.quoted(each.name)} {self._dialect.type_of(each)}"
            for each in self._table.columns
        )
        self._database.run(
            f"CREATE TEMPORARY TABLE {self._dialect.quoted(name)} ({columns}){self._dialect.temporary}"
        )


class CreatingLoader:
    """Appends rows to a table of a database of which only the driver is known: that creates the table."""

    def __init__(self, database: Database, table: SqlTable) -> None:
        self._database, self._table = database, table
        self._names = [each.name for each in table.columns]

    def load(self, batches: list[Any]) -> None:
        """Append rows, Arrow record batches with a column for each field. Raises DatabaseError."""
        rows = pa.Table.from_batches(batches).rename_columns(self._names)
        self._database.ingest(self._table.name, rows, schema=self._table.schema, create=True)


Loaders = Mapping[str, TableLoader | CreatingLoader]
"""By the names of emitters."""


def loaders_of(
    database: Database, dialect: Dialect, tables: list[SqlTable], *, create: bool
) -> Loaders:
    """Return what loads each table, which is created first where `create` says so. Raises DatabaseError."""
    if not dialect.places:
        return {each.emitter: CreatingLoader(database, each) for each in tables}
    if create:
        for schema in dict.fromkeys(each.schema for each in tables if each.schema is not None):
            database.run(f"CREATE SCHEMA IF NOT EXISTS {dialect.quoted(schema)}")
    for table in tables:
        if create:
            database.run(dialect.create(table))
        elif not _columns_of(database, dialect, table):
            raise DatabaseError(
                f'there is no table {dialect.qualified(table)}: create it, as --ddl {dialect.name} prints it, or leave out "create": false'
            )
    database.commit()
    found = {
        each.emitter: TableLoader(database, dialect, each, number)
        for number, each in enumerate(tables)
    }
    database.commit()
    return found


def _columns_of(database: Database, dialect: Dialect, table: SqlTable) -> list[tuple[str, str]]:
    return [(str(name), str(kind)) for name, kind in database.ask(dialect.columns_of(table))]


def _insertion(
    dialect: Dialect, table: SqlTable, columns: list[tuple[str, str]], staged: str
) -> str:
    names = ", ".join(dialect.quoted(name) for name, _ in columns)
    values = ", ".join(
        f"CAST({dialect.quoted(each.name)} AS {kind})"
        for each, (_, kind) in zip(table.columns, columns, strict=True)
    )
    into, rows = dialect.qualified(table), dialect.quoted(staged)
    return _INSERT.format(table=into, names=names, values=values, rows=rows)
