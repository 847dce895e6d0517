"""Kernels of functions of lists, objects and tables."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from datagen.arrays import Ints
from datagen.columns.column import NULL, Column
from datagen.columns.column_type import NOTHING
from datagen.columns.nested import ListColumn
from datagen.language.column_values import values_of
from datagen.language.intake import from_column
from datagen.language.objects import Objects, Single, from_list, object_array, python_values
from datagen.language.operation import Kernel, Operation, Result
from datagen.language.values import loading
from datagen.language.vectors import Numbers, Vector

_MOST_PLACES = 256  # of lists that are added up place by place
_LARGE = 2**62


def _lookup(operation: Operation) -> Result:
    """Return values of a table, all keys looked up at once."""
    table, column = operation.call.function.settings
    keys, load = python_values(operation.arguments[0]), loading(table.columns[column])
    found = table.lookup(keys, column)
    values = [each if each is None or load is None else load(each) for each in found]
    return Result(from_list(values, operation.call.column_type))


def _member(operation: Operation) -> Result | None:
    """Return the member of objects that a column holds."""
    whole, name = operation.arguments
    if not isinstance(whole, Objects) or whole.held is None or not isinstance(name, Single):
        return None
    return Result(from_column(whole.held.member(name.value), operation.call.column_type))


def _member_of_each(operation: Operation) -> Result | None:
    """Return the members of the objects of lists that a column holds."""
    found, name = _elements(operation.arguments[0]), operation.arguments[1]
    if found is None or not isinstance(name, Single):
        return None
    lengths, elements = found
    members = elements.member(name.value)
    if members.present is not None:
        members = members.take(np.where(members.present, np.arange(len(members)), NULL))
    lists, kind = ListColumn(lengths, members), operation.call.column_type
    return Result(Objects(lambda: object_array(values_of(lists, kind)), None, lists))


def _count(operation: Operation) -> Result | None:
    found = _elements(operation.arguments[0])
    return None if found is None else Result(Numbers(found[0]))


def _end(last: bool) -> Kernel:
    """Return a kernel of the first or last element of lists, null of none."""

    def kernel(operation: Operation) -> Result | None:
        found = _elements(operation.arguments[0])
        if found is None:
            return None
        lengths, elements = found
        ends = np.cumsum(lengths)
        rows = np.where(lengths == 0, NULL, ends - 1 if last else ends - lengths)
        return Result(from_column(elements.take(rows), operation.call.column_type))

    return kernel


def _sum(operation: Operation) -> Result | None:
    found = _totals(operation)
    return None if found is None else Result(Numbers(found[0]))


def _average(operation: Operation) -> Result | None:
    found = _totals(operation)
    if found is None:
        return None
    totals, counts = found
    if totals.dtype.kind == "i" and np.abs(totals).max(initial=0) >= 2**53:
        return None
    return Result(Numbers(totals / np.maximum(counts, 1), counts > 0))


def _extreme(better: Callable[[Any, Any], Any]) -> Kernel:
    """Return a kernel of the least or greatest number of lists, of equal ones the first; null of none."""

    def kernel(operation: Operation) -> Result | None:
        found = _numbers(operation)
        if found is None:
            return None
        lengths, numbers = found
        best = np.zeros(len(lengths), dtype=numbers.values.dtype)
        known = np.zeros(len(lengths), dtype=bool)
        for rows, places in _by_place(lengths):
            values = numbers.values[places]
            taken = ~known[rows] | better(values, best[rows])
            if numbers.valid is not None:
                taken &= numbers.valid[places]
            best[rows] = np.where(taken, values, best[rows])
            known[rows] |= taken
        instants = operation.call.column_type.kind == "instant"
        return Result(Numbers(best, known, are_instants=instants))

    return kernel


def _totals(operation: Operation) -> tuple[Any, Ints] | None:
    """Return the sums of the numbers of lists, from left to right, and how many are not null."""
    found = _numbers(operation)
    if found is None:
        return None
    lengths, numbers = found
    values = numbers.safe
    if values.dtype.kind == "i":
        most = max(int(values.max(initial=0)), -int(values.min(initial=0)))
        if most * int(lengths.max(initial=0)) >= _LARGE:
            return None
    totals = np.zeros(len(lengths), dtype=values.dtype)
    counts = lengths.copy()
    for rows, places in _by_place(lengths):
        totals[rows] += values[places]
        if numbers.valid is not None:
            counts[rows] -= ~numbers.valid[places]
    return totals, counts


def _numbers(operation: Operation) -> tuple[Ints, Numbers] | None:
    """Return the lengths of lists of numbers, and all elements."""
    found = _elements(operation.arguments[0])
    elements = operation.call.arguments[0].column_type.elements or NOTHING
    if found is None or elements.kind not in ("int", "float"):
        return None
    if found[0].max(initial=0) > _MOST_PLACES:
        return None
    numbers = from_column(found[1], elements)
    assert isinstance(numbers, Numbers)
    return found[0], numbers


def _by_place(lengths: Ints) -> Iterator[tuple[Ints, Ints]]:
    """Yield, for each place of lists, which lists have it, and where it is among all elements."""
    begins = np.cumsum(lengths) - lengths
    for place in range(int(lengths.max(initial=0))):
        rows = np.flatnonzero(lengths > place)
        yield rows, begins[rows] + place


def _elements(vector: Vector) -> tuple[Ints, Column] | None:
    """Return the lengths of lists that a column holds, and all elements; None where arrays do not have them."""
    if not isinstance(vector, Objects) or vector.held is None:
        return None
    lists, index = vector.held.origin
    if not isinstance(lists, ListColumn) or lists.elements.present is not None:
        return None
    if index is None:
        return lists.lengths, lists.elements
    if not len(lists):
        return np.zeros(len(index), dtype=np.int64), lists.elements
    rows = np.maximum(index, 0)
    lengths = np.where(index < 0, 0, lists.lengths[rows])
    begins = (np.cumsum(lists.lengths) - lists.lengths)[rows]
    ends = np.cumsum(lengths)
    within = np.arange(int(ends[-1]) if len(ends) else 0) - np.repeat(ends - lengths, lengths)
    return lengths, lists.elements.take(np.repeat(begins, lengths) + within)


LIST_KERNELS: Mapping[str, Kernel] = {
    "lookup": _lookup, "member": _member, "member_of_each": _member_of_each, "count": _count,
    "first": _end(last=False), "last": _end(last=True), "sum": _sum, "sum_floats": _sum,
    "avg": _average, "min_of_list": _extreme(np.less), "max_of_list": _extreme(np.greater),
}  # fmt: skip
