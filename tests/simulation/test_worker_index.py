"""Workers of whom something is remembered: where they are, who is the latest, who may go."""

import numpy as np
import pytest

from datagen.simulation.worker_index import NOBODY, latest_of, may_come_again, places_of


@pytest.mark.parametrize("known", [[], [3], [2, 5, 9]])
def test_place_is_that_among_the_known_ones(known: list[int]) -> None:
    """And their number for anybody else, before, between and after them."""
    workers = [0, 2, 3, 5, 7, 9, 11, 2]
    places = places_of(np.array(workers), np.array(known, dtype=np.int64)).tolist()
    assert places == [known.index(each) if each in known else len(known) for each in workers]


def test_latest_visit_of_each_counts() -> None:
    """What the known ones have comes before what the visits bring; workers are in order."""
    numbers, places = latest_of(np.array([2, 5, 9]), np.array([5, 1, 5, 9]))
    assert (numbers.tolist(), places.tolist()) == ([1, 2, 5, 9], [4, 0, 5, 6])
    numbers, places = latest_of(NOBODY, NOBODY)
    assert (len(numbers), len(places)) == (0, 0)


def test_workers_that_have_ended_do_not_come_again() -> None:
    """Those that have yet to be known as alive, from a number on, do."""
    known = np.array([1, 2, 5, 8, 9])
    assert may_come_again(known, np.array([2, 5]), np.array([8])).tolist() == [
        False,
        True,
        True,
        True,
        True,
    ]
