"""The plan on paper is arithmetic that anybody can check."""

import pytest

from benchmarks.cluster import Assumed, Measured, Plan

MACHINE = Measured(
    "example", parts=2, rate=1e6, cpu=2e-6, passing=1e-9, size=150.0, start_up=0.5
)  # fmt: skip
PLAN = Plan(MACHINE, Assumed(records=64e9, machines=64, failures_per_hour=0.01))


def test_each_machine_makes_its_share() -> None:
    """1e9 records at 1e6 a second, and a part walks past the arrivals of 126 more parts than were measured."""
    assert PLAN.parts == 128
    assert pytest.approx(0.5 + 1000 * (1 + 126 * 1e-9 / 2e-6)) == PLAN.seconds
    assert PLAN.passing_share == pytest.approx(127e-9 / (127e-9 + 2e-6))


def test_what_it_takes() -> None:
    """Cores are paid for until the end; bytes are shared among machines; failures among all of them."""
    assert PLAN.core_hours == pytest.approx(128 * PLAN.seconds / 3600)
    assert PLAN.megabytes_per_second == pytest.approx(1e9 * 150 / PLAN.seconds / 1e6)
    assert PLAN.failures == pytest.approx(64 * 0.01 * PLAN.seconds / 3600)


def test_plan_in_words() -> None:
    """It says how to start it, how long it takes, who is busy, what fails, what it costs."""
    told = "\n".join(PLAN.lines())
    for word in ("--part 0..127/128", "9.6 TB", "takes 18 minutes", "busy", "fails", "costs"):
        assert word in told
