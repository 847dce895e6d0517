"""The brake of --max-rate, on a time that passes only when someone sleeps."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from datagen.arrays import Ints
from datagen.instants import SECOND
from datagen.running.clock import Moment, NeverStopped, RealClock, SimulatedClock
from datagen.running.pacing import BEHIND_SECONDS, SLICE_SECONDS, BrakedClock, clock_of
from datagen.targets import TARGETS
from tests.running.test_plan import START, plan


class Time:
    """Seconds that pass by sleeping."""

    def __init__(self) -> None:
        self.now = 1000.0

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds

    def braked(self, rate: float, clock: Any = None, **keys: Any) -> BrakedClock:
        """Return a brake on this time."""
        made = SimulatedClock() if clock is None else clock
        return BrakedClock(made, rate, lambda: self.now, self.sleep, **keys)


def left(passing: Time, clock: BrakedClock, times: Ints) -> list[tuple[float, int, int]]:
    """Return when slices with records left, in seconds, and their rows."""
    return [(passing.now - 1000.0, first, last) for first, last in clock.due(times) if last > first]


@pytest.mark.parametrize("rate", [0.5, 3.0, 1000.0, 54_321.0])
def test_no_more_than_so_many_leave_a_second(rate: float) -> None:
    """All of them leave, in order, and at no time more than the rate allows, give or take a slice."""
    passing, count = Time(), int(rate * 20)
    clock, most = passing.braked(rate), max(int(rate * SLICE_SECONDS), 1)
    slices = [each for _ in range(2) for each in left(passing, clock, np.zeros(count, np.int64))]
    rows = [row for _, first, last in slices for row in range(first, last)]
    assert rows == [*range(count), *range(count)]
    gone = 0
    for at, first, last in slices:
        gone += last - first
        assert gone <= rate * (at + BEHIND_SECONDS) + most + 1e-6
    assert passing.now - 1000.0 == pytest.approx(2 * count / rate, abs=2 * most / rate)


def test_slow_deliveries_are_made_up_for_a_little() -> None:
    """A pause of the target is no credit for a burst."""
    passing = Time()
    clock = passing.braked(1000.0)
    assert len(left(passing, clock, np.zeros(10, np.int64))) == 1
    passing.now += 3600
    begin = passing.now
    slices = left(passing, clock, np.zeros(1000, np.int64))
    at_once = sum(last - first for at, first, last in slices if at <= begin - 1000.0 + 1e-9)
    assert at_once <= 3 * 1000 * SLICE_SECONDS
    assert passing.now - begin > 0.8


def test_long_pauses_flush_and_stop() -> None:
    """An empty slice says that there is time; whoever stops is not kept waiting."""
    passing = Time()
    clock = passing.braked(0.1, stopped=lambda: passing.now > 1004)
    found = list(clock.due(np.zeros(3, np.int64)))
    assert found[0] == (0, 1)
    assert set(found[1:]) == {(1, 1)}
    assert passing.now < 1007


def test_catching_up_is_braked() -> None:
    """What the real clock has to make up leaves at the rate; what comes later leaves when it is due."""
    passing = Time()
    real = RealClock(START.micros, lambda: passing.now, passing.sleep, history=True)
    clock = passing.braked(100.0, real)
    past = START.micros - np.arange(1000, 0, -1) * SECOND
    to_come = START.micros + np.array([60, 70]) * SECOND
    slices = left(passing, clock, np.concatenate([past, to_come]))
    at = {row: when for when, first, last in slices for row in range(first, last)}
    assert at[999] == pytest.approx(10.0, abs=0.2)
    assert [at[1000], at[1001]] == pytest.approx([60.0, 70.0], abs=0.01)
    assert clock.lateness < 0.1


@pytest.mark.parametrize(
    ("asked", "of_target", "rate"),
    [(None, None, None), (7.0, None, 7.0), (None, 5.0, 5.0), (7.0, 5.0, 7.0)],
)
def test_rate_of_a_plan(asked: float | None, of_target: float | None, rate: float | None) -> None:
    """The command line wins over the target."""
    keys = {} if of_target is None else {"max_rate": of_target}
    made = replace(plan(), asked_rate=asked, target=TARGETS.parse({"type": "null", **keys}))
    warn: Callable[[str], None] = lambda _: None  # noqa: E731
    clock = clock_of(made, made.start_at(Moment.present()), NeverStopped(), warn)
    assert (clock.records_per_second if isinstance(clock, BrakedClock) else None) == rate


@pytest.mark.parametrize(
    ("value", "why"),
    [("5000", "a number needs a unit: 5000/s"), (0, "expected records a second"),
     (True, "expected a number"), (None, "expected a number")],
)  # fmt: skip
def test_key_of_a_target(value: object, why: str) -> None:
    """It is a number or a text, and of several targets the slowest counts."""
    with pytest.raises(ValidationError, match=why):
        TARGETS.parse({"type": "null", "max_rate": value})
    some = [
        {"type": "null", "max_rate": "120/M"},
        {"type": "stdout", "max_rate": 3},
        {"type": "null"},
    ]
    several = TARGETS.parse({"type": "tee", "targets": some[::2] if value else some})
    assert several.slowest_rate() == pytest.approx(2.0)
    assert TARGETS.parse({"type": "tee", "targets": some[2:]}).slowest_rate() is None
