"""How many different values, and which are frequent."""

import pyarrow as pa
import pytest

from datagen.inspection import value_tally
from datagen.inspection.value_tally import ValueTally


def test_values_are_counted() -> None:
    """Over all arrays; equal counts in order of texts."""
    tally = ValueTally()
    for texts in (["b", "a", "c"], ["c"], []):
        tally.add(pa.array(texts, pa.string()))
    assert (tally.distinct(), tally.exact) == (3, True)
    assert tally.top(2) == (("c", 2), ("a", 1))


@pytest.mark.parametrize("different", [20_000, 100_000])
def test_many_are_estimated(monkeypatch: pytest.MonkeyPatch, different: int) -> None:
    """Within five standard errors, each counted once however often it comes; frequent ones stay counted."""
    monkeypatch.setattr(value_tally, "MAX_VALUES", 5000)
    tally = ValueTally()
    for first in range(0, different, 5000):
        texts = [f"v{n}" for n in range(first, first + 5000)]
        tally.add(pa.array([*texts, *texts[:100], "v0"]))
    assert not tally.exact
    assert tally.distinct() == pytest.approx(different, rel=5 / value_tally.SMALLEST**0.5)
    assert tally.top(1)[0][0] == "v0"
