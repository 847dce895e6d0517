"""Names that a template reads where nothing in it can have set them."""

import pytest

from datagen.templating.checking import TemplateError, check_template
from datagen.templating.sandbox import Sandbox
from datagen.templating.scopes import unset_names
from tests.support.helpers import invoke
from tests.support.templates import RUN, shop

IF = "{% if user %}{% set x = 1 %}{% endif %}"


def unset(body: str) -> list[str]:
    """Return the names, in the order in which they are read."""
    return [node.name for node in unset_names(Sandbox().parse(body))]


@pytest.mark.parametrize(
    "body",
    [
        IF + "{{ x }}",
        "{% if user %}{% elif status %}{% set x = 1 %}{% else %}{% endif %}{{ x }}",
        "{% if user %}{% set x %}a{% endset %}{% endif %}{{ x }}",
        "{% if user %}{% set x, y = 1, 2 %}{% endif %}{{ x }}{{ y }}",
        "{% if user %}{% macro x() %}{% endmacro %}{% endif %}{{ x() }}",
        IF + "{% for i in [1] %}{{ x }}{% endfor %}",
        "{% for i in [1, 2] %}" + IF + "{{ x }}{% endfor %}",
        "{% with a = 1 %}" + IF + "{{ x }}{% endwith %}",
        "{% filter upper %}" + IF + "{{ x }}{% endfilter %}",
        "{% macro m(a, b=a) %}" + IF + "{{ x }}{{ a }}{{ b }}{% endmacro %}{{ m(1) }}",
        "{% macro m() %}{{ caller(1) }}{% endmacro %}{% call(v) m() %}{{ v }}"
        + IF
        + "{{ x }}{% endcall %}",
        "{% set x %}" + IF.replace("x", "y") + "{{ y }}{% endset %}{{ x }}",
        "{% set ns = namespace(x=1) %}{% if user %}{% set ns.x = 2 %}{% endif %}{{ ns.x }}",
    ],
)
def test_name_that_a_branch_sets_is_undefined_elsewhere(body: str) -> None:
    """As Jinja2 has it, in every kind of scope; that is no problem."""
    assert not {"x", "y"} & {*unset(body)}
    assert check_template(body, dict.fromkeys(["user", "status"]), Sandbox())


@pytest.mark.parametrize(
    "body",
    [
        "{% for i in [1] %}{% set x = i %}{% endfor %}{{ x }}",
        "{% with x = 1 %}{% endwith %}{{ x }}",
        "{% with a = x, x = 1 %}{% endwith %}",
        "{% macro m(x) %}{% endmacro %}{{ x }}",
        "{% set y %}{% set x = 1 %}{% endset %}{{ x }}",
        "{{ x }}" + IF,
        "{% set x = x %}",
        "{% for i in [1] %}{{ x }}" + IF + "{% endfor %}",
    ],
)
def test_name_that_has_no_value_is_a_problem(body: str) -> None:
    """It is set later, or in a scope that has ended."""
    assert "x" in unset(body)
    with pytest.raises(TemplateError) as raised:
        check_template(body, {"user": None}, Sandbox())
    text = 'line 1: "x" is not set here, only later or within a loop or a block'
    assert raised.value.texts == [text]


def test_undefined_is_written_as_nothing() -> None:
    """As a field is that a record lacks."""
    body = "{% if ms is defined %}{% set x = 1 %}{% endif %}[{{ x }}|{{ x is defined }}]"
    outcome = invoke(*RUN, "--template", "t", spec=shop(t={"body": body}))
    assert outcome.out == b"[1|true]\n[|false]\n[1|true]\n"
