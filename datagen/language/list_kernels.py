"""Kernels of functions of lists and tables."""

from collections.abc import Mapping

from datagen.language.operation import Kernel, Operation, Result
from datagen.language.values import loading
from datagen.language.vectors import from_list, python_values


def _lookup(operation: Operation) -> Result:
    """Return values of a table, all keys looked up at once."""
    table, column = operation.call.function.settings
    keys, load = python_values(operation.arguments[0]), loading(table.columns[column])
    found = table.lookup(keys, column)
    values = [each if each is None or load is None else load(each) for each in found]
    return Result(from_list(values, operation.call.column_type))


LIST_KERNELS: Mapping[str, Kernel] = {"lookup": _lookup}
