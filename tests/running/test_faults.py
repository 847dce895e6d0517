"""How many records had a value that could not be computed, up to what was delivered."""

from collections.abc import Mapping

import numpy as np

from datagen.batch import Batch, FaultPlace
from datagen.instants import NAIVE
from datagen.running.faults import FaultTally, fault_lines

TOTAL = FaultPlace(("emitters", "e", "dimensions", "total"), "price / quantity")
RATIO = FaultPlace(("states", "a", "variables", "ratio"), "a / b")


def batch(size: int, faults: Mapping[FaultPlace, list[int]]) -> Batch:
    """Return a batch of so many records with faults in some rows."""
    nothing = np.zeros(size, dtype=np.int64)
    rows = {place: np.array(each) for place, each in faults.items()}
    return Batch(nothing, nothing, 1, NAIVE, (), faults=rows)


def test_faults_count_up_to_what_was_delivered() -> None:
    """Records are made ahead: what never left counts for nothing, however often one asks."""
    tally = FaultTally()
    tally.add(batch(5, {TOTAL: [0, 3], RATIO: [4]}), 0, 5)
    tally.add(batch(4, {TOTAL: [1]}), 0, 4)
    counts = [dict(tally.until(records)) for records in (0, 1, 1, 4, 6, 7, 9)]
    assert [each.get(TOTAL, 0) for each in counts] == [0, 1, 1, 2, 2, 3, 3]
    assert [each.get(RATIO, 0) for each in counts] == [0, 0, 0, 0, 1, 1, 1]


def test_rows_that_are_for_nobody_do_not_count() -> None:
    """Those before the start, those that an earlier run delivered, those beyond -n."""
    tally = FaultTally()
    tally.add(batch(6, {TOTAL: [0, 2, 3, 5]}), 1, 4)
    assert tally.until(99) == {TOTAL: 2}


def test_fault_of_a_visit_without_a_record_belongs_to_the_next_record() -> None:
    """In whichever batch that is; it counts once if that has a fault of its own there."""
    tally = FaultTally()
    tally.add(batch(2, {TOTAL: [2], RATIO: [0, 2]}), 0, 2)
    tally.add(batch(0, {}), 0, 0)
    assert tally.until(99) == {RATIO: 1}
    tally.add(batch(3, {TOTAL: [0, 1]}), 0, 3)
    assert tally.until(2) == {RATIO: 1}
    assert tally.until(3) == {TOTAL: 1, RATIO: 2}
    assert tally.until(99) == {TOTAL: 2, RATIO: 2}


def test_lines_tell_the_places_of_most_records() -> None:
    """A few of them; the rest is a number."""
    assert fault_lines({TOTAL: 1234, RATIO: 1}) == [
        'emitters.e.dimensions.total: "price / quantity" had no value in 1,234 records (null)',
        'states.a.variables.ratio: "a / b" had no value in 1 record (null)',
    ]
    many = {FaultPlace(("f", str(number)), "1 / 0"): number for number in range(1, 9)}
    lines = fault_lines(many)
    assert len(lines) == 6
    assert lines[0].startswith("f.8:")
    assert lines[-1] == "and 3 more expressions like that"
    assert fault_lines({}) == []
