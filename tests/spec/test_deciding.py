"""What the paths of workers look at, and what may not decide them."""

from copy import deepcopy

import pytest

from datagen.spec.deciding import deciders, names_that_decide
from datagen.spec.parsing import parse_spec
from tests.support.conditions import NUMBER, Spec, spec_of_values
from tests.support.helpers import invoke

COUNTER: Spec = {"name": "number", "type": "counter"}
TOTAL: Spec = {"name": "total", "type": "expression", "expr": "number * 2"}
SUM: Spec = {"name": "sum", "type": "expression", "initial": 0, "expr": "sum + total"}
CLOCK: Spec = {"name": "now", "type": "clock"}


@pytest.mark.parametrize(
    ("spec", "variables", "timed"),
    [
        (spec_of_values("n > 3"), ("n",), False),
        (spec_of_values("visit > 3", NUMBER), (), False),
        (spec_of_values("n and time", NUMBER), ("n",), True),
        (spec_of_values("now", CLOCK), ("now",), True),
        (spec_of_values("s > 3", NUMBER, {"name": "s", "type": "expression", "initial": 0,
                                          "expr": "s + n"}), ("s", "n"), False),
        (spec_of_values(None, NUMBER, delay={"type": "constant", "value": {"expr": "n"}}), ("n",), False),
        (spec_of_values(None), (), False),
    ],
)  # fmt: skip
def test_deciders_are_what_conditions_and_delays_are_made_of(
    spec: Spec, variables: tuple[str, ...], timed: bool
) -> None:
    """Through variables that are made of others too; an instant makes it timed."""
    parsed, _ = parse_spec(spec, "test.json")
    found = deciders(parsed.states, parsed.setters)
    assert (found.variables, found.timed) == (variables, timed)
    assert set(variables) <= set(parsed.variables_needed())


def test_names_of_visits_are_no_variables() -> None:
    """A graph asks only which variables are set before."""
    parsed, _ = parse_spec(spec_of_values("n > visit"), "test.json")
    assert names_that_decide(parsed.states[0]) == {"n"}


@pytest.mark.parametrize(
    ("spec", "text"),
    [
        (spec_of_values("number > 3", COUNTER),
         "states[0].transitions[0].when: what decides a path may not depend on a counter: when -> number (a counter)"),
        (spec_of_values("total > 3", COUNTER, TOTAL),
         "states[0].transitions[0].when: what decides a path may not depend on a counter: when -> total -> number (a counter)"),
        (spec_of_values("sum > 3", COUNTER, TOTAL, SUM),
         "states[0].transitions[0].when: what decides a path may not depend on a counter: when -> sum -> total -> number (a counter)"),
        (spec_of_values(None, COUNTER, delay={"type": "constant", "value": {"expr": "number"}}),
         "states[0].delay.value: what decides a path may not depend on a counter: delay -> number (a counter)"),
        (spec_of_values("label", {"name": "label", "type": "variable:template", "template": "{{ n }}"}, NUMBER),
         "states[0].transitions[0].when: what decides a path may not depend on a template: when -> label (a template)"),
        (spec_of_values("o", {"name": "o", "type": "object", "dimensions": [COUNTER]}),
         "states[0].transitions[0].when: what decides a path may not depend on a counter: when -> o (a counter)"),
    ],
)  # fmt: skip
def test_what_follows_the_order_of_output_may_not_decide(spec: Spec, text: str) -> None:
    """A problem shows the chain of names."""
    outcome = invoke("--validate", spec=spec)
    assert outcome.status == 1
    assert text in outcome.err


def test_what_decides_nothing_may_count() -> None:
    """Memory and counters beside a condition."""
    spec = deepcopy(spec_of_values("n > 3", NUMBER, COUNTER, TOTAL, SUM))
    assert invoke("--validate", spec=spec).status == 0
