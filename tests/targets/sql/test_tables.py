"""The names of tables, and what no database can have."""

import pytest

from datagen.columns.column_type import INT
from datagen.targets.sql.dialects import DIALECTS
from datagen.targets.sql.tables import TableNames, name_problems

SQLITE = DIALECTS["sqlite"]


def problems(
    *emitters: str, table: str = "{emitter}", fields: tuple[str, ...] = ("x",)
) -> list[str]:
    """Return what is wrong in SQLite."""
    columns = {name: dict.fromkeys(fields, INT) for name in emitters}
    return [*name_problems(SQLITE, TableNames(table).tables(SQLITE, columns))]


def test_tables_are_called_as_asked() -> None:
    """After their emitters, in a schema or none."""
    (table,) = TableNames("t_{emitter}", "s").tables(SQLITE, {"e": {"x": INT}})
    assert (table.schema, table.name, table.columns[0].name) == ("s", "t_e", "x")


def test_one_name_is_for_one_emitter() -> None:
    """Rows of two would need the columns of both."""
    assert problems("a", table="events") == []
    assert problems("a", "b", table="events")[0].startswith(
        'the emitters "a" and "b" would have the same table'
    )
    assert problems("a", "A")[0].startswith('the emitters "a" and "A" would have the same table')


@pytest.mark.parametrize("name", ["datagen_runs", "Datagen_Runs", "sqlite_x"])
def test_reserved_names(name: str) -> None:
    """Ours, and those of the database."""
    assert problems(name) == [
        f'the table of the emitter "{name}" cannot be called "{name}", which is reserved'
    ]


def test_names_that_are_none() -> None:
    """Empty ones, and no columns at all."""
    assert problems("") == ['the table of the emitter "" has no name']
    assert problems("e", fields=()) == ['the emitter "e" has no fields, and a table needs a column']
    assert problems("e", fields=("",)) == [
        'a field of the emitter "e" has no name, and a column needs one'
    ]
