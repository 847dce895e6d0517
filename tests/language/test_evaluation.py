"""Expressions by arrays have the values that their parts have one after the other."""

import random
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from datagen.columns.column import NULL, Column, GatheredColumn
from datagen.columns.column_type import FLOAT, INT, NOTHING, TEXT
from datagen.columns.literal import LiteralColumn, nulls
from datagen.columns.scalar import FloatColumn, IntColumn
from datagen.language import Expression, Scope, vectors
from datagen.language.evaluation import Evaluator
from datagen.language.operators import OPERATORS
from datagen.language.tree import (
    Call,
    Choice,
    Constant,
    Fallback,
    Function,
    Junction,
    NameRef,
    Node,
)
from tests.support.expression_trees import STYLE, TYPES, assert_evaluates, random_names, random_tree


def assert_random_trees(seeds: range) -> None:
    """Compare four expressions a seed, over columns of all kinds."""
    for seed in seeds:
        rng = random.Random(seed)
        names = random_names(rng, rng.choice((0, 1, 2, 5, 20, 60)))
        for _ in range(4):
            tree = random_tree(rng, names.types, rng.choice(TYPES), rng.randint(1, 5))
            assert_evaluates(tree, names)


def test_random_trees() -> None:
    """Of columns with nulls, missing values, gathered ones, edges of 64 bits and texts beyond ASCII."""
    assert_random_trees(range(60))


def test_random_trees_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """What would take too much memory is evaluated for some rows at a time, down to one."""
    monkeypatch.setattr(vectors, "_MOST_BYTES", 200)
    assert_random_trees(range(100, 140))


@pytest.mark.long
@pytest.mark.parametrize("thousand", range(3, 8))
def test_many_random_trees(thousand: int) -> None:
    """The same, 60,000 values each."""
    assert_random_trees(range(1000 * thousand, 1000 * thousand + 1000))


def evaluated(tree: Node, columns: Mapping[str, Column], rows: int) -> tuple[list[Any], list[int]]:
    """Return the values, and the rows without one that can be computed."""
    column, faults = Evaluator(tree, STYLE).values(columns.__getitem__, rows)
    return column.to_python(None), [] if faults is None else np.flatnonzero(faults).tolist()


def divided(by: str) -> Node:
    """Return 12 / by."""
    return Call(FLOAT, 1, OPERATORS["divide"], (Constant(INT, 1, 12), NameRef(INT, 1, by)))


X = {"x": IntColumn(np.array([0, 2, 3]))}
IS_SET = Call(INT, 1, OPERATORS["not_equal"], (NameRef(INT, 1, "x"), Constant(INT, 1, 0)))


def test_faults_are_null() -> None:
    """A division by zero is noted in its row only."""
    assert evaluated(divided("x"), X, 3) == ([None, 6.0, 4.0], [0])


def test_parts_that_are_not_chosen_have_no_faults() -> None:
    """The branch of a choice, and the right side of a junction, count where they are taken."""
    other = Constant(FLOAT, 1, -1.0)
    assert evaluated(Choice(FLOAT, 1, IS_SET, divided("x"), other), X, 3) == ([-1.0, 6.0, 4.0], [])
    both = Junction(FLOAT, 1, NameRef(INT, 1, "x"), divided("x"), every=True)
    assert evaluated(both, X, 3)[1] == []
    either = Junction(FLOAT, 1, NameRef(FLOAT, 1, "x"), divided("x"), every=False)
    assert evaluated(either, X, 3)[1] == [0]
    assert evaluated(Fallback(FLOAT, 1, Constant(FLOAT, 1, 1.0), divided("x")), X, 3)[1] == []


def test_a_default_does_not_hide_a_fault() -> None:
    """The whole expression has no value then."""
    assert evaluated(Fallback(FLOAT, 1, divided("x"), Constant(FLOAT, 1, 1.0)), X, 3) == (
        [None, 6.0, 4.0],
        [0],
    )


class Counted:
    """A function of one value, and how often it is computed."""

    def __init__(self) -> None:
        self.calls = 0
        self.function = Function("counted", self._compute)

    def _compute(self, value: str) -> str:
        self.calls += 1
        return value * 2


@pytest.mark.parametrize("lasting", [True, False])
def test_gathered_values_are_computed_once_each(lasting: bool) -> None:
    """And for all windows, if their source lasts."""
    source, counted = LiteralColumn(["a", "b"], lasting=lasting), Counted()
    tree = Call(TEXT, 1, counted.function, (NameRef(TEXT, 1, "x"),))
    evaluator = Evaluator(tree, STYLE)
    for _ in range(2):
        column, _ = evaluator.values(lambda _: source.take(np.array([0, 1, 1, NULL, 0, 1])), 6)
        assert column.to_python(None) == ["aa", "bb", "bb", None, "aa", "bb"]
        assert column.origin[0].lasting is lasting
    assert counted.calls == (2 if lasting else 4)


def test_columns_that_share_an_index_are_evaluated_before_they_are_gathered() -> None:
    """What comes out shares it too."""
    index = np.arange(100) % 2
    columns = {
        "x": FloatColumn(np.array([0.5, 1.5])).take(index),
        "y": FloatColumn(np.array([2.0, 3.0])).take(index),
    }
    tree = Call(FLOAT, 1, OPERATORS["add"], (NameRef(FLOAT, 1, "x"), NameRef(FLOAT, 1, "y")))
    column, _ = Evaluator(tree, STYLE).values(columns.__getitem__, 100)
    assert isinstance(column, GatheredColumn)
    assert column.index is index
    assert column.to_python(None) == [2.5, 4.5] * 50


def test_faults_of_gathered_values_are_those_of_their_rows() -> None:
    """Not those of values that no row has."""
    source = LiteralColumn([0, 2, 3], lasting=True)
    columns = {"x": source.take(np.array([1, 2]))}
    assert evaluated(divided("x"), columns, 2) == ([6.0, 4.0], [])
    assert evaluated(divided("x"), {"x": source.take(np.array([1, 0]))}, 2)[1] == [1]


def test_without_names() -> None:
    """A constant is the same in each row."""
    assert evaluated(Constant(TEXT, 1, "a"), {}, 3) == (["a"] * 3, [])
    assert evaluated(Constant(INT, 1, None), {}, 2) == ([None] * 2, [])


@pytest.mark.parametrize(
    ("text", "values"),
    [("default(no, n)", [1, 2]), ("no or 5", [5, 5]), ("n if no else no", [None] * 2)],
)
def test_names_of_no_type(text: str, values: list[Any]) -> None:
    """Such as fields that other emitters have: they are null, whatever they meet."""
    compiled = Expression(text).compiled(Scope({"no": NOTHING, "n": INT}))
    columns: dict[str, Column] = {"no": nulls(2), "n": IntColumn(np.array([1, 2]))}
    assert compiled.values(columns.__getitem__, 2).column.to_python(None) == values


def test_names_of_nothing_but_null() -> None:
    """They meet any type: in a choice, also where a part of it is a fault."""
    columns = {**X, "n": LiteralColumn([None, None, None])}
    nothing = NameRef(NOTHING, 1, "n")
    assert evaluated(Choice(FLOAT, 1, IS_SET, divided("x"), nothing), columns, 3) == (
        [None, 6.0, 4.0],
        [],
    )
    text = Choice(TEXT, 1, IS_SET, nothing, Constant(TEXT, 1, "none"))
    assert evaluated(text, columns, 3) == (["none", None, None], [])
