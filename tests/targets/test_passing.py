"""`emitters` and `when` of a target: which records it gets, whatever the run, and what is wrong with them."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.helpers import Outcome, invoke
from tests.support.routing import ORDERS, Spec, folder  # noqa: F401 - a fixture

FLAGS = ("--seed", "1", "-s", "2027-03-12", "-n", "600")


def run(target: Spec, *flags: str, **keys: Any) -> Outcome:
    """Run the orders with a target."""
    return invoke(*FLAGS, *flags, spec={**ORDERS, **keys, "target": target})


def file(**keys: Any) -> Spec:
    """Return a target of one file."""
    return {"type": "file", "path": "x.jsonl", **keys}


def everything(*flags: str, **keys: Any) -> list[dict[str, Any]]:
    """Return all records of the run."""
    outcome = run({"type": "stdout"}, *flags, **keys)
    return [json.loads(line) for line in outcome.out.splitlines()]


def found() -> list[dict[str, Any]]:
    """Return the records that came to the file."""
    return [json.loads(line) for line in Path("x.jsonl").read_text().splitlines()]


FILTERS = [
    ({"emitters": "line"}, lambda each: "sku" in each),
    ({"emitters": ["order", "line"]}, lambda _: True),
    ({"when": "total >= 50"}, lambda each: each.get("total", 0) >= 50),
    ({"when": "emitter == 'line' and qty == 2"}, lambda each: each.get("qty") == 2),
    ({"emitters": ["order"], "when": "total < 10"}, lambda each: each.get("total", 99) < 10),
    ({"when": "false"}, lambda _: False),
]


@pytest.mark.parametrize(
    ("keys", "passes"), FILTERS, ids=lambda each: json.dumps(each) if isinstance(each, dict) else ""
)
@pytest.mark.parametrize("flags", [(), ("-j", "2")], ids=["", "-j"])
def test_what_passes_is_delivered(keys: Spec, passes: Any, flags: tuple[str, ...]) -> None:
    """In order, and all else is counted as passed over: no record is lost in between."""
    outcome = run(file(**keys), *flags, "--summary", "s.json")
    expected = [each for each in everything() if passes(each)]
    assert outcome.status == 0, outcome.err
    assert found() == expected
    summary = json.loads(Path("s.json").read_text())
    counts = [summary[key] for key in ("generated", "delivered", "passed_over", "failed", "unsent")]
    assert counts == [600, len(expected), 600 - len(expected), 0, 0]


def test_a_record_without_the_field_does_not_pass() -> None:
    """Nor is it a fault: a line has no total."""
    outcome = run(file(when="total >= 0"))
    assert all("total" in each for each in found())
    assert "no value" not in outcome.err


def test_an_expression_without_a_value_is_counted() -> None:
    """The record is passed over, and the summary says where."""
    outcome = run(file(when="1 // (qty - 2) < 9 if emitter == 'line' else false"))
    assert outcome.status == 0
    assert "target.when" in outcome.err
    assert all(each["qty"] != 2 for each in found())


def test_with_disorder_the_clean_record_counts() -> None:
    """Copies pass or do not as their record does."""
    disorder = [{"type": "duplicate", "share": 0.3}]
    run(file(when="total >= 50"), disorder=disorder)
    whole = everything(disorder=disorder)
    assert found() == [each for each in whole if each.get("total", 0) >= 50]


MISTAKES = [
    ({"emitters": "lin"}, 'target.emitters[0]: there is no emitter "lin"; did you mean "line"?'),
    ({"emitters": []}, "target.emitters: expected the name of an emitter or a list of them"),
    ({"emitters": [1]}, "target.emitters: expected the name of an emitter or a list of them"),
    ({"when": "totl > 5"}, 'no value "totl"; did you mean "total"?'),
    ({"when": "total >"}, "target.when"),
    ({"when": 5}, "target.when"),
]  # fmt: skip


@pytest.mark.parametrize(("keys", "text"), MISTAKES)
def test_mistakes_are_told(keys: Spec, text: str) -> None:
    """Before anything is written."""
    outcome = run(file(**keys), "--validate")
    assert outcome.status == 1
    assert text in outcome.err
    assert not Path("x.jsonl").exists()


def test_the_truth_has_no_filter() -> None:
    """It is told of all events."""
    spec = {
        **ORDERS,
        "target": {"type": "null"},
        "truth": {"type": "file", "path": "t.jsonl", "when": "qty > 1"},
    }
    outcome = invoke(*FLAGS, spec=spec)
    assert "truth.when: the truth is told of all events" in outcome.err
