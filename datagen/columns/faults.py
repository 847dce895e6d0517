"""What could not be computed among the values of columns: by place, for which rows, bool[n]."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from datagen.arrays import Ints, Mask

Faults = Mapping[Any, Mask]


def all_faults(several: Iterable[Faults]) -> Faults:
    """Return the faults of the same n rows, each once a place."""
    found: dict[Any, Mask] = {}
    for faults in several:
        for key, each in faults.items():
            found[key] = found[key] | each if key in found else each
    return found


def joined_faults(several: Sequence[tuple[Faults, int]]) -> Faults:
    """Return the faults of rows that come one after the other; each with how many there are."""
    return {
        key: np.concatenate([faults.get(key, np.zeros(rows, bool)) for faults, rows in several])
        for key in dict.fromkeys(key for faults, _ in several for key in faults)
    }


class NotedFaults:
    """Takes note of which of n values could not be computed, and where."""

    def __init__(self, values: int) -> None:
        self.found: dict[Any, Mask] = {}
        self._values = values

    def add(self, path: tuple[str, ...], expression: Any, rows: Ints) -> None:
        """Note that an expression of the field generator of a path gave no value in some rows, int64[k]."""
        if len(rows):
            mask = self.found.setdefault((path, expression), np.zeros(self._values, dtype=bool))
            mask[rows] = True
