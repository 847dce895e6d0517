"""What is said of a model before it is run, against what the workers of long runs come to.

Each mean and deviation is within 4 standard errors of what was counted, those of what was simulated or sampled included.
"""

import io
import json
import math
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from datagen.errors import SpecError
from datagen.inspection.explaining import explained
from datagen.inspection.explanation import EXACT, Explanation
from datagen.instants import parse_instant
from datagen.running.clock import Moment
from datagen.running.loading import load
from datagen.running.options import Request
from tests.guarantees.golden import PRESETS, SPECS
from tests.support import counting_machines, memory_machines
from tests.support.counted_runs import counted_run
from tests.support.worker_runs import START, Spec, WorkerRun, worker_run

NOW = Moment(parse_instant("2027-05-01"), 12.5)
COMPAT = sorted((Path(__file__).parents[3] / "shared" / "compat").rglob("*.json"))
ENDLESS = {"iot_sensors", "syslog_app"}
PROCESS = {"support_tickets"}  # whose states are not told apart in the truth
QUICK = {"example"}
KINDS = {"memory": memory_machines.random_machine, "counters": counting_machines.random_spec}


def explanation(spec: Spec, max_workers: int | str = "none") -> Explanation:
    """Return what is said of a specification."""
    request = Request(start=START, max_workers=max_workers, schedule="none")
    plan, _ = load(request, 1, io.BytesIO(json.dumps(spec).encode()))
    return explained(plan, plan.start_at(NOW))


def preset(name: str) -> Spec:
    """Return a preset's specification."""
    spec: Spec = json.loads((SPECS / f"{name}.json").read_text(encoding="utf-8"))
    return spec


def errors(spec: Spec, said: Explanation, run: WorkerRun) -> dict[str, float]:
    """Return by how many standard errors each figure is off."""
    (workers,) = said.populations
    count = len(run.lives)
    found: dict[str, float] = {}

    def compare(what: str, values: NDArray[Any], expected: float, error: float) -> None:
        wider = 1.0 if workers.method == EXACT else math.sqrt(1 + count / workers.workers)
        found[what] = float(values - expected) / max(error * wider, 1e-3 * max(expected, 1e-3))

    of_workers = run.records.sum(axis=1)
    for what, values, expected in (
        ("records", of_workers, workers.records),
        ("life", run.lives, workers.life),
    ):
        compare(what, values.mean(), expected.mean, values.std() / math.sqrt(count))
        compare(f"sd of {what}", values.std(), expected.sd, _error_of_sd(values))
    counted = {each["name"] for each in spec["emitters"] if "for_each" not in each}
    for number, state in enumerate(said.states):
        values = run.visits[:, number]
        if not state.emitters or counted & set(state.emitters):  # others may have no record
            compare(
                f"visits {state.name}", values.mean(), state.visits, values.std() / math.sqrt(count)
            )
    shares = {each.name: each.share for each in said.emitters}
    for number, emitter in enumerate(spec["emitters"]):
        own = run.records[:, number]
        share = own.sum() / of_workers.sum()
        error = (own - share * of_workers).std() / math.sqrt(count) / of_workers.mean()
        compare(f"share {emitter['name']}", share, shares.get(emitter["name"], 0.0), error)
    return found


def _error_of_sd(values: NDArray[Any]) -> float:
    """Return the standard error of a standard deviation, by the fourth moment."""
    variance = float(values.var())
    if variance == 0:
        return 0.0
    fourth = float(((values - values.mean()) ** 4).mean())
    return math.sqrt(max(fourth - variance**2, 0.0) / len(values) / variance) / 2


def check(spec: Spec, folder: Path, events: int) -> None:
    """Compare what is said with a run of so many events."""
    said, run = explanation(spec), worker_run(spec, folder, events)
    assert run.unended == 0
    off = errors(spec, said, run)
    assert {what: by for what, by in off.items() if not abs(by) <= 4} == {}
    assert said.size == pytest.approx(run.size, rel=0.02)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(each, marks=() if each in QUICK else pytest.mark.long)
        for each in PRESETS
        if each not in ENDLESS | PROCESS
    ],
)
def test_workers_of_presets(name: str, tmp_path: Path) -> None:
    """Records, life, visits of each state, shares of emitters, and bytes within 2 %."""
    check(preset(name), tmp_path, 20_000 if name in QUICK else 120_000)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "seed", [pytest.param(n, marks=() if n == 5 else pytest.mark.long) for n in range(10)]
)
def test_workers_of_random_machines(kind: str, seed: int, tmp_path: Path) -> None:
    """With values that are remembered, and with emitters that go over lists."""
    check(KINDS[kind](random.Random(seed)), tmp_path, 20_000)


@pytest.mark.long
@pytest.mark.skipif(not COMPAT, reason="../shared/compat is not here")
def test_workers_of_files_of_other_programs() -> None:
    """Records and life within 4 standard errors, bytes within 2 %: all files that can run by themselves, most of them processes.

    There are some 130 figures: one of a hundred such tests would fail by chance.
    """
    wrong, compared = {}, 0
    for path in COMPAT:
        try:
            request = Request(config=str(path), start=START, max_workers="none", schedule="none")
            plan, _ = load(request, 1)
        except SpecError:  # a child, or a schedule
            continue
        said = explained(plan, plan.start_at(NOW))
        (workers,) = said.populations
        if math.isinf(workers.life.mean):
            continue
        assert workers.arrivals is not None
        run = counted_run(plan, 0, 20_000 / workers.records.mean / workers.arrivals.mean)
        (own,) = run.populations
        assert run.unended == 0
        root, compared = math.sqrt(len(own.lives)), compared + 1
        for what, values, expected in (
            ("records", own.records.sum(axis=1), workers.records),
            ("life", own.lives, workers.life),
        ):
            error = max(float(values.std()), expected.sd) / root  # whoever has many may be rare
            if abs(float(values.mean()) - expected.mean) > 4 * error + 1e-6:
                wrong[f"{path.name}: {what}"] = float(values.mean()), expected.mean
        if run.size != pytest.approx(said.size, rel=0.02):
            wrong[f"{path.name}: bytes"] = run.size or 0.0, said.size
    assert wrong == {}
    assert compared > 50


@pytest.mark.parametrize("name", sorted(ENDLESS))
def test_workers_that_never_end_are_said_to(name: str) -> None:
    """There is no mean then."""
    (workers,) = explanation(preset(name)).populations
    assert (workers.records.mean, workers.life.mean) == (math.inf, math.inf)


@pytest.mark.long
def test_bytes_of_workers_that_never_end() -> None:
    """Records of programs of a shop, which differ in length: some bring hundreds an hour, some a few."""
    said = explanation(preset("syslog_app"))
    request = Request(start=START, max_workers="none", schedule="none")
    plan, _ = load(request, 1, io.BytesIO(json.dumps(preset("syslog_app")).encode()))
    run = counted_run(plan, 800, 600, most=250_000)
    assert run.unended == len(run.populations[0].lives) > 1000
    assert run.size == pytest.approx(said.size, rel=0.02)


def test_a_list_at_some_states_only_counts_there() -> None:
    """As many records as the list has elements, and one of the emitter beside it."""
    spec = {
        "states": [
            {"name": "a", "emitter": "one", "transitions": [{"next": "b", "probability": 1}]},
            {"name": "b", "emitter": ["one", "many"], "transitions": [{"next": "stop", "probability": 1}],
             "variables": [{"name": "items", "type": "list", "elements": [{"type": "counter"}],
                            "length_distribution": {"type": "constant", "value": 4},
                            "selection_distribution": {"type": "constant", "value": 0}}]},
        ],
        "emitters": [{"name": "one", "dimensions": []},
                     {"name": "many", "for_each": "items", "dimensions": []}],
        "interarrival": {"type": "exponential", "mean": 1},
    }  # fmt: skip
    said = explanation(spec)
    assert said.populations[0].records.mean == pytest.approx(6)
    assert said.populations[0].records.sd == pytest.approx(0)
    assert {each.name: each.share for each in said.emitters} == pytest.approx(
        {"one": 1 / 3, "many": 2 / 3}
    )
    assert [each.records for each in said.states] == pytest.approx([1, 5])
    assert np.isclose(sum(each.share for each in said.states), 1)
