"""Checking templates: the tree and fields of a good one, and all problems of a bad one."""

import pytest

from datagen.templating.checking import TemplateError, check_template
from datagen.templating.sandbox import Sandbox

FIELDS = dict.fromkeys(["user", "status", "time"])


def problems(body: str, *, header: bool = False) -> list[str]:
    """Return what is wrong with a template."""
    with pytest.raises(TemplateError) as error:
        check_template(body, FIELDS, Sandbox(), header=header)
    return error.value.texts


def test_fields_are_those_that_are_used() -> None:
    """In the order of the records; a variable of the template is none."""
    body = "{% set x = status %}{{ x }}{{ emitter }}{{ user }}"
    template = check_template(body, FIELDS, Sandbox())
    assert template.names == ("user", "status", "emitter")
    assert not template.uses_env


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("", "line 1: is empty"),
        ("\n{{ usr }}", 'line 2: no emitter has a field "usr"; did you mean "user"?'),
        ("{{ user|uper }}", 'line 1: there is no filter "uper"; did you mean "upper"?'),
        ("{{ user is evn }}", 'line 1: there is no test "evn"; did you mean "even"?'),
        ("{{ user._x }}", 'line 1: "_x" is not allowed in templates'),
        ("{{ self }}", 'line 1: "self" is reserved by Jinja2'),
        ("{% include 'x' %}", "line 1: include: a template cannot load other templates"),
        ("{{ status ** 2 }}", "line 1: ** is not allowed in templates"),
        ("{{ time.strftime('%Q') }}", 'line 1: strftime: "%Q" is not a strftime directive'),
        ("{{ '\\ud800' }}", "line 1: a lone surrogate is not a character"),
        ("{% set env = 1 %}", 'line 1: "env" is the environment, and cannot be set'),
        ("{{ env }}", 'line 1: "env" is not a value by itself; name a variable: {{ env.HOME }}'),
        ("{{ user", "line 1: unexpected end of template, expected 'end of print statement'"),
    ],
)
def test_problems(body: str, problem: str) -> None:
    """Each names the line, and a remedy where there is one."""
    assert problems(body) == [problem]


def test_all_problems_are_reported_by_line() -> None:
    """And each once."""
    found = problems("{{ a }}{{ a }}\n{{ b|c }}")
    assert [text.split(" ", 3)[1] for text in found] == ["1:", "2:", "2:"]


def test_a_header_has_no_fields() -> None:
    """It stands before all records."""
    assert problems("{{ user }}", header=True) == [
        'line 1: "user" belongs to a record; a header precedes all of them'
    ]


def test_environment_variables_are_constants(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are read once, when the template is checked; one that is not set is a problem."""
    monkeypatch.setenv("REGION", "eu")
    monkeypatch.delenv("NOTHING", raising=False)
    template = check_template("{{ env.REGION }}{{ env['REGION'] }}", FIELDS, Sandbox())
    assert template.uses_env
    assert Sandbox().compile(template.tree, raw=True).count("eu") >= 1
    assert problems("{{ env.NOTHING }}") == [
        'line 1: the environment variable "NOTHING" is not set'
    ]
