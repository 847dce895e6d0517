"""What a run makes, against runs."""

import numpy as np
import pytest

from tests.support.explanations import explanation
from tests.support.helpers import invoke
from tests.support.machines import constant, exponential, spec_of

ROUTES = {"a": (exponential(60), {"a": 0.9, "stop": 0.1})}


@pytest.mark.parametrize("interarrival", [exponential(2), constant(2)], ids=["by chance", "even"])
def test_records_of_a_run_that_begins_empty(interarrival: dict[str, object]) -> None:
    """In half an hour, which is short for lives of ten minutes; their mean and deviation over 40 seeds."""
    spec = spec_of(ROUTES, interarrival)
    run = explanation(spec, duration=1_800_000_000).run
    made = np.array(
        [
            len(invoke("-r", "30M", "-m", "none", "-s", "2027-03-12", "--seed", str(seed), "-q", spec=spec).out.splitlines())
            for seed in range(40)
        ]
    )  # fmt: skip
    assert abs(made.mean() - run.records) < 4 * run.sd / np.sqrt(len(made))
    assert run.records < 0.8 * 900 * 10  # short of what arrivals bring in the end
    assert run.asymptotic is (interarrival["type"] == "constant")
    if not run.asymptotic:
        assert 0.6 < made.std() / run.sd < 1.45  # 4 standard errors
