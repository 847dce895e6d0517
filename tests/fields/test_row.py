"""Fields that are rows of tables."""

import pytest

from tests.support.fields import spec_with
from tests.support.helpers import invoke
from tests.support.machines import Spec, constant, exponential

CITIES = [
    {"city": "Bonn", "people": 3, "at": {"lat": 50.7}},
    {"city": "Graz", "people": 1, "at": {"lat": 47.1}},
    {"city": "Oslo", "people": 0, "at": {"lat": 59.9}},
]
TABLES = {
    "cities": {"rows": CITIES, "weight": "people", "key": "city"},
    "few": {"rows": [{"n": 1}, {"n": 2}]},
}


def row(**keys: object) -> Spec:
    """Return a field that is a row of the cities."""
    return {"type": "row", "table": "cities", **keys}


def found(dimensions: list[Spec], variables: list[Spec] | None = None, n: int = 200) -> list[Spec]:
    """Return the records of a run with the tables."""
    spec = {**spec_with(dimensions, variables or []), "tables": TABLES}
    outcome = invoke("-s", "2027-03-12", "--seed", "1", "-m", "1", "-n", str(n), spec=spec)
    assert outcome.status == 0, outcome.err
    return outcome.records


def test_rows_are_picked_by_weight_or_evenly() -> None:
    """A `pick` of its own comes before the weights."""
    fields = [
        {"name": "w", **row(field="city")},
        {"name": "p", **row(field="city", pick={"type": "uniform", "min": 1, "max": 2})},
        {"name": "n", "type": "row", "table": "few", "field": "n"},
    ]
    records = found(fields)
    assert {each["w"] for each in records} == {"Bonn", "Graz"}
    assert {each["p"] for each in records} == {"Graz", "Oslo"}
    assert {each["n"] for each in records} == {1, 2}


def test_a_variable_keeps_a_row_together() -> None:
    """Its parts are those of one row."""
    parts = [
        {"name": name, "type": "variable", "variable": "home", "field": field}
        for name, field in (("c", "city"), ("p", "people"), ("l", "at.lat"))
    ]
    records = found(parts, [{"name": "home", **row()}])
    rows = {(each["city"], each["people"], each["at"]["lat"]) for each in CITIES[:2]}  # type: ignore[index]
    assert {(each["c"], each["p"], each["l"]) for each in records} == rows


def test_each_worker_has_its_row() -> None:
    """Worker k has row k modulo the table; parts of the stream and resumed runs too."""
    state = {
        "name": "s",
        "emitter": "e",
        "delay": constant(1),
        "transitions": [{"next": "stop", "probability": 1}],
    }
    spec = {
        "tables": TABLES,
        "states": [state],
        "emitters": [{"name": "e", "dimensions": [{"name": "c", **row(field="city", pick="each")}]}],
        "interarrival": exponential(1),
    }  # fmt: skip
    outcome = invoke("-s", "2027-03-12", "--seed", "1", "-n", "7", spec=spec)
    assert [each["c"] for each in outcome.records] == [
        "Bonn",
        "Graz",
        "Oslo",
        "Bonn",
        "Graz",
        "Oslo",
        "Bonn",
    ]


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ({"type": "row", "table": "citie"}, 'dimensions[0].table: no table "citie"; did you mean "cities"?'),
        (row(field="cty"), 'field: the table "cities" has no column "cty"; did you mean "city"?'),
        (row(field="at.lon"), 'the table "cities" has no column "at.lon"'),
        (row(pick={"type": "nope"}), "dimensions[0].pick.type"),
        ({"type": "row"}, "dimensions[0].table: missing"),
    ],
)  # fmt: skip
def test_what_is_not_there_is_refused(field: Spec, text: str) -> None:
    """With the nearest name."""
    spec = {**spec_with([{"name": "x", **field}], []), "tables": TABLES}
    outcome = invoke("-s", "2027-03-12", "-n", "1", spec=spec)
    assert (outcome.status, outcome.out) == (1, b"")
    assert text in outcome.err
