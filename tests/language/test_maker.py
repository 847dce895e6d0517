"""Making parts: constants are computed at once, types meet in their union."""

import pytest

from datagen.columns.column_type import FLOAT, INSTANT, INT, NOTHING, TEXT
from datagen.language import Scope
from datagen.language.maker import Maker
from datagen.language.operators import OPERATORS
from datagen.language.problems import MistakeError
from datagen.language.tree import Call, Constant, NameRef


def test_calls_of_constants_are_computed() -> None:
    """Nulls too; what reads a name is not."""
    maker = Maker(Scope({}))
    one, null = Constant(INT, 1, 1), Constant(NOTHING, 1, None)
    two = maker.call(OPERATORS["add"], INT, 1, one, one)
    assert isinstance(two, Constant)
    assert two.value == 2
    nothing = maker.call(OPERATORS["add"], INT, 1, one, null)
    assert isinstance(nothing, Constant)
    assert (nothing.value, nothing.column_type) == (None, NOTHING)
    assert isinstance(maker.call(OPERATORS["add"], INT, 1, one, NameRef(INT, 1, "a")), Call)


def test_constant_without_a_value_is_a_mistake() -> None:
    """It would never have one."""
    maker = Maker(Scope({}))
    with pytest.raises(MistakeError, match="never has a value: division by zero"):
        maker.call(OPERATORS["divide"], FLOAT, 5, Constant(INT, 1, 1), Constant(INT, 1, 0))


def test_parts_that_meet_have_one_type() -> None:
    """Whole numbers become doubles, instants beside others texts; null stays."""
    maker = Maker(Scope({}))
    null = Constant(NOTHING, 1, None)
    kind, parts = maker.united([NameRef(INT, 1, "a"), NameRef(FLOAT, 1, "b"), null])
    assert kind == FLOAT
    assert [part.column_type for part in parts] == [FLOAT, FLOAT, NOTHING]
    kind, parts = maker.united([NameRef(INSTANT, 1, "t"), NameRef(TEXT, 1, "s")])
    assert kind == TEXT
    kind, parts = maker.united([NameRef(INSTANT, 1, "t"), null])
    assert (kind, parts[0].column_type) == (INSTANT, INSTANT)


def test_truth_of_an_instant_is_not_its_number() -> None:
    """That of 1970 is true as well."""
    maker = Maker(Scope({}))
    truth = maker.truth(Constant(INSTANT, 1, 0))
    assert isinstance(truth, Constant)
    assert truth.value is True


def test_parts_are_counted() -> None:
    """Up to a thousand."""
    maker = Maker(Scope({}))
    maker.count(1000)
    with pytest.raises(MistakeError, match="has more than 1,000 parts"):
        maker.count(1)
