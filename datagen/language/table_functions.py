"""The function that looks a value up in a table."""

from typing import Any

from datagen.language.scope import Table
from datagen.language.tree import Function
from datagen.language.values import loading


def looked_up(table: Table, column: str) -> Function:
    """Return the function of a key that gives the value of a column in its row, null where there is none."""
    load = loading(table.columns[column])

    def compute(key: Any) -> Any:
        value = table.lookup([key], column)[0]
        return value if value is None or load is None else load(value)

    return Function("lookup", compute, settings=(table, column))
