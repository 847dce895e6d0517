"""Which state follows, by which conditions are true."""

import numpy as np
import pytest

from datagen.language import Expression
from datagen.simulation.choices import ChoiceTable, pattern_of
from datagen.simulation.decisions import Choice

A, B = Expression("a"), Expression("b")
LOST = 9


def table(*ways: tuple[int, float, object]) -> ChoiceTable:
    """Return what may follow a state: states, how likely they are, their conditions."""
    nexts, chances, conditions = zip(*ways, strict=True)
    return ChoiceTable(Choice(nexts, chances, conditions, LOST))


@pytest.mark.parametrize(
    ("pattern", "nexts", "ends"),
    [
        (0b00, [2, 3], [0.25]),  # else, and what has no condition
        (0b01, [0, 2], [0.8]),
        (0b10, [1, 2], [0.5]),
        (0b11, [0, 1, 2], [2 / 3, 5 / 6]),
    ],
)
def test_what_is_not_true_drops_out(pattern: int, nexts: list[int], ends: list[float]) -> None:
    """The probabilities of the rest are divided by their sum; else needs that nothing else is true."""
    ways = table((0, 0.4, A), (1, 0.1, B), (2, 0.1, None), (3, 0.3, "else"))
    found_ends, found = ways.ways(pattern)
    assert found.tolist() == nexts
    assert found_ends.tolist() == pytest.approx(ends, rel=1e-12)


def test_where_nothing_can_be_taken_a_worker_is_lost() -> None:
    """It comes to the state that ends the run."""
    ways = table((0, 1, A), (1, 1, B))
    assert ways.follow(np.array([0.1, 0.9]), np.array([0, 1])).tolist() == [LOST, 0]


def test_a_condition_that_is_written_twice_has_one_bit() -> None:
    """All that name it may be taken together; it is evaluated once."""
    ways = table((0, 0.4, A), (1, 0.2, B), (2, 0.1, A), (3, 0.3, "else"))
    assert ways.expressions == (A, B)
    assert [ways.ways(pattern)[1].tolist() for pattern in range(4)] == [[3], [0, 2], [1], [0, 1, 2]]


def test_each_visit_has_its_own_pattern() -> None:
    """Of several at once, and of none."""
    ways = table((0, 0.5, A), (1, 0.5, None))
    u, patterns = np.array([0.2, 0.2, 0.7]), np.array([1, 0, 1])
    assert ways.follow(u, patterns).tolist() == [0, 1, 1]
    assert ways.follow(u[:0], patterns[:0]).tolist() == []
    assert ways.expressions == (A,)


def test_patterns_have_a_bit_for_each_condition() -> None:
    """The first is the lowest; without conditions all are 0."""
    truths = [np.array([True, False, True]), np.array([False, False, True])]
    assert pattern_of(truths, 3).tolist() == [1, 0, 3]
    assert pattern_of([], 2).tolist() == [0, 0]
