"""Fields that are computed from others."""

import pytest

from tests.support.fields import (
    GONE,
    enum,
    floats,
    integers,
    lists,
    objects,
    records,
    refusal,
    uniform,
)
from tests.support.machines import Spec, constant

PRICE: Spec = {"name": "price", **floats(uniform(1, 9), precision=2)}
QUANTITY: Spec = {"name": "quantity", **integers(uniform(1, 9))}


def expression(name: str, text: str, **keys: object) -> Spec:
    """Return a field that is computed."""
    return {"name": name, "type": "expression", "expr": text, **keys}


def test_it_sees_the_fields_above_it() -> None:
    """And those that are computed themselves."""
    fields = [
        PRICE,
        QUANTITY,
        expression("total", "price * quantity"),
        expression("twice", "total * 2"),
    ]
    for each in records(fields):
        assert each["total"] == each["price"] * each["quantity"]
        assert each["twice"] == 2 * each["total"]


def test_fields_come_before_variables_and_these_before_visits() -> None:
    """Inside an object its own fields come first of all."""
    inner = objects(
        {"name": "state", "type": "string:static", "value": "inside"}, expression("x", "state")
    )
    variables = [
        {"name": name, "type": "string:static", "value": "variable"} for name in ("state", "own")
    ]
    fields = [
        expression("a", "state"), expression("b", "visit"),
        {"name": "own", "type": "string:static", "value": "field"}, expression("c", "own"), {"name": "o", **inner},
    ]  # fmt: skip
    [found] = records(fields, 1, variables)
    assert found["a"] == "variable"
    assert found["b"] == 0
    assert found["c"] == "field"
    assert found["o"] == {"state": "inside", "x": "inside"}


def test_places_of_a_list_see_what_the_list_sees() -> None:
    """Each place the values of its record."""
    fields = [QUANTITY, {"name": "l", **lists({"type": "expression", "expr": "quantity + 1"})}]
    assert all(each["l"] == [each["quantity"] + 1] * 3 for each in records(fields))


def test_decimals_are_those_asked_for() -> None:
    """Of doubles; a whole number has none."""
    for each in records(
        [
            PRICE,
            QUANTITY,
            expression("x", "price / 7", precision=3),
            expression("n", "quantity", precision=1),
        ]
    ):
        assert each["x"] == round(each["price"] / 7, 3)
        assert type(each["n"]) is int


@pytest.mark.parametrize(("percent", "value"), [("percent_nulls", None), ("percent_missing", GONE)])
def test_some_may_be_null_or_missing(percent: str, value: object) -> None:
    """The others are as they would be; what is computed from them takes missing ones for null."""
    fields = [QUANTITY, expression("x", "quantity", **{percent: 30}), expression("y", "x is none")]
    found = records(fields, 1000)
    assert {each.get("x", GONE) for each in found if each["y"]} == {value}
    assert all(each["x"] == each["quantity"] for each in found if not each["y"])
    assert 230 < sum(each["y"] for each in found) < 370


def test_what_has_no_value_is_null() -> None:
    """As is what is computed from nothing."""
    found = records([{"name": "n", **enum(0, 2, None)}, expression("x", "4 / n")])
    assert {(each["n"], each["x"]) for each in found} == {(0, None), (2, 2.0), (None, None)}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "remembred + 1",
            'dimensions[0].expr: column 1: no value "remembred"; did you mean "remembered"?',
        ),
        ("1 +", "dimensions[0].expr: column"),
        ("'a' + 1", "dimensions[0].expr: column"),
        ("remembered.upper()", "dimensions[0].expr: column"),
    ],
)
def test_mistakes_are_found_on_load(text: str, said: str) -> None:
    """With the column in the text."""
    assert said in refusal(expression("x", text))


def test_a_field_below_is_to_be_moved_above() -> None:
    """Values are made from the top to the bottom."""
    from tests.support.fields import run

    outcome = run([expression("x", "quantity"), QUANTITY], 1)
    assert outcome.status == 1
    assert "move it above" in outcome.err


def test_initial_is_for_variables() -> None:
    """A field of a record has no value before."""
    assert "initial" in refusal(expression("x", "1", initial=constant(1)))
