"""What could not be computed among the values of columns: by place, for which rows, bool[n]."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from datagen.arrays import Mask

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
