"""Kills runs with SIGKILL, has them go on until they are done, and compares what they leave.

`python -m tests.guarantees.kill --kills 300`. Each run is a process of its own, made by fork so that nothing is
imported again. It is killed either at a random moment after it has begun, also by a signal that lets it end
in order, or right before or after a random one of the system calls by which targets and checkpoints are written. What is left in the
end has to be, byte for byte, what a run leaves that is not killed and keeps no checkpoint.
"""

import argparse
import gzip
import io
import json
import os
import random
import select
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import datagen.running.loading
import datagen.running.pipeline  # noqa: F401 - imported before the fork
import generator
from tests.support.machines import Spec, constant, exponential

CALLS = ("write", "fsync", "replace", "ftruncate", "open", "makedirs")
START = "2027-03-12T05:20:13"
KEPT_FILES = {"ck", "ck.lock", "ck.part", "spec.json", "t.json", "source.csv"}
SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
MOST = 8  # kills of one run
_PATIENCE = 120  # seconds for a run that is not killed


def counting() -> Spec:
    """Return sessions that count, also in variables that many records show."""
    dimensions = [
        {"name": "n", "type": "counter"},
        {"name": "session", "type": "variable", "variable": "session"},
        {"name": "step", "type": "variable", "variable": "step"},
    ]
    held = [{"name": "session", "type": "counter", "start": 1000}]
    steps = [
        {"name": "step", "type": "list", "elements": [{"type": "counter", "percent_nulls": 20}],
         "length_distribution": constant(2), "selection_distribution": constant(0)}
    ]  # fmt: skip
    return {
        "interarrival": exponential(3),
        "states": [
            {"name": "in", "emitter": "e", "delay": exponential(200), "variables": held,
             "transitions": [{"next": "on", "probability": 1}]},
            {"name": "on", "emitter": "e", "delay": exponential(20), "variables": steps,
             "transitions": [{"next": "on", "probability": 0.8}, {"next": "stop", "probability": 0.2}]},
        ],
        "emitters": [{"name": "e", "dimensions": dimensions}],
    }  # fmt: skip


def remembering() -> Spec:
    """Return shoppers whose paths look at what they remember, orders that come into being, and counters that share."""
    pools = {
        "products": {"count": 40, "attributes": [
            {"name": "price", "type": "int", "distribution": {"type": "uniform", "min": 1, "max": 50}}]},
        "orders": {"count": 0, "attributes": []},
    }  # fmt: skip
    cart = [
        {"name": "product", "type": "entity", "entity": "products", "where": "price < 45"},
        {"name": "total", "type": "expression", "initial": 0, "expr": "total + product.price"},
        {"name": "lines", "type": "expression", "initial": [], "expr": "lines + [product.id]"},
    ]
    paid = [
        {"name": "order", "type": "entity", "entity": "orders", "new": True, "field": "id"},
        {"name": "earlier", "type": "entity", "entity": "orders", "field": "id"},
    ]
    document = {"type": "counter", "sequence": "documents"}
    return {
        "entities": pools,
        "interarrival": exponential(6),
        "states": [
            {"name": "cart", "emitter": "step", "delay": exponential(60), "variables": cart,
             "transitions": [{"next": "pay", "when": "total > 90"}, {"next": "cart", "when": "else"}]},
            {"name": "pay", "emitter": ["paid", "line"], "delay": exponential(200), "variables": paid,
             "transitions": [{"next": "stop", "probability": 1}]},
        ],
        "emitters": [
            {"name": "step", "dimensions": [
                {"name": "total", "type": "variable", "variable": "total"},
                {"name": "sold", "type": "counter", "per": "product.id"}]},
            {"name": "paid", "dimensions": [
                {"name": "order", "type": "variable", "variable": "order"},
                {"name": "earlier", "type": "variable", "variable": "earlier"},
                {"name": "document", **document}]},
            {"name": "line", "for_each": "lines", "dimensions": [
                {"name": "product", "type": "expression", "expr": "item"},
                {"name": "document", **document}]},
        ],
    }  # fmt: skip


def disordered(truth: str) -> Spec:
    """Return two populations whose records leave late, twice, never, and after an outage over two of the hours.

    The truth about them goes to a file, or to one each hour.
    """
    spec = counting()
    del spec["interarrival"]
    populations = [
        {"name": "people", "start": "in", "interarrival": exponential(4)},
        {"name": "bots", "start": "on", "interarrival": exponential(20), "max": 5},
    ]
    disorder = [
        {"type": "late", "share": 0.2, "delay": {"type": "exponential", "mean": 90, "max": 600}},
        {"type": "duplicate", "share": 0.1, "delay": {"type": "uniform", "min": 0, "max": 60}},
        {"type": "drop", "share": 0.03},
        {"type": "outage", "period": "outage", "then": "flush", "over": "10M", "share": 0.7},
        {"type": "skew", "share": 0.3, "per": "session", "offset": -40},
    ]
    timeline = {"outage": {"at": "2027-03-12T05:50", "for": "20M"}}
    labels = {"down": "during('outage')"}
    return {
        **spec, "populations": populations, "disorder": disorder, "timeline": timeline, "truth": truth, "labels": labels,
    }  # fmt: skip


REPLAYED = "t,n\n" + "".join(f"{n * n % 97 + 97 * n},{n}\n" for n in range(2000))
REPLAY: Spec = {
    "type": "replay", "source_file": "source.csv", "time_field": "t", "time_format": "seconds",
    "time_skipping": {"skip_probability": 0.01, "min_skip_duration": 0, "max_skip_duration": 3600},
    "null_injection": [{"field": "n", "null_probability": 0.2}],
}  # fmt: skip
SPECS: tuple[tuple[str | Spec, str], ...] = (
    ("clickstream", "2027-03-12T07:00:00"),
    ("iot_sensors", "2027-03-12T07:00:00"),
    ("payments", "2027-03-14T00:00:00"),
    (counting(), "2027-03-12T08:00:00"),
    (remembering(), "2027-03-12T07:00:00"),
    (disordered("truth.jsonl"), "2027-03-12T07:00:00"),
    (disordered("truth-%H.jsonl.gz"), "2027-03-12T07:00:00"),
    (REPLAY, "2027-03-20T00:00:00"),
)
TARGETS: tuple[Spec, ...] = (
    {"type": "file", "path": "a.jsonl"},
    {"type": "file", "path": "a.jsonl.gz"},
    {"type": "file", "path": "x-%Y%m%dT%H.json.gz"},
    {"type": "file", "path": "d/%d/%H.csv", "format": "csv", "mode": "append"},
    {"type": "file", "path": "x-%M.json"},
    {"type": "file", "path": "x-%Y%m%dT%H.parquet"},
    {
        "type": "tee",
        "targets": [
            {"type": "file", "path": "a.csv.zst", "format": "csv"},
            {"type": "file", "path": "b-%H.json"},
            {"type": "file", "path": "c.txt"},
        ],
    },
    {"type": "file", "path": "d/{emitter}.csv"},
    {"type": "file", "path": "d/{emitter}-%H.jsonl.gz", "when": "visit % 3 > 0"},
    {"type": "file", "path": "d/{emitter}.jsonl.gz"},
    {"type": "file", "path": "d/%H/{emitter}.parquet"},
    {"type": "file", "path": "d/{emitter}-%H.csv", "mode": "append"},
    {"type": "file", "path": "f.csv.gz", "when": "visit % 2 == 0"},
)


@dataclass
class Tally:
    """What has been done: runs compared, kills by how they came about, and what differed."""

    runs: int = 0
    kills: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Child:
    """How a run ended: its status, negative for a signal; the calls it made, if it ended itself."""

    status: int
    calls: int
    seconds: float
    said: str


def kill_many(kills: int, seed: int, tell: Callable[[str], None] = lambda _: None) -> Tally:
    """Kill at least so many runs."""
    dice, tally = random.Random(seed), Tally()
    while tally.kills.total() < kills and not tally.wrong:
        place = tally.runs  # each target with each specification, one after the other
        spec, until = SPECS[(place + place // len(TARGETS)) % len(SPECS)]
        target = TARGETS[place % len(TARGETS)]
        with tempfile.TemporaryDirectory() as folder:
            what = _compared(Path(folder), spec, until, target, dice, tally)
        tally.runs += 1
        tell(f"{tally.runs}: {what}")
    return tally


def _compared(
    folder: Path, spec: str | Spec, until: str, target: Spec, dice: random.Random, tally: Tally
) -> str:
    """Compare a run that is killed again and again with one that is not."""
    one, many = folder / "one", folder / "many"
    for place in (one, many):
        (place / "d").mkdir(parents=True)
        (place / "t.json").write_text(json.dumps(target))
        (place / "spec.json").write_text(json.dumps(spec))
        (place / "source.csv").write_text(REPLAYED)
    name = spec if isinstance(spec, str) else "spec.json"
    arguments = ["-c", name, "-t", "t.json", "-q", "--until", until, "--seed", "7", "-s", START]
    arguments += [] if tally.runs % 3 else ["--part", "1/2"]  # or every record of the stream
    kept = [*arguments, "--resume", "ck"]
    has_truth = not isinstance(spec, str) and "truth" in spec  # of what is settled, in a kept run
    whole = _run(one, kept if has_truth else arguments)
    if whole.status:
        tally.wrong.append(f"{name}, {target}: {whole.status} {whole.said}")
    kills = 0
    while not tally.wrong:
        how = "" if kills >= MOST else dice.choice(("call", "time"))  # so that it comes to an end
        wait = dice.random() * whole.seconds if how == "time" else None
        at = dice.randint(1, 2 * whole.calls) if how == "call" else 0
        every = dice.choice(("0S", "0.002S", "1S"))
        number = dice.choice(SIGNALS) if how == "time" else signal.SIGKILL
        jobs = ["-j", "2"] if kills == 1 else []  # it is part of no stream
        child = _run(
            many,
            [*kept, "--checkpoint-every", every, *jobs],
            wait,
            at,
            after=dice.random() < 0.5,
            by=number,
        )
        if child.status == 0:
            break
        kills += 1
        tally.kills[number.name if how == "time" else how] += 1
        if child.status not in (-number, 128 + number):
            tally.wrong.append(f"{name}, {target}: {child.status} {child.said}")
    found, wanted = _files(many), _files(one)
    if found != wanted and not tally.wrong:
        names = sorted(n for n in found.keys() | wanted if found.get(n) != wanted.get(n))
        tally.wrong.append(f"{name}, {target}: after {kills} kills: {', '.join(names)}")
    return f"{name}, {target['type']} {target.get('path', '')}: {kills} kills, {len(wanted)} files"


def _run(
    folder: Path,
    arguments: list[str],
    wait: float | None = None,
    at: int = 0,
    after: bool = False,
    by: signal.Signals = signal.SIGKILL,
) -> Child:
    """Run in a child; kill it by a signal so many seconds after it has begun, or at its n-th call."""
    sys.stdout.flush()
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reader)
        _be_the_child(folder, arguments, writer, at, after)
    os.close(writer)
    with os.fdopen(reader, "rb", buffering=0) as pipe:
        began = pipe.read(1)
        begin = time.monotonic()
        ended = select.select([pipe], [], [], _PATIENCE if wait is None else wait)[0]
        if not ended:
            os.kill(pid, by)
        told = b"".join(iter(lambda: pipe.read(4096), b"")) if began else b""
        seconds = time.monotonic() - begin
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    calls, _, said = told.decode().partition("\n")
    return Child(status, int(calls or 0), seconds, said)


def _be_the_child(folder: Path, arguments: list[str], pipe: int, at: int, after: bool) -> None:
    """Run the program and be gone; tell the parent when it begins, and when it ends how it went."""
    status = 70
    try:
        os.chdir(folder)
        counted = Calls(at, after)
        write = os.write
        counted.watch()
        write(pipe, b".")
        said = io.StringIO()
        status = generator.main(arguments, io.BytesIO(), io.BytesIO(), said)
        write(pipe, f"{counted.made}\n{said.getvalue()}".encode())
    except KeyboardInterrupt:  # before the program has begun, or when it is done
        status = 128 + signal.SIGINT
    finally:
        os._exit(status)


class Calls:
    """Counts system calls that write; at a certain one, kills the process before or after it."""

    def __init__(self, at: int, after: bool) -> None:
        self.made = 0
        self._at, self._after = at, after

    def watch(self) -> None:
        """Stand in for the calls from now on."""
        for name in CALLS:
            setattr(os, name, self._watched(getattr(os, name)))

    def _watched(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def watched(*arguments: Any, **keys: Any) -> Any:
            self.made += 1
            fatal = self.made == self._at
            if fatal and not self._after:
                os.kill(os.getpid(), signal.SIGKILL)
            done = call(*arguments, **keys)
            if fatal:
                os.kill(os.getpid(), signal.SIGKILL)
            return done

        return watched


def _files(folder: Path) -> dict[str, bytes]:
    paths = [
        path
        for path in folder.rglob("*")
        if path.is_file() and path.name not in KEPT_FILES and path.suffix != ".lock"
    ]
    return {str(path.relative_to(folder)): _content(path) for path in paths}


def _content(path: Path) -> bytes:
    """Return what a file holds; of a compressed truth its lines, since a member ends with each checkpoint."""
    data = path.read_bytes()
    return gzip.decompress(data) if path.name.startswith("truth") and ".gz" in path.name else data


def main(arguments: Sequence[str] | None = None) -> int:
    """Kill, and tell what came of it."""
    parser = argparse.ArgumentParser(prog="python -m tests.guarantees.kill", description=__doc__)
    parser.add_argument("--kills", type=int, default=300, help="least number of kills")
    parser.add_argument("--seed", type=int, default=1, help="of the moments")
    options = parser.parse_args(arguments)
    tally = kill_many(options.kills, options.seed, print)
    print(f"{tally.runs} runs, {tally.kills.total()} kills: {dict(tally.kills)}")
    print("\n".join(tally.wrong) or "all bytes as without a kill")
    return 1 if tally.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
