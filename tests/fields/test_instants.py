"""Distributions of instants between ends; tests/contracts compares each with scipy."""

from typing import Any

import pytest

from tests.support.fields import instants, refusal, values


@pytest.mark.parametrize(
    "distribution",
    [
        {"type": "normal", "mean": "2027-01-01", "stddev": 1e6, "min": "2026-12-31", "max": "2027-01-02"},
        {"type": "exponential", "min": "2026-12-31", "mean": 1e9, "max": "2027-01-02"},
    ],
)  # fmt: skip
def test_values_stay_between_the_ends(distribution: dict[str, Any]) -> None:
    """Both are included, and in any time zone."""
    found = values(instants(distribution))
    assert "2026-12-31T00:00:00.000" <= min(found) < "2027-01-01"
    assert "2027-01-01" < max(found) <= "2027-01-02T00:00:00.000"
    assert len(set(found)) == len(found)
    local = values(instants(distribution, timezone="America/Lima"))
    assert (
        "2026-12-31T00:00:00.000-05:00"
        <= min(local)
        <= max(local)
        <= "2027-01-02T00:00:00.000-05:00"
    )


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"min": "2027-01-03", "max": "2027-01-02"}, ".min: is later than max"),
        ({"min": "2028-01-01"}, ".min: nothing of the distribution is left between min and max; expected 1e-9 of it"),
        ({"max": "2027-01-01T00:00Z"}, ": expected all instants with an offset, or none"),
        ({"stddev": {"expr": 5}}, ".stddev: expected an expression, a text, not 5"),
    ],
)  # fmt: skip
def test_ends_that_leave_nothing_are_refused(changed: dict[str, Any], problem: str) -> None:
    """As those of numbers."""
    distribution = {"type": "normal", "mean": "2027-01-01", "stddev": 60, **changed}
    assert refusal(instants(distribution)).endswith(f"distribution{problem}\n")
