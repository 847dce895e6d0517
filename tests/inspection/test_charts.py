"""Pictures of distributions and of a week."""

import math
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from datagen.curves.curve import CURVES
from datagen.distributions.parsing import parse_timer
from datagen.inspection.charts import (
    density_picture,
    distributions_of,
    figures_text,
    heights_over_week,
    shape_of,
    value_text,
    week_picture,
)
from datagen.instants import SECOND
from datagen.spec.generator import Generator
from tests.inspection.drawn import machine, plan_of, preset
from tests.support.machines import Spec, constant, exponential

FRIDAY = 1_804_809_600 * SECOND  # 2027-03-12


def test_density_is_that_of_the_distribution() -> None:
    """Bars of equal width; what is cut off is not spread over the others."""
    shape = shape_of(parse_timer(exponential(10)))
    assert shape is not None
    edges = shape.places
    expected = np.exp(-edges[:-1] / 10) - np.exp(-edges[1:] / 10)
    assert np.abs(shape.heights - expected).max() < 2 / 4096
    assert shape.continuous
    assert (shape.mean, round(shape.median, 1), round(shape.high)) == (10, 6.9, 46)


def test_few_values_are_bars() -> None:
    """Each with its probability."""
    shape = shape_of(parse_timer({"type": "choice", "values": [1, 5], "weights": [3, 1]}))
    assert shape is not None
    assert not shape.continuous
    assert shape.places.tolist() == [1, 5]
    assert shape.heights.tolist() == [0.75, 0.25]
    assert 'class="bar"' in density_picture(shape)


@pytest.mark.parametrize("data", [constant(3), {"type": "exponential", "mean": {"expr": "amount"}}])
def test_constants_and_what_depends_on_values_have_no_shape(data: Spec) -> None:
    """There is nothing to draw."""
    assert shape_of(parse_timer(data)) is None


def test_infinite_mean_is_said() -> None:
    """And not drawn."""
    shape = shape_of(parse_timer({"type": "pareto", "min": 1, "alpha": 0.9}))
    assert shape is not None
    assert figures_text(shape).startswith("mean infinite, median 2.16")
    assert 'class="mean"' not in density_picture(shape)
    ET.fromstring(density_picture(shape))


def test_figures_have_units() -> None:
    """Of times; of others there are none."""
    shape = shape_of(parse_timer(exponential(90)))
    assert shape is not None
    assert figures_text(shape, seconds=True) == "mean 1.5 min, median 1 min, 99 % up to 6.9 min"
    assert [value_text(each) for each in (0.5, 1234.5, math.inf, 1e9)] == ["0.5", "1,234", "infinite", "1e+09"]  # fmt: skip


def test_all_distributions_are_found() -> None:
    """Of arrivals, delays and fields, also of those inside others; each once."""
    spec = preset("clickstream").spec
    assert isinstance(spec, Generator)
    titles = [each.title for each in distributions_of(spec)]
    assert titles[:2] == ["time between workers", "login: delay"]
    assert {"login: device", "search: keyword"} <= {*titles}
    assert len(titles) == len({*titles})


def test_inner_distributions_are_found() -> None:
    """Those of a field inside another."""
    spec = machine(["a"])
    inner = {"type": "float", "name": "x", "distribution": exponential(2)}
    spec["emitters"][0]["dimensions"] = [{"type": "object", "name": "o", "dimensions": [inner]}]
    made = plan_of(spec).spec
    assert isinstance(made, Generator)
    assert [each.title for each in distributions_of(made)][2:] == ["e: x"]


def test_week_begins_on_monday_of_the_zone() -> None:
    """Whichever day it is, and whatever its offset from UTC."""
    weights = {"mon": [1.0] * 24, "tue": [2.0] * 24, "sun": [7.0] * 24}
    data = {"type": "weekly", "steps": True, "weights": weights, "timezone": "Asia/Tokyo"}
    heights = heights_over_week(CURVES.parse(data), FRIDAY)
    assert heights[:48].tolist() == [1.0] * 48
    assert heights[48:288].tolist() == [2.0] * 240
    assert heights[288:].tolist() == [7.0] * 48


def test_week_is_drawn_to_scale() -> None:
    """The highest point at the top, 0 at the bottom; nothing but 0 is drawn, too."""
    root = ET.fromstring(week_picture([0.0, 1.0, 2.0, 1.0], "per s", "a week", alone=True))
    line = next(each for each in root.iter() if each.get("class") == "line").attrib["d"]
    assert [point.split(" ")[1] for point in line[1:].split("L")] == [
        "166",
        "89",
        "12",
        "89",
        "166",
    ]
    ET.fromstring(week_picture([0.0, 0.0], "per s", "nothing"))
