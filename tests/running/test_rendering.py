"""Batches become records the same way wherever that is done."""

import pickle
from typing import Any

import pytest

from datagen.formats import FORMATS
from datagen.formats.rendered import RecordBytes
from datagen.instants import parse_instant
from datagen.running.pipeline import Run
from datagen.running.plan import Plan
from datagen.running.rendering import RenderingJob
from datagen.simulation.source import Simulation
from datagen.targets import Target
from tests.running import test_plan
from tests.simulation.test_settling import SPECS, simulation, windows


@pytest.mark.parametrize("kind", ["json", "csv", "parquet", "avro"])
def test_job_makes_the_records_that_the_run_makes(kind: str) -> None:
    """Of a window that is handed over, when both have been somewhere else; encodings are those of here."""
    made = plan(spec=spec_of("counting"), format=FORMATS.parse({"type": kind}))
    source = simulation(SPECS["counting"])
    here = Run(made)._delivery.rendering
    answer = pickle.loads(pickle.dumps(RenderingJob.of(made, source.prepared, 0))).start()
    usual = simulation(SPECS["counting"])
    for window, same in zip(windows(source, 50), windows(usual, 50), strict=True):
        work = pickle.loads(pickle.dumps(source.hand_over(window).work, protocol=5))
        other = here.rendered(pickle.loads(in_band(answer(work, 0))))
        mine = here.render(usual.batch(same))
        assert content(other.payload) == content(mine.payload)
        assert other.payload.encoding is mine.payload.encoding
        assert other.times.tolist() == mine.times.tolist()


def test_texts_that_targets_ask_for_come_along() -> None:
    """Such as keys of messages; None where there is none."""
    target = keyed()
    made = plan(spec=spec_of("counting"), target=target)
    source = simulation(SPECS["counting"])
    window = next(iter(windows(source, 50)))
    answer = RenderingJob.of(made, source.prepared, 0).start()(source.hand_over(window).work, 0)
    assert len(answer.labels["key"]) == len(answer.batch) > 0
    assert set(answer.labels["key"]) <= {str(number) for number in range(1000, 1100)}


def test_batches_come_back_without_their_fields() -> None:
    """These are text now."""
    made, source = plan(spec=spec_of("plain")), simulation(SPECS["plain"])
    window = next(iter(windows(source, 50)))
    batch = (
        RenderingJob.of(made, source.prepared, 0).start()(source.hand_over(window).work, 0).batch
    )
    assert batch.groups == () and len(batch) == len(batch.workers) > 0
    assert batch.waits == ()


def plan(**keys: Any) -> Plan:
    """Return a plan whose instants are written without an offset."""
    return test_plan.plan(start=parse_instant("2027-03-12"), **keys)


def spec_of(name: str) -> Any:
    """Return a checked specification."""
    source = simulation(SPECS[name])
    assert isinstance(source, Simulation)
    return source._spec


def keyed() -> Target:
    """Return a target whose messages have keys."""
    from datagen.targets import TARGETS

    keys = {"type": "kafka", "endpoint": "localhost:9", "topic": "t", "topic_key": ["session"]}
    return TARGETS.parse(keys)


def in_band(value: Any) -> bytes:
    """Return an object pickled, arrays included."""
    return pickle.dumps(value, protocol=5)


def content(payload: Any) -> Any:
    """Return what a payload holds."""
    if isinstance(payload, RecordBytes):
        return bytes(payload.data), payload.ends.tolist()
    return payload.table.to_pydict()
