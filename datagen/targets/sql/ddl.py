"""The statements that create the tables of a specification's records, for a database of a kind."""

from datagen.formats.database_rows import flat_columns
from datagen.spec.record_schema import Specification
from datagen.targets.base import Target
from datagen.targets.sql.dialects import DIALECTS, statements
from datagen.targets.sql.tables import TableNames, name_problems


def statements_for(kind: str, target: Target, spec: Specification) -> tuple[str, list[str]]:
    """Return the statements, and what is wrong with the names of tables and columns, a sentence each.

    The tables are called as the target says, where that is one of tables; else after their emitters.
    """
    dialect = DIALECTS[kind]
    names = getattr(target, "names", None)
    names = names if isinstance(names, TableNames) else TableNames()
    tables = names.tables(dialect, flat_columns(spec))
    return statements(dialect, tables, spec.clock), [*name_problems(dialect, tables)]
