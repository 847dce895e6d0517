"""Turns values into text by a format spec of Python, such as `>8` or `.2f`, column by column.

What is common (padding, a fixed number of decimals) is done by arrays, anything else value by value;
the text is that of Python's `format` either way.
"""

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datagen.arrays import Floats, Ints, TextArray

_SPEC = re.compile(
    r"(?:(?P<fill>.)?(?P<align>[<>=^]))?(?P<sign>[-+ ])?(?P<form>z?\#?)(?P<zero>0)?(?P<width>\d*)"
    r"(?P<group>[,_]?)(?:\.(?P<precision>\d+))?(?P<type>[a-zA-Z%]?)",
    re.DOTALL,
)
_MAX_WIDTH = 1000
_SAMPLES: Mapping[str, Any] = {"int": 1, "float": 1.0}
_NAMES: Mapping[str, str] = {"int": "an int", "float": "a float"}


class FormatSpec:
    """A compiled format spec for values of one kind: `int`, `float`, or anything else as text.

    Raises ValueError for one that the kind does not take.
    """

    def __init__(self, spec: str, kind: str) -> None:
        self.numeric = kind in _SAMPLES
        self._spec = spec
        match = _parse(spec)
        _check_kind(spec, kind)
        self._width = int(match["width"] or 0)
        self._fill = match["fill"] or " "
        self._align = match["align"] or (">" if self.numeric else "<")
        self._precision = match["precision"]
        self._type = match["type"]
        self._by_arrays = self._align != "=" and not any(
            match[name] for name in ("sign", "form", "zero", "group")
        )

    def format_texts(self, values: TextArray) -> TextArray:
        """Return texts, a string array of n, formatted; nulls stay."""
        if not self._by_arrays:
            return self._one_by_one(values.to_pylist())
        if self._precision is not None:
            values = pc.utf8_slice_codeunits(values, 0, int(self._precision))
        return self._padded(values)

    def format_ints(self, values: Ints) -> TextArray:
        """Return integers, int64[n], formatted."""
        if not self._by_arrays or self._type not in ("", "d") or self._precision is not None:
            return self._one_by_one(values.tolist())
        return self._padded(pc.cast(pa.array(values), pa.string()))

    def format_floats(self, values: Floats) -> TextArray:
        """Return doubles, float64[n], formatted."""
        decimals = int(self._precision or 6)
        if not self._by_arrays or self._type not in ("f", "F") or not 1 <= decimals <= 9:
            return self._one_by_one(values.tolist())
        return self._padded(self._with_decimals(values, decimals))

    def format_value(self, value: Any) -> str:
        """Return a single number or text formatted."""
        return format(value, self._spec)

    def _one_by_one(self, values: list[Any]) -> TextArray:
        texts = [None if value is None else format(value, self._spec) for value in values]
        return pa.array(texts, pa.string())

    def _with_decimals(self, values: Floats, decimals: int) -> TextArray:
        """Return doubles with a fixed number of decimals; close cases of rounding are left to Python."""
        scaled = np.minimum(np.abs(values), 2.0**50) * float(10**decimals)
        rounded = np.rint(scaled)
        sure = (scaled < 2.0**50) & (np.abs(np.abs(scaled - rounded) - 0.5) > 1e-3)
        digits = pc.cast(pa.array(np.where(sure, rounded, 0).astype(np.int64)), pa.string())
        digits = pc.utf8_lpad(digits, decimals + 1, "0")
        front = pc.utf8_slice_codeunits(digits, 0, -decimals)
        signs = pa.array(["", "-"]).take(pa.array(np.signbit(values).astype(np.int8)))
        back = pc.utf8_slice_codeunits(digits, -decimals)
        texts = pc.binary_join_element_wise(signs, front, ".", back, "")
        if sure.all():
            return texts
        exact = [f"{value:.{decimals}f}" for value in values[~sure].tolist()]
        return pc.replace_with_mask(texts, pa.array(~sure), pa.array(exact, pa.string()))

    def _padded(self, texts: TextArray) -> TextArray:
        if not self._width:
            return texts
        if self._align == "^":
            return pc.utf8_center(texts, self._width, self._fill)
        pad = pc.utf8_rpad if self._align == "<" else pc.utf8_lpad
        return pad(texts, self._width, self._fill)


def _parse(spec: str) -> re.Match[str]:
    """Return the parts of a spec. Raises ValueError for one that is never supported."""
    match = _SPEC.fullmatch(spec)
    if match is None:
        raise ValueError(f'"{spec}" is not a format spec')
    if max(int(match["width"] or 0), int(match["precision"] or 0)) > _MAX_WIDTH:
        raise ValueError(f'"{spec}" is wider than {_MAX_WIDTH} characters')
    if match["type"] in ("c", "n"):
        raise ValueError(f'"{spec}": the type "{match["type"]}" is not supported')
    return match


def _check_kind(spec: str, kind: str) -> None:
    """Format a sample. Raises ValueError for a spec that values of this kind do not take."""
    try:
        format(_SAMPLES.get(kind, ""), spec)
    except ValueError:
        what = _NAMES.get(kind, "a text")
        raise ValueError(f'"{spec}" is not a format spec for {what}') from None
