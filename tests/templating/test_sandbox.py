"""The environment of templates: texts of values, what is accessible, and how much may be computed."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from jinja2 import Undefined
from jinja2.exceptions import FilterArgumentError, SecurityError
from jinja2.filters import do_round

from datagen.templating.sandbox import MAX_CHARACTERS, MAX_STEPS, Sandbox, rounded, to_text, tojson


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a", "a"),
        (None, ""),
        (Undefined(), ""),
        (True, "true"),
        (1.0, "1.0"),
        ([None, "x"], '[null,"x"]'),
        ({"a": timedelta(seconds=1)}, '{"a":"0:00:01"}'),
    ],
)
def test_texts_of_values(value: Any, text: str) -> None:
    """As in plain text: strings as they are, null as nothing, all else as in JSON."""
    assert to_text(value) == text


def test_json_of_values() -> None:
    """Null where there is no value; a key that is no string is its text."""
    assert tojson(Undefined()) == "null"
    assert tojson({1: (Undefined(), "x")}) == '{"1":[null,"x"]}'


def test_an_iterator_has_no_text() -> None:
    """What helps is in the message."""
    with pytest.raises(TypeError, match=r"use \|list or \|join"):
        to_text(iter([1]))


@pytest.mark.parametrize(
    ("value", "attribute", "public"),
    [("a", "upper", True), ("a", "format", False), ("a", "__class__", False), (1, "real", False),
     ({}, "items", True), ({}, "pop", False), ([], "append", False)],
)  # fmt: skip
def test_only_public_attributes_are_accessible(value: Any, attribute: str, public: bool) -> None:
    """Those that change nothing, make little and lead nowhere."""
    assert Sandbox().is_safe_attribute(value, attribute, getattr(value, attribute)) is public


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("{{ 'ab' * 3 }}", r"a text \* a number"),
        ("{{ 2 ** 3 }}", r"\*\*"),
        ("{{ ('%99999d') % 1 }}", "a width of more than"),
        ("{{ 'a'.center(5000) }}", "5000 is more than"),
        ("{{ [[1]]|sum(start=[]) }}", "adding lists is not allowed"),
        ("{{ range(200000)|list }}", "a range of more than"),
    ],
)
def test_what_would_grow_is_refused(body: str, message: str) -> None:
    """Before it is computed."""
    with pytest.raises(SecurityError, match=message):
        Sandbox().from_string(body).render()


def test_characters_and_steps_are_counted() -> None:
    """Texts made on the way count too; the counts are those of a record, set back by the renderer."""
    sandbox = Sandbox()
    sandbox.characters, sandbox.steps = MAX_CHARACTERS - 3, MAX_STEPS - 1
    assert sandbox.from_string("{{ 'abc'|upper }}").render() == "ABC"
    with pytest.raises(SecurityError, match="characters"):
        sandbox.from_string("{{ 'a'|upper }}").render()
    with pytest.raises(SecurityError, match="steps"):
        sandbox.from_string("{{ 'a'.upper() ~ 'b'.upper() }}").render()


@pytest.mark.parametrize(
    ("value", "precision", "method", "expected"),
    [(42.55, 1, "floor", 42.5), (42.51, 1, "ceil", 42.6), (1234.5, -2, "floor", 1200.0),
     (1234, -2, "ceil", 1300.0), (2.5, 0, "common", 2), (-0.5, 0, "floor", -1.0), (0.125, 2, "common", 0.12)],
)  # fmt: skip
def test_rounding_is_that_of_jinja(
    value: float, precision: int, method: Any, expected: float
) -> None:
    """By powers of ten that no library computes."""
    assert rounded(value, precision, method) == do_round(value, precision, method) == expected


def test_negative_powers_of_ten_are_the_nearest_doubles() -> None:
    """So the digits that a template rounds to do not depend on the machine."""
    for precision in range(-300, 0):
        power = Decimal(10) ** precision
        assert rounded(1.0, precision, "ceil") == 1 / float(power)


def test_rounding_takes_whole_digits_and_known_methods() -> None:
    """As Python's round does, whatever the method."""
    with pytest.raises(TypeError):
        rounded(1.5, 0.5, "floor")  # type: ignore[arg-type]
    with pytest.raises(FilterArgumentError):
        rounded(1.5, 0, "up")
