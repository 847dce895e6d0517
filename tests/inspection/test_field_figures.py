"""Figures of fields, from the texts of a sample."""

import pyarrow as pa
import pytest

from datagen.inspection.field_figures import field_figures


def test_figures_of_numbers() -> None:
    """Of those that are there; shares are of all records."""
    found = field_figures("e", "x", pa.array(["1", "2", "2", "null", "", "-5"]))
    assert (found.records, found.distinct) == (6, 3)
    assert (found.nulls, found.missing) == (1 / 6, 1 / 6)
    assert found.top == {"2": 2 / 6, "-5": 1 / 6, "1": 1 / 6}
    assert found.quantiles == {"min": -5, "median": 1.5, "p99": 2, "max": 2}
    assert sum(found.histogram) == 3


@pytest.mark.parametrize("texts", [["true", "1"], ['"1"'], [], ["7", "7"], ["1", "{}"]])
def test_figures_of_others_have_no_histogram(texts: list[str]) -> None:
    """Nor those of one number."""
    assert field_figures("e", "x", pa.array(texts, pa.string())).histogram == ()
