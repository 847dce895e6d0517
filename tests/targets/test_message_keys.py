"""Texts that go with records: keys, topics, headers."""

import numpy as np
import pytest

from datagen.batch import Group, Section
from datagen.columns.column import ABSENT, GatheredColumn
from datagen.columns.literal import LiteralColumn
from datagen.columns.scalar import FloatColumn, InstantColumn, IntColumn
from datagen.instants import NAIVE
from datagen.spec.parsing import parse_spec
from datagen.targets.message_keys import LabelTemplate, Micros, unknown_fields
from tests.support.files import WIDE


def test_fields_of_a_template() -> None:
    """Doubled braces are braces."""
    assert list(LabelTemplate("a-{user}-{{x}}-{emitter}").fields()) == ["user", "emitter"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a{", '"{" names no field; a brace is written "{{"'),
        ("}", '"}" names no field; a brace is written "}}"'),
        ("{}", '"{}" names no field; a brace is written "{{"'),
    ],
)
def test_brace_that_stands_alone_is_refused(text: str, said: str) -> None:
    """The remedy is to double it."""
    with pytest.raises(ValueError) as raised:
        LabelTemplate(text)
    assert str(raised.value) == said


def test_numbers_are_milliseconds() -> None:
    """Whole or not, nulls stay nulls, and what no instant can be stays far away."""
    numbers = LiteralColumn([None, ABSENT, 1804809600123, 1.5, 1e300, -1e300, 2.0004])
    instants = InstantColumn(np.array([5, 6, 7]), NAIVE)
    for column, micros in (
        (numbers, [None, None, 1804809600123000, 1500, 1 << 62, -(1 << 62), 2000]),
        (IntColumn(np.array([0, 3])), [0, 3000]),
        (FloatColumn(np.array([1e12, 0.5])), [10**15, 500]),
        (GatheredColumn(instants, np.array([-1, 2, 0])), [None, 7, 5]),
        (LiteralColumn([None]), [None]),
    ):
        rows = np.arange(len(column))
        group = Group("e", rows, (Section(("at",), (column,)),))
        texts = Micros("at").texts(group).to_pylist()
        assert texts == [None if each is None else str(each) for each in micros]
    assert Micros("other").texts(group).to_pylist() == [None]


def test_unknown_field_has_a_suggestion() -> None:
    """The emitter's name is always known."""
    spec, _ = parse_spec(WIDE, "test.json")
    assert list(unknown_fields(LabelTemplate("{emitter}{id}"), spec)) == []
    (text,) = unknown_fields(LabelTemplate("{idd}"), spec)
    assert text == 'no emitter has a field "idd"; did you mean "id"?'
