"""What the workers of a long run came to, counted in its truth and by nothing of what foretells it."""

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.support.helpers import invoke

Spec = dict[str, Any]
START = "2027-03-12"
_END = "last of all"  # a state, and its emitter, that is the end of every worker
_SILENT = "nothing said"


@dataclass(frozen=True)
class WorkerRun:
    """The n workers that began in the first half of a run.

    `lives`, seconds, float64[n], are theirs; `visits`, float64[n, S], those of each state, and `records`, float64[n, E], those of each
    emitter. `size` is the mean bytes of all records. `unended` of those that began were there still at the end, and are left out.
    """

    lives: NDArray[Any]
    visits: NDArray[Any]
    records: NDArray[Any]
    size: float
    unended: int


def with_ends(spec: Spec) -> Spec:
    """Return a specification whose workers have a record at their end, and one for each visit without any."""
    made: Spec = json.loads(json.dumps(spec))
    for state in made["states"]:
        state["emitter"] = state.get("emitter") or _SILENT
        for way in state["transitions"]:
            if way["next"].lower() == "stop":
                way["next"] = _END
    ways = [{"next": "stop", "probability": 1}]
    made["states"].append({"name": _END, "emitter": _END, "transitions": ways})
    made["emitters"] += [{"name": each, "dimensions": []} for each in (_END, _SILENT)]
    return made


def worker_run(spec: Spec, folder: Path, records: int, most: int = 50, seed: int = 1) -> WorkerRun:
    """Return what so many workers at a time came to, in so many events. The file of the truth goes into a folder."""
    truth = folder / "truth.jsonl"
    outcome = invoke(
        "-n", str(records), "-m", str(most), "-s", START, "--seed", str(seed), "--schedule", "none", "-q",
        "--truth", str(truth), spec=with_ends(spec),
    )  # fmt: skip
    assert outcome.status == 0, outcome.err
    states = {state["name"]: number for number, state in enumerate(spec["states"])}
    emitters = {each["name"]: number for number, each in enumerate(spec["emitters"])}
    events = [json.loads(line) for line in truth.read_bytes().splitlines()]
    middle = events[len(events) // 2]["time"]
    begins: dict[int, str] = {}
    ends: dict[int, str] = {}
    visits: dict[int, list[int]] = {}
    counts: dict[int, list[int]] = {}
    sizes, latest = [], (-1, -1)
    for event, text in zip(events, outcome.out.splitlines(keepends=True), strict=False):
        worker, visit, emitter = event["worker"], event["visit"], event["emitter"]
        if emitter in emitters:
            sizes.append(len(text))
        if worker not in begins:
            if event["time"] > middle:
                continue
            begins[worker] = event["time"]
            visits[worker], counts[worker] = [0] * len(states), [0] * len(emitters)
        if event["state"] == _END:
            ends[worker] = event["time"]
            continue
        if emitter in emitters:
            counts[worker][emitters[emitter]] += 1
        if (worker, visit) != latest:  # a visit may have several records, one after the other
            latest = worker, visit
            visits[worker][states[event["state"]]] += 1
    ended = sorted(ends)
    lives = [_seconds(ends[each]) - _seconds(begins[each]) for each in ended]
    return WorkerRun(
        np.array(lives),
        np.array([visits[each] for each in ended], dtype=np.float64),
        np.array([counts[each] for each in ended], dtype=np.float64),
        float(np.mean(sizes)),
        len(begins) - len(ended),
    )


def _seconds(time: str) -> float:
    return datetime.fromisoformat(time).timestamp()
