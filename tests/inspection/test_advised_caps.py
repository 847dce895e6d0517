"""The cap that is advised before a run, against arrivals that wait."""

import io
import json
from dataclasses import replace

import pytest

from datagen.formats.variable_texts import VariableTexts
from datagen.inspection.explaining import explained
from datagen.instants import SECOND, parse_instant
from datagen.running.clock import Moment
from datagen.running.loading import load
from datagen.running.options import Request
from datagen.running.plan import Plan
from datagen.simulation.cap import NEVER
from datagen.simulation.source import Simulation
from datagen.spec.generator import Generator
from tests.guarantees.golden import SPECS

NOW = Moment(parse_instant("2027-05-01"), 12.5)
ARRIVALS = 20_000


def planned(name: str) -> Plan:
    """Return a run of a preset with room for one worker."""
    text = (SPECS / f"{name}.json").read_text(encoding="utf-8")
    request = Request(start="2027-03-12", max_workers=1, schedule="none")
    return load(request, 1, io.BytesIO(json.dumps(json.loads(text)).encode()))[0]


def waits(plan: Plan, seconds: float, most: int, seed: int) -> int:
    """Return how many arrivals of a run waited."""
    capped = replace(plan, max_workers=most, seed=seed)
    assert isinstance(capped.spec, Generator)
    simulation = Simulation(
        capped.spec, capped, capped.style, VariableTexts(capped.spec.variable_types)
    )
    assert not simulation.prepare()
    assert capped.start is not None
    begin = capped.start.micros
    simulation.start_stream(begin)
    end = begin + int(seconds * SECOND)
    stream = simulation.begin(begin, end, lambda: False)
    return sum(int((each.starts < NEVER).sum()) for window in stream.windows() for each in window.waits)  # fmt: skip


@pytest.mark.parametrize(
    "name", ["example", *(pytest.param(each, marks=pytest.mark.long) for each in (
        "dns_queries", "kubernetes_json", "payments", "ssh_auth", "web_access"))],
)  # fmt: skip
def test_no_arrival_waits_with_the_advice(name: str, request: pytest.FixtureRequest) -> None:
    """In ten seeds; with 0.9 of the mean number alive some do."""
    plan = planned(name)
    said = explained(plan, plan.start_at(NOW))
    (sentence,) = said.cap
    advised = int(sentence.split("Use -m ")[1].split()[0])
    (workers,) = said.populations
    assert workers.arrivals is not None
    seconds = ARRIVALS / workers.arrivals.mean + 5 * workers.life.mean
    seeds = range(1, 11) if request.node.get_closest_marker("long") else range(1, 4)
    assert [waits(plan, seconds, advised, seed) for seed in seeds] == [0] * len(seeds)
    few = int(0.9 * said.alive.high)
    assert min(waits(plan, seconds, few, seed) for seed in seeds) > 0
