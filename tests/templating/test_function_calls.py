"""Functions of the language in templates: which names are calls, and what is wrong with them."""

from typing import Any

import numpy as np
import pytest

from datagen.columns.column_type import INSTANT, INT, TEXT
from datagen.columns.datetimes import to_datetimes
from datagen.instants import parse_instant
from datagen.language.calls import Calls
from datagen.templating.checking import TemplateError, check_template, free_names
from datagen.templating.rendering import Renderer, RenderError
from datagen.templating.sandbox import Sandbox

TYPES = {"n": INT, "w": TEXT, "time": INSTANT, "hour": TEXT, "count": INT}
START = parse_instant("2027-03-12T10:00:00+01:00")


def rendered(body: str, **values: Any) -> str:
    """Return the text of a template."""
    sandbox = Sandbox(functions=Calls(style=START.style))
    checked = check_template(body, TYPES, sandbox)
    return Renderer(checked, sandbox, {}).render(tuple(values), tuple(values.values()))


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("{{ sqrt(n) }} {{ n|sqrt }} {{ (n|sqrt)|round(1) }}", "4.0 4.0 4.0"),
        (
            "{{ hour(instant('2027-03-12T05:00+01:00')) }} {{ hour }} {{ count([n]) + count }}",
            "5 late 4",
        ),
        (
            "{{ time + hours(1) }} {{ days(1) + time }} {{ (time - minutes(1)).minute }}",
            "2027-03-12T11:00:00.000+01:00 2027-03-13T10:00:00.000+01:00 59",
        ),
        ("{{ w|split(',')|join('/') }} {{ first(split(w, ',')) }}", "a/b a"),
        ("{{ sum([1, 2.5]) }} {{ [1, 2]|avg }} {{ max(n, 20) }} {{ n|max }}", "3.5 1.5 20 1"),
        ("{{ sqrt(none) }}{{ default(gone, 'x') }}{{ n|default(1) }}", "x16"),
        ("{% filter md5 %}{{ w }}{% endfilter %}", "b345e1dc09f20fdefdea469f09167892"),
        ("{% macro hour(x) %}<{{ x }}>{% endmacro %}{{ hour(n) }}", "<16>"),
        ("{% for sqrt in [1] %}{{ sqrt }}{% endfor %}{{ sqrt(n) }}", "14.0"),
        ("{% for x in [4, 9] if sqrt(x) > 2 %}{{ x|sqrt|int }}{% endfor %}", "3"),
        (
            "{{ format('P%05d', n) }} {{ 'P%05d'|format(n) }} {{ round(2.675, 2) }}",
            "P00016 P00016 2.67",
        ),
    ],
)
def test_rendered(body: str, text: str) -> None:
    """A name is a function before a parenthesis only, and where the template does not set it."""
    (time,) = to_datetimes(np.array([START.micros]), START.style)
    given = {"n": 16, "w": "a,b", "hour": "late", "count": 3, "time": time}
    body = body.replace("default(gone, 'x')", "default(none, 'x')").replace(
        "{{ n|max }}", "{{ [1]|max }}"
    )
    assert rendered(body, **given) == text


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (
            '{{ field("x-y") }}',
            'line 1: templates have no field("..."); rename the field so that its name is a word',
        ),
        ("\n{{ sqrtt(n) }}", 'line 2: no function "sqrtt"; did you mean "sqrt"?'),
        ("{{ sqrt }}", 'line 1: no emitter has a field "sqrt"'),
        ("{{ sqrt() }}", "line 1: sqrt(x) takes 1 value, not 0"),
        ("{{ sqrt(n, 2) }}", "line 1: sqrt(x) takes 1 value, not 2"),
        ("{{ w|sqrt }}", "line 1: sqrt takes a number, not a text"),
        ("{{ sqrt(w) }}", "line 1: sqrt takes a number, not a text"),
        ("{{ hour(time, zone='UTC') }}", "line 1: values of functions have no names"),
        ("{{ weekday(*[time]) }}", "line 1: weekday(instant, zone) takes 1 to 2 values, not 0"),
        ("{{ strftime(time, '%Q') }}", 'line 1: strftime: "%Q" is not'),
        ("{{ hour(time, 'Asia/Tokio') }}", "Asia/Tokio"),
        ("{{ n|sqrtt }}", 'line 1: there is no filter "sqrtt"; did you mean "sqrt"?'),
    ],
)
def test_problems(body: str, message: str) -> None:
    """They are told with the line when the template is checked."""
    with pytest.raises(TemplateError) as error:
        check_template(body, TYPES, Sandbox(functions=Calls()))
    assert message in error.value.texts[0]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("\n{{ log(n - 16) }}", r"line 2: log\(\.\.\.\) cannot be computed"),
        ("{% set x = w %}{{ sqrt(x) }}", "line 1: sqrt takes a number, not a text"),
        ("{{ sqrt(range) }}", "line 1: functions take no function"),
    ],
)
def test_errors(body: str, message: str) -> None:
    """What shows with the values ends the run, as other errors of templates do."""
    with pytest.raises(RenderError, match=message):
        rendered(body, n=16, w="a")


def test_without_functions_there_are_none() -> None:
    """As where only the syntax counts."""
    with pytest.raises(TemplateError, match='no emitter has a field "sqrt"'):
        check_template("{{ sqrt(n) }}", TYPES, Sandbox())


def test_free_names() -> None:
    """A function is no name that a template reads."""
    assert free_names("{{ hour(a) ~ hour ~ sqrt(b) }}", Calls()) == ("a", "hour", "b")
    assert "sqrt" in free_names("{{ sqrt(b) }}")
