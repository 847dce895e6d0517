"""Prints what files by time cost beside one file: `python -m benchmarks.partitions`.

The same records of the clickstream preset, in pairs of runs, one right after the other: to one file,
and to a file for each hour or minute. Figures are medians over the pairs of the CPU time of the
whole process. With `--check` the exit status is 1 where hours cost more than 5 %.
"""

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from benchmarks.measure import measured, python

LIMIT = 0.05
PATTERNS = {"an hour": "%Y%m%dT%H.json", "a minute": "%Y%m%dT%H%M.json"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and with `--check` compare."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.partitions", description=__doc__)
    parser.add_argument("--check", action="store_true", help="fail where hours cost above 5 %%")
    parser.add_argument("--records", type=int, default=2_000_000, help="records of a run")
    parser.add_argument("--pairs", type=int, default=7, help="pairs for each figure")
    options = parser.parse_args(arguments)
    costs = {}
    print("| a file for each | files | CPU time |\n|---|---:|---:|")
    for name, pattern in PATTERNS.items():
        pairs = []
        for _ in range(options.pairs):
            one, _ = _run("one.json", options.records)
            many, files = _run(pattern, options.records)
            pairs.append(many / one)
        costs[name] = median(pairs) - 1
        print(f"| {name} | {files:,} | {costs[name]:+.1%} |", flush=True)
    missed = costs["an hour"] > LIMIT
    return 1 if missed and options.check else 0


def _run(pattern: str, records: int) -> tuple[float, int]:
    """Return the CPU time of a run to files of these names, and how many there were."""
    with tempfile.TemporaryDirectory() as folder:
        out, target = Path(folder, "out"), Path(folder, "target.json")
        out.mkdir()
        target.write_text(json.dumps({"type": "file", "path": str(out / pattern)}))
        usage = measured(
            python(
                "generator.py", "-c", "clickstream", "-n", str(records),
                "-s", "2027-03-12", "--seed", "1", "-q", "-t", str(target),
            )
        )  # fmt: skip
        files = len(list(out.iterdir()))
        shutil.rmtree(out)
    return usage.cpu, files


if __name__ == "__main__":
    sys.exit(main())
