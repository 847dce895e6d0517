"""Prints what checkpoints cost, in pairs of runs: `python -m benchmarks.checkpoints`.

Each pair runs the same records without and with `--resume`, one right after the other, in turns
first, so that what the machine does besides weighs on both alike. The rate is that of the run
proper, as its summary tells it; the CPU time is that of the whole process, which says more where the
machine is busy with other things. Figures are medians over the pairs; those of pairs in which nothing
differs are the noise. With `--check` the exit status is 1 where the rate falls by more than 2 % with
checkpoints as often as they are written by default.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks import specs
from benchmarks.measure import measured, python

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
        "| -m | written every | records/s | CPU time | bytes of the file |\n|---:|---|---:|---:|---:|"
    )
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "spec.json").write_text(json.dumps(specs.clickstream()), encoding="utf-8")
        for workers in (100, 10_000):
            for name, more in EVERY.items():
                limits = ["-n", str(options.records), "-m", str(workers)]
                pairs = [_pair(folder, limits, more, n % 2) for n in range(options.pairs)]
                cost = 1 - median(with_.rate / without.rate for without, with_ in pairs)
                cpu = median(with_.cpu / without.cpu for without, with_ in pairs) - 1
                size = f"{pairs[-1][1].size:,}" if more else ""
                print(f"| {workers:,} | {name} | {-cost:+.1%} | {cpu:+.1%} | {size} |", flush=True)
                missed += [f"-m {workers}"] if name == "default" and cost > LIMIT else []
    print("\n" + (f"above {LIMIT:.0%}: {', '.join(missed)}" if missed else "within 2 %"))
    return 1 if missed and options.check else 0


@dataclass(frozen=True)
class Run:
    """Records a second of a run, seconds of CPU time of its process, bytes of its checkpoint."""

    rate: float
    cpu: float
    size: int


def _pair(folder: str, limits: list[str], more: list[str], turn: int) -> tuple[Run, Run]:
    """Run without and with, in this order or the other; give them in this one."""
    kept = Path(folder, "checkpoint")
    kept.unlink(missing_ok=True)
    flags = [*more, str(kept)] if more else []
    if turn:
        with_ = _run(folder, [*limits, *flags], kept)
        return _run(folder, limits, kept), with_
    return _run(folder, limits, kept), _run(folder, [*limits, *flags], kept)


def _run(folder: str, more: list[str], kept: Path) -> Run:
    summary = Path(folder, "summary.json")
    usage = measured(
        python(
            "generator.py", "-c", str(Path(folder, "spec.json")), "-s", "2027-03-12",
            "--seed", "1", "--summary", str(summary), *more,
        )
    )  # fmt: skip
    rate = float(json.loads(summary.read_text(encoding="utf-8"))["rate"])
    return Run(rate, usage.cpu, kept.stat().st_size if kept.exists() else 0)


if __name__ == "__main__":
    sys.exit(main())
