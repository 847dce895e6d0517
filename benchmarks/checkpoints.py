"""Prints what checkpoints cost, in pairs of runs: `python -m benchmarks.checkpoints`.

Each pair runs the same records without and with `--resume`, one right after the other, in turns
first, so that what the machine does besides weighs on both alike. The rate is that of the run
proper, from its summary; the CPU time is that of the whole process, which says more where the
machine is busy with other things. Figures are medians over the pairs; those of pairs in which nothing
differs are the noise, which on a shared machine is larger than what is looked for. So the share of a
run that is spent on checkpoints is measured too, within one more run: with `--check` the exit
status is 1 where that is above 2 % with checkpoints as often as they are written by default.
"""

import argparse
import contextlib
import io
import json
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any
from unittest import mock

import generator
from benchmarks import specs
from benchmarks.measure import measured, pair, python
from datagen.running.checkpointing import Checkpointer
from datagen.simulation.records import Records

LIMIT = 0.02
EVERY = {
    "nothing (noise)": [],
    "default": ["--resume"],
    "1S": ["--checkpoint-every", "1S", "--resume"],
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and with `--check` compare."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.checkpoints", description=__doc__)
    parser.add_argument(
        "--check", action="store_true", help="fail where the default costs above 2 %%"
    )
    parser.add_argument("--records", type=int, default=15_000_000, help="records of a run")
    parser.add_argument("--pairs", type=int, default=5, help="pairs for each figure")
    options = parser.parse_args(arguments)
    missed = []
    print(
        "| -m | written every | records/s | CPU time | share of the run | bytes of the file |\n"
        "|---:|---|---:|---:|---:|---:|"
    )
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "spec.json").write_text(json.dumps(specs.clickstream()), encoding="utf-8")
        for workers in (100, 10_000):
            for name, more in EVERY.items():
                limits = ["-n", str(options.records), "-m", str(workers)]
                pairs = [_pair(folder, limits, more, n) for n in range(options.pairs)]
                cost = 1 - median(with_.rate / without.rate for without, with_ in pairs)
                cpu = median(with_.cpu / without.cpu for without, with_ in pairs) - 1
                share = _share(folder, limits, more) if more else 0.0
                size = f"{share:.2%} | {pairs[-1][1].size:,}" if more else "|"
                print(f"| {workers:,} | {name} | {-cost:+.1%} | {cpu:+.1%} | {size} |", flush=True)
                missed += [f"-m {workers}"] if name == "default" and share > LIMIT else []
    verdict = f"shares above {LIMIT:.0%}: {', '.join(missed)}" if missed else "shares within 2 %"
    print(f"\n{verdict}")
    return 1 if missed and options.check else 0


@dataclass(frozen=True)
class Run:
    """Records a second of a run, seconds of CPU time of its process, bytes of its checkpoint."""

    rate: float
    cpu: float
    size: int


def _pair(folder: str, limits: list[str], more: list[str], number: int) -> tuple[Run, Run]:
    """Run without checkpoints and with them."""
    checkpoint = Path(folder, "checkpoint")
    checkpoint.unlink(missing_ok=True)
    flags = [*limits, *more, str(checkpoint)] if more else limits
    return pair(
        lambda: _run(folder, limits, checkpoint), lambda: _run(folder, flags, checkpoint), number
    )


def _share(folder: str, limits: list[str], more: list[str]) -> float:
    """Return the share of a run's time that is spent on checkpoints, also in the model's thread."""
    spent: list[float] = []
    calls = [
        (Checkpointer, name) for name in ("begin", "add_cursor", "before_write", "after_write")
    ]
    checkpoint = Path(folder, "checkpoint")
    checkpoint.unlink(missing_ok=True)
    arguments = ["-c", str(Path(folder, "spec.json")), "-s", "2027-03-12", "--seed", "1", "-q"]
    began = time.perf_counter()
    with contextlib.ExitStack() as stack:
        nothing = stack.enter_context(Path("/dev/null").open("wb"))
        for owner, name in (*calls, (Records, "cursor")):
            timed = _timed(getattr(owner, name), spent)
            stack.enter_context(mock.patch.object(owner, name, timed))
        generator.main(
            [*arguments, *limits, *more, str(checkpoint)], stdout=nothing, stderr=io.StringIO()
        )
    return sum(spent) / (time.perf_counter() - began)


def _timed(call: Callable[..., Any], spent: list[float]) -> Callable[..., Any]:
    """Return the same function, which adds the seconds of each call to a list."""

    def timed(*arguments: Any) -> Any:
        began = time.perf_counter()
        try:
            return call(*arguments)
        finally:
            spent.append(time.perf_counter() - began)

    return timed


def _run(folder: str, more: list[str], checkpoint: Path) -> Run:
    summary = Path(folder, "summary.json")
    usage = measured(
        python(
            "generator.py", "-c", str(Path(folder, "spec.json")), "-s", "2027-03-12",
            "--seed", "1", "--summary", str(summary), *more,
        )
    )  # fmt: skip
    rate = float(json.loads(summary.read_text(encoding="utf-8"))["rate"])
    return Run(rate, usage.cpu, checkpoint.stat().st_size if checkpoint.exists() else 0)


if __name__ == "__main__":
    sys.exit(main())
