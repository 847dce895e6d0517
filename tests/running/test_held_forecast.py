"""How much of its disorder a run would hold."""

from typing import Any

import pytest

from datagen.errors import UsageError
from datagen.formats.jsonlines import JsonLines
from datagen.running.held_forecast import check_held, expected_held
from datagen.running.plan import Plan
from datagen.spec.parsing import parse_spec
from datagen.targets.stdout import StdoutTarget
from tests.support.helpers import invoke
from tests.support.machines import NEVER_ENDING, Spec, constant, exponential, spec_of

LATE: Spec = {"type": "late", "share": 0.5, "delay": {"type": "uniform", "min": 0, "max": 100}}
SPEC = spec_of({"a": (exponential(2), {"a": 0.5, "stop": 0.5})}, exponential(0.1))


def plan(spec: Spec = SPEC, most: int | None = None, **keys: Any) -> Plan:
    """Return a plan with disorder."""
    parsed, _ = parse_spec({**spec, "disorder": [LATE]}, "x.json")
    keys = {"effects": tuple(parsed.disorder), **keys}
    return Plan(parsed, "x.json", StdoutTarget(), JsonLines(), None, 1, most, **keys)


def held(*arguments: Any, **keys: Any) -> tuple[float, float]:
    """Return how many records would be held, and how many there are a second."""
    found = expected_held(plan(*arguments, **keys))
    assert found is not None
    return found.records, found.rate


def test_it_is_the_rate_times_the_mean_delay() -> None:
    """Two records a worker, ten workers a second, half of them 50 s late; a cap lowers the rate, a short run the delay."""
    assert held() == pytest.approx((500, 20))
    assert held(most=10) == pytest.approx((125, 5))
    assert held(duration=5_000_000) == pytest.approx((100, 20))
    assert held(max_records=7) == pytest.approx((7, 20))


def test_nothing_is_said_of_what_is_not_known() -> None:
    """Workers that never end, arrivals without a pause, no disorder."""
    assert expected_held(plan(NEVER_ENDING)) is None
    assert expected_held(plan({**SPEC, "interarrival": constant(0)})) is None
    assert expected_held(plan(effects=())) is None


def test_too_much_is_refused_with_figures() -> None:
    """Before a record is made."""
    check_held(plan(), 100)
    with pytest.raises(
        UsageError, match=r"about 20 records a second .* 1 MB are held, more than the 0 MB"
    ):
        check_held(plan(memory=100_000), 1000)
    late = {**LATE, "share": 1, "delay": 36_000}
    spec = {**SPEC, "interarrival": exponential(0.0001), "disorder": [late]}
    outcome = invoke("-r", "1D", "-s", "2027-03-12", "-m", "none", spec=spec)
    assert (outcome.status, outcome.out) == (2, b"")
    assert "more than the 1,000 MB of --memory" in outcome.err
