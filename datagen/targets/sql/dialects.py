"""How databases differ: names of types, of tables and columns, and the statement that creates a table."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from datagen.columns.column_type import ColumnType

_DIGITS = 8  # hexadecimal, of the hash at the end of a name that was too long
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


@dataclass(frozen=True)
class SqlColumn:
    """A column of a table: its name there, the field that it holds, and the type of that."""

    name: str
    field: str
    column_type: ColumnType


@dataclass(frozen=True)
class SqlTable:
    """A table: the emitter whose records it gets, its schema (None: that of the connection), name and columns."""

    emitter: str
    schema: str | None
    name: str
    columns: tuple[SqlColumn, ...]


@dataclass(frozen=True)
class Dialect:
    """What is peculiar to a kind of database.

    `types` are the names of its types by kinds of columns. Names longer than `max_name` bytes are shortened;
    those that `folds` makes equal are one name to it. `keeps_nul` says whether its texts can hold U+0000.
    """

    name: str
    types: Mapping[str, str]
    max_name: int | None = None
    folds: Callable[[str], str] = str
    keeps_nul: bool = False
    places: bool = True  # it is known well enough to hold the places of runs
    session: tuple[str, ...] = ()  # statements at the beginning of each connection
    quote: str = '"'
    by_position: bool = False  # it takes rows only for all columns of a table, in their order
    typed: bool = True  # a column holds values of its type alone
    existing: str = ""  # the query for the names and types of the columns of a table
    temporary: str = ""  # the end of the statement that creates a temporary table
    reserved_columns: frozenset[str] = frozenset()
    reserved_prefix: str = ""  # of tables, however it is written

    def identifier(self, name: str) -> str:
        """Return the name of a table or column, as it is there: one that is too long ends in a hash of all of it."""
        name = name.replace("\0", _REPLACEMENT)
        data = name.encode()
        if self.max_name is None or len(data) <= self.max_name:
            return name
        begin = data[: self.max_name - _DIGITS - 1].decode(errors="ignore")
        return f"{begin}_{hashlib.sha256(data).hexdigest()[:_DIGITS]}"

    def quoted(self, name: str) -> str:
        """Return a name as it stands in a statement."""
        return self.quote + name.replace(self.quote, 2 * self.quote) + self.quote

    def qualified(self, table: SqlTable) -> str:
        """Return the name of a table, with its schema, as it stands in a statement."""
        parts = [table.schema, table.name]
        return ".".join(self.quoted(each) for each in parts if each is not None)

    def columns_of(self, table: SqlTable) -> str:
        """Return the query for the names and types of the columns that a table has, none where it is not there."""
        return self.existing.format(
            text=literal(self.qualified(table)),
            bare=literal(table.name),
            schema="NULL" if table.schema is None else literal(table.schema),
        )

    def type_of(self, column: SqlColumn) -> str:
        """Return the type of a column."""
        return self.types[column.column_type.kind]

    def create(self, table: SqlTable, clock: str = "") -> str:
        """Return the statement that creates a table where there is none; `clock` is the field that is the instant."""
        columns = ",\n".join(
            f"  {self.quoted(each.name)} {self._type_in(each, clock)}" for each in table.columns
        )
        name, ending = self.qualified(table), self._ending(table, clock)
        return f"CREATE TABLE IF NOT EXISTS {name} (\n{columns}\n){ending}"

    def _ending(self, table: SqlTable, clock: str) -> str:
        del table, clock
        return ""

    def _type_in(self, column: SqlColumn, clock: str) -> str:
        del clock
        return self.type_of(column)


class ClickHouseDialect(Dialect):
    """ClickHouse, whose columns hold null only where they say so, and whose tables are sorted."""

    def quoted(self, name: str) -> str:
        return super().quoted(name.replace("\\", "\\\\"))

    def _type_in(self, column: SqlColumn, clock: str) -> str:
        found = self.type_of(column)
        return found if _is_clock(column, clock) else f"Nullable({found})"

    def _ending(self, table: SqlTable, clock: str) -> str:
        found = [self.quoted(each.name) for each in table.columns if _is_clock(each, clock)]
        return f"\nENGINE = MergeTree ORDER BY {found[0] if found else 'tuple()'}"


def _is_clock(column: SqlColumn, clock: str) -> bool:
    return column.field == clock and column.column_type.kind == "instant"


_TEXT = {"text": "TEXT", "nothing": "TEXT"}
DIALECTS: Mapping[str, Dialect] = {
    "postgresql": Dialect(
        "postgresql",
        {
            **_TEXT, "int": "BIGINT", "float": "DOUBLE PRECISION", "bool": "BOOLEAN",
            "instant": "TIMESTAMP WITH TIME ZONE", "json": "JSON",
        },
        max_name=63,
        session=("SET client_min_messages TO warning",),
        existing="SELECT attname, format_type(atttypid, atttypmod) FROM pg_catalog.pg_attribute "
        "WHERE attrelid = to_regclass({text}) AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
        temporary=" ON COMMIT DELETE ROWS",
        reserved_columns=frozenset({"tableoid", "xmin", "cmin", "xmax", "cmax", "ctid"}),
    ),
    "sqlite": Dialect(
        "sqlite",
        {
            **_TEXT, "int": "INTEGER", "float": "REAL", "bool": "BOOLEAN", "instant": "TEXT",
            "json": "TEXT",
        },
        folds=lambda name: "".join(c.lower() if c.isascii() else c for c in name),
        session=("PRAGMA busy_timeout = 5000",),
        reserved_prefix="sqlite_",
        typed=False,
        existing="SELECT name, type FROM pragma_table_info({bare})",
    ),
    "duckdb": Dialect(
        "duckdb",
        {
            "text": "VARCHAR", "nothing": "VARCHAR", "int": "BIGINT", "float": "DOUBLE",
            "bool": "BOOLEAN", "instant": "TIMESTAMP WITH TIME ZONE", "json": "JSON",
        },
        folds=str.lower,
        keeps_nul=True,
        by_position=True,
        existing="SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = {bare} AND "
        "schema_name = coalesce({schema}, current_schema()) AND database_name = current_database() "
        "ORDER BY column_index",
    ),
    "clickhouse": ClickHouseDialect(
        "clickhouse",
        {
            "text": "String", "nothing": "String", "int": "Int64", "float": "Float64",
            "bool": "Bool", "instant": "DateTime64(6, 'UTC')", "json": "String",
        },
        keeps_nul=True,
        quote="`",
    ),
}  # fmt: skip
OTHER = Dialect("other", {}, places=False)
"""A database of which only the name of the driver is known, which creates tables itself."""


def literal(text: str) -> str:
    """Return a text as it stands in a statement."""
    return "'" + text.replace("'", "''") + "'"


def statements(dialect: Dialect, tables: Sequence[SqlTable], clock: str) -> str:
    """Return the statements that create tables, and their schema where it has a name."""
    schemas = dict.fromkeys(each.schema for each in tables if each.schema is not None)
    found = [f"CREATE SCHEMA IF NOT EXISTS {dialect.quoted(each)}" for each in schemas]
    found += [dialect.create(each, clock) for each in tables]
    return "".join(f"{each};\n" for each in found)
