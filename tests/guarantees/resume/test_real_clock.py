"""Runs on the real clock that continue: gaps are caught up or skipped."""

import gzip
import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from datagen.cli.signals import Interruption
from datagen.instants import SECOND, Instant, parse_instant
from datagen.running.checkpoint import CheckpointFile, CheckpointOptions
from datagen.running.clock import Moment, NeverStopped
from datagen.running.pacing import clock_of
from datagen.running.pipeline import Run
from datagen.targets.files.target import FileTarget
from tests.guarantees.kill import counting
from tests.guarantees.resume.resuming import START, at, go_on, live, plan_of, records
from tests.running.test_clock import Time
from tests.support.helpers import invoke
from tests.support.machines import ENDING


def later(found: list[dict[str, Any]], micros: int) -> list[dict[str, Any]]:
    """Move the times of records."""
    return [
        {
            **each,
            "time": str(
                Instant(parse_instant(each["time"]).micros + micros, parse_instant(START).style)
            )[:-3],
        }
        for each in found
    ]


def test_catching_up_makes_the_history_of_the_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    """At once, then live: together they are one run without a gap."""
    first, _ = live(monkeypatch, 0, ENDING, duration=60 * SECOND)
    second, passing = live(monkeypatch, 3600, ENDING, until=Instant(at(monkeypatch, 3660)))
    assert first + second == records(ENDING, "-r", "3660S")
    assert 59 < passing.passed < 61


def test_catching_up_can_leave_the_gap_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock jumps and every worker with it: the same records, later by as much."""
    first, _ = live(monkeypatch, 0, ENDING, duration=60 * SECOND)
    second, passing = live(monkeypatch, 3600, ENDING, duration=90 * SECOND, skip_gap=True)
    third, _ = live(monkeypatch, 9000, ENDING, max_records=100, skip_gap=True)
    one = records(ENDING, "-r", "1H")
    expected = later(one, 3540 * SECOND)
    assert first == records(ENDING, "-r", "60S")
    assert second == expected[len(first) : len(first) + len(second)]
    assert 85 < passing.passed < 91
    moved = later(one, 3540 * SECOND + (9000 - 3690) * SECOND)
    assert third == moved[len(first) + len(second) :][:100]


def test_skipping_twice_does_not_move_workers_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that ended after the jump and before its first record has jumped already."""
    live(monkeypatch, 0, ENDING, duration=60 * SECOND)
    live(monkeypatch, 3600, ENDING, duration=SECOND // 1000, skip_gap=True)
    live(monkeypatch, 3601, ENDING, max_records=0, skip_gap=True)
    third, _ = live(monkeypatch, 7200, ENDING, max_records=50, skip_gap=True)
    one = records(ENDING, "-r", "1H")
    done = len(records(ENDING, "-r", "60.001S"))
    assert third == later(one, (3540 + 3600) * SECOND - 1000)[done:][:50]


def test_skipping_leaves_what_was_made_before_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    """Records of a member that is made anew keep their times."""
    target = FileTarget(path="out.gz")
    at(monkeypatch, 0)
    spec = {**ENDING, "emitters": [{"name": "e", "dimensions": []}]}
    for seconds in (0, 3600):
        base, passing = at(monkeypatch, seconds), Time()
        plan = plan_of(
            spec, target, real_clock=True, start=None, skip_gap=True, duration=60 * SECOND
        )
        go_on(plan, clock=passing.clock(base, history=seconds > 0))
    held = [json.loads(line) for line in gzip.decompress(Path("out.gz").read_bytes()).splitlines()]
    one, first = records(spec, "-r", "120S"), records(spec, "-r", "60S")
    assert held == first + later(one, 3540 * SECOND)[len(first) :]


@pytest.mark.parametrize(
    ("seconds", "waits"), [(-3600, True), (-0.5, False), (0, False), (3600, False)]
)
def test_start_in_the_future_is_waited_for_with_a_word(
    seconds: float, waits: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody should have to wonder why nothing comes."""
    at(monkeypatch, seconds)
    told: list[str] = []
    plan = plan_of(ENDING, real_clock=True)
    clock_of(plan, plan.start_at(Moment.present()), NeverStopped(), told.append)
    line = f"waiting for {START}.000000, when the run begins; it is 2027-03-12T04:20:13.000000"
    assert told == [line] * waits


def test_pace_of_its_own_goes_on_where_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    """With --speed the clock may be ahead of the world: nobody waits for the world."""
    plan = plan_of(ENDING, real_clock=True, speed=60.0)
    at(monkeypatch, 0)
    with CheckpointFile("ck") as file:
        clock = Time().clock(parse_instant(START).micros, speed=60.0)
        run = Run(
            replace(plan, duration=3600 * SECOND, checkpointing=CheckpointOptions(file, 10.0))
        )
        run.deliver(io.BytesIO(), Interruption(), clock=clock)
        at(monkeypatch, 60)
        again = replace(plan, checkpointing=CheckpointOptions(file, 10.0, file.read()))
        made = clock_of(again, again.start_at(Moment.present()), NeverStopped(), lambda _: None)
        assert made._base == parse_instant(START).micros + 3600 * SECOND  # type: ignore[attr-defined]


def test_simulated_run_may_go_on_live_and_stays_so() -> None:
    """With --then-live, said once; what is past is made at once."""
    begin = ("-q", "-s", "2020-01-01", "--seed", "7")
    resume = ("--resume", "ck", "-r", "1H")
    outs = [
        invoke(*begin, *resume, spec=counting()),
        invoke(*begin, *resume, "--then-live", spec=counting()),
        invoke("-q", *resume, "--catch-up", "history", "--speed", "1", spec=counting()),
    ]
    assert b"".join(each.out for each in outs) == invoke(*begin, "-r", "3H", spec=counting()).out
    assert json.loads(Path("ck").read_bytes())["run"]["live"] is True
