"""Turns the values of conditions into where they hold."""

import numpy as np

from datagen.arrays import Mask
from datagen.columns.column import Column


def truth_of(column: Column) -> Mask:
    """Return where values are true, as Python has it; null and missing ones are not: bool[n]."""
    source, index = column.origin
    if isinstance(source.vector, np.ndarray):
        truth: Mask = source.vector != 0
    else:
        truth = np.array([bool(each) for each in source.to_python(None)], dtype=bool)
    return truth if index is None else np.append(truth, [False, False])[index]
