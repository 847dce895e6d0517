"""Prints what watching a run costs, progress and metrics, in pairs of runs.

Each pair runs the same records without and with what is measured, one right after the other, in
turns first, so that what the machine does besides weighs on both alike. The rate is that of the
run proper, from its summary; what a process of ten records takes longer is printed too.
 Figures are medians over the pairs; those of pairs in which nothing differs are the noise.
Metrics are asked for once a second. With `--check` the exit status is 1 where the rate falls by
more than 2 %.
"""

import argparse
import contextlib
import json
import socket
import sys
import tempfile
import threading
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks import specs
from benchmarks.measure import measured, pair, python

LIMIT = 0.02
INTERVAL = 1.0  # seconds between two scrapes


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and with `--check` compare."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.overhead", description=__doc__)
    parser.add_argument("--check", action="store_true", help="fail where a cost is above 2 %%")
    parser.add_argument("--records", type=int, default=5_000_000, help="records of a run")
    parser.add_argument("--pairs", type=int, default=9, help="pairs for each figure")
    options = parser.parse_args(arguments)
    port, missed = _free_port(), []
    flags = {
        "nothing (noise)": [],
        "--progress": ["--progress"],
        "--metrics": ["--metrics", str(port)],
    }
    print("| what | records/s | start-up and end |\n|---|---:|---:|")
    with tempfile.TemporaryDirectory() as folder, _scraping(port):
        Path(folder, "spec.json").write_text(json.dumps(specs.clickstream()), encoding="utf-8")
        for name, more in flags.items():
            pairs = [_pair(folder, options.records, more, n) for n in range(options.pairs)]
            cost = 1 - median(with_.rate / without.rate for without, with_ in pairs)
            pairs = [_pair(folder, 10, more, n) for n in range(options.pairs)]
            fixed = median(with_.wall - without.wall for without, with_ in pairs)
            print(f"| {name} | {-cost:+.1%} | {1000 * fixed:+.0f} ms |", flush=True)
            missed += [name] if more and cost > LIMIT else []
    print("\n" + (f"above {LIMIT:.0%}: {', '.join(missed)}" if missed else "all costs within 2 %"))
    return 1 if missed and options.check else 0


@dataclass(frozen=True)
class Run:
    """Seconds of a whole process, and the records a second of its run proper."""

    wall: float
    rate: float


def _pair(folder: str, records: int, more: list[str], number: int) -> tuple[Run, Run]:
    """Run without flags and with them."""
    return pair(lambda: _run(folder, records, []), lambda: _run(folder, records, more), number)


def _run(folder: str, records: int, more: list[str]) -> Run:
    summary = Path(folder, "summary.json")
    command = python(
        "generator.py", "-c", str(Path(folder, "spec.json")), "-n", str(records),
        "-s", "2027-03-12", "--seed", "1", "--summary", str(summary), *more,
    )  # fmt: skip
    wall = measured(command).wall
    return Run(wall, json.loads(summary.read_text(encoding="utf-8"))["rate"])


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@contextlib.contextmanager
def _scraping(port: int) -> Iterator[None]:
    """Ask for the figures of whatever runs, as Prometheus does, again and again."""
    over = threading.Event()

    def scrape() -> None:
        while not over.wait(INTERVAL):
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5).read()

    thread = threading.Thread(target=scrape)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


if __name__ == "__main__":
    sys.exit(main())
