"""What could not be computed among the values of columns, however these are made of others."""

import numpy as np

from datagen.columns.column import MISSING, NULL, Column, concat_columns, with_faults
from datagen.columns.faults import all_faults, joined_faults
from datagen.columns.nested import LazyObjectColumn, ListColumn, ObjectColumn
from datagen.columns.scalar import IntColumn


def mask(*rows: int) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    """Return flags."""
    return np.array(rows, dtype=bool)


def numbers(*faulty: int) -> Column:
    """Return numbers with faults at a place called x."""
    return with_faults(IntColumn(np.arange(len(faulty))), {"x": mask(*faulty)})


def told(column: Column) -> dict[str, list[int]]:
    """Return the faults of a column as numbers."""
    return {place: each.astype(int).tolist() for place, each in column.faults.items()}


def test_faults_of_the_same_rows_come_together() -> None:
    """Each once a place."""
    found = all_faults([{"x": mask(1, 0)}, {"x": mask(0, 0), "y": mask(0, 1)}, {}])
    assert {place: each.tolist() for place, each in found.items()} == {
        "x": [True, False],
        "y": [False, True],
    }


def test_faults_of_rows_one_after_the_other() -> None:
    """What has none at a place has none there."""
    found = joined_faults([({"x": mask(1)}, 1), ({}, 2), ({"y": mask(1, 0)}, 2)])
    assert found["x"].tolist() == [True, False, False, False, False]
    assert found["y"].tolist() == [False, False, False, True, False]


def test_faults_go_where_rows_go() -> None:
    """A row that is taken twice has its fault twice, one that is null or missing has none."""
    assert told(numbers(0, 1, 0).take(np.array([1, 0, 1, NULL, MISSING]))) == {"x": [1, 0, 1, 0, 0]}
    plain = IntColumn(np.arange(2))
    assert told(concat_columns([plain, numbers(1, 0)])) == {"x": [0, 0, 1, 0]}
    assert told(plain) == {}
    assert told(with_faults(numbers(1), {})) == {}


def test_faults_of_parts_are_those_of_the_whole() -> None:
    """Objects and lists have those of what is in them."""
    several = ObjectColumn(["a", "b"], [numbers(0, 1, 0), numbers(1, 0, 0)], 3)
    assert told(several) == {"x": [1, 1, 0]}
    assert told(ListColumn(np.array([2, 0, 1]), several)) == {"x": [1, 0, 0]}


def test_only_members_that_can_have_faults_are_made_for_them() -> None:
    """One may look for faults without making all of an object."""
    made = []

    def make(name: str) -> Column:
        made.append(name)
        return numbers(0, 1)

    column = LazyObjectColumn(["a", "b", "c"], make, 2, faulty=["b"]).take(np.array([1, 0]))
    assert told(column) == {"x": [1, 0]}
    assert made == ["b"]
    assert told(column.member("c")) == {"x": [1, 0]}
