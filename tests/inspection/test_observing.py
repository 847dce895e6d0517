"""The windows and batches of a plan, as those who look at a run get them."""

from typing import Any

import numpy as np
import pytest

from datagen.errors import SpecError
from datagen.inspection.observing import Observation
from datagen.instants import SECOND
from datagen.running.clock import Moment
from datagen.running.pipeline import Run
from datagen.spec.parsing import parse_spec
from tests.running.test_plan import plan
from tests.support.machines import constant, spec_of


@pytest.mark.parametrize(
    "limits", [{"max_records": 300}, {"duration": 60 * SECOND}, {"max_records": 0}]
)
def test_records_are_those_of_the_run(limits: dict[str, Any]) -> None:
    """Within its limits, after a warm-up; each comes with the window that it is of."""
    made = plan(warm_up=30 * SECOND, **limits)
    found = list(Observation(made).windows(made.start_at(Moment.present())))
    times = [each.times for each in Run(made).batches()]
    seen = [batch.times for _, batch in found]
    assert np.array_equal(np.concatenate([[], *seen]), np.concatenate([[], *times]))
    for window, batch in found:
        assert np.isin(batch.times, window.times).all()


def test_it_stops_after_a_window() -> None:
    """As soon as nobody waits for more."""
    made = plan()
    windows = Observation(made).windows(made.start_at(Moment.present()), lambda: True)
    assert len(list(windows)) == 1


def test_sets_that_cannot_be_made_are_problems() -> None:
    """With the file and the path, as for a run."""
    field = {"type": "int", "name": "n", "distribution": {"type": "uniform", "min": 1, "max": 3},
             "cardinality": 30, "cardinality_distribution": constant(1)}  # fmt: skip
    spec, _ = parse_spec(spec_of({"a": (constant(1), {"stop": 1})}, constant(1), [field]), "t.json")
    with pytest.raises(SpecError, match=r"test\.json: emitters\[0\]"):
        Observation(plan(spec=spec))
