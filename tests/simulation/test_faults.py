"""Which records of a window have values that cannot be computed."""

import numpy as np

from datagen.batch import FaultPlace
from datagen.language import Expression
from datagen.simulation.faults import WindowFaults

DIVISION = Expression("a / b")
PATH = ("emitters", "e", "dimensions", "x")


def ints(*values: int) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    """Return an array of whole numbers."""
    return np.array(values, dtype=np.int64)


def test_record_counts_once() -> None:
    """However many of its values cannot be computed, in whatever order one hears of them."""
    faults = WindowFaults()
    noted = faults.at_records(ints(5, 7, 9))
    noted.add(PATH, DIVISION, ints(2, 2, 0))
    noted.add(PATH, DIVISION, ints(0))
    noted.add(("other",), DIVISION, ints())
    [(place, rows)] = faults.rows(ints).items()
    assert place == FaultPlace(PATH, "a / b")
    assert rows.tolist() == [5, 9]


def test_fault_of_a_visit_counts_for_the_next_record() -> None:
    """The first one of the visit, or the one after it; beyond the last, the first of the next batch."""
    faults = WindowFaults()
    faults.at_visits(ints(0, 2, 3)).add(PATH, DIVISION, ints(0, 1, 2))
    faults.at_records(ints(0, 1)).add(PATH, DIVISION, ints(0))
    [rows] = faults.rows(lambda: ints(0, 1, 1, 3)).values()
    assert rows.tolist() == [0, 1, 3]
