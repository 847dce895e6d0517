"""Values that count together are numbered in the order of output, and values of `per` by themselves."""

import json

import numpy as np
import pyarrow as pa
import pytest

from datagen.arrays import Ints
from datagen.simulation import sequences
from datagen.simulation.sequences import Note, SharedSequence, counted_before, in_order

PATH, OTHER, THIRD = ("a",), ("b",), ("c",)
TIMES = np.arange(100) * 10


def note(
    path: tuple[str, ...], ranks: list[int], values: list[str] | None = None, record: int = 0
) -> Note:
    """Return a note of values at visits of some ranks, which are their rows too."""
    rows = np.array(ranks)
    places = np.arange(len(rows)) - np.searchsorted(rows, rows)
    order = np.full(len(rows), int(path == OTHER))
    return Note(path, rows, np.stack([rows, np.full(len(rows), record), order, places]),
                None if values is None else pa.array(values))  # fmt: skip


def given(made: sequences.Numbered, path: tuple[str, ...]) -> list[int]:
    """Return the numbers of a generator."""
    numbers: list[int] = made.given[path][1].tolist()
    return numbers


def test_generators_take_turns() -> None:
    """By visit, then variables before records, then in the order of the specification, then by place."""
    sequence = SharedSequence()
    notes = [note(OTHER, [0, 0, 2]), note(PATH, [0, 1, 2], record=1), note(THIRD, [2])]
    made = sequence.numbered(notes, TIMES)
    assert given(made, OTHER) == [0, 1, 5]
    assert given(made, PATH) == [2, 3, 6]
    assert given(made, THIRD) == [4]
    sequence.grow(made.growth)
    assert sequence.total == 7
    assert given(sequence.numbered([note(PATH, [0])], TIMES), PATH) == [7]


def test_values_count_by_themselves() -> None:
    """What is missing is null, which is a value; totals go on in later windows, and after JSON."""
    sequence = SharedSequence()
    first = sequence.numbered([note(PATH, [0, 1, 2, 3], ['"x"', "null", '"x"', ""])], TIMES)
    assert given(first, PATH) == [0, 0, 1, 1]
    sequence.grow(first.growth)
    totals = sequence.snapshot()
    assert dict(zip(totals.values, totals.counts().tolist(), strict=True)) == {'"x"': 2, "null": 2}
    for other in (sequence, SharedSequence(totals)):
        made = other.numbered([note(PATH, [0, 1], ['"y"', '"x"'])], TIMES)
        assert given(made, PATH) == [0, 2]


def test_snapshots_stay_as_they_were() -> None:
    """However much is counted afterwards; what they share is held once."""
    sequence = SharedSequence()
    kept = []
    for window in range(150):
        made = sequence.numbered([note(PATH, [0, 1], [str(window % 7), str(window)])], TIMES)
        sequence.grow(made.growth)
        kept.append((sequence.snapshot(), dict(zip(sequence.snapshot().values, sequence.snapshot().counts().tolist(), strict=False))))  # fmt: skip
    for totals, expected in kept:
        found = dict(zip(totals.values[: totals.size], totals.counts().tolist(), strict=True))
        assert found == {name: expected[name] for name in found}
    assert sum(kept[-1][0].counts().tolist()) == 300
    assert kept[-1][0].whole is kept[-2][0].whole


def test_too_many_values_end_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """At the instant of the first one that is too much."""
    monkeypatch.setattr(sequences, "MAX_VALUES", 3)
    sequence = SharedSequence()
    made = sequence.numbered([note(PATH, [0, 1, 2, 4, 5], ["1", "2", "1", "3", "2"])], TIMES)
    assert made.failure is None
    sequence.grow(made.growth)
    made = sequence.numbered([note(PATH, [0, 3, 7], ["3", "4", "1"])], TIMES)
    assert made.failure is not None
    instant, error = made.failure
    assert instant == 30
    assert str(error) == "a: `per` has more than 3 values, each of which is counted by itself"
    sequence.grow(made.growth)
    assert sequence.snapshot().size == 3


def test_long_values_are_known_by_their_hash() -> None:
    """A million of them take no more than short ones."""
    long = [json.dumps("x" * 5000), json.dumps("x" * 4999 + "y"), json.dumps("x" * 5000)]
    sequence = SharedSequence()
    made = sequence.numbered([note(PATH, [0, 1, 2], long)], TIMES)
    assert given(made, PATH) == [0, 0, 1]
    assert all(len(each) < 64 for each in made.growth.new)


def test_places_that_came_before() -> None:
    """Neither those at the very place nor later ones."""
    rows: Ints = np.array([[0, 1, 1, 3], [0, 0, 1, 0], [0, 0, 0, 0], [0, 0, 0, 0]])
    placed = rows[:, in_order(rows)]
    asked: Ints = np.array([[0, 1, 1, 2, 9], [0, 0, 1, 0, 0], [0, 5, 0, 0, 0], [0, 0, 0, 0, 0]])
    assert counted_before(placed, asked).tolist() == [0, 2, 2, 3, 4]
