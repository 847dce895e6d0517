"""What does not fit a model is found and named; what fits is left alone."""

from typing import Any

import pytest

from datagen.inspection.report import RunReport
from tests.support.machines import Spec, exponential
from tests.support.reports import MODEL, WEIGHTS, changed, judged, prepared, watched

OFF = [{"next": "enters", "probability": 0.48}, {"next": "stop", "probability": 0.52}]
LENGTH = ("-r", "20H", "-m", "none")
SHORTER = ("-r", "4H", "-m", "none")


@pytest.fixture(scope="module")
def run() -> RunReport:
    """Return a run of the model as it is."""
    return watched(MODEL, *LENGTH)


def test_a_run_fits_its_own_model(run: RunReport) -> None:
    """With every kind of test in it."""
    report = run.report()
    assert report.red == ()
    methods = {each.method for each in report.tests}
    assert methods == {"chi-squared", "Kolmogorov-Smirnov", "binomial", "normal"}


@pytest.mark.parametrize(
    ("path", "value", "named"),
    [
        ("states.1.transitions", OFF, 'transitions of "looks"'),
        ("states.0.delay.mean", 4.5, 'delay of "enters"'),
        ("states.1.delay.max", 3.4, 'delay of "looks"'),
        ("states.0.variables.0.weights", [72, 28], 'variable "plan" set by "enters"'),
        ("states.0.variables.1.cardinality_distribution.exponent", 0.7, 'variable "user.id"'),
        ("emitters.0.dimensions.2.percent_nulls", 7, 'nulls of field "price" of "e"'),
        ("emitters.0.dimensions.2.percent_nulls", None, 'nulls of field "price" of "e"'),
        ("emitters.0.dimensions.2.distribution.stddev", 5.6, 'field "price" of "e"'),
        ("emitters.0.dimensions.3.percent_missing", 3, 'missing values of field "count" of "e"'),
        ("emitters.0.dimensions.3.distribution.mean", 3.2, 'field "count" of "e"'),
        ("interarrival", exponential(0.55), "arrivals"),
        ("schedule.weights", WEIGHTS[-1:] + WEIGHTS[:-1], "arrivals"),
    ],
)  # fmt: skip
def test_a_planted_fault_is_named(run: RunReport, path: str, value: Any, named: str) -> None:
    """The worst test names what the expectation has wrong, and its sentence both figures."""
    report = judged(run, prepared(changed(path, value), *LENGTH))
    assert report.verdict == "does not fit"
    assert report.red[0].subject.startswith(named), report.line


def test_what_is_impossible_is_named(run: RunReport) -> None:
    """A way that the model does not know, and a value."""
    no_sale = [{"next": "looks", "probability": 0.9}, {"next": "stop", "probability": 0.1}]
    found = judged(run, prepared(changed("states.0.transitions", no_sale), *LENGTH))
    assert found.red[0].line == (
        'does not fit: transitions of "enters": goes to buys in 30.29 % of 36,845 draws, expected 0 %'
    )
    assert found.to_json()["worst"][0]["statistic"] is None
    other = changed("states.0.variables.0.values", ["free", "gold"])
    found = judged(run, prepared(other, *LENGTH))
    assert 'is "paid" in ' in found.red[0].text
    assert found.red[0].text.endswith("expected 0 %")


def test_sets_are_held_against_their_own_members(run: RunReport) -> None:
    """Those of another seed are others."""
    found = judged(run, prepared(MODEL, *LENGTH, "-s", "2027-03-12", "--seed", "2"))
    assert [each.subject for each in found.red] == ['variable "user.id" set by "enters"']


def test_what_has_no_distribution_is_never_green() -> None:
    """What is computed, decided by conditions, or a text: each is listed with its reason."""
    spec = changed(
        "emitters.0.dimensions.2", {"name": "twice", "type": "expression", "expr": "visit * 2"}
    )
    spec = changed("states.0.transitions.0", {"next": "looks", "when": "plan == 'paid'"}, spec)
    spec = changed("states.0.transitions.1", {"next": "buys", "when": "else"}, spec)
    spec = changed("states.0.transitions.2", None, spec)
    spec = changed("states.0.delay", {"type": "exponential", "mean": {"expr": "1 + visit"}}, spec)
    report = watched(spec, "-r", "2H", "-m", "none").report()
    assert report.red == ()
    why = {each.subject: each.why for each in report.not_tested}
    assert why['field "twice" of "e"'] == "it is computed of other values"
    assert why['transitions of "enters"'] == "conditions decide"
    assert why['delay of "enters"'] == "the delay is computed of values"
    assert why["workers alive at the end"] == "paths look at values"
    assert not {each.subject for each in report.tests} & set(why)


def test_values_that_decide_are_tested_where_they_are_drawn() -> None:
    """Who shows a value later has been chosen by it: that would look like another distribution."""
    spec = changed("states.0.transitions", [
        {"next": "looks", "when": "plan == 'paid'"}, {"next": "stop", "when": "else"},
    ])  # fmt: skip
    report = watched(spec, "-r", "10H", "-m", "none").report()
    [test] = [each for each in report.tests if each.subject == 'variable "plan" set by "enters"']
    assert report.red == ()
    assert test.draws > 5000


def nested() -> Spec:
    """Return the model with fields that are made of others, or picked from a table or a pool."""
    fields: dict[str, Any] = {
        "plan": {"type": "variable", "variable": "plan"},
        "basket": {
            "type": "list", "percent_nulls": 4, "length_distribution": {"type": "poisson", "mean": 2},
            "selection_distribution": {"type": "uniform", "min": 0, "max": 1},
            "elements": [{"type": "enum", "values": ["a", "b"]}],
        },
        "place": {
            "type": "object", "percent_missing": 10,
            "dimensions": [
                {"name": "city", "type": "enum", "values": ["Rome", "Oslo"], "weights": [60, 40]},
                {"name": "at", "type": "object", "dimensions": [
                    {"name": "north", "type": "float", "distribution": {"type": "normal", "mean": 50, "stddev": 5}},
                    {"name": "text", "type": "expression", "expr": "city ~ '!'"},
                ]},
            ],
        },
        "seats": {
            "type": "switch", "on": "plan", "percent_nulls": 5,
            "cases": {
                "free": {"type": "int:static", "value": 1},
                "paid": {"type": "int", "distribution": {"type": "poisson", "mean": 4}},
            },
        },
        "pair": {"type": "row", "table": "pairs", "field": "left"},
        "shop": {"type": "entity", "entity": "shops", "pick": {"type": "zipf", "exponent": 0.8}, "field": "code"},
    }  # fmt: skip
    rows = [{"left": f"l{n}", "often": 50 - n} for n in range(50)]
    spec = changed(
        "emitters.0.dimensions", [{"name": name, **each} for name, each in fields.items()]
    )
    spec["tables"] = {"pairs": {"rows": rows, "weight": "often"}}
    code = {"name": "code", "type": "expression", "expr": "'s%d'|format(id)"}
    spec["entities"] = {"shops": {"count": 300, "attributes": [code]}}
    return spec


@pytest.fixture(scope="module")
def nested_run() -> RunReport:
    """Return a run of that model as it is."""
    return watched(nested(), *SHORTER)


def test_what_is_nested_or_picked_fits_its_own_model(nested_run: RunReport) -> None:
    """Lengths, members, the cases of a switch, rows and entities are all tested, but for what is computed."""
    report = nested_run.report()
    assert report.red == ()
    assert {each.subject for each in report.tests} >= {
        f'{what} of "e"{where}'
        for what, where in [
            ('lengths of field "basket"', ""),
            ('nulls of field "basket"', ""),
            ('missing values of field "place"', ""),
            ('missing values of field "place.city"', ""),
            ('field "place.city"', ""),
            ('field "place.at.north"', ""),
            ('field "seats"', ' where "plan" is "free"'),
            ('field "seats"', ' where "plan" is "paid"'),
            ('field "pair"', ""),
            ('field "shop"', ""),
        ]
    }
    why = {each.subject: each.why for each in report.not_tested}
    assert why['field "place.at.text" of "e"'] == "it is computed of other values"
    shown = {each.field: set(each.top) for each in report.fields}
    assert {"length 1", "length 2"} <= shown["basket"]


@pytest.mark.parametrize(
    ("path", "value", "named"),
    [
        ("1.length_distribution.mean", 2.1, 'lengths of field "basket" of "e"'),
        ("1.percent_nulls", 6, 'nulls of field "basket" of "e"'),
        ("2.dimensions.0.weights", [63, 37], 'field "place.city" of "e"'),
        ("2.dimensions.1.dimensions.0.distribution.mean", 50.4, 'field "place.at.north" of "e"'),
        ("3.cases.paid.distribution.mean", 4.3, 'field "seats" of "e" where "plan" is "paid"'),
        ("3.cases.free.value", 2, 'field "seats" of "e" where "plan" is "free"'),
        ("3.percent_nulls", 8, 'nulls of field "seats" of "e" where "plan" is "free"'),
        ("4.pick", {"type": "uniform", "min": 0, "max": 50}, 'field "pair" of "e"'),
        ("5.pick.exponent", 0.7, 'field "shop" of "e"'),
    ],
)
def test_a_fault_in_what_is_nested_or_picked_is_named(
    nested_run: RunReport, path: str, value: Any, named: str
) -> None:
    """The worst test names what the expectation has wrong."""
    other = changed(f"emitters.0.dimensions.{path}", value, nested())
    report = judged(nested_run, prepared(other, *SHORTER))
    assert report.verdict == "does not fit"
    assert report.red[0].subject == named, report.line


@pytest.mark.parametrize(
    ("place", "field", "why"),
    [
        (3, {"type": "switch", "on": "visit", "cases": {"0": {"type": "int:static", "value": 1}}},
         "records do not show what decides its case"),
        (4, {"type": "row", "table": "pairs", "pick": "each", "field": "left"}, "it is computed of other values"),
        (5, {"type": "entity", "entity": "shops", "where": "id > 7", "field": "code"}, "it is computed of other values"),
        (5, {"type": "entity", "entity": "shops", "pick": "each", "field": "code"},
         "values of the type entity have no distribution to hold them against"),
        (1, {"type": "list", "length_distribution": {"type": "constant", "value": {"expr": "visit % 3"}},
             "selection_distribution": {"type": "constant", "value": 0},
             "elements": [{"type": "enum", "values": ["a"]}]}, "it is computed of other values"),
    ],
)  # fmt: skip
def test_what_follows_from_more_than_a_draw_is_not_tested(
    place: int, field: Spec, why: str
) -> None:
    """With the reason."""
    report = watched(changed(f"emitters.0.dimensions.{place}", {"name": "x", **field}, nested()), "-n", "400").report()  # fmt: skip
    assert {each.why for each in report.not_tested if each.subject == 'field "x" of "e"'} == {why}
