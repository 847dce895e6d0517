"""What the functions of lists compute, and of what they have no value."""

from collections.abc import Mapping
from typing import Any

import pytest

from datagen.columns.column_type import FLOAT, INT, TEXT, ColumnType
from datagen.language import FAULT, Scope
from datagen.language.list_functions import LIST_FUNCTIONS, sliced
from tests.support.expressions import TYPES, compiled, mistakes_of, value_of

CASES: list[tuple[str, tuple[Any, ...], Any]] = [
    ("sum", ([1, None, 2],), 3), ("sum", ([],), 0), ("sum", ([None],), 0), ("sum_floats", ([0.1, 0.2, 0.3],), 0.6000000000000001),
    ("sum_floats", ([],), 0.0), ("avg", ([1, 2, None],), 1.5), ("avg", ([],), None), ("avg", ([None],), None),
    ("avg", ([2**62, 2**62, 2**62],), 4.611686018427388e18), ("min_of_list", ([3, None, 1],), 1), ("max_of_list", (["a", "b"],), "b"),
    ("min_of_list", ([],), None), ("max_of_list", ([None],), None), ("count", ([1, None],), 2), ("first", ([None, 1],), None), ("first", ([],), None),
    ("last", ([1, 2],), 2), ("last", ([],), None), ("unique", ([2, 1, 2, None, None],), [2, 1, None]),
    ("unique", ([1, True, 1.0, "1"],), [1, True, 1.0, "1"]), ("unique", ([{"a": 1}, {"a": 1}],), [{"a": 1}]),
    ("join", ([1, None, "a", True], "-"), "1--a-true"), ("join", ([],), ""), ("any", ([0, None, ""],), False), ("any", ([],), False),
    ("all", ([1, None],), False), ("all", ([],), True), ("element", ([1, 2], -1), 2), ("element", ("ab", 2), None), ("element", ([], 0), None),
    ("member", ({"a": 1}, "b"), None), ("member_of_each", ([{"a": 1}, None], "a"), [1, None]),
]  # fmt: skip


@pytest.mark.parametrize(("name", "arguments", "expected"), CASES)
def test_function_computes(name: str, arguments: tuple[Any, ...], expected: Any) -> None:
    """Nulls are passed over where the language says so."""
    found = LIST_FUNCTIONS[name].compute(*arguments)
    assert (found, type(found)) == (expected, type(expected))


NO_VALUE: list[tuple[str, tuple[Any, ...]]] = [
    ("sum", ([2**63 - 1, 1],)), ("sum_floats", ([1e308, 1e308],)), ("sum_floats", ([1.0, "a"],)), ("avg", (["a"],)),
    ("min_of_list", ([1, "a"],)), ("max_of_list", (["a", 1],)), ("max_of_list", ([[1], [2]],)), ("join", (["a" * 1000] * 17,)),
    ("join", ([""] * 4000, "x" * 100)), ("member_mixed", ("a", "b")), ("member_mixed", ([1], "b")), ("element_mixed", (1, 0)), ("element_mixed", ([1], "a")),
]  # fmt: skip


@pytest.mark.parametrize(("name", "arguments"), NO_VALUE)
def test_function_has_no_value(name: str, arguments: tuple[Any, ...]) -> None:
    """Sums beyond their types, elements without an order, long texts, parts of what has none."""
    with pytest.raises((ArithmeticError, ValueError)):
        LIST_FUNCTIONS[name].compute(*arguments)


def test_slices_have_the_bounds_that_are_given() -> None:
    """Start, stop and step, each or none."""
    assert sliced((True, False, False)).compute("abc", 1) == "bc"
    assert sliced((False, True, True)).compute([1, 2, 3, 4], 3, 2) == [1, 3]
    assert sliced((False, False, True)).compute("abc", -1) == "cba"
    with pytest.raises(ValueError):
        sliced((True, False, False)).compute(5, 1)


class Cities:
    """A table of two rows."""

    key: str | None = "city"

    columns: Mapping[str, ColumnType] = {"city": TEXT, "lat": FLOAT, "people": INT}

    def lookup(self, keys: list[Any], column: str) -> list[Any]:
        rows = {
            "Rome": {"city": "Rome", "lat": 42, "people": 3},
            "Oslo": {"city": "Oslo", "lat": None, "people": 1},
        }
        return [rows.get(key, {}).get(column) for key in keys]  # type: ignore[attr-defined]


def test_values_are_looked_up_in_tables() -> None:
    """By a key; null where the table has no such row. Table and column are known on load."""
    scope = Scope(TYPES, tables={"cities": Cities()})
    text = "lookup('cities', name, 'lat')"
    assert compiled(text, scope).column_type == FLOAT
    found = [value_of(text, scope, name=name) for name in ("Rome", "Oslo", "Bonn", None)]
    assert found == [42.0, None, None, None]
    assert isinstance(found[0], float)
    assert (
        value_of("lookup('cities', name, 'people') / 0.0 if name else 1", scope, name="Rome")
        is FAULT
    )
    assert mistakes_of("lookup('city', name, 'lat')", scope) == [
        'column 8: no table "city"; one of cities'
    ]
    assert mistakes_of("lookup('cities', name, 'lon')", scope) == [
        'column 24: no column "lon"; one of city, lat, people'
    ]


def test_tables_that_cannot_be_looked_up() -> None:
    """Without a key there is nothing to look for; a key of another type is most likely not meant."""
    keyless = Cities()
    keyless.key = None
    for key in ("name", "'Rome'"):
        assert mistakes_of(f"lookup('cities', {key}, 'lat')", Scope(TYPES, tables={"cities": keyless})) == [
            'column 8: the table "cities" has no "key": a column by which rows are found'
        ]  # fmt: skip
    keyed = Scope(TYPES, tables={"cities": Cities()})
    assert compiled("lookup('cities', 5, 'lat')", keyed).warnings == [
        "column 18: a text and a whole number are never equal"
    ]
    assert compiled("lookup('cities', name, 'lat')", keyed).warnings == []
