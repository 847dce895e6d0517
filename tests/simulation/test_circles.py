"""Variables that are made of each other or of themselves."""

from typing import Any

import pytest

from datagen.simulation import circles
from tests.simulation.test_variables import START, records, shown, spec_of, state
from tests.support.helpers import invoke
from tests.support.machines import Spec, constant, exponential


def made(expr: str, **keys: Any) -> Spec:
    """Return an expression."""
    return {"type": "expression", "expr": expr, **keys}


FIELDS = {
    "before": made("n"),
    "n": made("n + 1", initial=0),
    "x": made("default(y, 1.0) * 2"),
    "y": made("x + n"),
    "word": made("word ~ n", initial=""),
    "half": {"type": "float", "distribution": constant(0.5)},
    "sum": made("sum + half / (n - 2)", initial=0, precision=2),
    "first": made("default(first, time)"),
}
SPEC = spec_of(
    [state("a", {"b": 0.7, "a": 0.3}, exponential(2), **FIELDS),
     state("b", {"a": 1}, n={"type": "int", "distribution": constant(0)})],
    exponential(0.1),
    a=[shown(name) for name in FIELDS],
)  # fmt: skip


@pytest.mark.parametrize("few", [1, 20, 10**9])
@pytest.mark.parametrize("workers", [1, 50])
def test_values_follow_from_what_they_were(
    few: int, workers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By arrays and one by one: in the order of the state, each of the values that are there then."""
    monkeypatch.setattr(circles, "_FEW", few)
    found = records(SPEC, 60 * workers, workers)
    for record in found:
        n, before = record["n"], record["before"]
        assert n == (1 if before is None else before + 1)
        assert record["y"] == record["x"] + n
        assert record["word"].endswith(str(n))
        assert record["first"] <= record["time"]
    ones = [record for record in found if record["n"] == 1]
    assert {record["before"] for record in ones} == {None, 0}
    twos = [
        record for record in found if record["n"] == 2
    ]  # 0.5 / 0 has no value, and nothing after it
    assert twos
    assert {record["sum"] for record in twos} == {None}
    assert {record["sum"] for record in ones if record["before"] is None} == {-0.5}


def test_faults_are_told_once_a_record(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the place, and as many by arrays as one by one."""
    told = []
    for few in (1, 10**9):
        monkeypatch.setattr(circles, "_FEW", few)
        outcome = invoke("-s", START, "-n", "400", "-m", "3", "--seed", "3", spec=SPEC)
        told += [line for line in outcome.err.splitlines() if "had no value" in line]
    assert told[0] == told[1]
    assert len(told) == 2
    assert told[0].startswith('states.a.variables.sum: "sum + half / (n - 2)" had no value in ')
