"""Processes agree with their Markov chains: visits, records and life of a worker, and the rate.

Transitions make a process an absorbing chain with the matrix Q between its states. A worker's visits
are then, on average, the row of the start in the fundamental matrix N = (1 - Q)^-1, and the variance
of those to state j is N[start, j] (2 N[j, j] - 1) - N[start, j]^2 (Kemeny and Snell, Finite Markov
Chains, 1960, chapter III); records and waits follow from them. All at one fixed seed.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from datagen.distributions.parsing import parse_distribution
from datagen.instants import DAY
from datagen.simulation.build import build_machine
from datagen.simulation.paths import walk
from datagen.simulation.pool import Pool
from datagen.simulation.states import unstarted_workers
from datagen.spec.parsing import parse_spec
from datagen.spec.state_graph import STOP
from tests.guarantees.golden import SPECS

pytestmark = pytest.mark.statistical

FOLDER = Path(__file__).parents[3] / "shared" / "compat" / "bpmn"
FILES = [path for path in [SPECS / "support_tickets.json", *sorted(FOLDER.glob("*.json"))]
         if b'"states"' in path.read_bytes()]  # fmt: skip
WORKERS = 150_000
WITHIN = 0.01
LEAST_Z = 3.89  # p = 1e-4


@dataclass(frozen=True)
class Chain:
    """What a process comes to: of a worker, on average; the interarrival time in seconds."""

    visits: dict[str, float]
    deviations: dict[str, float]
    records: float
    seconds: float
    interarrival: float


@cache
def spec_of(file: Path) -> dict[str, Any]:
    """Return a specification."""
    spec: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return spec


def mean_of(state: dict[str, Any]) -> float:
    """Return the mean time of a timer."""
    return parse_distribution(state["cardinality_distribution"]).mean()


@cache
def exact(file: Path) -> Chain:
    """Compute the chain of a process from its file, by nothing but linear algebra."""
    states = spec_of(file)["states"]
    numbers = {state["name"]: number for number, state in enumerate(states)}
    assign_next: NDArray[np.float64] = np.zeros((len(states), len(states)))
    for number, state in enumerate(states):
        for way in state.get("transitions", []):
            assign_next[number, numbers[way["next"]]] += way["probability"]
        if "next" in state:
            assign_next[number, numbers[state["next"]]] = 1
    assign_next /= np.maximum(assign_next.sum(axis=1, keepdims=True), 1e-300)
    (first,) = (state["name"] for state in states if state["type"] == "event:start:timer")
    fundamental = np.linalg.inv(np.eye(len(states)) - assign_next)
    visits = fundamental[numbers[first]]
    variances = visits * (2 * np.diag(fundamental) - 1) - visits**2
    waits = [mean_of(state) if "intermediate" in state["type"] else 0.0 for state in states]
    emits = [float(bool(state.get("emitter"))) for state in states]
    return Chain(
        dict(zip(numbers, visits.tolist(), strict=True)),
        dict(zip(numbers, np.sqrt(np.maximum(variances, 0)).tolist(), strict=True)),
        float(visits @ emits), float(visits @ waits), mean_of(states[numbers[first]]),
    )  # fmt: skip


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.stem))
def test_lives_of_workers_agree_with_the_chain(file: Path) -> None:
    """The mix of states, records of a session and its length, within 1 %, of 150,000 whole lives.

    The mix is compared as a whole, by the distance of the shares; the visits of each activity are to
    be what they should be by their own deviation (p > 1e-4).
    """
    chain, machine = exact(file), build_machine(parse_spec(spec_of(file), file.name)[0], 1)
    paths = walk(
        machine, unstarted_workers(0, WORKERS, len(machine.variable_groups)), 1 << 60, 1 << 60
    )
    assert (paths.after.states == STOP).all()
    assert paths.after.times.mean() / 1e6 == pytest.approx(chain.seconds, rel=WITHIN)
    emitted = np.count_nonzero(machine.emitter_of[paths.states] >= 0)
    assert emitted / WORKERS == pytest.approx(chain.records, rel=WITHIN)
    counts = np.bincount(paths.states, minlength=len(machine.names))
    means, slack = counts / WORKERS, LEAST_Z / WORKERS**0.5
    activities = [state["name"] for state in spec_of(file)["states"] if state["type"] == "activity"]
    numbers = [machine.names.index(name) for name in activities]
    wanted = np.array([chain.visits[name] for name in activities])
    for number, name in zip(numbers, activities, strict=True):
        away = abs(means[number] - chain.visits[name])
        assert away <= slack * chain.deviations[name] + 1e-9, name
    shares = means[numbers] / means[numbers].sum()
    assert np.abs(shares - wanted / wanted.sum()).sum() / 2 < WITHIN


def test_records_come_at_the_rate_of_the_chain() -> None:
    """Without a cap: records a second are those of a worker over the interarrival time, within 1 %.

    400 days are long beside the life of a ticket; the first five, in which they fill up, do not count.
    """
    file = SPECS / "support_tickets.json"
    chain, machine = exact(file), build_machine(parse_spec(spec_of(file), file.name)[0], 1)
    pool, records, alive = Pool(machine, 0, 1_000_000, 400 * DAY), 0, []
    for visits in pool.windows():
        pool.request_window_size(30_000)
        counted = visits.times >= 5 * DAY
        records += int(np.count_nonzero(machine.emitter_of[visits.states[counted]] >= 0))
        alive.append(len(visits.alive))
    rate = chain.records / chain.interarrival
    assert records / (395 * 86_400) == pytest.approx(rate, rel=WITHIN)
    assert np.mean(alive[5:]) == pytest.approx(chain.seconds / chain.interarrival, rel=0.1)
