"""The environment of templates: texts of values, what is accessible, and how much may be computed."""

from datetime import timedelta
from typing import Any

import pytest
from jinja2 import Undefined
from jinja2.exceptions import SecurityError

from datagen.templating.sandbox import MAX_ARGUMENT, MAX_RANGE, Sandbox, to_text, tojson


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


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("{% for c in 'ab' %}{{ c.upper() }}{{ 'x'.join([c, c]) }}{% endfor %}", "AaxaBbxb"),
        ("{{ 'a-b'.replace('-', '+') }} {{ ['a', 1]|join('-') }} {{ '%05.1f|%s' % (2.25, 'x') }}", "a+b a-1 002.2|x"),
        ("{{ range(3)|map('string')|join(',') }} {{ (1, 2) == (1, 2) }} {{ 2 in {2: 1} }}", "0,1,2 true true"),
        ("{{ 'a b c'|wordwrap(3) }} {{ 'a\\nb'|indent(2) }} {{ 'abcdefghijkl'|truncate(5, true) }}", "a b\nc a\n  b ab..."),
        ("{{ {(1, 2): 'x'}[(1, 2)] }} {{ 'abc'[::-1] }} {{ [3, 1]|sort }} {{ 7 - 9 }}", "x cba [1,3] -2"),
    ],
)  # fmt: skip
def test_what_is_allowed_works(body: str, text: str) -> None:
    """Metering changes no value."""
    assert Sandbox().from_string(body).render() == text


def test_largest_numbers_are_allowed() -> None:
    """Up to the limits that the docs tell."""
    body = f"{{{{ 'a'.center({MAX_ARGUMENT})|length }}}} {{{{ range({MAX_RANGE})|list|length }}}}"
    assert Sandbox().from_string(body).render() == "1000 100000"
