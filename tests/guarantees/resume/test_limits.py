"""--until and --warm-up, also over several runs."""

import json
import os
from pathlib import Path

import numpy as np
import pytest

from datagen.instants import Instant, parse_instant
from datagen.running.checkpoint import CheckpointFile
from datagen.simulation.cursor import MachineCursor
from tests.guarantees.kill import counting
from tests.guarantees.resume.resuming import (
    FIXED,
    OUT,
    START,
    alive,
    at,
    checkpoints_written,
    into,
    live,
    run,
    whole,
)
from tests.support.helpers import invoke
from tests.support.machines import ENDING, constant, spec_of


def test_until_ends_at_an_instant(monkeypatch: pytest.MonkeyPatch) -> None:
    """As -r does, on both clocks; what is at the instant is not made."""
    one = whole(ENDING, "-r", "90S")
    assert whole(ENDING, "--until", "2027-03-12T05:21:43") == one
    assert whole(ENDING, "--until", "2027-03-12T06:21:43+01:00") == one
    found, passing = live(monkeypatch, 0, ENDING, until=Instant(at(monkeypatch, 90)))
    assert found == [json.loads(line) for line in one.splitlines()]
    assert 89 < passing.passed < 91
    spec = spec_of({"a": (constant(0), {"stop": 1})}, constant(10))
    assert whole(spec, "--until", "2027-03-12T05:20:33").count(b"\n") == 2


def test_until_that_has_passed() -> None:
    """Is wrong usage for a run that begins; one that goes on has nothing to do, and stays where it is."""
    early = "2027-03-12T05:20:12"
    outcome = invoke(*FIXED, "--resume", "ck", "--until", early, spec=counting())
    said = f"generator.py: error: --until {early}: this is before the start, {START}.000000\n"
    assert (outcome.status, outcome.err, os.path.exists("ck")) == (2, said, False)
    past = invoke("--until", "2020-01-01", spec=counting())
    assert (past.status, "--until 2020-01-01: this is in the past" in past.err) == (2, True)
    assert whole(counting(), "--until", START) == b""
    run(counting(), "-r", "1H")
    for until in (early, START, "2027-03-12T06:20:13"):
        assert run(counting(), "--until", until).out == b""
    rest = run(counting(), "-r", "60S").out
    assert rest == whole(counting(), "-r", "3660S").removeprefix(whole(counting(), "-r", "1H"))


@pytest.mark.parametrize("other", [("-n", "3"), ("-r", "3S")])
def test_until_contradicts_the_other_limits(other: tuple[str, str]) -> None:
    """Each says when the run ends."""
    outcome = invoke("-s", "2027-03-12", "--until", "2027-03-13", *other, spec=counting())
    assert outcome.status == 2
    assert invoke("-s", "2027-03-12", "--until", "soon", spec=counting()).status == 2


def test_warm_up_throws_away_what_is_before_the_start() -> None:
    """What is left is the end of a run that began that much earlier; limits count after it."""
    early = ("-s", "2027-03-12T05:10:13", "--seed", "7", "-q")
    one = invoke(*early, "-r", "20M", spec=counting()).out.splitlines(keepends=True)
    kept = [line for line in one if json.loads(line)["time"] >= START]
    warm = ("--warm-up", "10M")
    assert whole(counting(), *warm, "-r", "10M") == b"".join(kept)
    assert whole(counting(), *warm, "-n", "200") == b"".join(kept[:200])
    assert whole(counting(), *warm, "-r", "0S") == whole(counting(), *warm, "-n", "0") == b""
    assert b'"n":0,' not in b"".join(kept)  # counters have counted


def test_warm_up_before_the_year_1_is_refused() -> None:
    """Rather than cut short."""
    outcome = invoke("-s", "0001-01-02", "--warm-up", "2D", "-n", "1", spec=counting())
    assert (outcome.status, "--warm-up: it would begin before the year 1" in outcome.err) == (
        2,
        True,
    )


@pytest.mark.parametrize("given", [(), ("--warm-up", "10M")])
def test_warm_up_belongs_to_the_first_run(given: tuple[str, ...]) -> None:
    """Also where that has made nothing yet; those that follow need not ask for it, and may."""
    outs = [run(counting(), "--warm-up", "10M", "-n", "0").out]
    outs += [
        run(counting(), *given, *more).out for more in (("-n", "50"), ("-r", "9M"), ("-n", "7"))
    ]
    count = b"".join(outs).count(b"\n")
    assert b"".join(outs) == whole(counting(), "--warm-up", "10M", "-n", str(count))


def test_killed_in_the_warm_up_goes_on_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its checkpoints move along with it, and records before the start stay away."""
    with monkeypatch.context() as patch:
        taken = checkpoints_written(patch)
        run(into(OUT), "--warm-up", "10H", "-n", "500", "--checkpoint-every", "0S")
    start = parse_instant(START).micros
    pools = [each.cursor.pools[0] for each in taken if isinstance(each.cursor, MachineCursor)]
    early = [each for each, pool in zip(taken, pools, strict=True)
             if not each.written and pool.last_start < start]  # fmt: skip
    assert len({pool.started for pool in pools if pool.last_start < start}) > 3
    with CheckpointFile("ck") as file:
        file.write(early[-1])
    Path("out").write_bytes(b"")
    run(into(OUT), "-n", "500")
    assert Path("out").read_bytes() == whole(counting(), "--warm-up", "10H", "-n", "500")


@pytest.mark.statistical
def test_warm_pool_is_in_its_steady_state() -> None:
    """After ten lifetimes the mean number alive is the rate times the lifetime, within 3 standard errors."""
    found = np.array([alive(seed, "--warm-up", "200S") for seed in range(60)])
    error = found.std(ddof=1) / np.sqrt(len(found))
    assert error < 0.5
    assert abs(found.mean() - 20) < 3 * error
    cold = np.array([alive(seed) for seed in range(10)])
    assert cold.mean() < 15
    assert alive(3, "--warm-up", "200S") == found[3]
