"""A random word for each value: the same wherever it stands, and whatever column holds it."""

import numpy as np

from datagen.arrays import Bits
from datagen.columns.column import Column
from datagen.columns.literal import LiteralColumn, nulls
from datagen.columns.scalar import FloatColumn, IntColumn
from datagen.disorder.value_words import ValueWords


def words(column: Column, seed: int = 1) -> Bits:
    """Return the words of the values of a column."""
    return ValueWords(np.uint64(seed)).of(column)


def test_equal_texts_have_one_word() -> None:
    """A number is another value than its text, and a double than a whole number."""
    numbers = words(IntColumn(np.array([1, 2, 1])))
    assert numbers[0] == numbers[2] != numbers[1]
    literal = words(LiteralColumn([2, "2", 2.0, None, [1, "a"]]))
    assert literal[0] == numbers[1]
    assert literal[2] == words(FloatColumn(np.array([2.0])))[0]
    assert len(set(literal.tolist())) == 5


def test_null_is_a_value() -> None:
    """And so is what is missing: the same one."""
    values = LiteralColumn(["a", None])
    null = int(words(nulls(1))[0])
    assert words(values).tolist()[1] == null
    assert words(values.take(np.array([-1, -2, 1, 0]))).tolist()[:3] == [null] * 3
    assert words(values.take(np.array([-2, 0])).take(np.array([0, 1]))).tolist()[0] == null
    assert len(words(LiteralColumn([]))) == 0


def test_another_seed_gives_other_words() -> None:
    """Of all values, also of a column that was asked before."""
    values = LiteralColumn(["a", None], lasting=True)
    assert not set(words(values, 1).tolist()) & set(words(values, 2).tolist())


def test_many_values_are_no_burden() -> None:
    """What is kept of them is forgotten now and then, and found again."""
    kept = ValueWords(np.uint64(1))
    first = kept.of(IntColumn(np.arange(50_000)))
    kept.of(IntColumn(np.arange(50_000, 100_000)))
    assert np.array_equal(kept.of(IntColumn(np.arange(50_000))), first)
