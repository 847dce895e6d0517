"""What is expected of values is what a field generator makes of evenly spaced draws."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from datagen.distributions.parsing import parse_timer
from datagen.fields.base import parse_named_field
from datagen.inspection.expected_values import (
    GRID,
    Expected,
    expected_delay,
    expected_of,
    grid_words,
    numbers_of,
)
from datagen.randomness import dither, uniform
from tests.support.fields import floats, integers
from tests.support.fields import uniform as even


def expected(raw: dict[str, Any], part: str | None = None) -> Expected | str:
    """Return what is expected of a field without sets."""
    return expected_of(parse_named_field({"name": "x", **raw}), ("x",), None, part)


def shares(raw: dict[str, Any], part: str | None = None) -> Expected:
    """Return the same where something is."""
    found = expected(raw, part)
    assert isinstance(found, Expected)
    return found


def test_grid_is_even() -> None:
    """And what times are rounded by has no order."""
    words = grid_words(1 << 10)
    assert uniform(words) == pytest.approx((np.arange(1024) + 0.5) / 1024, abs=1e-9)
    assert dither(words).mean() == pytest.approx(0.5, abs=0.01)


def test_shares_of_an_enum_with_nulls() -> None:
    """Missing ones come first: null is what is left."""
    found = shares({"type": "enum", "values": ["a", None, "b"], "weights": [1, 1, 2],
                    "percent_nulls": 10, "percent_missing": 50})  # fmt: skip
    assert found.shares == pytest.approx({'"a"': 0.25, '"b"': 0.5}, abs=1e-5)
    assert (found.missing, found.null) == pytest.approx((0.5, 0.05 + 0.45 / 4), abs=1e-5)


def test_parts_of_objects() -> None:
    """Of an enum's, and of a nested one."""
    colors = {"type": "enum", "values": [{"c": "red", "n": 1}, {"c": "red"}], "weights": [1, 3]}
    assert shares(colors, "c").shares == pytest.approx({'"red"': 1.0})
    found = shares({"type": "object", "dimensions": [{"name": "inner", **colors}]}, "inner.n")
    assert found.missing == pytest.approx(0.75, abs=1e-5)


def test_numbers_are_rounded_as_values_are() -> None:
    """Few are counted, many are quantiles."""
    few = shares(integers(even(0, 3))).shares
    assert few == pytest.approx(dict.fromkeys("0123", 0.25), abs=1e-4)
    grid = shares(floats({"type": "normal", "mean": 5, "stddev": 2})).grid
    assert grid is not None
    assert (len(grid), grid.mean(), grid.std()) == pytest.approx((GRID, 5, 2), rel=1e-3)


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        ({"type": "expression", "expr": "visit"}, "it is computed of other values"),
        (integers({"type": "uniform", "min": 0, "max": {"expr": "visit"}}), "it is computed of other values"),
        (integers(even(0, 9)) | {"cardinality": 3, "cardinality_distribution": even(0, 2)},
         "its set of values depends on the seed; give --seed"),
    ],
)  # fmt: skip
def test_what_is_not_known(raw: dict[str, Any], why: str) -> None:
    """With the reason."""
    assert expected(raw) == why


def test_texts_have_nulls_only() -> None:
    """A uuid has no distribution to hold it against, but its nulls have a share."""
    found = shares({"type": "uuid", "percent_nulls": 20})
    assert (found.null, found.shares, found.grid) == (0.2, None, None)
    assert found.why == "values of the type uuid have no distribution to hold them against"


def test_delays() -> None:
    """In microseconds, where nothing else has a say."""
    found = expected_delay(parse_timer({"type": "exponential", "mean": 2}))
    assert not isinstance(found, str)
    assert found.mean() == pytest.approx(2e6, rel=1e-3)
    by_values = parse_timer({"type": "exponential", "mean": {"expr": "visit"}})
    assert expected_delay(by_values) == "the delay is computed of values"


def test_texts_of_numbers() -> None:
    """Others are not a number."""
    assert numbers_of(pa.array(["1", "2.5e3"])).tolist() == [1.0, 2500.0]
    assert np.isnan(numbers_of(pa.array(["1", '"a"']))).tolist() == [False, True]
