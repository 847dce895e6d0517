"""What the functions of numbers compute. Each raises ArithmeticError or ValueError where there is no value."""

import math
import re
from collections.abc import Mapping
from typing import Any

from datagen import elementary, trigonometry
from datagen.elementary import of_one
from datagen.language import bounds
from datagen.language.tree import Function

_NUMBER = re.compile(r"\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*", re.ASCII)
_WHOLE = re.compile(r"\s*[+-]?\d+\s*", re.ASCII)
_MAX_DIGITS = 400  # of a number as text
EARTH_RADIUS = 6371.0088  # km: the mean one of the WGS 84 ellipsoid
RADIANS = 0.017453292519943295  # of a degree


def _absolute(value: Any) -> Any:
    return bounds.number(abs(value))


def _round(value: Any, decimals: int = 0) -> Any:
    """Return a number rounded by Python's rules: to even, doubles by their exact value."""
    if value.__class__ is float:
        return bounds.finite(round(value, max(-400, min(decimals, 400))))
    return value if decimals >= 0 else bounds.whole(round(value, max(decimals, -20)))


def _floor(value: float) -> int:
    return bounds.whole(math.floor(value))


def _ceil(value: float) -> int:
    return bounds.whole(math.ceil(value))


def _sqrt(value: float) -> float:
    return math.sqrt(value)


def _exp(value: float) -> float:
    return bounds.finite(of_one(elementary.exp, value))


def _log(value: float) -> float:
    if value <= 0:
        raise bounds.NoValueError("the logarithm of what is not positive")
    return of_one(elementary.log, value)


def _log10(value: float) -> float:
    if value <= 0:
        raise bounds.NoValueError("the logarithm of what is not positive")
    return of_one(elementary.log10, value)


def _sin(value: float) -> float:
    return of_one(trigonometry.sin, value)


def _cos(value: float) -> float:
    return of_one(trigonometry.cos, value)


def _int(value: Any) -> int:
    """Return a number without its decimals, also one that is written as text."""
    if isinstance(value, str):
        if _WHOLE.fullmatch(value) and len(value) <= _MAX_DIGITS:
            return bounds.whole(int(value))
        value = _float(value)
    return bounds.whole(int(value))


def _float(value: Any) -> float:
    """Return a number as a double, also one that is written as text."""
    if isinstance(value, str) and (len(value) > _MAX_DIGITS or not _NUMBER.fullmatch(value)):
        raise bounds.NoValueError("is no number")
    return bounds.finite(float(value))


def _minimum(*values: Any) -> Any:
    return min(values)


def _maximum(*values: Any) -> Any:
    return max(values)


def _distance_km(latitude: float, longitude: float, latitude_2: float, longitude_2: float) -> float:
    """Return the great-circle distance of two points given in degrees, by the haversine formula."""
    first, second = latitude * RADIANS, latitude_2 * RADIANS
    north = of_one(trigonometry.sin, (second - first) / 2)
    east = of_one(trigonometry.sin, (longitude_2 - longitude) * RADIANS / 2)
    cosines = of_one(trigonometry.cos, first) * of_one(trigonometry.cos, second)
    part = north * north + cosines * (east * east)
    if part >= 1:
        return trigonometry.PI * EARTH_RADIUS
    ratio = math.sqrt(part) / math.sqrt(1 - part)
    return bounds.finite(2 * EARTH_RADIUS * of_one(trigonometry.arctan, ratio))


NUMBER_FUNCTIONS: Mapping[str, Function] = {
    name: Function(name, compute)
    for name, compute in {
        "abs": _absolute, "round": _round, "floor": _floor, "ceil": _ceil, "sqrt": _sqrt,
        "exp": _exp, "log": _log, "log10": _log10, "sin": _sin, "cos": _cos,
        "int": _int, "float": _float, "min": _minimum, "max": _maximum,
        "distance_km": _distance_km,
    }.items()
}  # fmt: skip
