"""What arrivals waited, against a plain simulation, and up to what was delivered."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from datagen.arrays import Floats, Ints
from datagen.batch import Waits
from datagen.curves.curve import CURVES
from datagen.instants import parse_instant
from datagen.running.waiting import Waiting, WaitTally
from datagen.simulation.build import build_machine
from datagen.simulation.cap import NEVER
from datagen.simulation.machine import Machine
from datagen.simulation.pool import Pool
from datagen.spec.parsing import parse_spec
from tests.support.helpers import invoke
from tests.support.machines import (
    BURSTS,
    CROWDED,
    ENDING,
    NEVER_ENDING,
    SYNCHRONOUS,
    Spec,
    constant,
    exponential,
    machine_of,
    spec_of,
)
from tests.support.reference import plain_visits, plain_waits

SECOND = 1_000_000
START = parse_instant("2027-03-12").micros
HOURS: Spec = {"type": "hourly", "weights": [0.1, 1.0] * 12}


def waits_of(*pairs: tuple[int, int]) -> Waits:
    """Return waits of a window whose arrivals come one a second."""
    dues, starts = (np.array(column, dtype=np.int64) for column in zip(*pairs, strict=True))
    return Waits(dues, starts, lambda begins, ends: (ends - begins) / SECOND)


def test_tally_counts_up_to_an_instant() -> None:
    """Not what windows hold beyond it; who waits still counts for as long as it has waited."""
    tally = WaitTally(0)
    assert tally.until(5 * SECOND) == Waiting()
    tally.add((waits_of((1 * SECOND, 3 * SECOND), (4 * SECOND, 6 * SECOND), (8 * SECOND, NEVER)),))
    assert tally.until(1 * SECOND) == Waiting()
    assert tally.until(2 * SECOND) == Waiting(1, 1.0, 1.0)
    assert tally.until(5 * SECOND) == Waiting(2, 3.0, 3.0)
    assert tally.until(7 * SECOND) == Waiting(2, 4.0, 4.0)
    assert tally.until(10 * SECOND) == Waiting(3, 6.0, 6.0)


def test_wait_over_several_windows_counts_once() -> None:
    """Each window has it again, until the one in which it ends."""
    tally = WaitTally(0)
    for _ in range(3):
        tally.add((waits_of((1 * SECOND, NEVER)),))
    tally.add((waits_of((1 * SECOND, 9 * SECOND)),))
    tally.add(())
    assert tally.until(9 * SECOND) == Waiting(1, 8.0, 8.0)


def test_tally_begins_where_the_run_does() -> None:
    """What was waited before is of an earlier run, or of a warm-up."""
    tally = WaitTally(5 * SECOND)
    tally.add((waits_of((1 * SECOND, 3 * SECOND), (4 * SECOND, 6 * SECOND)),))
    assert tally.until(7 * SECOND) == Waiting(1, 1.0, 1.0)


def test_sentence_tells_what_was_lost() -> None:
    """In words for one and for several; without a number where it would be infinite."""
    assert str(Waiting(1, 3500.04, 3500.2)) == (
        "-m held back 1 arrival, for 3,500.0 s in all, in which about 3,500 more would have started"
    )
    assert str(Waiting(2000, 1.5, np.inf)) == "-m held back 2,000 arrivals, for 1.5 s in all"
    assert not Waiting()


def plain_waiting(machine: Machine, most: int, end: int) -> Callable[[int], tuple[int, int]]:
    """Return how many waited, and how many microseconds, up to an instant, by a plain simulation."""
    waits = plain_waits(machine, START, plain_visits(machine, START, most, end), end)

    def until(instant: int) -> tuple[int, int]:
        lengths = [min(ended, instant) - due for due, ended in waits if due < instant]
        return len(lengths), sum(lengths)

    return until


@pytest.mark.parametrize("windows", ["own", "tiny"])
@pytest.mark.parametrize("most", [1, 3, 20])
@pytest.mark.parametrize(
    ("spec", "seconds"),
    [(ENDING, 60), (NEVER_ENDING, 60), (SYNCHRONOUS, 5), (BURSTS, 40), (CROWDED, 0.0005)],
    ids=["ending", "never ending", "synchronous", "bursts", "crowded"],
)
def test_waits_are_those_of_a_plain_simulation(
    spec: Spec, seconds: float, most: int, windows: str
) -> None:
    """To the microsecond, at any record and at the end, whatever the windows."""
    length = int(seconds * SECOND)
    end, machine = START + length, machine_of(spec)
    until, tally = plain_waiting(machine, most, end), WaitTally(START)
    pool = Pool(machine, START, most, end)
    for visits in pool.windows():
        if windows == "tiny":
            pool.span, pool.window_size = length // 50, 3
        tally.add(visits.waits)
        for instant in visits.times[visits.order][:: max(len(visits) // 3, 1)].tolist():
            found = tally.until(instant)
            assert (found.arrivals, round(found.seconds * SECOND)) == until(instant)
    found = tally.until(end)
    assert (found.arrivals, round(found.seconds * SECOND)) == until(end)
    assert found or most == 20


@pytest.mark.parametrize("what", ["workers", "arrivals"])
def test_waits_under_a_schedule(what: str) -> None:
    """A limit that rises ends waits too, and a time of few arrivals would have brought few."""
    spec = spec_of({"a": (exponential(300), {"stop": 1})}, exponential(30))
    curve = CURVES.parse({**HOURS, "applies_to": what})
    arrivals, workers = (curve if what == each else None for each in ("arrivals", "workers"))
    machine = build_machine(parse_spec(spec, "test.json")[0], 1, arrivals)
    end = START + 4 * 3600 * SECOND
    tally, pool = WaitTally(START), Pool(machine, START, 5, end, workers)
    for visits in pool.windows():
        tally.add(visits.waits)
    found = tally.until(end)

    def most_at(instant: int) -> int:
        return max(1, int(5 * curve.heights(np.array([instant]))[0] * (1 + 1e-12)))

    by_minute = most_at if what == "workers" else None
    waits = plain_waits(machine, START, plain_visits(machine, START, 5, end, by_minute), end)
    assert found.arrivals == len(waits)
    assert found.seconds == pytest.approx(sum(ended - due for due, ended in waits) / SECOND)
    if what == "workers":
        assert found.held_back == pytest.approx(found.seconds / 30)
    else:
        minutes = np.arange(START, end, 60 * SECOND)
        rate = curve.heights(minutes + 30 * SECOND) / 30
        lost = sum(_overlap(minutes, due, ended) @ rate for due, ended in waits)
        assert found.held_back == pytest.approx(lost, rel=0.01)


def _overlap(minutes: Ints, begin: int, end: int) -> Floats:
    shared = np.minimum(minutes + 60 * SECOND, end) - np.maximum(minutes, begin)
    seconds: Floats = np.maximum(shared, 0) / SECOND
    return seconds


ONE = spec_of({"a": (exponential(30), {"stop": 1})}, exponential(1))


def summary_of(path: Path, *arguments: str, spec: Spec = ONE) -> dict[str, float]:
    """Return the summary of a run as JSON."""
    file = path / "run.json"
    flags = ("-s", "2027-03-12", "--seed", "1", "-q", "--summary", str(file))
    assert invoke(*flags, *arguments, spec=spec).status == 0
    told: dict[str, float] = json.loads(file.read_text())
    return told


@pytest.mark.parametrize(
    ("limit", "seconds"), [(("-r", "5M"), 300.0), (("-n", "100"), None), (("-r", "90M"), 5400.0)]
)
def test_summary_counts_up_to_the_end_of_the_run(
    limit: tuple[str, ...], seconds: float | None, tmp_path: Path
) -> None:
    """A run limited by time has come to its end, another to its last record: not to windows ahead."""
    told = summary_of(tmp_path, "-m", "5", *limit)
    end = START + int((told["span"] if seconds is None else seconds) * SECOND + 0.5)
    arrivals, micros = plain_waiting(machine_of(ONE), 5, end)(end)
    assert told["waited"] == arrivals
    assert told["wait_seconds"] == pytest.approx(micros / SECOND)
    assert told["held_back"] == pytest.approx(micros / SECOND, abs=0.001)


def test_arrival_that_never_starts_has_waited(tmp_path: Path) -> None:
    """A hundred workers live for a day: one arrival waits for all of the rest of the hour."""
    spec = spec_of({"a": (constant(86_400), {"stop": 1})}, constant(1))
    told = summary_of(tmp_path, "-r", "1H", spec=spec)
    assert (told["generated"], told["waited"], told["wait_seconds"]) == (100, 1, 3500)
    assert told["held_back"] == 3500


def test_nobody_waits_where_arrivals_are_free(tmp_path: Path) -> None:
    """And nothing is said."""
    told = summary_of(tmp_path, "-m", "none", "-r", "5M")
    assert (told["waited"], told["wait_seconds"], told["held_back"]) == (0, 0, 0)
    outcome = invoke("-s", "2027-03-12", "-m", "none", "-r", "5M", spec=ONE)
    assert "held" not in outcome.err


def test_resumed_runs_count_what_they_waited_themselves(tmp_path: Path) -> None:
    """Three runs in a row wait as long as one; each has its own count."""
    target = tmp_path / "t.json"
    target.write_text(json.dumps({"type": "file", "path": str(tmp_path / "out")}))
    flags = ("-m", "5", "-r", "100S", "-t", str(target), "--resume", str(tmp_path / "ck"))
    told = [summary_of(tmp_path, *flags) for _ in range(3)]
    whole = summary_of(tmp_path, "-m", "5", "-r", "300S")
    assert sum(each["wait_seconds"] for each in told) == pytest.approx(whole["wait_seconds"])
    assert all(each["waited"] > 5 for each in told)
    over = sum(each["waited"] for each in told) - whole["waited"]
    assert 0 <= over <= 2  # who waited at the end of a run waits in the next one too


def test_warm_up_is_not_counted(tmp_path: Path) -> None:
    """What was waited before the start has held nothing of the run back."""
    told = summary_of(tmp_path, "-m", "5", "-r", "100S", "--warm-up", "200S")
    assert 0 < told["wait_seconds"] <= 100


def test_summary_says_so_unless_it_is_quiet() -> None:
    """Between what was simulated and what came of it."""
    flags = ("-s", "2027-03-12", "--seed", "1", "-m", "5", "-r", "5M")
    lines = invoke(*flags, spec=ONE).err.splitlines()
    assert lines[-2].startswith("-m held back ")
    assert "held" not in invoke(*flags, "-q", spec=ONE).err
