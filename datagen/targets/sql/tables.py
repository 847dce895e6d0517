"""Turns the columns of emitters into tables of a database, and says which names it cannot have."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from datagen.columns.column_type import ColumnType
from datagen.targets.sql.dialects import Dialect, SqlColumn, SqlTable
from datagen.validation import quoted

RUNS = "datagen_runs"  # the table of the places of runs
_EMITTER = "{emitter}"


@dataclass(frozen=True)
class TableNames:
    """How the tables of emitters are called: a text with `{emitter}`, or one name for all; in a schema, or none."""

    table: str = _EMITTER
    schema: str | None = None

    def tables(
        self, dialect: Dialect, emitters: Mapping[str, Mapping[str, ColumnType]]
    ) -> list[SqlTable]:
        """Return the table of each emitter."""
        return [
            SqlTable(
                emitter,
                self.schema_of(dialect),
                dialect.identifier(self.of(emitter)),
                tuple(
                    SqlColumn(dialect.identifier(name), name, each) for name, each in own.items()
                ),
            )
            for emitter, own in emitters.items()
        ]

    def schema_of(self, dialect: Dialect) -> str | None:
        """Return the name of the schema as the database has it."""
        return None if self.schema is None else dialect.identifier(self.schema)

    def of(self, emitter: str) -> str:
        """Return the name of the table of an emitter, before it is made one of the database."""
        return self.table.replace(_EMITTER, emitter)


def name_problems(dialect: Dialect, tables: Sequence[SqlTable]) -> Iterator[str]:
    """Yield a sentence for each name that a database cannot have, or has only once."""
    for one, other in _equal([dialect.folds(each.name) for each in tables]):
        names = f"{quoted(tables[one].emitter)} and {quoted(tables[other].emitter)}"
        yield f"the emitters {names} would have the same table; {{emitter}} in its name tells them apart, where letters alone differ another name does"
    for table in tables:
        yield from _table_problems(dialect, table)


def _table_problems(dialect: Dialect, table: SqlTable) -> Iterator[str]:
    folded, of, columns = dialect.folds(table.name), quoted(table.emitter), table.columns
    prefix = dialect.reserved_prefix
    if not table.name:
        yield f"the table of the emitter {of} has no name"
    if folded == RUNS or (prefix and folded.startswith(prefix)):
        yield f"the table of the emitter {of} cannot be called {quoted(table.name)}, which is reserved"
    if not columns:
        yield f"the emitter {of} has no fields, and a table needs a column"
    for one, other in _equal([dialect.folds(each.name) for each in columns]):
        names = f"{quoted(columns[one].field)} and {quoted(columns[other].field)}"
        yield f"the fields {names} of the emitter {of} would be the same column of the database"
    for column in columns:
        if not column.name:
            yield f"a field of the emitter {of} has no name, and a column needs one"
        if column.name in dialect.reserved_columns:
            yield f"{dialect.name} has a column {quoted(column.name)} of its own in each table: rename this field of the emitter {of}"


def _equal(names: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield the places of names that are equal: of the first, and of each other one."""
    first: dict[str, int] = {}
    for place, name in enumerate(names):
        before = first.setdefault(name, place)
        if before != place:
            yield before, place
