"""Every registered distribution of instants against scipy, through the whole program."""

from typing import Any

import numpy as np
import pytest
from scipy import stats

from datagen.fields.instants import INSTANTS
from tests.support.distributions import LEAST_P, Cut, Table, columns_of, histogram, p_of, triangle
from tests.support.machines import Spec


def day(number: int) -> str:
    """Write midnight of a day, counted from the first of January 2027."""
    return f"{np.datetime64('2027-01-01') + number}T00:00:00"


DAY = 86_400.0
INSTANT_CASES: dict[str, list[tuple[Spec, Any]]] = {
    "constant": [({"value": day(3)}, None)],
    "uniform": [({"min": day(0), "max": day(30)}, stats.uniform(0, 30))],
    "normal": [
        ({"mean": day(100), "stddev": 5 * DAY}, stats.norm(100, 5)),
        ({"mean": day(100), "stddev": 5 * DAY, "min": day(98), "max": day(120)},
         Cut(stats.norm(100, 5), 98, 120)),
    ],
    "exponential": [
        ({"min": day(2), "mean": 3 * DAY}, stats.expon(2, 3)),
        ({"min": day(2), "mean": 3 * DAY, "max": day(4)}, Cut(stats.expon(2, 3), 2, 4)),
    ],
    "triangular": [({"min": day(1), "mode": day(2), "max": day(9)}, triangle(1, 2, 9).reference)],
    "choice": [
        ({"values": [day(1), day(5), day(6)], "weights": [1, 0, 3]}, Table([1, 5, 6], [1, 0, 3])),
        ({"values": [day(1), day(5), day(6)]}, Table([1, 5, 6], [1, 1, 1])),
    ],
    "histogram": [
        ({"edges": [day(0), day(1), day(7), day(9)], "weights": [2, 0, 1]},
         histogram([0, 1, 7, 9], [2, 0, 1]).reference),
    ],
}  # fmt: skip


@pytest.mark.statistical
@pytest.mark.parametrize("suffix", ["+01:00", pytest.param("", marks=pytest.mark.long)])
def test_timestamps_agree_with_scipy(suffix: str) -> None:
    """Every distribution of instants, written with the offset it is given with."""
    assert set(INSTANT_CASES) == set(INSTANTS)
    cases = [(kind, *case) for kind, cases in INSTANT_CASES.items() for case in cases]
    columns = columns_of([
        {"type": "timestamp", "distribution": {"type": kind, **with_suffix(shape, suffix)}}
        for kind, shape, _ in cases
    ])  # fmt: skip
    for place, (kind, shape, reference) in enumerate(cases):
        texts = columns[f"f{place}"].astype(str)
        assert texts[0].endswith(suffix)
        days = np.char.replace(texts, suffix, "").astype("M8[ms]") - np.datetime64(day(0), "ms")
        if reference is None:
            assert set(texts.tolist()) == {f"{shape['value']}.000{suffix}"}
        else:
            assert p_of(days.astype(float) / (DAY * 1000), reference) > LEAST_P, kind


def with_suffix(shape: Any, suffix: str) -> Any:
    """Return the same parameters with an offset on every instant."""
    if isinstance(shape, dict):
        return {key: with_suffix(value, suffix) for key, value in shape.items()}
    if isinstance(shape, list):
        return [with_suffix(value, suffix) for value in shape]
    return shape + suffix if isinstance(shape, str) else shape
