"""The time between workers where it stands still, or ends."""

from typing import Any

import numpy as np
import pytest

from datagen.curves.curve import CURVES, HOUR
from datagen.instants import SECOND
from datagen.part import WHOLE, Part
from datagen.randomness import seed_word
from datagen.simulation.cap import NEVER
from datagen.simulation.interarrivals import Interarrivals
from datagen.simulation.openings import Between, Openings
from tests.support.machines import distribution_of, exponential

BEGIN, END = 10 * HOUR, 12 * HOUR
CURVE = CURVES.parse({"type": "hourly", "weights": [1, 3] * 12, "applies_to": "arrivals"})
MEAN = 20.0


def made(curve: Any = None, part: Part = WHOLE) -> Interarrivals:
    """Return arrivals of two hours."""
    between, openings = distribution_of(exponential(MEAN)), Openings([Between(BEGIN, END)])
    return Interarrivals(seed_word(1), between, curve, part, openings=openings)


def starts(interarrivals: Interarrivals, part: Part = WHOLE) -> list[int]:
    """Return all starts, from the start of the run on."""
    found: list[int] = []
    last, number = 0, part.index
    while True:
        [drawn] = interarrivals.draws(np.array([number]))
        last = interarrivals.next_start(last, drawn)
        if last >= NEVER:
            return found
        found.append(last)
        number += part.count


@pytest.mark.parametrize("curve", [None, CURVE])
def test_workers_start_while_it_is_open(curve: Any) -> None:
    """The first at the opening, then as many as the time and the curve say; nobody after the end."""
    found = starts(made(curve))
    assert found[0] == BEGIN
    assert all(BEGIN <= each < END for each in found)
    heights = (
        [1, 1]
        if curve is None
        else [curve.heights(np.array([each]))[0] for each in (BEGIN, BEGIN + HOUR)]
    )
    expected = sum(heights) * HOUR / SECOND / MEAN
    assert abs(len(found) - 1 - expected) < 4 * expected**0.5
    assert made(curve).expected(np.array([0]), np.array([20 * HOUR]))[0] == pytest.approx(expected)


@pytest.mark.parametrize("curve", [None, CURVE])
def test_parts_share_the_starts(curve: Any) -> None:
    """Those of all parts together are those of the whole."""
    parts = [Part(index, 3) for index in range(3)]
    assert sorted(each for part in parts for each in starts(made(curve, part), part)) == starts(
        made(curve)
    )


def test_a_total_leaves_so_many() -> None:
    """Of a part its share."""
    between = distribution_of(exponential(MEAN))
    for part, expected in ((WHOLE, [10, 9, 1, 0]), (Part(1, 4), [3, 2, 1, 0])):
        interarrivals = Interarrivals(seed_word(1), between, None, part, total=10)
        numbers = [0, 1, 9, 10] if part.is_whole else [1, 5, 9, 13]
        assert [interarrivals.left(each) for each in numbers] == expected
    assert made().left(1 << 40) == NEVER
