"""Figures of fields."""

import json
from collections import Counter
from typing import Any

import pytest

from datagen.inspection.field_stats import FieldFigures, FieldStatistics
from datagen.inspection.observing import Observation
from datagen.instants import parse_instant
from datagen.spec.parsing import parse_spec
from tests.running.test_plan import NOW, plan
from tests.support.helpers import invoke
from tests.support.machines import Spec, constant, spec_of

FIELDS: list[Spec] = [
    {"type": "int", "name": "whole", "distribution": {"type": "uniform", "min": 1, "max": 9}, "percent_nulls": 20},
    {"type": "float", "name": "real", "distribution": {"type": "normal", "mean": 5, "stddev": 1}, "percent_missing": 30},
    {"type": "enum", "name": "word", "values": ["a", "bcd"], "cardinality_distribution": {"type": "uniform", "min": 0, "max": 2}},
    {"type": "enum", "name": "mixed", "values": [1, "x", 2.5, None, True], "cardinality_distribution": {"type": "uniform", "min": 0, "max": 5}},
    {"type": "object", "name": "place", "dimensions": [
        {"type": "int", "name": "floor", "distribution": {"type": "uniform", "min": 0, "max": 3}}]},
    {"type": "list", "name": "tags", "selection_distribution": {"type": "constant", "value": 0}, "length_distribution": {"type": "uniform", "min": 0, "max": 3}, "elements": [
        {"type": "enum", "values": ["t", "u"], "cardinality_distribution": {"type": "uniform", "min": 0, "max": 2}}]},
]  # fmt: skip
SPEC = spec_of({"a": (constant(1), {"stop": 1})}, constant(1), FIELDS)


def figures(spec: Spec, records: int = 1000, *, schema: bool = True) -> dict[str, FieldFigures]:
    """Return the figures of the first records of a specification."""
    checked, _ = parse_spec(spec, "test.json")
    made = plan(spec=checked, max_records=records, start=parse_instant("2027-03-12"))
    found = FieldStatistics(checked.record_schema if schema else None)
    for _, batch in Observation(made).windows(made.start_at(NOW)):
        found.add(batch)
    return {each.name: each for each in found.figures()}


def records_of(spec: Spec, records: int = 1000) -> list[dict[str, Any]]:
    """Return the same records as a run writes them."""
    return invoke("-n", str(records), "-s", "2027-03-12", "--seed", "1", "-q", spec=spec).records


def values(name: str) -> list[Any]:
    """Return the values of a field that are there."""
    return [each[name] for each in records_of(SPEC) if each.get(name) is not None]


@pytest.fixture(scope="module")
def found() -> dict[str, FieldFigures]:
    """Return the figures of all kinds of fields."""
    return figures(SPEC)


def test_every_field_is_there_and_what_is_inside(found: dict[str, FieldFigures]) -> None:
    """In the order of the specification."""
    assert list(found) == [
        "time", "whole", "real", "word", "mixed", "place", "place.floor", "tags", "tags[]",
    ]  # fmt: skip
    assert all(each.emitters == ("e",) for each in found.values())


@pytest.mark.parametrize("name", ["whole", "real", "word", "mixed", "place", "tags"])
def test_values_nulls_and_missing_are_counted(found: dict[str, FieldFigures], name: str) -> None:
    """Together all records."""
    records, figure = records_of(SPEC), found[name]
    assert figure.records == 1000
    assert figure.missing == sum(name not in each for each in records)
    assert figure.nulls == sum(each.get(name, 0) is None for each in records)
    assert figure.present == len(values(name))


@pytest.mark.parametrize("name", ["whole", "word", "mixed"])
def test_frequent_values_are_those_of_the_records(
    found: dict[str, FieldFigures], name: str
) -> None:
    """As JSON; how many different ones there are."""
    counts = Counter(json.dumps(each) for each in values(name))
    assert (found[name].distinct, found[name].exact) == (len(counts), True)
    assert dict(found[name].top).items() <= counts.items()
    assert found[name].top[0][1] == max(counts.values())


def test_numbers_are_values_or_lengths(found: dict[str, FieldFigures]) -> None:
    """Characters of texts, elements of lists, microseconds of instants, and of mixed values those that are numbers."""
    real = values("real")
    numbers = found["real"].numbers
    assert (numbers.count, numbers.least, numbers.greatest) == (len(real), min(real), max(real))
    assert numbers.mean == pytest.approx(sum(real) / len(real))
    assert found["whole"].numbers.median in range(1, 10)
    assert (found["word"].numbers.least, found["word"].numbers.greatest) == (1, 3)
    assert found["tags"].numbers.count == 1000
    assert found["tags"].numbers.greatest == max(map(len, values("tags")))
    assert found["time"].numbers.least == parse_instant("2027-03-12").micros
    mixed = [each for each in values("mixed") if type(each) in (int, float)]
    assert found["mixed"].numbers.count == len(mixed)
    assert found["place"].numbers.count == 0


def test_members_and_elements_have_figures(found: dict[str, FieldFigures]) -> None:
    """Of a list all elements."""
    floors = Counter(str(each["floor"]) for each in values("place"))
    assert dict(found["place.floor"].top) == dict(floors)
    tags = [tag for each in values("tags") for tag in each]
    assert found["tags[]"].records == len(tags)
    assert dict(found["tags[]"].top) == {f'"{tag}"': tags.count(tag) for tag in set(tags)}


def test_fields_of_some_emitters_are_missing_in_none() -> None:
    """Only records that may have the field count."""
    found = figures(json.loads(json.dumps(SPEC)) | {"emitters": SPEC["emitters"]}, 10)
    assert found["whole"].records == 10
    two = {
        **SPEC,
        "states": [
            {**SPEC["states"][0], "transitions": [{"next": "b", "probability": 1}]},
            {**SPEC["states"][0], "name": "b", "emitter": "f"},
        ],
        "emitters": [*SPEC["emitters"], {"name": "f", "dimensions": FIELDS[:1]}],
    }
    found = figures(two, 1000)
    assert found["whole"].emitters == ("e", "f")
    assert (found["whole"].records, found["word"].records) == (1000, found["word"].present)
    assert found["word"].records < 1000


def test_without_a_schema_types_are_not_known() -> None:
    """What are numbers is counted as such."""
    typed, plain = figures(SPEC), figures(SPEC, schema=False)
    assert plain["real"].kind == "json"
    assert plain["real"].numbers.mean == pytest.approx(typed["real"].numbers.mean)
    assert plain["word"].top == typed["word"].top


def test_of_no_records_there_are_no_figures() -> None:
    """A field that nobody has seen is none."""
    assert figures(SPEC, 0) == {}
