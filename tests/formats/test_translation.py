"""Translating templates to column plans: which segments come of which parts."""

from typing import Any

import pytest

from datagen.columns.column_type import INT, TEXT
from datagen.formats.column_plan import Constant, FieldSegment, JsonText, PlainText
from datagen.formats.conditions import AlwaysFails, ComputedText, ConditionalText
from datagen.formats.translation import PlanTranslator
from datagen.templating import NotTranslatableError, Sandbox, check_template

TYPES = {"i": INT, "t": TEXT}


def segments(body: str) -> tuple[Any, ...]:
    """Return the segments of a template."""
    sandbox = Sandbox()
    tree = check_template(body, TYPES, sandbox).tree
    return PlanTranslator(TYPES, sandbox, {"emitter": "e"}).plan(tree).segments


def test_plain_fields_and_constants() -> None:
    """What reads no field is computed while translating; a newline ends the record."""
    assert segments("a{{ 1 + 1 }}{{ emitter }}{{ t }}{{ i|tojson }}") == (
        Constant("a2e"),
        FieldSegment("t", PlainText()),
        FieldSegment("i", JsonText(), "null"),
        Constant("\n"),
    )


def test_one_field_is_computed() -> None:
    """The complete part, conditions included, is one expression."""
    (computed, _) = segments("{% if i > 1 %}{{ i * 2 }}{% else %}-{% endif %}")
    assert isinstance(computed, ComputedText)
    assert computed.names == ("i",)


def test_several_fields_are_chosen_by_conditions() -> None:
    """Branches are segments of their own; `elif` is a condition within the other branch."""
    (chosen, _) = segments(
        "{% if i %}{{ t }}{% elif t == 'x' and i %}b{% else %}{{ 1 // 0 }}{% endif %}"
    )
    assert isinstance(chosen, ConditionalText)
    assert chosen.then == (FieldSegment("t", PlainText()),)
    (inner,) = chosen.other
    assert isinstance(inner, ConditionalText)
    assert isinstance(inner.other[0], AlwaysFails)
    assert sorted(chosen.names) == ["i", "t"]


@pytest.mark.parametrize(
    "body", ["{{ i ~ t|title }}", "{% set x = i %}", "{{ i * 2 if t is even }}"]
)
def test_what_has_no_plan(body: str) -> None:
    """One part is enough."""
    with pytest.raises(NotTranslatableError, match=r"^line 1: "):
        segments(body)
