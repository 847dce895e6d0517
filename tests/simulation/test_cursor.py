"""The cursor of a machine as JSON."""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from datagen.part import WHOLE, Part
from datagen.position import pack
from datagen.simulation.cursor import MachineCursor, machine_cursor
from datagen.simulation.states import CounterTotals, PoolCursor, WorkerStates
from tests.support.helpers import invoke
from tests.support.machines import exponential

PATH = ("states", "a", "variables", "n")
A, B, C, D = np.arange(8).reshape(4, 2)
ALIVE = WorkerStates(
    A, B, C, D, memory=np.arange(12).reshape(2, 2, 3), held=np.zeros(2, dtype=np.int64)
)
CURSOR = MachineCursor(
    (PoolCursor(ALIVE, started=9, last_start=70, since=80),),
    CounterTotals({PATH: 5}, {PATH: (np.array([0, 1]), np.array([3, 4]))}),
)


def test_cursor_comes_back_from_json() -> None:
    """All of it: workers with what they remember, arrivals, counters."""
    found = machine_cursor(json.loads(json.dumps(CURSOR.to_json())))
    for column, other in zip(found.pools[0].alive.columns(), ALIVE.columns(), strict=True):
        assert np.array_equal(column, other)
    assert (found.pools[0].started, found.pools[0].last_start, found.since) == (9, 70, 80)
    assert found.counters.totals == {PATH: 5}
    assert [each.tolist() for each in found.counters.carried[PATH]] == [[0, 1], [3, 4]]


def test_keys_are_those_of_earlier_versions() -> None:
    """A checkpoint of an earlier version goes on."""
    assert list(CURSOR.to_json()) == [
        "started", "last_start", "since", "marks", "workers", "visits", "states", "times", "memory",
        "totals", "carried",
    ]  # fmt: skip


def test_arrays_of_different_lengths_are_refused() -> None:
    """Workers have all of it."""
    with pytest.raises(ValueError, match="no position of a machine"):
        machine_cursor({**CURSOR.to_json(), "times": pack(np.arange(3))})


def test_cursor_belongs_to_the_part_of_its_workers() -> None:
    """Those that are alive, and the next to start."""
    alive = WorkerStates(
        np.array([4, 10]),
        B,
        C,
        D,
        memory=np.arange(12).reshape(2, 2, 3),
        held=np.zeros(2, dtype=np.int64),
    )
    cursor = MachineCursor((PoolCursor(alive, 16, 70, 80),), CounterTotals({}, {}))
    parts = [WHOLE, Part(1, 3), Part(4, 6), Part(0, 3), Part(1, 6)]
    assert [cursor.belongs_to(part) for part in parts] == [True, True, True, False, False]
    next_is_not = MachineCursor((PoolCursor(alive, 15, 70, 80),), CounterTotals({}, {}))
    assert not next_is_not.belongs_to(Part(1, 3))


def remembering() -> dict[str, Any]:
    """Return workers that remember the text that a template has made of a number that they have no more."""
    number = {"name": "n", "type": "int", "distribution": {"type": "uniform", "min": 0, "max": 99}}
    text = {"name": "t", "type": "variable:template", "template": "n{{ n }}"}
    return {
        "interarrival": exponential(1),
        "states": [
            {"name": "a", "emitter": "e", "variables": [number, text], "delay": exponential(30),
             "transitions": [{"next": "b", "probability": 1}]},
            {"name": "b", "emitter": "e", "variables": [number], "delay": exponential(30),
             "transitions": [{"next": "b", "probability": 0.7}, {"next": "stop", "probability": 0.3}]},
        ],
        "emitters": [{"name": "e", "dimensions": [
            {"name": each, "type": "variable", "variable": each} for each in ("t", "n")]}],
    }  # fmt: skip


def test_run_goes_on_from_the_texts_that_earlier_versions_wrote(tmp_path: Path) -> None:
    """Byte for byte: the key `texts` had what is under `values` now."""
    path, output = tmp_path / "c.json", tmp_path / "out.json"
    run = ("-s", "2027-03-12", "--seed", "3", "-q")
    whole = invoke(*run, "-n", "600", spec=remembering()).out
    spec = {**remembering(), "target": {"type": "file", "path": str(output)}}
    assert invoke(*run, "-n", "300", "--resume", str(path), spec=spec).status == 0
    found = json.loads(path.read_text())
    cursor = found["run"]["cursor"]
    [(workers, texts)] = cursor["values"].values()
    assert len(set(texts)) > 5
    found["run"]["cursor"] = {"texts": {"t": [workers, texts]}} | {
        key: each for key, each in cursor.items() if key != "values"
    }
    body = json.dumps(found["run"], separators=(",", ":"))
    checksum = hashlib.sha256(body.encode()).hexdigest()
    path.write_text(f'{{"checkpoint":1,"sum":"{checksum}","run":{body}}}\n')
    again = invoke(*run, "-n", "300", "--resume", str(path), spec=spec)
    assert (again.status, again.err) == (0, "")
    assert output.read_bytes() == whole


@pytest.mark.parametrize("texts", [["n1"], "n1", ["n1", "n2", "n3"]])
def test_texts_of_other_workers_are_refused(texts: Any) -> None:
    """There is one for each."""
    with pytest.raises(ValueError, match="no position of a machine"):
        machine_cursor({**CURSOR.to_json(), "texts": {"t": [pack(A), texts]}})
