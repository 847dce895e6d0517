"""What a factor does to the populations of a specification."""

from typing import Any

import numpy as np
import pytest

from datagen.curves.curve import CURVES, Curve
from datagen.spec.generator import Generator
from datagen.spec.parsing import parse_spec
from datagen.spec.scaling import Lever, levers, rounded_factor, scaled_number, scaled_spec
from tests.support.machines import ENDING, NEVER_ENDING, SYNCHRONOUS, Spec, exponential

LOWERED, RAISED = (
    CURVES.parse({"type": "constant", "value": 0.5, "applies_to": what})
    for what in ("workers", "arrivals")
)


def populations(base: Spec, *keys: Spec) -> Spec:
    """Return a specification with some populations that start in the state a."""
    plain = {key: value for key, value in base.items() if key != "interarrival"}
    each = [
        {"name": f"p{number}", "start": "a", "interarrival": exponential(1), **own}
        for number, own in enumerate(keys)
    ]
    return {**plain, "populations": each}


def parsed(spec: Spec) -> Generator:
    """Return a checked specification."""
    return parse_spec(spec, "test.json")[0]


@pytest.mark.parametrize(
    ("spec", "schedule", "found"),
    [
        (ENDING, None, [Lever.ARRIVALS]),
        (ENDING, RAISED, [Lever.ARRIVALS]),
        (ENDING, LOWERED, [Lever.CAP]),
        (SYNCHRONOUS, None, [Lever.CAP]),
        (NEVER_ENDING, None, [Lever.CAP]),
        (populations(ENDING, {"total": 5}, {}), None, [Lever.NOTHING, Lever.ARRIVALS]),
        (populations(NEVER_ENDING, {"total": 5}, {}), None, [Lever.NOTHING, Lever.CAP]),
        (populations(NEVER_ENDING, {"total": 5}), None, [Lever.TOTAL]),
        (populations(ENDING, {"total": 5}), None, [Lever.NOTHING]),
        (populations(NEVER_ENDING, {"until": "+1H"}), None, [Lever.ARRIVALS]),
    ],
)
def test_levers(spec: Spec, schedule: Curve | None, found: list[Lever]) -> None:
    """What says how many workers there are is multiplied."""
    assert levers(parsed(spec), schedule) == found


def test_arrivals_come_more_often() -> None:
    """Of all populations alike; those with a total keep it, and their pace."""
    spec = parsed(populations(ENDING, {"total": 5}, {}, {"max": 7}))
    made = scaled_spec(spec, 4.0, None)
    means = [each.interarrival.mean_duration() for each in made.arrivals]
    assert means == [1.0, 0.25, 0.25]
    assert [each.limits.total for each in made.arrivals] == [5, None, None]
    assert made.arrivals[2].limits.max == 7
    assert [each.interarrival.mean_duration() for each in spec.arrivals] == [1.0, 1.0, 1.0]


def test_numbers_are_multiplied() -> None:
    """Of workers that never end, and of those that a schedule lets in, which come as often as before."""
    total = scaled_spec(parsed(populations(NEVER_ENDING, {"total": 5})), 3.0, None).arrivals[0]
    assert (total.limits.total, total.interarrival.mean_duration()) == (15, 1.0 / 3)
    capped = populations(
        ENDING, {"max": 7, "schedule": dict(type="constant", value=0.5, applies_to="workers")}
    )
    cap = scaled_spec(parsed(capped), 3.0, None).arrivals[0]
    assert (cap.limits.max, cap.interarrival.mean_duration()) == (21, 1.0)


def test_unnamed_population_and_process() -> None:
    """Whatever form a file has."""
    assert scaled_spec(parsed(ENDING), 2.0, None).arrivals[0].interarrival.mean_duration() == 0.25
    process: dict[str, Any] = {
        "states": [
            {"name": "in", "type": "event:start:timer", "cardinality_distribution": exponential(2), "next": "say"},
            {"name": "say", "type": "activity", "emitter": "e", "next": "out"},
            {"name": "out", "type": "event:end"},
        ],
        "emitters": [{"name": "e", "dimensions": []}],
    }  # fmt: skip
    spec = parsed(process)
    made = scaled_spec(spec, 2.0, None)
    assert spec.arrivals[0].interarrival.mean_duration() == 2.0
    assert made.arrivals[0].interarrival.mean_duration() == 1.0


def test_factors_have_six_digits() -> None:
    """And numbers of workers are whole ones, at least one."""
    found = [rounded_factor(each) for each in (1 / 3, 12_345_678.9, 1.0)]
    assert found == [0.333333, 12_345_700.0, 1.0]
    assert [scaled_number(10, each) for each in (0.001, 1.26, 1e12)] == [1, 13, 100_000_000]
    assert np.isfinite(found).all()
