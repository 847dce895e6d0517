"""Which values an expression looks at, row by row."""

import numpy as np
import pytest

from datagen.columns.column import with_faults
from datagen.columns.column_type import INT, object_type
from datagen.columns.nested import ObjectColumn
from datagen.columns.scalar import IntColumn
from datagen.language import Expression, Scope
from datagen.language.looking import looks_of

A = with_faults(IntColumn(np.array([1, 2, 3, 4])), {"a": np.array([True, True, False, False])})
B = with_faults(IntColumn(np.array([1, 2, 3, 4])), {"b": np.array([True, False, False, True])})
COLUMNS = {"p": ObjectColumn(["a", "b"], [A, B], 4), "n": IntColumn(np.array([0, 1, 2, 3]))}
SCOPE = Scope({"p": object_type({"a": INT, "b": INT}), "n": INT})


@pytest.mark.parametrize(
    ("text", "looks"),
    [
        ("n + p.a", [("n", ()), ("p", ("a",))]),
        ("p['b'] ~ p", [("p", ("b",)), ("p", ())]),
        ("1 + 2", []),
    ],
)
def test_names_and_members(text: str, looks: list[tuple[str, tuple[str, ...]]]) -> None:
    """Of a member not the whole object."""
    tree = Expression(text).compiled(SCOPE).tree
    assert [look for _, look in looks_of(tree)] == looks


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("n", {}),
        ("p.a + 1", {"a": [0, 1]}),
        ("p.a + p.b", {"a": [0, 1], "b": [0, 3]}),
        ("p.a if n else 0", {"a": [1]}),
        ("n > 2 and p.b > 0", {"b": [3]}),
        ("default(n, p.a)", {}),
        ("[p.a, n]", {"a": [0, 1]}),
        ("p ~ ''", {"a": [0, 1], "b": [0, 3]}),
    ],
)
def test_faults_of_what_is_looked_at(text: str, seen: dict[str, list[int]]) -> None:
    """In the rows that need it: what a condition leaves out is not looked at."""
    found = Expression(text).compiled(SCOPE).faults_seen(COLUMNS.__getitem__, 4)
    told = {place: np.flatnonzero(rows).tolist() for place, rows in found.items()}
    assert {place: rows for place, rows in told.items() if rows} == seen
