"""Kernels of comparisons, of logic and of membership in constant lists."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datagen.arrays import Mask
from datagen.language.number_kernels import inexact, numbers_in
from datagen.language.objects import Single
from datagen.language.operation import Kernel, Operation, Result
from datagen.language.vectors import Numbers, Texts, Vector, both

_EXACT = 2**53
_MOST_COMPARED = 64  # elements of a list that are compared one after the other


def _ordered(of_numbers: Callable[[Any, Any], Any], of_texts: Any) -> Kernel:
    """Return a kernel of an order of two numbers, instants or texts."""

    def kernel(operation: Operation) -> Result | None:
        left, right = operation.arguments
        compared = _compared(left, right, of_numbers, of_texts)
        return compared and Result(Numbers(compared[0]), doubtful=compared[1])

    return kernel


def _equality(equal: bool) -> Kernel:
    """Return a kernel that compares any two values, null among them."""

    def kernel(operation: Operation) -> Result | None:
        left, right = operation.arguments
        same, doubtful = _same(left, right, operation.rows)
        if same is None:
            return None
        return Result(Numbers(same if equal else ~same), doubtful=doubtful)

    return kernel


def _same(left: Vector, right: Vector, rows: int) -> tuple[Mask | None, Mask | None]:
    """Return where two values are equal, None where arrays cannot tell, and where that is in doubt."""
    nulls = np.ones(rows, dtype=bool)
    there = [nulls if each.valid is None else each.valid for each in (left, right)]
    if not there[0].any() or not there[1].any():
        return ~(there[0] | there[1]), None
    compared = _compared(left, right, np.equal, pc.equal)
    if compared is None:
        return None, None
    same, doubtful = compared
    if left.valid is None and right.valid is None:
        return same, doubtful
    same = np.where(there[0] & there[1], same, ~(there[0] | there[1]))
    return same, both(doubtful, there[0], there[1]) if doubtful is not None else None


def _compared(
    left: Vector, right: Vector, of_numbers: Callable[[Any, Any], Any], of_texts: Any
) -> tuple[Mask, Mask | None] | None:
    """Return how two values compare, and where that is in doubt; None where arrays cannot tell."""
    if isinstance(left, Texts) and isinstance(right, Single) and isinstance(right.value, str):
        return left.map(lambda texts: _mask(of_texts(texts, right.value))), None
    if isinstance(right, Texts) and isinstance(left, Single) and isinstance(left.value, str):
        return right.map(lambda texts: _mask(of_texts(pa.scalar(left.value), texts))), None
    if isinstance(left, Texts) and isinstance(right, Texts):
        return _mask(of_texts(left.array, right.array)), None
    numbers = numbers_in((left, right))
    if numbers is None:
        return None
    return of_numbers(*numbers), inexact(*numbers)


def _in(wanted: bool) -> Kernel:
    """Return a kernel that looks for a part of a text, or for a value in a list that is always the same."""

    def kernel(operation: Operation) -> Result | None:
        needle, container = operation.arguments
        faults = None
        if isinstance(container, Single):
            known = container.value if isinstance(container.value, list) else None
            found = None if known is None else _in_list(needle, known)
        else:
            found = _in_text(needle, container)
            faults = None if container.valid is None else ~container.valid
        if found is None:
            return None
        return Result(Numbers(found if wanted else ~found), faults)

    return kernel


def _in_text(needle: Vector, container: Vector) -> Mask | None:
    if not isinstance(needle, Single) or not isinstance(needle.value, str):
        return None
    if not isinstance(container, Texts):
        return None
    part = needle.value
    found: Mask = container.map(lambda texts: _mask(pc.match_substring(texts, part)))
    return found


def _in_list(needle: Vector, elements: list[Any]) -> Mask | None:
    """Return where a value is one of a few."""
    if isinstance(needle, Texts):
        known = pa.array([each for each in elements if isinstance(each, str)], pa.string())
        found: Mask = needle.map(lambda texts: _mask(pc.is_in(texts, known)))
    elif isinstance(needle, Numbers) and len(elements) <= _MOST_COMPARED:
        numbers = [each for each in elements if isinstance(each, int | float)]
        if any(abs(each) >= _EXACT or inexact(needle.values, each) is not None for each in numbers):
            return None
        found = np.zeros(len(needle.values), dtype=bool)
        for each in numbers:
            found |= needle.values == each
    else:
        return None
    if needle.valid is None:
        return found
    among: Mask = np.where(needle.valid, found, None in elements)
    return among


def _not(operation: Operation) -> Result:
    value = operation.arguments[0]
    return Result(
        Numbers(~value.truth() if value.valid is None else ~(value.truth() & value.valid))
    )


def _truth(operation: Operation) -> Result:
    return Result(Numbers(operation.arguments[0].truth()))


def _always(operation: Operation) -> Result:
    return Result(Numbers(np.ones(operation.rows, dtype=bool)))


def _is_set(operation: Operation) -> Result:
    valid = operation.arguments[0].valid
    return Result(Numbers(np.ones(operation.rows, dtype=bool) if valid is None else valid))


def _is_null(operation: Operation) -> Result:
    valid = operation.arguments[0].valid
    return Result(Numbers(np.zeros(operation.rows, dtype=bool) if valid is None else ~valid))


def _mask(array: Any) -> Any:
    return array.to_numpy(zero_copy_only=False)


COMPARISON_KERNELS: Mapping[str, Kernel] = {
    "equal": _equality(equal=True), "not_equal": _equality(equal=False),
    "less": _ordered(np.less, pc.less), "less_equal": _ordered(np.less_equal, pc.less_equal),
    "greater": _ordered(np.greater, pc.greater),
    "greater_equal": _ordered(np.greater_equal, pc.greater_equal),
    "in": _in(wanted=True), "not_in": _in(wanted=False), "not": _not, "truth": _truth,
    "always": _always, "is_set": _is_set, "is_null": _is_null,
}  # fmt: skip
