"""Groups of records: their fields by name."""

import numpy as np

from datagen.batch import Group, LazyOrigins, Origins, Section
from datagen.columns.literal import nulls
from datagen.columns.scalar import IntColumn

ROWS = np.arange(3)
PLAIN = Section(("a", "b"), (IntColumn(np.array([1, 2, 3])), IntColumn(np.array([4, 5, 6]))))
SHARED = Section(("c",), (IntColumn(np.array([7, 8])),), np.array([1, 0, 1]))


def values_of(group: Group, name: str) -> list[str]:
    """Return a field as JSON."""
    column = group.column(name)
    assert column is not None
    texts: list[str] = column.json_text.to_pylist()
    return texts


def test_field_is_found_in_its_section() -> None:
    """Whichever section and place it has."""
    assert values_of(Group("e", ROWS, (SHARED, PLAIN)), "b") == ["4", "5", "6"]


def test_shared_rows_are_gathered() -> None:
    """A section with an index has a value for each record all the same."""
    assert values_of(Group("e", ROWS, (PLAIN, SHARED)), "c") == ["8", "7", "8"]


def test_unknown_field_is_none() -> None:
    """The emitter has no such field."""
    assert Group("e", ROWS, (PLAIN,)).column("d") is None


def origins(size: int) -> Origins:
    """Return records whose workers are their numbers."""
    rows = np.arange(size)
    return Origins(rows, rows, rows, rows.astype(np.uint64), nulls(size), nulls(size))


def test_origins_are_made_once_and_only_when_they_are_asked_for() -> None:
    """Also those of parts of parts, ever so many of them."""
    made = []

    def make() -> Origins:
        made.append(1)
        return origins(5000)

    whole = LazyOrigins(make)
    part = whole
    for _ in range(3000):
        part = part.between(1, 5000)
    assert made == []
    assert part.made.workers.tolist() == list(range(3000, 5000))
    assert part.between(5, 9).take(np.array([3, 0])).made.visits.tolist() == [3008, 3005]
    assert whole.between(0, 9).between(2, 99).made.bits.tolist() == list(range(2, 9))
    assert len(whole.made.states) == 5000
    assert made == [1]
