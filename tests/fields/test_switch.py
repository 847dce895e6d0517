"""Fields whose generator depends on another value."""

from collections import Counter

import pytest

from tests.support.fields import GONE, enum, integers, objects, records, refusal, spec_with, uniform
from tests.support.helpers import invoke
from tests.support.machines import Spec, constant

TIER: Spec = {"name": "tier", **enum("gold", "iron", 7, None)}


def switch(cases: dict[str, Spec], default: Spec | None = None, on: str = "tier") -> Spec:
    """Return a field of the type `switch`."""
    return {"type": "switch", "on": on, "cases": cases} | ({"default": default} if default else {})


def text(value: str) -> Spec:
    """Return a field that always is a text."""
    return {"type": "string:static", "value": value}


def pairs(field: Spec) -> set[tuple[object, object]]:
    """Return the tiers and values that come together."""
    found = records([TIER, {"name": "x", **field}])
    return {(each["tier"], each.get("x", GONE)) for each in found}


def test_the_case_of_the_text_is_taken() -> None:
    """Numbers and null are compared as JSON writes them; what is no case is null."""
    cases = {"gold": text("g"), "7": text("seven"), "null": text("none")}
    assert pairs(switch(cases)) == {("gold", "g"), ("iron", None), (7, "seven"), (None, "none")}


def test_the_default_is_for_all_others() -> None:
    """Its own nulls and missing values are kept."""
    gone = {**text("x"), "percent_missing": 100}
    assert pairs(switch({"gold": text("g")}, gone)) == {
        ("gold", "g"), ("iron", GONE), (7, GONE), (None, GONE),
    }  # fmt: skip


def test_each_case_has_draws_of_its_own() -> None:
    """As a field that stands alone; another case changes none of them."""
    ints = {"name": "a", **integers(uniform(1, 10**9))}
    few = switch({"gold": ints, "iron": ints})
    more = switch({"iron": ints, "7": text("x"), "gold": ints})
    first, second = (
        [each["x"] for each in records([TIER, {"name": "x", **field}]) if each["tier"] in ("gold", "iron")]
        for field in (few, more)
    )  # fmt: skip
    assert first == second
    assert max(Counter(first).values()) == 1


def test_cases_may_be_objects_with_expressions() -> None:
    """They see what the switch sees."""
    inner = objects({"name": "t", "type": "expression", "expr": "tier ~ '!'"})
    found = pairs_of_objects(switch({"gold": inner, "iron": inner}))
    assert found == {("gold", "gold!"), ("iron", "iron!")}


def pairs_of_objects(field: Spec) -> set[tuple[object, object]]:
    """Return the tiers and members that come together."""
    found = records([TIER, {"name": "x", **field}])
    return {(each["tier"], each["x"]["t"]) for each in found if each["x"]}


def test_wrong_switches_are_refused() -> None:
    """With the place of what is wrong."""
    assert "dimensions[0].cases: expected at least one case" in refusal(switch({}))
    said = refusal(switch({"a": {"type": "int", "distribution": {"type": "nop"}}}, on="remembered"))
    assert "dimensions[0].cases.a.distribution.type" in said
    assert "dimensions[0].on" in refusal({"type": "switch", "cases": {"a": constant(1)}})


@pytest.mark.parametrize(
    ("on", "case", "told"),
    [
        ("1.5", "1", 'the text of a double is never "1"; write "1.0"'),
        ("1.5", "x", 'the text of a double is never "x"'),
        ("1", "1.0", 'the text of a whole number is never "1.0"'),
        ("1", "01", 'the text of a whole number is never "01"; write "1"'),
        ("1.5", "1.5", ""),
        ("1.5", "null", ""),
        ("1", "-1", ""),
        ("'x'", "1", ""),
    ],
)
def test_a_case_that_is_never_taken_is_told(on: str, case: str, told: str) -> None:
    """It is a warning, where the type of what decides is known."""
    field = {"name": "s", "type": "switch", "on": on, "cases": {case: {"type": "uuid"}}}
    err = invoke("--validate", spec=spec_with([field], [])).err
    place = f"warning: stdin: emitters[0].dimensions[0].cases.{case}: never taken: {told}"
    assert (place in err) if told else ("warning" not in err)
