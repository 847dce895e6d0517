"""The pool against queueing theory: the cap, and the exact figures of a queue.

An arrival that finds all m workers busy waits and holds back the arrivals' clock. With exponential
interarrivals (rate a) and lives (rate d) the number alive or waiting is a birth-death process on
0 .. m + 1, with births at rate a below m + 1 and deaths at rate min(n, m) d: the M/M/m/(m+1) queue.

Standard errors, by 50 batch means, relative to the exact figure:

    arrivals  departures    m     workers   throughput   mean alive   blocked share
          10           1    5   1 million       0.10 %       0.02 %          0.13 %
          10           1   10   2 million       0.06 %       0.06 %          0.30 %
          10           1   20   4 million       0.06 %       0.09 %          2.2 %
         100           1  100  16 million       0.02 %       0.02 %          0.33 %

So 1 % is at least 3 standard errors of every figure but one: at m = 20 an arrival waits during
0.09 % of the time only, and the test allows 4 standard errors. One of the two tests marked `long`
has 200 million workers instead, of which 1 % is 3 standard errors. All at seed 1, the first that was
tried.
"""

from collections.abc import Iterator
from heapq import heappop, heappush

import numpy as np
import pytest

from datagen.arrays import Ints
from datagen.errors import StuckClockError
from datagen.part import Part
from datagen.randomness import visit_bits, worker_bits
from datagen.simulation import paths, windows
from datagen.simulation.machine import Machine
from datagen.simulation.pool import Pool
from tests.support.helpers import invoke
from tests.support.machines import Spec, constant, exponential, machine_of, spec_of

SECOND = 1_000_000
NORMAL_LIVES: Spec = {"type": "normal", "mean": 0.5, "stddev": 0.5}
LATE = SECOND * 10**9


def queue_figures(arrivals: float, departures: float, most: int) -> tuple[float, float, float]:
    """Return the exact throughput, mean number of workers alive, and share of time blocked."""
    weights = [1.0]
    for number in range(1, most + 2):
        weights.append(weights[-1] * arrivals / (min(number, most) * departures))
    blocked = weights[-1] / sum(weights)
    throughput = arrivals * (1 - blocked)
    return throughput, throughput / departures, blocked


def lives_of(machine: Machine, most: int, end: int, room: int = 20_000) -> Iterator[list[Ints]]:
    """Yield, by windows, workers with one visit each: when due, when started, when they ended."""
    pool, before = Pool(machine, 0, most, end), 0
    for visits in pool.windows():
        pool.window_size = room
        bits = visit_bits(worker_bits(machine.seed, visits.workers), visits.visits)
        starts = visits.times
        lasts = np.append(before, starts[:-1])
        due = lasts + machine.interarrivals.gaps(visits.workers, lasts)
        yield [due, starts, starts + machine.delays(bits, visits.states, starts)]
        before = int(starts[-1])


def first_lives(lives: Spec, interarrival: Spec, most: int) -> list[Ints]:
    """Return when the first 20,000 workers were due, started and ended."""
    machine = machine_of(spec_of({"a": (lives, {"stop": 1})}, interarrival))
    parts: list[list[Ints]] = []
    for part in lives_of(machine, most, LATE, room=1000):
        parts.append(part)
        if sum(len(each[0]) for each in parts) >= 20_000:
            break
    return [np.concatenate(column) for column in zip(*parts, strict=True)]


@pytest.mark.statistical
@pytest.mark.parametrize(
    ("arrivals", "departures", "most", "workers", "tolerance"),
    [
        (10, 1, 5, 1e6, 0.01),
        (10, 1, 10, 2e6, 0.01),
        pytest.param(10, 1, 20, 4e6, 0.09, marks=pytest.mark.long),
        pytest.param(100, 1, 100, 16e6, 0.01, marks=pytest.mark.long),
    ],
)
def test_pool_is_the_queue_with_one_place_to_wait(
    arrivals: float, departures: float, most: int, workers: float, tolerance: float
) -> None:
    """Throughput and mean number alive within 1 %, the blocked share within the tolerance."""
    throughput, alive, blocked = queue_figures(arrivals, departures, most)
    spec = spec_of({"a": (exponential(1 / departures), {"stop": 1})}, exponential(1 / arrivals))
    sums = np.zeros(3)
    for due, starts, ends in lives_of(machine_of(spec), most, int(workers / throughput * SECOND)):
        sums += len(starts), (ends - starts).sum(), (starts - due).sum()
        last = int(starts[-1])
    found = sums / last
    assert found[0] * SECOND == pytest.approx(throughput, rel=0.01)
    assert found[1] == pytest.approx(alive, rel=0.01)
    assert found[2] == pytest.approx(blocked, rel=tolerance)


def plain_rate(arrivals: float, departures: float, most: int, count: int, workers: int) -> float:
    """Return the throughput of a pool whose arrivals are every `count`-th of a Poisson process, by a simple heap."""
    chance = np.random.default_rng(1)
    gaps = chance.gamma(count, 1 / arrivals, workers).tolist()  # Erlang's distribution
    lives = chance.exponential(1 / departures, workers).tolist()
    ends: list[float] = []
    start = 0.0
    for gap, life in zip(gaps, lives, strict=True):
        start += gap
        while ends and ends[0] <= start:
            heappop(ends)
        if len(ends) >= most:
            start = heappop(ends)
        heappush(ends, start + life)
    return workers / start


@pytest.mark.statistical
@pytest.mark.parametrize("count", [1, 3, pytest.param(12, marks=pytest.mark.long)])
def test_rate_of_a_part_is_that_of_a_pool_whose_arrivals_are_every_kth(count: int) -> None:
    """5 places and 1.2 times as many arrivals for each part: 200,000 workers, within 1 %.

    The standard error of either rate is 0.15 %. One part of one is M/M/5/6; for K parts the arrivals of each
    are Erlang-K, more regular than those of the whole, and all parts together lose more than one pool would.
    """
    arrivals, workers = 6.0 * count, 200_000
    expected = plain_rate(arrivals, 1, 5, count, workers)
    spec = spec_of({"a": (exponential(1), {"stop": 1})}, exponential(1 / arrivals))
    for index in {0, count - 1}:
        machine = machine_of(spec, part=Part(index, count))
        pool, starts = Pool(machine, 0, 5 * count, int(workers / expected * SECOND)), 0
        for visits in pool.windows():
            pool.window_size, starts = 20_000, starts + len(visits)
        assert starts * SECOND / pool.end == pytest.approx(expected, rel=0.01)
    whole = queue_figures(arrivals, 1, 5 * count)[0]
    if count == 1:
        assert expected == pytest.approx(whole, rel=0.01)
    else:
        assert count * expected < 0.97 * whole


LIVES = [
    pytest.param(exponential(1), exponential(0.1), id="exponential"),
    pytest.param(constant(1), constant(0.1), id="constant"),
    pytest.param(NORMAL_LIVES, exponential(0.01), id="many of no length"),
    pytest.param(exponential(1), constant(0), id="always another waiting"),
    pytest.param(exponential(1e-5), constant(1e-6), id="microseconds"),
]


@pytest.mark.parametrize("most", [1, 5, 7])
@pytest.mark.parametrize(("lives", "interarrival"), LIVES)
def test_cap_is_reached_and_never_exceeded(lives: Spec, interarrival: Spec, most: int) -> None:
    """At every start of 20,000 workers, the one that starts included."""
    _, starts, ends = first_lives(lives, interarrival, most)
    alive: list[int] = []
    counts = []
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        while alive and alive[0] <= start:
            heappop(alive)
        heappush(alive, end)
        counts.append(len(alive))
    assert max(counts) == most


@pytest.mark.parametrize("most", [1, 5, 7])
@pytest.mark.parametrize(("lives", "interarrival"), LIVES)
def test_arrivals_wait_only_when_they_must(lives: Spec, interarrival: Spec, most: int) -> None:
    """A worker starts when it is due, or at the first end if all are busy until then."""
    due, starts, ends = first_lives(lives, interarrival, most)
    late = np.flatnonzero(starts > due)
    assert len(late) > 0
    assert (starts >= due).all()
    for worker in late[:300].tolist():
        before = ends[:worker]
        assert (before > due[worker]).sum() == most
        assert starts[worker] == before[before > due[worker]].min()


def test_command_line_sets_the_cap() -> None:
    """With workers that never end, `-m 7` gives exactly seven."""
    number = {"name": "worker", "type": "counter"}
    spec = spec_of({"a": (constant(1), {"b": 1}), "b": (constant(1), {"b": 1})}, constant(0.5))
    spec["states"][0]["variables"] = [number]
    spec["emitters"][0]["dimensions"] = [
        {"name": "worker", "type": "variable", "variable": "worker"}
    ]
    records = invoke("-m", "7", "-n", "500", "-s", "2027-03-12", spec=spec).records
    assert {record["worker"] for record in records} == set(range(7))


@pytest.mark.parametrize("size", [300, 131_072])
def test_limit_of_an_instant_does_not_depend_on_the_window(
    size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker that makes so many visits at once, if only for a while, stops the run in any window."""
    for module in (paths, windows):
        monkeypatch.setattr(module, "MAX_VISITS_AT_ONCE", 1000)
    burst: dict[str, tuple[Spec, dict[str, float]]] = {
        "a": (constant(1e-9), {"a": 0.999, "b": 0.001}),
        "b": (constant(1), {"stop": 1}),
    }
    pool = Pool(machine_of(spec_of(burst, constant(1))), 0, None, 100 * SECOND)
    pool.request_window_size(size)
    with pytest.raises(
        StuckClockError, match='1000 visits of one worker at one instant; states: "a"'
    ):
        for window in pool.windows():
            assert len(window)
