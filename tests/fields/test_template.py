"""The type `variable:template`: a text made of the variables that a worker has."""

import json
from typing import Any

import pytest

from datagen.fields import FIELDS
from datagen.fields.base import read_before_set
from tests.support.fields import enum, records, refusal, run
from tests.support.machines import Spec

EACH: list[Spec] = [
    {"name": "text", "type": "string:static", "value": 'a"é'},
    {"name": "number", "type": "float:static", "value": 3},
    {"name": "nothing", **enum(None)},
    {"name": "nested", **enum({"a": [1, None], "b": "c"})},
]


def template(text: str, **keys: Any) -> Spec:
    """Return a field that is a template."""
    return {"type": "variable:template", "template": text, **keys}


def test_values_are_written_as_templates_write_them() -> None:
    """Texts as they are, nested values as JSON, null as nothing."""
    text = "{{ text }}|{{ number }}|{{ nothing }}|{{ nested }}|{{ nested.b }}"
    [record] = records([{"name": "x", **template(text)}], 1, EACH)
    assert record["x"] == 'a"é|3.0||{"a":[1,null],"b":"c"}|c'


def test_where_it_may_stand() -> None:
    """In emitters also inside objects and lists; a state's variable is never a part of another."""
    inner = {"name": "i", **template("{{ text }}")}
    [record] = records([{"name": "x", "type": "object", "dimensions": [inner]}], 1, EACH)
    assert record["x"] == {"i": 'a"é'}
    nested = [{"name": "v", "type": "object", "dimensions": [inner]}]
    assert (
        "states[0].variables[0].dimensions[0].type: a template here is a variable of its own"
        in (run([{"name": "x", "type": "uuid"}], 1, nested).err)
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{{ a", "unexpected end of template"),
        ("", "is empty"),
        ("\n{{ a|nope }}", "line 2: there is no filter"),
        ("{% include 'x' %}", "line 1: include: a template cannot load"),
    ],
)
def test_bad_templates_are_refused(text: str, said: str) -> None:
    """On load, with the place."""
    outcome = refusal(template(text))
    assert "dimensions[0].template: line" in outcome
    assert said in outcome


@pytest.mark.parametrize("name", ["unknown", "env", "emitter"])
def test_name_that_no_state_sets_is_null(name: str) -> None:
    """With a warning; neither the environment nor the emitter has a name here."""
    outcome = run([{"name": "x", **template(f"<{{{{ {name} }}}}>")}], 1)
    assert (outcome.status, json.loads(outcome.out)["x"]) == (0, "<>")
    assert (
        f'shows the variable "{name}", which no state sets; its value is null there' in outcome.err
    )


def test_unset_variable_is_warned_of_where_a_template_reads_it() -> None:
    """Also where the state itself sets it, but later in its list."""
    variables = [{"name": "early", **template("{{ late }}")}, {"name": "late", **enum("l")}]
    outcome = run([{"name": "x", "type": "variable", "variable": "early"}], 2, variables)
    assert 'states[0].variables: reads the variable "late", which may be unset' in outcome.err
    assert [record["x"] for record in outcome.records] == ["", "l"]
    assert read_before_set([FIELDS.parse(each) for each in reversed(variables)]) == set()


def test_failing_template_ends_the_run_behind_the_records_before() -> None:
    """Which do not depend on how many are asked for."""
    variables = [{"name": "n", "type": "counter"}, {"name": "v", **template("{{ 6 // (5 - n) }}")}]
    shown = [{"name": "x", "type": "variable", "variable": "v"}]
    few, many = (run(shown, n, variables) for n in (5, 500))
    assert (few.status, many.status) == (0, 1)
    assert few.out == many.out
    assert few.out.count(b"\n") == 5
    assert 'template of the field "v": line 1: division by zero' in many.err
