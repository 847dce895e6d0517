"""Kernels of operators and functions of numbers: the values of the scalar rules, by arrays."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from datagen import elementary, trigonometry
from datagen.arrays import Floats, Mask
from datagen.instants import SECOND
from datagen.language.number_functions import EARTH_RADIUS, RADIANS
from datagen.language.objects import Single
from datagen.language.operation import Kernel, Operation, Result
from datagen.language.vectors import Numbers, Vector
from datagen.rounding import rounded

_EXACT = 2**53  # doubles hold every whole number up to here
_LARGE = 2.0**62
_TOO_LARGE = 2.0**63
_INT64 = np.iinfo(np.int64)


def numbers_in(vectors: Sequence[Vector]) -> list[Any] | None:
    """Return the numbers of vectors, instants too, each an array or a single one; None where one holds others."""
    found = [
        each.values
        for each in vectors
        if isinstance(each, Numbers)
        or (isinstance(each, Single) and isinstance(each.value, int | float))
    ]
    return found if len(found) == len(vectors) else None


def inexact(one: Any, other: Any) -> Mask | None:
    """Return where a whole number that meets a double is none itself, None for nowhere."""
    if _is_whole(one) == _is_whole(other):
        return None
    return _beyond(one if _is_whole(one) else other, _EXACT)


def _of_numbers(compute: Callable[[Operation, Any, Any], Result]) -> Kernel:
    """Return a kernel of two numbers."""

    def kernel(operation: Operation) -> Result | None:
        found = numbers_in(operation.arguments)
        return None if found is None else compute(operation, *found)

    return kernel


def _add(operation: Operation, left: Any, right: Any) -> Result:
    del operation
    total = left + right
    if total.dtype.kind == "f":
        return Result(Numbers(total))
    faults = ((left ^ total) & (right ^ total)) < 0
    return Result(Numbers(total), faults if faults.any() else None)


def _subtract(operation: Operation, left: Any, right: Any) -> Result:
    del operation
    rest = left - right
    if rest.dtype.kind == "f":
        return Result(Numbers(rest))
    faults = ((left ^ right) & (left ^ rest)) < 0
    return Result(Numbers(rest), faults if faults.any() else None)


def _multiply(operation: Operation, left: Any, right: Any) -> Result:
    del operation
    product = left * right
    if product.dtype.kind == "f":
        return Result(Numbers(product))
    if _most(left) * _most(right) <= _INT64.max:
        return Result(Numbers(product))
    sizes = np.abs(np.multiply(left, right, dtype=np.float64))
    return Result(Numbers(product), doubtful=sizes >= _LARGE)


def _divide(operation: Operation, left: Any, right: Any) -> Result:
    del operation
    doubtful = None
    if _is_whole(left) and _is_whole(right):
        doubtful = _or(_beyond(left, _EXACT), _beyond(right, _EXACT))
    return Result(Numbers(np.true_divide(left, right)), doubtful=doubtful)


def _floor_divide(operation: Operation, left: Any, right: Any) -> Result:
    del operation
    return _whole_division(np.floor_divide, left, right)


def _modulo(operation: Operation, left: Any, right: Any) -> Result:
    del operation
    return _whole_division(np.remainder, left, right)


def _whole_division(divide: Callable[[Any, Any], Any], left: Any, right: Any) -> Result:
    if _is_whole(left) and _is_whole(right):
        faults = np.equal(right, 0)
        overflows = np.equal(left, _INT64.min) & np.equal(right, -1)
        values = divide(left, np.where(faults | overflows, 1, right))
        return Result(Numbers(values), faults, overflows)
    return Result(Numbers(divide(*np.broadcast_arrays(_float(left), _float(right)))))


def _power(operation: Operation, left: Any, right: Any) -> Result:
    del operation
    both = np.broadcast_arrays(_float(left), _float(right))
    base, exponents = (_finite(np.array(each)) for each in both)
    return Result(Numbers(elementary.powers(base, exponents)))


def _negate(operation: Operation) -> Result | None:
    values = _numbers(operation.arguments[0])
    if values is None:
        return None
    return Result(Numbers(-values), values == _INT64.min if values.dtype.kind == "i" else None)


def _absolute(operation: Operation) -> Result | None:
    values = _numbers(operation.arguments[0])
    if values is None:
        return None
    return Result(Numbers(np.abs(values)), values == _INT64.min if _is_whole(values) else None)


def _round(operation: Operation) -> Result | None:
    values = _numbers(operation.arguments[0])
    decimals = operation.arguments[1] if len(operation.arguments) > 1 else None
    if values is None or not (decimals is None or isinstance(decimals, Single)):
        return None
    places = 0 if decimals is None else decimals.value
    if values.dtype.kind == "f":
        return Result(Numbers(rounded(values, max(-400, min(places, 400)))))
    return Result(Numbers(values)) if places >= 0 else None


def _to_whole(step: Callable[[Any], Any]) -> Kernel:
    """Return a kernel of what makes numbers whole."""

    def kernel(operation: Operation) -> Result | None:
        values = _numbers(operation.arguments[0])
        if values is None:
            return None
        if values.dtype.kind != "f":
            return Result(Numbers(values.astype(np.int64)))
        whole = step(values)
        faults = ~((whole >= -_TOO_LARGE) & (whole < _TOO_LARGE))
        return Result(Numbers(np.where(faults, 0.0, whole).astype(np.int64)), faults)

    return kernel


def _to_float(operation: Operation) -> Result | None:
    values = _numbers(operation.arguments[0])
    return None if values is None else Result(Numbers(values.astype(np.float64)))


def _of_double(function: Callable[[Floats], Floats], *, positive: bool = False) -> Kernel:
    """Return a kernel of a function of doubles, maybe of positive ones alone."""

    def kernel(operation: Operation) -> Result | None:
        values = _numbers(operation.arguments[0])
        if values is None:
            return None
        values = _finite(values.astype(np.float64))
        if not positive:
            return Result(Numbers(function(values)))
        faults = values <= 0
        return Result(Numbers(function(np.where(faults, 1.0, values))), faults)

    return kernel


def _length_in(seconds: float) -> Kernel:
    def kernel(operation: Operation) -> Result | None:
        values = _numbers(operation.arguments[0])
        return None if values is None else Result(Numbers(values * seconds))

    return kernel


def _extreme(better: Callable[[Any, Any], Any]) -> Kernel:
    """Return a kernel of the least or greatest of several numbers, of equal ones the first."""

    def kernel(operation: Operation) -> Result | None:
        found = numbers_in(operation.arguments)
        if found is None:
            return None
        best, *others = found
        for other in others:
            if _is_whole(best) != _is_whole(other):
                return None
            best = np.where(better(other, best), other, best)
        instants = operation.call.column_type.kind == "instant"
        return Result(Numbers(np.broadcast_to(best, operation.rows), are_instants=instants))

    return kernel


def _seconds_between(operation: Operation, left: Any, right: Any) -> Result:
    del operation
    micros = np.subtract(left, right)
    return Result(Numbers(micros / SECOND), doubtful=_beyond(micros, _EXACT))


def _moved(sign: int) -> Kernel:
    """Return a kernel of an instant and seconds."""

    def compute(operation: Operation, instants: Any, seconds: Any) -> Result:
        first, last = operation.call.function.settings
        near = np.abs(np.multiply(seconds, 1e6)) < _LARGE / 2
        whole = np.multiply(seconds, 1_000_000) if _is_whole(seconds) else np.rint(seconds * 1e6)
        moved = instants + sign * np.where(near, whole, 0).astype(np.int64)
        faults = ~near | (moved < first) | (moved >= last)
        return Result(Numbers(moved, are_instants=True), faults)

    return _of_numbers(compute)


def _distance_km(operation: Operation) -> Result | None:
    found = numbers_in(operation.arguments)
    if found is None:
        return None
    given = (_finite(np.broadcast_to(_float(each), operation.rows)) for each in found)
    latitude, longitude, latitude_2, longitude_2 = given
    first, second = latitude * RADIANS, latitude_2 * RADIANS
    north = trigonometry.sin((second - first) / 2)
    between = longitude_2 - longitude
    beyond = ~np.isfinite(between)
    east = trigonometry.sin(np.where(beyond, 0.0, between) * RADIANS / 2)
    cosines = trigonometry.cos(first) * trigonometry.cos(second)
    part = north * north + cosines * (east * east)
    far, faults = part >= 1, (part < 0) | beyond
    near = np.where(far | faults, 0.0, part)
    arcs = trigonometry.arctan(np.sqrt(near) / np.sqrt(1.0 - near))
    distances = np.where(far, trigonometry.PI * EARTH_RADIUS, 2 * EARTH_RADIUS * arcs)
    return Result(Numbers(distances), faults)


def _numbers(vector: Vector) -> Any:
    """Return the numbers of a vector, None where it holds others."""
    return vector.values if isinstance(vector, Numbers) else None


def _is_whole(values: Any) -> bool:
    if isinstance(values, np.ndarray):
        return bool(values.dtype.kind != "f")
    return not isinstance(values, float)


def _float(values: Any) -> Any:
    return np.asarray(values, dtype=np.float64)


def _finite(values: Floats) -> Floats:
    """Return doubles with 1 in place of what is none: a value that nobody asks for."""
    finite = np.isfinite(values)
    return values if finite.all() else np.where(finite, values, 1.0)


def _most(values: Any) -> int:
    """Return the greatest size of whole numbers."""
    if not isinstance(values, np.ndarray):
        return abs(int(values))
    return max(int(values.max(initial=0)), -int(values.min(initial=0)))


def _beyond(values: Any, size: int) -> Mask | None:
    """Return where whole numbers are not below a size, None for nowhere."""
    if _most(values) < size:
        return None
    beyond: Mask = (np.asarray(values) >= size) | (np.asarray(values) <= -size)
    return beyond


def _or(one: Mask | None, other: Mask | None) -> Mask | None:
    if one is None or other is None:
        return other if one is None else one
    return one | other


NUMBER_KERNELS: Mapping[str, Kernel] = {
    "add": _of_numbers(_add), "subtract": _of_numbers(_subtract),
    "multiply": _of_numbers(_multiply), "divide": _of_numbers(_divide),
    "floor_divide": _of_numbers(_floor_divide), "modulo": _of_numbers(_modulo),
    "power": _of_numbers(_power), "negate": _negate, "abs": _absolute, "round": _round,
    "floor": _to_whole(np.floor), "ceil": _to_whole(np.ceil), "int": _to_whole(np.trunc),
    "float": _to_float, "sqrt": _of_double(np.sqrt), "exp": _of_double(elementary.exp),
    "log": _of_double(elementary.log, positive=True),
    "log10": _of_double(elementary.log10, positive=True),
    "sin": _of_double(trigonometry.sin), "cos": _of_double(trigonometry.cos),
    "min": _extreme(np.less), "max": _extreme(np.greater),
    "seconds": _length_in(1.0), "minutes": _length_in(60.0), "hours": _length_in(3600.0),
    "days": _length_in(86_400.0), "distance_km": _distance_km, "seconds_between": _of_numbers(_seconds_between),
    "add_seconds": _moved(1), "subtract_seconds": _moved(-1),
}  # fmt: skip
