"""Prints how late records leave on the real clock, and what waiting costs: `python -m benchmarks.latency`.

Processes, one after the other. At 50,000 records/s to /dev/null, lateness is the run's own
figure for each slice of records: that of its oldest, counted for all of them, so that the
percentiles are upper bounds; in disorder a record that is late leaves at its arrival, and lateness counts from there. At 10 records/s through a pipe, it is the time at which a line is read
less the `time` in it, which is cut to milliseconds: up to 1 ms too much. With `--check` the exit
status is 1 where a figure misses its target.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import IO

import numpy as np

from benchmarks import specs
from benchmarks.measure import ROOT, python
from datagen.cli.signals import Interruption
from datagen.disorder.effects import Effect, Late
from datagen.formats import JsonLines
from datagen.running.observer import Observer
from datagen.running.pipeline import Run
from datagen.running.plan import Plan
from datagen.running.summary import Summary
from datagen.spec.parsing import parse_spec
from datagen.targets.stdout import StdoutTarget

FAST, SLOW = 50_000, 10  # records a second
DELAY = 0.1  # seconds between the records of one worker
MOST_LATE = 10.0  # milliseconds, for 99 % of the records
MOST_CPU = 3.0  # percent of a core, at 10 records/s
LATE = Late.model_validate({"share": 0.1, "delay": {"type": "exponential", "mean": 1, "max": 10}})


@dataclass(frozen=True)
class Figures:
    """Milliseconds of lateness, and CPU time in percent of a core."""

    records: int
    middle: float
    high: float  # the 99th percentile
    most: float
    cpu: float

    def __str__(self) -> str:
        late = f"{self.middle:.2f} | {self.high:.2f} | {self.most:.2f}"
        return f"{self.records:,} | {late} | {self.cpu:.1f}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and with `--check` compare."""
    options = _options(arguments)
    if options.child:
        _child(options.seconds, (LATE,) if options.disorder else ())
        return 0
    rows = {
        f"{FAST:,} records/s to /dev/null": fast(options.seconds),
        f"{FAST:,} records/s, 10 % of them late": fast(options.seconds, "--disorder"),
        f"{SLOW} records/s through a pipe": slow(options.seconds),
    }
    print("| case | records | p50 ms | p99 ms | max ms | CPU % |\n|---|---:|---:|---:|---:|---:|")
    for name, figures in rows.items():
        print(f"| {name} | {figures} |")
    missed = [
        f"{name}: p99 {row.high:.1f} ms" for name, row in rows.items() if row.high > MOST_LATE
    ]
    if rows[f"{SLOW} records/s through a pipe"].cpu > MOST_CPU:
        missed.append(f"more than {MOST_CPU:g} % of a core at {SLOW} records/s")
    print("\n" + ("\n".join(missed) or "all targets met"))
    return 1 if missed and options.check else 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.latency", description=__doc__)
    parser.add_argument("--check", action="store_true", help="fail where a target is missed")
    parser.add_argument("--seconds", type=int, default=30, help="how long each run takes")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--disorder", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args(arguments)


def spec_of(workers: int) -> specs.Spec:
    """Return the preset with visitors who never leave and click every tenth of a second."""
    spec = specs.never_ending()
    for state in spec["states"]:
        state["delay"] = {"type": "exponential", "mean": DELAY}
    return {**spec, "interarrival": {"type": "constant", "value": DELAY / workers}}


def fast(seconds: int, *flags: str) -> Figures:
    """Measure many records a second, in a process of their own."""
    command = python("-m", "benchmarks.latency", "--child", "--seconds", str(seconds), *flags)
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                          check=True)  # fmt: skip
    return Figures(**json.loads(done.stderr.splitlines()[-1]))


def _child(seconds: int, effects: Sequence[Effect]) -> None:
    workers = int(FAST * DELAY)
    spec, _ = parse_spec(spec_of(workers), "benchmark")
    plan = Plan(spec, "benchmark", StdoutTarget(), JsonLines(), None, 1, workers,
                duration=seconds * 1_000_000, real_clock=True, effects=tuple(effects))  # fmt: skip
    late: list[float] = []
    until: list[int] = []
    began: list[float] = []

    def note(summary: Summary) -> None:
        began.append(time.process_time()) if not began else None
        late.append(summary.late)
        until.append(summary.delivered)

    with Interruption() as interruption:
        run = Run(plan)
        run.deliver(sys.stdout.buffer, interruption, observer=Observer(note))
    cpu = (time.process_time() - began[0]) / seconds
    late = [*late[1:], run.summary.late]  # of a slice, it is known when the next is due
    each = np.repeat(late, np.diff(until, prepend=0))
    print(json.dumps(vars(_figures(each, cpu))), file=sys.stderr)


def slow(seconds: int) -> Figures:
    """Measure few records a second; CPU time is that of a long run less that of a short one."""
    before = min(_read(2)[1] for _ in range(3))
    late, after = _read(2 + seconds)
    return _figures(np.array(late), (after - before) / seconds)


def _read(seconds: int) -> tuple[list[float], float]:
    """Run the program for some seconds; return the lateness of each line, and the CPU time."""
    command = python("generator.py", "-m", "1", "--seed", "1", "-q", "-r", f"{seconds}S")
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE) as process:  # fmt: skip
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("no pipes")
        process.stdin.write(json.dumps(spec_of(1)).encode())
        process.stdin.close()
        late = _lateness(process.stdout)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    return late, usage.ru_utime + usage.ru_stime


def _lateness(lines: IO[bytes]) -> list[float]:
    """Read lines as they come; return for each how long ago its `time` was, in seconds."""
    late = []
    for line in iter(lines.readline, b""):
        now = datetime.now(UTC)
        late.append((now - datetime.fromisoformat(json.loads(line)["time"] + "Z")).total_seconds())
    return late


def _figures(late: "np.ndarray[tuple[int], np.dtype[np.float64]]", cpu: float) -> Figures:
    middle, high = np.percentile(late, [50, 99]) * 1000
    return Figures(len(late), float(middle), float(high), float(late.max()) * 1000, 100 * cpu)


if __name__ == "__main__":
    sys.exit(main())
