"""What records take, measured on a sample."""

from dataclasses import replace
from typing import Any

import pytest

from datagen.formats import FORMATS
from datagen.running.plan import Plan
from datagen.running.record_sample import RECORDS, RecordSample, record_sample
from datagen.spec.parsing import parse_spec
from tests.running.test_plan import NOW, plan
from tests.support.machines import Spec, constant, spec_of


def static(name: str, value: str) -> Spec:
    """Return a field that always has the same text."""
    return {
        "name": name, "type": "enum", "values": [value], "cardinality_distribution": constant(0),
    }  # fmt: skip


def two() -> Plan:
    """Return a plan whose two kinds of records have 8 and 40 letters, and few of the latter."""
    spec = spec_of(
        {"a": (constant(1), {"a": 0.9, "b": 0.1}), "b": (constant(1), {"stop": 1})}, constant(1)
    )
    spec["states"][1]["emitter"] = "f"
    spec["emitters"] = [
        {"name": name, "dimensions": [static("x", letters)]}
        for name, letters in (("e", "k" * 8), ("f", "k" * 40))
    ]
    return replace(plan(), spec=parse_spec(spec, "test.json")[0])


def sample(made: Plan, workers: int) -> RecordSample:
    """Return the sample of so many workers."""
    return record_sample(made, made.start_at(NOW), [workers])


def test_each_emitter_has_its_size() -> None:
    """And all together that of their mix, whatever the seed of the run."""
    found = sample(two(), 500)
    assert found.bytes["f"] - found.bytes["e"] == pytest.approx(32.0)
    assert found.records == {"e": 1.0, "f": 1.0}
    assert found.mean_records == 1.0
    assert found.mean_bytes == pytest.approx(
        0.9 * found.bytes["e"] + 0.1 * found.bytes["f"], rel=0.01
    )
    assert sample(replace(two(), seed=99, max_workers=1), 500) == found


def test_format_of_the_first_target_counts() -> None:
    """Of columns there is no text: then it is JSON."""
    csv = sample(replace(two(), format_override=FORMATS.parse({"type": "csv"})), 100)
    columns = sample(replace(two(), format_override=FORMATS.parse({"type": "parquet"})), 100)
    assert columns == sample(two(), 100)
    assert csv.bytes["e"] < columns.bytes["e"] - 10


def test_elements_of_lists_are_counted() -> None:
    """An emitter that makes a record for each of three elements makes three at each visit."""
    spec = spec_of({"a": (constant(1), {"stop": 1})}, constant(1))
    items: dict[str, Any] = {
        "name": "items", "type": "list", "elements": [{"type": "int", "distribution": constant(1)}],
        "length_distribution": constant(3), "selection_distribution": constant(0),
    }  # fmt: skip
    spec["states"][0]["variables"] = [items]
    spec["emitters"][0]["for_each"] = "items"
    made = replace(plan(), spec=parse_spec(spec, "test.json")[0])
    assert sample(made, 50).records == {"e": 3.0}


def test_it_is_bounded() -> None:
    """However many workers there are."""
    assert sample(two(), 10 * RECORDS).mean_records > 0
