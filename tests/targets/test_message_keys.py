"""Texts that go with records: keys, topics, headers."""

import pytest

from datagen.spec.parsing import parse_spec
from datagen.targets.message_keys import LabelTemplate, unknown_fields
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


def test_unknown_field_has_a_suggestion() -> None:
    """The emitter's name is always known."""
    spec, _ = parse_spec(WIDE, "test.json")
    assert list(unknown_fields(LabelTemplate("{emitter}{id}"), spec)) == []
    (text,) = unknown_fields(LabelTemplate("{idd}"), spec)
    assert text == 'no emitter has a field "idd"; did you mean "id"?'
