"""Several populations in one stream: each as if alone, all in order."""

import copy
import json

import pytest

from datagen.instants import NAIVE
from datagen.part import WHOLE, Part
from datagen.simulation.build import build_machine, machines_of
from datagen.simulation.cursor import machine_cursor
from datagen.simulation.pools import Pools
from datagen.simulation.source import Simulation
from datagen.simulation.worker_keys import keys_of
from datagen.spec.parsing import parse_spec
from tests.simulation.test_workers import visits_of
from tests.support.machines import Spec, constant, exponential, spec_of
from tests.support.plain_curves import SECOND, micros
from tests.support.reference import Visit, plain_visits

START = micros("2027-03-12T08:00:00")
END = START + 60 * SECOND
CAP = 7
SPEC = spec_of(
    {
        "a": (exponential(2), {"b": 0.7, "stop": 0.3}),
        "b": (constant(0.5), {"a": 0.5, "b": 0.3, "stop": 0.2}),
        "c": (constant(0), {"c": 0.9, "d": 0.1}),
        "d": (exponential(1), {"stop": 1}),
    },
    exponential(1),
)
del SPEC["interarrival"]
SPEC["populations"] = [
    {"name": "people", "start": "a", "interarrival": exponential(0.5)},
    {"name": "bots", "start": "b", "interarrival": constant(1), "max": 3},
    {"name": "crowd", "start": "c", "total": 40},
    {"name": "few", "start": "b", "interarrival": exponential(3), "total": 5, "max": "none"},
]
TIMED = copy.deepcopy(SPEC)
TIMED["states"][0]["delay"] = {
    "type": "gmm_temporal", "mean": 2, "days": {"5": [{"utc_hour": 9, "sigma": 3, "weight": 1}]},
}  # fmt: skip


class Parameters:
    """What a simulation needs to know of a run."""

    seed, schedule, max_workers = 1, None, CAP

    def __init__(self, part: Part) -> None:
        self.part = part


def stream_of(spec: Spec, part: Part = WHOLE, before: object = None) -> Pools:
    """Return the stream of a specification."""
    simulation = Simulation(parse_spec(spec, "test.json")[0], Parameters(part), NAIVE)
    stream = simulation.begin(START, END, lambda: False, before)  # type: ignore[arg-type]
    assert isinstance(stream, Pools)
    return stream


def plain(spec: Spec, part: Part = WHOLE) -> list[Visit]:
    """Return the visits of each population by itself, all in order."""
    parsed, _ = parse_spec(spec, "test.json")
    machine, found = build_machine(parsed, 1, part=part), []
    for number, (own, each) in enumerate(
        zip(machines_of(machine, parsed, None), parsed.arrivals, strict=True)
    ):
        cap = each.cap(CAP) or 10**6
        visits = plain_visits(own, START, cap, END, total=each.limits.total)
        found += [
            (time, keys_of(number, worker), visit, state) for time, worker, visit, state in visits
        ]
    return sorted(found)


@pytest.mark.parametrize("part", [WHOLE, Part(1, 3)], ids=str)
@pytest.mark.parametrize("spec", [SPEC, TIMED], ids=["untimed", "timed"])
@pytest.mark.parametrize("windows", ["own", "huge", "random", "tiny"])
def test_visits_are_those_of_plain_populations(spec: Spec, part: Part, windows: str) -> None:
    """Each has a cap, a total, a first state and arrivals of its own, and windows do not show."""
    expected = plain(spec, part)
    assert {key >> 48 for _, key, _, _ in expected} == {0, 1, 2, 3}
    assert visits_of(stream_of(spec, part), windows) == expected


def test_only_a_name_says_what_a_population_draws() -> None:
    """Others may come, go or change places."""
    alone, other = copy.deepcopy(SPEC), copy.deepcopy(SPEC)
    alone["populations"] = [SPEC["populations"][1], SPEC["populations"][0]]
    other["populations"][0]["name"] = "others"

    def of(spec: Spec, number: int) -> list[Visit]:
        return [(t, k & ((1 << 48) - 1), v, s) for t, k, v, s in plain(spec) if k >> 48 == number]

    assert of(alone, 0) == of(SPEC, 1) == of(other, 1)
    assert of(alone, 1) == of(SPEC, 0) != of(other, 0)


def test_a_cursor_goes_on_with_all_of_them() -> None:
    """From each position, which is JSON in between."""
    simulation = Simulation(parse_spec(SPEC, "test.json")[0], Parameters(WHOLE), NAIVE)
    stream = stream_of(SPEC)
    stream.request_window_size(40)
    rows: list[Visit] = []
    cursors = []
    for window in stream.windows():
        cursors.append((len(rows), simulation.cursor(stream)))
        rows += zip(*(each[window.order].tolist() for each in (window.times, window.workers, window.visits, window.states)), strict=True)  # fmt: skip
        cursors[-1] = len(rows), simulation.cursor(stream)
    assert rows == plain(SPEC)
    for count, cursor in cursors[:: max(len(cursors) // 6, 1)]:
        again = machine_cursor(json.loads(json.dumps(cursor.to_json())))
        assert again.names == ("people", "bots", "crowd", "few")
        assert visits_of(stream_of(SPEC, before=again), "random") == rows[count:]


def test_a_run_of_totals_ends() -> None:
    """When the last worker has ended there is no more to come."""
    spec = copy.deepcopy(SPEC)
    spec["populations"] = spec["populations"][2:]
    stream = stream_of(spec)
    stream.end = END + 10**6 * SECOND
    assert len({key for _, key, _, _ in visits_of(stream, "own")}) == 45
    assert stream.exhausted
