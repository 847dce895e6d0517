"""The position of a run whose records leave in another order than that of their events."""

import numpy as np
import pytest

from datagen.part import WHOLE, Part
from datagen.running.checkpoint import cursor_from_json
from datagen.running.departure_cursor import KEY, DepartureCursor, Reached, departure_cursor
from datagen.simulation.cursor import MachineCursor
from datagen.simulation.pool import Pool
from datagen.simulation.states import CounterTotals
from datagen.spec.parsing import parse_spec
from datagen.truth.ledger import Told
from tests.support.machines import NEVER_ENDING, machine_of

POOL = Pool(machine_of(NEVER_ENDING), 5, 3, 10**9).cursor()
SOURCE = MachineCursor((POOL,), CounterTotals({}, {}))
CURSOR = DepartureCursor(SOURCE, 7, Reached(1234, 9))


def test_it_is_json_beside_that_of_its_source() -> None:
    """And comes back from it."""
    found = cursor_from_json(CURSOR.to_json())
    assert isinstance(found, DepartureCursor)
    assert (found.event, found.reached) == (7, Reached(1234, 9))
    assert isinstance(found.source_cursor, MachineCursor)
    assert isinstance(cursor_from_json(SOURCE.to_json()), MachineCursor)


def test_it_carries_what_the_truth_has_to_know() -> None:
    """Numbers of records come back as they are."""
    numbers = np.array([5, -1, 7, -2])
    cursor = DepartureCursor(SOURCE, 7, Reached(1234, 9), Told(8, 6, lambda: (3, numbers)))
    found = cursor_from_json(cursor.to_json())
    assert isinstance(found, DepartureCursor)
    assert found.told is not None
    assert (found.told.record, found.told.lines) == (8, 6)
    first, known = found.told.numbers()
    assert (first, known.tolist()) == (3, numbers.tolist())


def test_it_is_where_its_source_is() -> None:
    """Of the same kind, part and specification."""
    spec, _ = parse_spec(NEVER_ENDING, "x.json")
    assert (CURSOR.since, CURSOR.has_workers, CURSOR.source) == (5, True, ())
    assert CURSOR.fits(spec)
    assert CURSOR.belongs_to(WHOLE)
    assert not CURSOR.belongs_to(Part(1, 2))


@pytest.mark.parametrize("wrong", [[7, 1234], [10, 1234, 9], [-1, 1234, 9], ["7", 1234, 9], None])
def test_other_json_is_refused(wrong: object) -> None:
    """As a damaged checkpoint."""
    with pytest.raises((TypeError, ValueError)):
        departure_cursor(SOURCE, {KEY: wrong})
