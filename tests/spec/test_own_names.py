"""What is wrong with variables that are made of what they were before."""

from typing import Any

import pytest

from datagen.errors import SpecError
from datagen.spec.parsing import parse_spec
from tests.support.machines import Spec, constant
from tests.support.machines import spec_of as machine_spec

PRICE = {"name": "price", "type": "float", "distribution": constant(2)}
SHOWN = {"name": "total", "type": "variable", "variable": "total"}


def made(expr: str, name: str = "total", **keys: Any) -> Spec:
    """Return a variable that is an expression."""
    return {"name": name, "type": "expression", "expr": expr, **keys}


def problems(
    *variables: Spec, later: list[Spec] | None = None, dimensions: list[Spec] | None = None
) -> list[str]:
    """Return the problems of a machine whose first state sets these variables, and its second the later ones."""
    nexts = {"a": (constant(1), {"b": 1.0}), "b": (constant(1), {"a": 0.5, "stop": 0.5})}
    spec = machine_spec(nexts, constant(1), dimensions or [SHOWN])
    spec["states"][0]["variables"] = [PRICE, *variables]
    spec["states"][1]["variables"] = later or []
    try:
        parse_spec(spec, "test.json")
    except SpecError as error:
        return [str(each).removeprefix("test.json: ") for each in error.problems]
    return []


MISSING = 'states[0].variables[1].initial: missing: "total" is null as long as it was null before; say what it is at first'
BY_CHANCE = '"total" names itself: it would lose what it remembers; have another variable show it'
NO_VARIABLE = "initial: is for variables that name themselves; this is none"
COUNTS = (
    "a counter cannot be in what is made of its own past, which is computed visit after visit; "
    "count in a variable of its own"
)


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ([made("total + price")], [MISSING]),
        ([made("total + price if total > 3 else total - price")], [MISSING]),
        ([made("total if price > 1")], [MISSING]),
        ([made("(total and price) or null")], [MISSING]),
        ([made("default(total, null)")], [MISSING]),
        ([made("total + price", initial=0, percent_nulls=5)], [f"states[0].variables[1].percent_nulls: {BY_CHANCE}"]),
        ([made("total + price", initial=0, percent_missing=5)], [f"states[0].variables[1].percent_missing: {BY_CHANCE}"]),
        ([made("price", initial=0)],
         ['states[0].variables[1].initial: nothing that sets "total" names it: it has no value before']),
        ([made("total + price", initial=0), made("price", "o", initial=1)],
         ['states[0].variables[2].initial: nothing that sets "o" names it: it has no value before']),
        ([{"name": "total", "type": "object", "dimensions": [made("price", "x", initial=0)]}],
         [f"states[0].variables[1].dimensions[0].{NO_VARIABLE}"]),
        ([{"name": "total", "type": "object", "dimensions": [made("total.x", "x"), {"name": "n", "type": "counter"}]}],
         [f"states[0].variables[1]: {COUNTS}"]),
    ],
)  # fmt: skip
def test_what_never_begins_or_forgets_is_refused(
    variables: list[Spec], expected: list[str]
) -> None:
    """With its place, and what to do."""
    assert problems(*variables) == expected


def test_what_would_hold_itself_is_refused() -> None:
    """A value that grows deeper at each visit has no type; nor has one that reads such a value a fault."""
    endless = made("{'a': o, 'b': o}", "o", initial={})
    text = "would hold itself, deeper with each visit; keep a part of it only"
    assert problems(made("[total]")) == [f'states[0].variables[1]: "total" {text}']
    assert problems(made("[o]"), endless) == [f'states[0].variables[2]: "o" {text}']


def test_states_agree_on_the_first_value() -> None:
    """It may stand in one of them or in all; 0 and 0.0 are two values."""
    first, text = (
        made("total + 1", initial=0),
        'states[0].variables[1] begins with 0; all states that set "total" have one initial',
    )
    assert problems(first, later=[made("total + 2", initial=0)]) == []
    assert problems(first, later=[made("total + 2")]) == []
    assert problems(first, later=[made("total + 2", initial=5)]) == [
        f"states[1].variables[0].initial: {text}"
    ]


def test_dimensions_have_no_first_value() -> None:
    """Nothing is remembered of a record."""
    found = problems(made("1"), dimensions=[SHOWN, made("total + 1", "x", initial=0)])
    assert found == [f"emitters[0].dimensions[1].{NO_VARIABLE}"]


@pytest.mark.parametrize(
    "variables",
    [
        [made("default(total, 0) + price")],
        [made("total + price if total != null else price")],
        [made("total ~ 'x'")],
        [made("not total")],
        [made("price or total")],
        [made("[price] + default(total, [])")],
        [made("total + price", initial=0)],
        [{**PRICE, "name": "total"}, made("price", "other")],
    ],
)
def test_what_begins_somewhere_is_right(variables: list[Spec]) -> None:
    """By itself, by a default, by null that is no null any more."""
    assert problems(*variables) == []


def test_another_state_may_begin() -> None:
    """What sets a variable without naming it is a first value as well."""
    assert problems({**PRICE, "name": "total"}, later=[made("total + price")]) == []
