"""What the tests of resume share."""

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from datagen.cli.signals import Interruption
from datagen.formats import JsonLines
from datagen.instants import SECOND, Instant, parse_instant
from datagen.running import checkpoint
from datagen.running.checkpoint import CheckpointFile, CheckpointOptions
from datagen.running.observer import Observer
from datagen.running.pipeline import Run
from datagen.running.plan import Plan
from datagen.spec.parsing import parse_spec
from datagen.targets import Target
from datagen.targets.files.target import FileTarget
from datagen.targets.stdout import StdoutTarget
from tests.guarantees.kill import counting
from tests.running.test_clock import Time
from tests.support.helpers import Outcome, invoke
from tests.support.machines import Spec, exponential

ROOT = Path(__file__).parents[3]
PRESETS = sorted(path.stem for path in (ROOT / "conf" / "gen").glob("*.json"))
CROWDED = (
    "dns_queries", "kubernetes_json", "ssh_auth", "syslog_app", "vpc_flow_logs", "web_access",
)  # fmt: skip
START = "2027-03-12T05:20:13"
FIXED = ("-s", START, "--seed", "7", "-q")
SLOW: Spec = {**counting(), "interarrival": exponential(30)}


def into(target: Spec, spec: Spec | None = None) -> Spec:
    """Return a specification with a target."""
    return {**(spec or counting()), "target": target}


def run(spec: Spec, *arguments: str) -> Outcome:
    """Run with a checkpoint; it has to go well."""
    outcome = invoke(*FIXED, "--resume", "ck", *arguments, spec=spec)
    assert outcome.status == 0, outcome.err
    return outcome


def whole(spec: Spec, *arguments: str) -> bytes:
    """Return what stdout gets from one run, without a checkpoint."""
    return invoke(*FIXED, *arguments, spec={**spec, "target": {"type": "stdout"}}).out


def files(folder: Path) -> dict[str, bytes]:
    """Return what the files of a folder hold, but for the checkpoint."""
    paths = [
        path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("ck")
    ]
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(paths)}


def same_as_one(
    folder: Path, monkeypatch: pytest.MonkeyPatch, spec: Spec, *arguments: str
) -> dict[str, bytes]:
    """See that files are those of one run without a checkpoint; give them."""
    other = folder / "one"
    (other / "d").mkdir(parents=True)
    with monkeypatch.context() as patch:
        patch.chdir(other)
        assert invoke(*FIXED, *arguments, spec=spec).status == 0
    wanted = files(other)
    found = {name: data for name, data in files(folder).items() if not name.startswith("one/")}
    assert sorted(found) == sorted(wanted)
    assert found == wanted
    return found


TARGETS: dict[str, Spec] = {
    "counters": {"type": "file", "path": "a.jsonl"},
    "gzip": {"type": "file", "path": "a.jsonl.gz"},
    "csv": {"type": "file", "path": "a.csv", "format": "csv"},
    "parts": {"type": "file", "path": "%Y%m%dT%H.csv.zst", "format": "csv"},
    "names that come again": {"type": "file", "path": "d/%I.json.gz"},
    "appended": {"type": "file", "path": "%H.json", "mode": "append"},
    "parquet": {"type": "file", "path": "%H.parquet"},
    "arrow": {"type": "file", "path": "%H.arrow"},
    "avro": {"type": "file", "path": "%H.avro"},
    "tee": {
        "type": "tee",
        "targets": [
            {"type": "file", "path": "b.csv.gz", "format": "csv"},
            {"type": "file", "path": "%d-%H.json"},
            {"type": "tee", "targets": [{"type": "file", "path": "c.txt"}, {"type": "null"}]},
        ],
    },
}


OUT = {"type": "file", "path": "out"}


def checkpoints_written(patch: pytest.MonkeyPatch) -> list[checkpoint.Checkpoint]:
    """Return the list to which each checkpoint is added when it is written."""
    taken: list[checkpoint.Checkpoint] = []
    written = CheckpointFile.write

    def write(file: CheckpointFile, each: checkpoint.Checkpoint) -> None:
        taken.append(each)
        written(file, each)

    patch.setattr(CheckpointFile, "write", write)
    return taken


def plan_of(spec: Spec, target: Target | None = None, **keys: Any) -> Plan:
    """Return the plan of a run, on the simulated clock unless told."""
    parsed, _ = parse_spec(spec, "test.json")
    start = parse_instant(START)
    made = Plan(parsed, "test.json", target or FileTarget(path="out"), JsonLines(), start, 7, 100)
    return replace(made, **keys)


def go_on(plan: Plan, observer: Observer | None = None, **keys: Any) -> bytes:
    """Run a plan that is kept; give what stdout got."""
    with CheckpointFile("ck") as file:
        before = file.read()
        if before:
            plan = replace(plan, start=before.start)
        run = Run(replace(plan, checkpointing=CheckpointOptions(file, 10.0, before)))
        out = io.BytesIO()
        with Interruption(lambda _: None) as interruption:
            run.deliver(out, interruption, observer=observer, **keys)
    return out.getvalue()


def at(monkeypatch: pytest.MonkeyPatch, seconds: float) -> int:
    """Let it be so many seconds after the start of the first run."""
    now = Instant(parse_instant(START).micros + round(seconds * SECOND), parse_instant(START).style)
    monkeypatch.setattr("datagen.running.clock.utc_now", lambda: now)
    return now.micros


def live(
    monkeypatch: pytest.MonkeyPatch, seconds: float, spec: Spec, **keys: Any
) -> tuple[list[dict[str, Any]], Time]:
    """Run on the real clock from so many seconds after the first start; give records and time."""
    base, passing = at(monkeypatch, seconds), Time()
    plan = plan_of(spec, StdoutTarget(), real_clock=True, start=None, **keys)
    clock = passing.clock(base, history=seconds > 0)
    return [json.loads(line) for line in go_on(plan, clock=clock).splitlines()], passing


def records(spec: Spec, *limits: str) -> list[dict[str, Any]]:
    """Return the records of one run."""
    return [json.loads(line) for line in whole(spec, *limits).splitlines()]


def alive(seed: int, *warm: str) -> float:
    """Return the mean number of workers alive in the first minute, from when each begins and ends."""
    born = [{"name": "born", "type": "clock"}]
    spec = {
        "interarrival": exponential(1),
        "states": [
            {"name": "on", "emitter": "e", "delay": exponential(20), "variables": born,
             "transitions": [{"next": "off", "probability": 1}]},
            {"name": "off", "emitter": "e", "transitions": [{"next": "stop", "probability": 1}]},
        ],
        "emitters": [{"name": "e", "dimensions": [{"name": "born", "type": "variable", "variable": "born"}]}],
    }  # fmt: skip
    found = invoke("-s", START, "--seed", str(seed), "-q", "-r", "5M", *warm, spec=spec).records
    ends = [(each["born"], each["time"]) for each in found if each["born"] < each["time"]]
    start = parse_instant(START).micros
    spans = np.array([[parse_instant(text).micros - start for text in pair] for pair in ends])
    return float((np.clip(spans, 0, 60 * SECOND) @ [-1, 1]).sum() / (60 * SECOND))
