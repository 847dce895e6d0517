"""What templates may not do: refused on load, or ends the run with one line."""

from typing import Any

import pytest

from datagen.templating import (
    sandbox,
)
from tests.support.helpers import invoke
from tests.support.hostile_templates import NUMBER, TOO_LARGE, TOO_MUCH
from tests.support.templates import RUN, ran, shop

BAD = {
    "{{ path": "line 1: unexpected end of template, expected 'end of print statement'",
    "a\n{{ pth }}": 'line 2: no emitter has a field "pth"; did you mean "path"?',
    "{{ zzz }}": 'line 1: no emitter has a field "zzz"; one of time, path, ms, price, emitter',
    "{% if path %}": "line 1: unexpected end of template. Jinja was looking for the following tags: 'elif' or 'else' or 'endif'. The innermost block that needs to be closed is 'if'",
    "{% endif %}": "line 1: encountered unknown tag 'endif'",
    "{{ path|uper }}": 'line 1: there is no filter "uper"; did you mean "upper"?',
    "{{ path is strng }}": 'line 1: there is no test "strng"; did you mean "string"?',
    "{{ path + }}": "line 1: unexpected 'end of print statement'",
    "{% include 'x' %}": "line 1: include: a template cannot load other templates",
    "{% import 'x' as y %}": "line 1: import: a template cannot load other templates",
    "{% from 'x' import y %}": "line 1: from ... import: a template cannot load other templates",
    "{% extends 'x' %}": "line 1: extends: a template cannot load other templates",
    "{% block x %}{% endblock %}": "line 1: block: a template cannot load other templates",
    "\n\n{{ env.NOPE_ }}": 'line 3: the environment variable "NOPE_" is not set',
    "{{ env['NOPE_'] }}": 'line 1: the environment variable "NOPE_" is not set',
    "{{ env[path] }}": 'line 1: "env" is not a value by itself; name a variable: {{ env.HOME }}',
    "{{ env|tojson }}": 'line 1: "env" is not a value by itself; name a variable: {{ env.HOME }}',
    "{% set env = 1 %}": 'line 1: "env" is the environment, and cannot be set',
    "{{ path.__class__ }}": 'line 1: "__class__" is not allowed in templates',
    "{{ path['__class__'] }}": 'line 1: "__class__" is not allowed in templates',
    "{{ self }}": 'line 1: "self" is reserved by Jinja2',
    "{{ ms ** 2 }}": "line 1: ** is not allowed in templates",
    "{{ time.strftime('%Q') }}": 'line 1: strftime: "%Q" is not a strftime directive',
    "{{ '\\ud800' }}": "line 1: a lone surrogate is not a character",
    "{{ " + "(" * 5000: "line 1: is nested too deeply",
    "{% for a in [1] %}" * 25 + "{% endfor %}" * 25: "line 1: is nested too deeply",
    "": "line 1: is empty",
}


@pytest.mark.parametrize("body", BAD, ids=range(len(BAD)))
def test_a_bad_template_is_told_on_load(body: str) -> None:
    """With its place, line and remedy: an error if it is used or validated, else a warning."""
    wanted = f"stdin: templates.t.body: {BAD[body]}\n"
    assert ran(body).err == wanted
    spec = shop(good="{{ ms }}", t=body)
    for flags in (["--validate", "--template", "good"], ["--validate"]):
        outcome = invoke(*RUN, *flags, spec=spec)
        assert (outcome.status, outcome.out, outcome.err) == (1, b"", wanted)
    outcome = invoke(*RUN, "--template", "good", spec=spec)
    assert (outcome.status, outcome.out.count(b"\n")) == (0, 3)
    assert outcome.err == f"warning: {wanted}"


def test_all_mistakes_are_told_in_one_go() -> None:
    """Those of all templates, in the order of the document, each line once."""
    spec = shop(one="{{ a }}{{ a }}\n{{ b|c }}", two={"body": "{{ ms }}", "header": "{{ ms }}"})
    told = invoke("--validate", spec=spec).err.splitlines()
    assert [line.split(";")[0] for line in told] == [
        'stdin: templates.one.body: line 1: no emitter has a field "a"',
        'stdin: templates.one.body: line 2: no emitter has a field "b"',
        'stdin: templates.one.body: line 2: there is no filter "c"',
        'stdin: templates.two.header: line 1: "ms" belongs to a record',
    ]


@pytest.mark.parametrize(
    ("templates", "problem"),
    [
        ([], "templates: expected an object, not a list"),
        ({"t": "{{ ms }}"}, 'templates.t: expected an object, not "{{ ms }}"'),
        ({"t": {}}, "templates.t.body: missing"),
        ({"t": {"body": 1}}, "templates.t.body: expected a text, not 1"),
        ({"t": {"boddy": "x"}}, 'templates.t.boddy: unknown key; did you mean "body"?'),
        ({"t": {"body": "\ud800"}}, "templates.t.body: a lone surrogate is not a character"),
        ({"t": {"body": "x", "header": "{{ 1 / 0 }}"}}, "templates.t.header: line 1: division by zero"),
        ({"t": {"body": "x", "header": "{{ emitter }}"}},
         'templates.t.header: line 1: "emitter" belongs to a record; a header precedes all of them'),
    ],
)  # fmt: skip
def test_a_bad_block_of_templates_is_told(templates: Any, problem: str) -> None:
    """So is whatever is wrong with the block itself, or with a header."""
    assert (
        invoke("--validate", spec={**shop(), "templates": templates}).err == f"stdin: {problem}\n"
    )


ESCAPES = {
    "{{ path['__cl' ~ 'ass__'] }}": '"__class__" of a text is not allowed in templates',
    "{{ path['for' ~ 'mat'] }}": '"format" of a text is not allowed in templates',
    "{{ path.format(1) }}": '"format" of a text is not allowed in templates',
    "{{ [path]|map(attribute='__class__')|list }}": '"__class__" of a text is not allowed in templates',
    "{{ dict.mro() }}": '"mro" of a type is not allowed in templates',
    "{{ (5).to_bytes(9999999999) }}": '"to_bytes" of a number is not allowed in templates',
    "{{ 'x' * 10000000000 }}": "a text * a number is not allowed in templates",
    "{{ [0] * 10000000000 }}": "a list * a number is not allowed in templates",
    "{{ '%10000000000d' % ms }}": "a width of more than 1,000 characters",
    "{{ '%*d' % (10000000000, ms) }}": "a width of more than 1,000 characters",
    "{{ '%.99999999f'|format(ms) }}": "a width of more than 1,000 characters",
    "{{ path.ljust(10000000000) }}": "10000000000 is more than 1,000",
    "{{ path|center(10000000000) }}": "10000000000 is more than 1,000",
    "{{ path|indent(10000000000, true) }}": "10000000000 is more than 1,000",
    "{{ [1]|batch(10000000000, 1)|list }}": "10000000000 is more than 1,000",
    "{{ ms|round(-10000000000) }}": "-10000000000 is more than 1,000",
    "{{ [[1], [2]]|sum(start=[]) }}": "adding lists is not allowed",
    "{{ range(10000000000)|list }}": "a range of more than 100,000 numbers",
    "{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}": TOO_MUCH,
    "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}": "calls that are nested too deeply",
    "{% macro m(n) %}{% if n %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(40) }}": TOO_MUCH,
    "{% set n = namespace(x='ab') %}{% for _ in range(99) %}{% set n.x = n.x ~ n.x %}{% endfor %}": TOO_LARGE,
    "{% set n = namespace(x='ab') %}{% for _ in range(99) %}{% set n.x = n.x + n.x %}{% endfor %}": TOO_LARGE,
    "{% set n = namespace(x='ab') %}{% for _ in range(99) %}{% set n.x = n.x|replace('', n.x) %}{% endfor %}": TOO_LARGE,
    "{% set n = namespace(x='ab') %}{% for _ in range(99) %}{% set n.x = n.x.join([n.x, n.x, n.x]) %}{% endfor %}": TOO_MUCH,
    "{% set n = namespace(x=7) %}{% for _ in range(99) %}{% set n.x = n.x * n.x %}{% endfor %}": NUMBER,
    "{% set n = namespace(x=[1]) %}{% for _ in range(99) %}{% set n.x = [n.x, n.x] %}{% endfor %}{{ n.x }}": TOO_LARGE,
    "{{ time.strftime }}": "a method cannot be converted to text",
    "{{ [1]|map('string') }}": "a generator cannot be converted to text; use |list or |join",
    "{{ path.append(1) }}": "'str object' has no attribute 'append'",
    "{{ none.x.y }}": "'None' has no attribute 'x'",
    "{{ ms / (ms - ms) }}": "division by zero",
    "{{ price + 1 }}": "'price' is undefined",
}  # fmt: skip


@pytest.mark.parametrize("body", ESCAPES, ids=range(len(ESCAPES)))
def test_what_a_template_may_not_do(body: str) -> None:
    """It ends the run with a line that names the template and the line; nothing is exhausted."""
    outcome = ran("\n" + body)
    assert outcome.status == 1
    assert outcome.out == b""
    assert outcome.err.startswith(f"template t: line 2: {ESCAPES[body]}")
    assert outcome.err.count("\n") == 1


@pytest.mark.parametrize("name", ["random", "lipsum", "urlize", "attr", "pprint"])
def test_nothing_random_and_no_back_doors(name: str) -> None:
    """Filters and functions whose text is not decided by the seed, or that reach attributes, are gone."""
    assert ran(f"{{{{ path|{name} }}}}").status == 1
    assert ran(f"{{{{ {name}() }}}}").status == 1
    assert name not in sandbox.Sandbox().globals


def test_bad_template_of_another_target_is_an_error() -> None:
    """It is used there."""
    spec = shop(good={"body": "{{ ms }}"}, bad={"body": "{{ nope }}"})
    spec["target"] = {"type": "tee", "targets": [
        {"type": "stdout", "format": {"type": "template", "name": "good"}},
        {"type": "null", "format": {"type": "template", "name": "bad"}}]}  # fmt: skip
    assert invoke(*RUN, spec=spec).status == 1
