"""When a run starts: decided once, from the plan and the clocks at that moment."""

from dataclasses import replace
from typing import Any

from datagen.formats import JsonLines
from datagen.instants import SECOND, Instant, parse_instant
from datagen.position import Jump
from datagen.running.checkpoint import CheckpointFile, CheckpointOptions
from datagen.running.clock import Moment
from datagen.running.plan import Plan
from datagen.spec.parsing import parse_spec
from datagen.targets.stdout import StdoutTarget
from tests.running.test_checkpointing import checkpoint
from tests.support.machines import ENDING

START = parse_instant("2027-03-12T00:00:00+01:00")
NOW = Moment(parse_instant("2027-05-01"), 12.5)


def plan(**keys: Any) -> Plan:
    """Return a plan of the small machine."""
    spec, _ = parse_spec(ENDING, "test.json")
    made = Plan(spec, "test.json", StdoutTarget(), JsonLines(), START, 1, 100)
    return replace(made, **keys)


def resumed(**keys: Any) -> Plan:
    """Return a plan that goes on one minute after its start."""
    before = checkpoint(start=START, reached=START.micros + 60 * SECOND)
    return plan(checkpointing=CheckpointOptions(CheckpointFile("ck"), 10.0, before), **keys)


def test_start_is_that_of_the_plan() -> None:
    """Whatever time it is."""
    start = plan(duration=SECOND).start_at(NOW)
    assert start.instant == START
    assert (start.time_range.begin, start.time_range.end) == (START.micros, START.micros + SECOND)
    assert (start.duration, start.offset) == (SECOND, 0)


def test_open_start_is_the_present() -> None:
    """Written as the specification writes instants."""
    start = plan(start=None).start_at(NOW)
    assert start.instant == NOW.time
    assert (start.duration, start.offset) == (None, 0)
    assert start.moment is NOW


def test_warm_up_is_simulated_before_the_start() -> None:
    """Records begin with the start; nothing begins before the first instant there is."""
    start = plan(warm_up=5 * SECOND).start_at(NOW)
    assert start.time_range.simulated_from == START.micros - 5 * SECOND
    assert start.time_range.begin == START.micros
    early = plan(start=Instant(START.style.limits[0], START.style), warm_up=SECOND).start_at(NOW)
    assert early.time_range.simulated_from == early.time_range.begin


def test_resumed_run_covers_what_comes_after_the_checkpoint() -> None:
    """A duration is counted from there; the start of the stream stays."""
    start = resumed(duration=SECOND).start_at(NOW)
    assert start.instant == START
    assert (start.duration, start.offset) == (SECOND, 60 * SECOND)


def test_resumed_run_on_the_real_clock_may_leave_out_what_is_past() -> None:
    """From the checkpoint to the present that is handed in."""
    start = resumed(real_clock=True, skip_gap=True).start_at(NOW)
    reached = START.micros + 60 * SECOND
    assert start.time_range.begin == NOW.time.micros
    assert start.time_range.jumps == (Jump(reached + 1, NOW.time.micros - reached),)
    assert resumed(skip_gap=True).start_at(NOW).time_range.jumps == ()
