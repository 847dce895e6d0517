"""Expressions in a scope: their values by columns and one by one, against the rules in plain Python."""

import random
from collections import Counter
from functools import cache
from typing import Any

import numpy as np
import pytest

from datagen.columns.column import ABSENT, Column
from datagen.columns.column_type import FLOAT, INT, TEXT
from datagen.columns.scalar import FloatColumn, IntColumn
from datagen.language import FAULT, INSTANT_NAME, Compiled, Expression, ExpressionError, Scope
from datagen.language.column_values import values_of
from datagen.spec.timeline import Period, rules_of
from datagen.timeline import Timeline
from tests.support.plain_functions import CLOCK, OUTAGE
from tests.support.plain_language import PlainLanguage
from tests.support.plain_values import FaultError, Moment
from tests.support.random_expressions import KINDS, TYPES, column_of, drawn_text, drawn_values

ROOTS = ("int", "float", "bool", "text", "instant", "ints", "floats", "texts", "mixed", "object")
ROWS = 6


@cache
def timeline() -> Timeline:
    """Return a period, and a run that begins it."""
    made = Timeline(rules_of({"outage": Period.model_validate(OUTAGE)}))
    made.begin(0)
    return made


def comparable(value: Any) -> Any:
    """Return a value that is equal to those of the same type only."""
    if isinstance(value, list):
        return [comparable(each) for each in value]
    if isinstance(value, dict):
        return {name: comparable(each) for name, each in value.items()}
    if isinstance(value, float):
        return "double", repr(value + 0.0)
    return type(value).__name__, value


def by_columns(compiled: Compiled, columns: dict[str, Any]) -> list[Any]:
    """Return the values of all rows, FAULT where there is none."""
    found = compiled.values(columns.__getitem__, ROWS)
    values = values_of(found.column, compiled.column_type)
    faults = [False] * ROWS if found.faults is None else found.faults.tolist()
    assert all(value is None for value, fault in zip(values, faults, strict=True) if fault)
    return [FAULT if fault else value for value, fault in zip(values, faults, strict=True)]


def one_by_one(compiled: Compiled, columns: dict[str, Any]) -> list[Any]:
    """Return what the function gives for each row."""
    given = [values_of(columns[name], TYPES[name]) for name in compiled.names]
    return [compiled.function(*(each[row] for each in given)) for row in range(ROWS)]


def by_the_rules(text: str, values: dict[str, list[Any]]) -> list[Any]:
    """Return the values of all rows by plain Python."""
    language, found = PlainLanguage(KINDS), []
    for row in range(ROWS):
        given = {name: None if each[row] is ABSENT else each[row] for name, each in values.items()}
        try:
            value = language.value(text, given)
            found.append(value.micros if isinstance(value, Moment) else value)
        except FaultError:
            found.append(FAULT)
    return found


def compare(seed: int, seen: Counter[str]) -> None:
    """Compare an expression drawn at random, over columns drawn at random."""
    source = random.Random(seed)
    text = drawn_text(source, source.choice(ROOTS), source.choice([1, 2, 2, 3, 3, 4]))
    values = drawn_values(source, ROWS)
    try:
        compiled = Expression(text).compiled(Scope(TYPES, timeline=timeline(), clock=CLOCK))
    except ExpressionError as error:  # of constants that have no value: told on load
        told = all("never has a value" in each for each in error.texts)
        assert told or "[]" in text or "none" in text, (seed, text, error.texts)  # of no kind
        seen["refused"] += 1
        return
    columns = {name: column_of(name, each) for name, each in values.items()}
    expected = by_the_rules(text, values)
    for found in (one_by_one(compiled, columns), by_columns(compiled, columns)):
        assert comparable(found) == comparable(expected), (seed, text)
    seen["fault"] += expected.count(FAULT)
    seen["null"] += expected.count(None)
    seen["value"] += ROWS - expected.count(FAULT) - expected.count(None)


@pytest.mark.parametrize("first", [0, 250, 500])
def test_values_are_those_of_the_rules(first: int) -> None:
    """Values, nulls and faults: random expressions over columns with nulls, gaps and extremes."""
    seen: Counter[str] = Counter()
    for seed in range(first, first + 250):
        compare(seed, seen)
    assert seen["value"] > 700
    assert min(seen["null"], seen["fault"]) > 50


@pytest.mark.long
@pytest.mark.parametrize("first", range(100_000, 130_000, 10_000))
def test_values_are_those_of_the_rules_in_many_cases(first: int) -> None:
    """The same, 30,000 times."""
    seen: Counter[str] = Counter()
    for seed in range(first, first + 10_000):
        compare(seed, seen)
    assert seen["value"] > 30_000


def test_names_are_those_whose_values_are_read() -> None:
    """In order of appearance, each once; functions, filters, members and null are none."""
    text = "round(b.c + a, 1)|default(field('x-y')) + b * null"
    assert Expression(text).names == ("b", "a", "x-y")


def test_a_name_before_a_parenthesis_is_a_function_any_other_a_value() -> None:
    """Also where both have it."""
    compiled = Expression("round(round + 0.4)").compiled(Scope({"round": FLOAT}))
    assert compiled.names == ("round",)
    assert compiled.function(2.3) == 3.0


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("during('outag')", 'column 8: no period "outag"; did you mean "outage"?'),
        ("1 + ramp(s)", "column 10: ramp takes the name of a period as a text, not a computed one"),
        (
            "'outage'|during(s)",
            "column 17: during takes an instant, not a text; instant(...) reads a text",
        ),
        ("progress()", "column 1: progress(period, instant) takes 1 to 2 values, not 0"),
        ("during", 'column 1: "during" is a function: during(period, instant)'),
    ],
)
def test_a_period_is_named_by_a_text_that_is_known(text: str, problem: str) -> None:
    """The wrong name is told, with the one that was meant."""
    with pytest.raises(ExpressionError) as caught:
        Expression(text).compiled(Scope(TYPES, timeline=timeline(), clock=CLOCK))
    assert caught.value.texts == [problem]


def test_a_period_without_an_instant_is_told() -> None:
    """Where neither a visit nor a record with its time is known, and where there is no timeline at all."""
    for clock, periods, told in (
        ("time", timeline(), "during looks at the time of a visit, which is not known here"),
        (CLOCK, Timeline({}), 'no period "outage"; the specification has no timeline'),
    ):
        with pytest.raises(ExpressionError) as caught:
            Expression("during('outage')").compiled(Scope(TYPES, timeline=periods, clock=clock))
        assert told in caught.value.texts[0]


def test_what_looks_at_the_instant_of_a_visit_is_known_from_the_text() -> None:
    """By functions without an instant of their own, each with its period."""
    text = "during('a') or 'b'|ramp > 0 or progress('c', when) > 0 or during('a')"
    assert Expression(text).uses == (("during", "a"), ("ramp", "b"))
    assert Expression(text).names == (INSTANT_NAME, "when")


def test_faults_are_told_by_rows() -> None:
    """Where there is no value it is null, and the row is marked; without any there are no marks."""
    scope = Scope({"a": INT, "x": FLOAT})
    columns = {"a": IntColumn(np.array([1, 0, 2])), "x": FloatColumn(np.array([1.0, 2.0, 3.0]))}
    found = Expression("x / a").compiled(scope).values(columns.__getitem__, 3)
    assert found.column.to_python(None) == [1.0, None, 1.5]
    assert found.faults is not None
    assert found.faults.tolist() == [False, True, False]
    assert Expression("x + a").compiled(scope).values(columns.__getitem__, 3).faults is None


def test_expression_without_names_has_a_value_for_each_row() -> None:
    """It is constant."""
    none: dict[str, Column] = {}
    found = Expression("'a' ~ 1").compiled(Scope({})).values(none.__getitem__, 3)
    assert found.column.to_python(None) == ["a1"] * 3


def test_all_mistakes_are_told_by_their_columns() -> None:
    """Not only the first one; what follows from another is not told."""
    with pytest.raises(ExpressionError) as caught:
        Expression("round(pric) + nam|uper").compiled(Scope({"price": FLOAT, "name": TEXT}))
    assert caught.value.texts == [
        'column 7: no value "pric"; did you mean "price"?',
        'column 19: no filter "uper"; did you mean "upper"?',
    ]
    assert str(caught.value) == caught.value.texts[0]
