"""The real clock, on a time that passes only when someone sleeps or works."""

import io
import itertools
import json
import os
import random
import signal
import threading
import time
from collections.abc import Callable
from typing import Any, BinaryIO, Literal

import numpy as np
import pytest

from datagen.arrays import Ints
from datagen.cli.signals import Interruption
from datagen.formats import JsonLines
from datagen.formats.rendered import Rendered
from datagen.instants import SECOND, Instant, parse_instant
from datagen.running import clock as clock_module
from datagen.running.clock import IDLE_SECONDS, MIN_SLICE_SECONDS, Moment, RealClock
from datagen.running.observer import Observer
from datagen.running.pacing import clock_of
from datagen.running.pipeline import Run
from datagen.running.plan import Plan
from datagen.simulation.pool import Pool
from datagen.spec.parsing import parse_spec
from datagen.targets import Sink, Target
from datagen.targets.stdout import StdoutTarget
from tests.support.helpers import invoke
from tests.support.machines import ENDING, NEVER_ENDING, Spec, constant, spec_of

START = parse_instant("2027-03-12")
BASE = START.micros


class Time:
    """Seconds that pass by work and by sleeping: `nap` of those that were asked for."""

    def __init__(self, nap: Callable[[float], float] = lambda seconds: seconds) -> None:
        self.now = 1e6
        self.slept: list[float] = []
        self._nap = nap

    @property
    def passed(self) -> float:
        """Return the seconds since the beginning."""
        return self.now - 1e6

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.slept.append(seconds)
        self.now += self._nap(seconds)

    def clock(self, base: int = BASE, **keys: Any) -> RealClock:
        """Return a clock of this time."""
        return RealClock(base, lambda: self.now, self.sleep, **keys)


def at(*seconds: float) -> Ints:
    """Return instants, in seconds after the clock's beginning."""
    return BASE + np.round(np.array(seconds) * SECOND).astype(np.int64)


def left(
    passing: Time, clock: RealClock, times: Ints, work: float = 0.0
) -> list[tuple[float, int, int]]:
    """Take all slices of some records, each with so much work; give when they came, and their rows."""
    slices = []
    for first, last in clock.due(times):
        slices.append((passing.passed, first, last))
        passing.now += work if last > first else 0
    return slices


# When records leave -------------------------------------------------------------------------------


@pytest.mark.parametrize("speed", [0.25, 1.0, 60.0])
@pytest.mark.parametrize("nap", [0.3, 1.0, 1.1, 7.0])
def test_none_is_early_and_none_is_left_out(speed: float, nap: float) -> None:
    """However much too long or too short the system sleeps, and however long records take to leave."""
    chance = random.Random(1)
    passing = Time(lambda seconds: seconds * nap * chance.random())
    times = at(*np.cumsum([chance.expovariate(20) for _ in range(300)]))
    clock, place = passing.clock(speed=speed), 0
    for first, last in clock.due(times):
        assert first == place
        assert all(times[first:last] <= BASE + passing.passed * speed * SECOND)
        passing.now += 0.01 * chance.random() * (last > first)
        place = last
    assert place == len(times)


def test_each_leaves_when_it_is_due() -> None:
    """Where the system wakes us in time, within the shortest nap; and none is late by its count."""
    passing = Time()
    seconds = [0.0, 0.5, 0.5005, 0.9, 3.0, 3.0]
    clock = passing.clock()
    slices = [each for each in left(passing, clock, at(*seconds)) if each[2] > each[1]]
    for when, first, last in slices:
        assert all(0 <= when - due < MIN_SLICE_SECONDS + 1e-6 for due in seconds[first:last])
    assert clock.lateness < MIN_SLICE_SECONDS + 1e-6


def test_many_records_leave_in_slices() -> None:
    """At 50,000 a second a slice is what a millisecond brings, for fewer calls and less waking."""
    passing = Time()
    slices = left(passing, passing.clock(), at(*np.arange(50_000) / 50_000), work=0.0001)
    assert 500 < len(slices) < 1010


@pytest.mark.parametrize("speed", [0.1, 1.0, 12.0])
def test_speed_is_the_pace(speed: float) -> None:
    """A minute of records takes a minute divided by it."""
    passing = Time()
    left(passing, passing.clock(speed=speed), at(0, 30, 60))
    assert passing.passed == pytest.approx(60 / speed, abs=0.01)


def test_history_leaves_at_once() -> None:
    """What is older than the clock needs no waiting; the rest is paced."""
    passing = Time()
    clock = passing.clock(history=True)
    slices = left(passing, clock, at(-7200, -60, 0, 5))
    assert slices == [(0, 0, 3), (0, 3, 3), (pytest.approx(5, abs=0.001), 3, 4)]


# Letting go of what is held back ------------------------------------------------------------------


def test_pause_begins_with_an_empty_slice() -> None:
    """One for each pause of more than 20 ms, however often the sleeper is woken."""
    passing = Time(lambda seconds: seconds / 3)
    slices = left(
        passing, passing.clock(), at(0, 0.5 * IDLE_SECONDS, 10 * IDLE_SECONDS, 30 * IDLE_SECONDS)
    )
    assert [(first, last) for _, first, last in slices] == [
        (0, 1), (1, 2), (2, 2), (2, 3), (3, 3), (3, 4)
    ]  # fmt: skip


def test_long_pause_is_told_again() -> None:
    """So that what is due by the time of the world happens: a checkpoint, the end of a transaction."""
    passing = Time()
    slices = left(passing, passing.clock(idle_every=1.0), at(0, 3.5))
    assert [(round(when, 2), last - first) for when, first, last in slices] == [
        (0, 1), (0, 0), (1, 0), (2, 0), (3, 0), (3.5, 1)
    ]  # fmt: skip


class Held(Target):
    """A target that tells when it is written to, let go of and closed."""

    type: Literal["held"] = "held"

    def open(self, stdout: BinaryIO) -> Sink:
        return HeldSink(stdout)


class HeldSink(Sink):
    """Writes what happens to a stream."""

    def __init__(self, stream: BinaryIO) -> None:
        super().__init__()
        self._stream = stream

    def write(self, records: Rendered) -> None:
        self._stream.write(b"write ")
        self.delivered += len(records)

    def flush(self) -> None:
        self._stream.write(b"flush ")

    def close(self) -> None:
        self._stream.write(b"close")


def test_target_lets_go_before_each_pause() -> None:
    """Also before the one between the last record and the end of the run."""
    spec = spec_of({"a": (constant(1), {"stop": 1})}, constant(10))
    passing, out = Time(), io.BytesIO()
    run_of(spec, target=Held(), duration=25 * SECOND).deliver(out, Interruption(), passing.clock())
    assert out.getvalue() == b"write flush write flush write flush close"
    assert passing.passed == pytest.approx(25, abs=0.001)


# Lateness -----------------------------------------------------------------------------------------


def test_lateness_is_that_of_the_oldest_record() -> None:
    """From when it was due to when it had left: the work included; the worst is kept."""
    passing = Time()
    clock = passing.clock()
    late = []
    for work, due in [(0.25, (0.0,)), (1.5, (1, 1.25)), (0.125, (5,)), (0, (6,))]:
        left(passing, clock, at(*due), work)
        late.append((round(clock.late, 2), round(clock.lateness, 2)))
    assert late == [(0.25, 0.25), (2.75, 2.75), (0.12, 2.75), (0, 2.75)]


@pytest.mark.parametrize("speed", [0.5, 4.0])
def test_lateness_is_in_seconds_of_the_world(speed: float) -> None:
    """Not in those of a clock with another pace."""
    passing = Time()
    clock = passing.clock(speed=speed)
    left(passing, clock, at(0, 1), work=3)
    assert clock.lateness == pytest.approx(6 - 1 / speed, abs=0.01)


def test_history_is_not_late() -> None:
    """Nor what fell due while it was made; from when the records have caught up, they may be."""
    passing, heard = Time(), list[str]()
    clock = passing.clock(history=True, warn=heard.append)
    left(passing, clock, at(*range(-3000, 0)), work=30)
    left(passing, clock, at(10, 20, 30), work=5)
    assert (clock.lateness, heard) == (0, [])
    left(passing, clock, at(60, 61), work=0.5)
    assert clock.lateness == pytest.approx(0.5, abs=0.01)


def test_what_was_due_before_the_clock_began_is_late_from_there_on() -> None:
    """The target had to be reached first."""
    passing = Time()
    clock = passing.clock()
    left(passing, clock, at(-4, -3, 1), work=0.25)
    assert clock.lateness == pytest.approx(0.25, abs=0.01)


def test_warm_up_makes_nothing_late() -> None:
    """What fell due while it was simulated is late from when the first record is at hand."""
    passing, heard = Time(), list[str]()
    clock = passing.clock(warm_up=True, warn=heard.append)
    left(passing, clock, at())
    passing.now += 30  # of simulating
    left(passing, clock, at(0, 29, 30.5), work=0.25)
    assert clock.lateness == pytest.approx(0.25, abs=0.01)
    left(passing, clock, at(31), work=3)
    assert (round(clock.lateness), heard) == (3, [
        "records are 3.0 s late: the target or this machine is too slow"
    ])  # fmt: skip


def test_warms_up_by_plan() -> None:
    """A run with a warm-up on the real clock has such a clock; one that is resumed has none to do."""
    warm = run_of(ENDING, start=None, warm_up=SECOND).plan
    start = warm.start_at(Moment.present())
    clock = clock_of(warm, start, Interruption(), lambda _: None)
    assert isinstance(clock, RealClock)
    assert clock.waits_for_first_record
    cold = run_of(ENDING, start=None).plan
    other = clock_of(cold, cold.start_at(Moment.present()), Interruption(), lambda _: None)
    assert isinstance(other, RealClock)
    assert not other.waits_for_first_record


def test_warns_once_when_late_and_once_when_in_time_again() -> None:
    """Each time anew; it is late at more than a second and in time at less than a tenth."""
    passing, heard = Time(), list[tuple[int, str]]()
    clock = passing.clock(warn=lambda text: heard.append((round(passing.passed), text)))
    works = [0.9, 2.0, 2.5, 0.0, 0.5, 0.0, 1.3, 0.0]
    times = at(0, 10, 11, 12, 20, 30, 40, 50)
    for work, instant in zip(works, times, strict=True):
        left(passing, clock, np.array([instant]), work)
    assert heard == [
        (12, "records are 2.0 s late: the target or this machine is too slow"),
        (30, "records are on time again, after being up to 3.5 s late"),
        (41, "records are 1.3 s late: the target or this machine is too slow"),
        (50, "records are on time again, after being up to 3.5 s late"),
    ]


# Whole runs ---------------------------------------------------------------------------------------


def run_of(
    spec: Spec,
    target: Target | None = None,
    window: Callable[[Pool], None] | None = None,
    start: Instant | None = START,
    **limits: Any,
) -> Run:
    """Return a run of a specification on the real clock."""
    parsed, _ = parse_spec(spec, "test.json")
    plan = Plan(
        parsed,
        "test.json",
        target or StdoutTarget(),
        JsonLines(),
        start,
        1,
        100,
        real_clock=True,
        **limits,
    )
    return Run(plan, window)


def simulated(spec: Spec, *limits: str) -> bytes:
    """Return the bytes of the same run on the simulated clock."""
    return invoke("-s", "2027-03-12", "--seed", "1", *limits, spec=spec).out


class Stream(io.BytesIO):
    """Notes when something is written; `work` is what a write takes."""

    def __init__(self, passing: Time, work: float = 0.0) -> None:
        super().__init__()
        self.log: list[tuple[float, bytes]] = []  # when, what
        self._passing, self._work = passing, work

    def write(self, data: Any) -> int:
        self.log.append((self._passing.passed, bytes(data)))
        self._passing.now += self._work
        return super().write(data)


@pytest.mark.parametrize("work", [0.0, 0.3])
def test_history_then_live_is_one_run(work: float) -> None:
    """No gap, no overlap: the bytes are those of a simulated run; only from now on they are paced."""
    passing = Time()
    out = Stream(passing, work)
    clock = passing.clock(BASE + 1800 * SECOND, history=True)
    run_of(ENDING, duration=3600 * SECOND).deliver(out, Interruption(), clock)
    assert out.getvalue() == simulated(ENDING, "-r", "1H")
    assert passing.passed == pytest.approx(1800, abs=1)
    early = [(when, data) for when, data in out.log if last_of(data) > 1800 + when]
    assert early == []
    history = b"".join(data for when, data in out.log if when <= 0.01 + 100 * work)
    assert last_of(history) > 1799


def last_of(lines: bytes) -> float:
    """Return the time of the last record, in seconds after the start."""
    text = json.loads(lines.splitlines()[-1])["time"]
    return (parse_instant(text).micros - BASE) / SECOND


def test_history_that_ends_in_the_past_waits_for_nothing() -> None:
    """`--then-live` never comes to live; the bytes are the same."""
    arguments = ("-s", "2001-12-20", "--seed", "1", "-r", "1H")
    began = time.monotonic()
    outcome = invoke(*arguments, "--then-live", spec=ENDING)
    assert outcome.out == invoke(*arguments, spec=ENDING).out
    assert time.monotonic() - began < 60
    assert ", at most 0.000 s late" in outcome.err


def test_summary_tells_the_largest_lateness() -> None:
    """As the clock has measured it."""
    passing = Time()
    run = run_of(NEVER_ENDING, max_records=50)
    run.deliver(Stream(passing, work=2), Interruption(), clock := passing.clock())
    assert run.summary.lateness == clock.lateness > 1
    assert f", at most {clock.lateness:.3f} s late" in "".join(run.summary.lines)


def test_slow_target_loses_nothing_and_moves_no_instant() -> None:
    """Records wait for it; they are those of a simulated run."""
    passing = Time()
    out = Stream(passing, work=7)
    run_of(NEVER_ENDING, max_records=500).deliver(out, Interruption(), passing.clock())
    assert out.getvalue() == simulated(NEVER_ENDING, "-n", "500")


def test_generation_waits_for_a_stuck_target() -> None:
    """While the target takes nothing, two windows are made ahead and no more."""
    begun = threading.Semaphore(0)
    count = itertools.count(1)
    ahead: list[bool] = []

    def window(pool: Pool) -> None:
        pool.request_window_size(10)
        next(count)
        begun.release()

    class Stuck(io.BytesIO):
        def write(self, data: Any) -> int:
            if not ahead:
                ahead.extend(begun.acquire(timeout=30) for _ in range(3))
                ahead.append(begun.acquire(timeout=0.1))
            return super().write(data)

    passing = Time()
    run_of(NEVER_ENDING, window=window, max_records=300).deliver(
        Stuck(), Interruption(), passing.clock()
    )
    assert ahead == [True, True, True, False]
    assert next(count) > 10


# The end of the wait ------------------------------------------------------------------------------


def test_nothing_leaves_after_the_run_is_over() -> None:
    """Not even what is due by then."""
    passing = Time()
    clock = passing.clock(stopped=lambda: passing.passed > 5)
    slices = left(passing, clock, at(*range(9)), work=0.75)
    assert [last for _, first, last in slices if last > first] == [1, 2, 3, 4, 5, 6]


def test_run_that_is_stopped_while_it_waits_ends_at_once() -> None:
    """What is not due any more is neither delivered nor counted as generated."""
    passing = Time()
    interruption = Interruption()
    out = Stream(passing)

    def stopped() -> bool:
        return passing.passed > 5

    clock = RealClock(BASE, lambda: passing.now, passing.sleep, stopped)
    run = run_of(NEVER_ENDING, duration=3600 * SECOND)

    def progress(_: object) -> None:
        interruption.signal = signal.SIGTERM if stopped() else 0

    run.deliver(out, interruption, clock, Observer(progress))
    assert 5 < passing.passed < 10
    assert out.getvalue() == simulated(NEVER_ENDING, "-n", str(run.summary.delivered))
    assert run.summary.generated == run.summary.delivered > 0


def test_signal_wakes_a_sleeper() -> None:
    """A run that waits for hours does not wait for them to end."""
    with Interruption(alarm=lambda _: None) as interruption:
        threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGTERM)).start()
        began = time.monotonic()
        interruption.sleep(600)
        assert time.monotonic() - began < 60
        assert interruption.stopped()
        interruption.sleep(600)


def test_time_of_the_system_may_be_set_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """The start is read off it once; from then on only time that passes counts."""
    now = itertools.chain([START], itertools.repeat(Instant(BASE - 3600 * SECOND)))
    monkeypatch.setattr(clock_module, "utc_now", lambda: next(now))

    class Awake(Interruption):
        def sleep(self, seconds: float) -> None:
            assert seconds < 1
            super().sleep(seconds)

    run = run_of(NEVER_ENDING, start=None, duration=SECOND // 10)
    with Awake() as interruption:
        run.deliver(io.BytesIO(), interruption)
    assert run.summary.start == START
    assert run.summary.seconds < 30


def test_machine_that_slept_goes_on_where_it_was() -> None:
    """Time that did not pass for the machine makes nothing late: records go on with their pauses."""
    passing, heard = Time(), list[str]()
    clock = passing.clock(warn=heard.append)
    slices = left(passing, clock, at(0, 1, 2))
    # the machine sleeps here: the monotonic clock stands still, whatever the time of day is then
    slices += left(passing, clock, at(3, 4))
    assert [round(when) for when, first, last in slices if last > first] == [0, 1, 2, 3, 4]
    assert heard == []
