"""Prints how a run scales: over renderers (-j), over parts (--part), and on paper over machines.

Each round runs everything once, in turns first and last, as processes of their own that write JSON to
/dev/null; rates are without start-up, ratios those within a round, figures medians. With `--check` the exit
status is 1 where -j 2 is less than 1.15 times as fast as -j 1, which needs an idle machine of two cores.

The parts' share of planning is what a part takes longer when it is one of many: both make as many records,
the one of many walks past the arrivals of the others. That of -j is the CPU time of the main process, which
walks, settles and delivers, each in a thread of its own, beside that of the renderers. What -j N can reach
follows from these: the thread that walks cannot be split, and all of it needs cores, so that a record takes at
least the greater of that thread's time and of all time over the number of cores.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from benchmarks.cluster import Assumed, Measured, Plan
from benchmarks.measure import ROOT, Usage, measured, python
from benchmarks.presets import TEN, bytes_per_record, compared_presets, generating, rate

JOBS = ("1", "2", "auto")
MOST_PARTS = 4  # at once
MANY = 1000  # parts, of which one walks past the arrivals of the others
LEAST_JOBS_RATIO = 1.15  # of -j 2
FREE = ("-m", "none", "--schedule", "none")
_SHARES = """
import json, resource, sys, threading, time, generator
spent, run = [], threading.Thread.run
def timed(thread):
    try:
        run(thread)
    finally:
        spent.append(time.thread_time())
threading.Thread.run = timed
status = generator.main(sys.argv[1:])
spent.append(time.thread_time())
used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
print(json.dumps([*(each.ru_utime + each.ru_stime for each in used), max(spent)]), file=sys.stderr)
sys.exit(status)
"""


@dataclass(frozen=True)
class Shares:
    """CPU seconds a record of the main process, of its renderers, and of its busiest thread.

    `alone` are the wall seconds a record without any renderers.
    """

    main: float
    renderers: float
    busiest: float
    alone: float

    @property
    def main_share(self) -> float:
        """Return the share that cannot be split: that of the thread that walks."""
        return self.busiest / (self.main + self.renderers)

    def faster(self, cores: int) -> float:
        """Return how many times faster than -j 1 a machine with so many cores can be with -j CORES.

        Where the machine does something else, -j 1 counts as if it had one core to itself.
        """
        together = self.main + self.renderers
        return min(self.alone, together) / max(self.busiest, together / cores)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and with `--check` compare."""
    options = _options(arguments)
    missed = []
    for preset in options.presets:
        print(f"## {preset}, {os.cpu_count()} cores\n", flush=True)
        ratio = _jobs(preset, options.records, options.rounds)
        if ratio < LEAST_JOBS_RATIO:
            missed.append(f"{preset}: -j 2 is {ratio:.2f} times -j 1; target {LEAST_JOBS_RATIO}")
        best = _parts(preset, options.records, options.rounds)
        passing, cpu = _passing(preset, options.records, options.rounds)
        start_up = measured(generating(preset, TEN)).wall
        size = bytes_per_record(preset)
        figures = Measured(preset, *best, cpu, passing, size, start_up)
        print(*Plan(figures, _assumed(options)).lines(), "", sep="\n", flush=True)
    print("\n".join(missed) or "all targets met")
    return 1 if missed and options.check else 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scaling", description=__doc__)
    parser.add_argument("--check", action="store_true", help="fail where a target is missed")
    default = ["web_access", "dns_queries", "vpc_flow_logs"]
    parser.add_argument("--presets", nargs="+", choices=compared_presets(), default=default)
    parser.add_argument("--records", type=int, default=5_000_000, help="records of a run")
    parser.add_argument("--rounds", type=int, default=3, help="how often everything runs")
    parser.add_argument("--machines", type=int, default=64, help="of the plan")
    parser.add_argument("--failures", type=float, default=0.001, help="of a machine in an hour")
    parser.add_argument("--price", type=float, default=0.05, help="dollars of a core in an hour")
    return parser.parse_args(arguments)


def _assumed(options: argparse.Namespace) -> Assumed:
    return Assumed(
        machines=options.machines,
        failures_per_hour=options.failures,
        price_per_core_hour=options.price,
    )


def _jobs(preset: str, records: int, rounds: int) -> float:
    """Print the rates with -j; return the ratio of -j 2."""
    found: dict[str, list[tuple[float, Usage]]] = {jobs: [] for jobs in JOBS}
    for number in range(rounds):
        for jobs in reversed(JOBS) if number % 2 else JOBS:
            runs = [measured(generating(preset, n, "-j", jobs)) for n in (TEN, records)]
            found[jobs].append((rate(records, runs[1], runs[0]), runs[1]))
    print("| -j | records/s | x -j 1 | cores busy |\n|---|---:|---:|---:|")
    ratios = {}
    for jobs, runs_ in found.items():
        pairs = zip(runs_, found["1"], strict=True)
        ratios[jobs] = median(each[0] / alone[0] for each, alone in pairs)
        busy = median(usage.cpu / usage.wall for _, usage in runs_)
        print(f"| {jobs} | {median(r for r, _ in runs_):,.0f} | {ratios[jobs]:.2f} | {busy:.2f} |")
    alone = 1 / median(each for each, _ in found["1"])
    shares = median_shares([_shares(preset, records, alone) for _ in range(rounds)])
    print(
        f"\n-j: main process {1e6 * shares.main:.2f} us of CPU time a record, {1e6 * shares.busiest:.2f} of "
        f"them in the thread that walks, renderers {1e6 * shares.renderers:.2f}: {shares.main_share:.0%} "
        "cannot be split; -j 4 on four cores can reach "
        f"{shares.faster(4):.1f} times -j 1, -j 16 on sixteen {shares.faster(16):.1f}\n",
        flush=True,
    )
    return ratios["2"]


def median_shares(found: Sequence[Shares]) -> Shares:
    """Return the median of each figure."""
    return Shares(
        median(each.main for each in found),
        median(each.renderers for each in found),
        median(each.busiest for each in found),
        median(each.alone for each in found),
    )


def _shares(preset: str, records: int, alone: float) -> Shares:
    """Measure who spends the time of -j 2: what ten records take is start-up."""
    few, many = (_cpu_of(preset, n) for n in (TEN, records))
    spent = ((b - a) / (records - TEN) for a, b in zip(few, many, strict=True))
    own, theirs, busiest = spent
    return Shares(own, theirs, busiest, alone)


def _cpu_of(preset: str, records: int) -> list[float]:
    """Return the CPU seconds of the main process of -j 2, of its renderers, and of its busiest thread."""
    command = python("-c", _SHARES, *generating(preset, records, "-j", "2")[2:])
    done = subprocess.run(
        command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=True
    )
    found: list[float] = json.loads(done.stderr.splitlines()[-1])
    return found


def _parts(preset: str, records: int, rounds: int) -> tuple[int, float]:
    """Print the rates of parts at once; return the number that is as large as the machine, and its rate."""
    counts = range(1, MOST_PARTS + 1)
    found: dict[int, list[float]] = {count: [] for count in counts}
    for number in range(rounds):
        for count in reversed(counts) if number % 2 else counts:
            few, many = (_all_parts(preset, n, count) for n in (TEN * count, records))
            found[count].append((records - TEN * count) / max(many - few, 1e-9))
    print("| parts at once | records/s of all | x one |\n|---|---:|---:|")
    for count, rates in found.items():
        ratio = median(each / one for each, one in zip(rates, found[1], strict=True))
        print(f"| {count} | {median(rates):,.0f} | {ratio:.2f} |")
    print(flush=True)
    most = min(os.cpu_count() or 1, MOST_PARTS)
    return most, median(found[most])


def _all_parts(preset: str, records: int, count: int) -> float:
    """Return the wall seconds until all parts of a stream have ended, which run at once."""
    began = time.perf_counter()
    commands = [
        generating(preset, records, *FREE, "--part", f"{part}/{count}") for part in range(count)
    ]
    processes = [
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL) for command in commands
    ]
    statuses = [process.wait() for process in processes]
    if any(statuses):
        raise RuntimeError(f"{' '.join(commands[0])}: a part failed")
    return time.perf_counter() - began


def _passing(preset: str, records: int, rounds: int) -> tuple[float, float]:
    """Print what walking past others costs; return CPU seconds a record of others, and a record of one's own."""
    costs, own, few = [], [], max(records // 10, 1)
    for _ in range(rounds):
        start_up = measured(generating(preset, TEN, *FREE))
        alone = measured(generating(preset, few, *FREE))
        among = measured(generating(preset, few * MANY, *FREE, "--part", f"0/{MANY}"))
        own.append((alone.cpu - start_up.cpu) / few)
        costs.append(max(among.cpu - alone.cpu, 0.0) / (few * (MANY - 1)))
    passing, cpu = median(costs), median(own)
    shares = {count: passing * (count - 1) / (passing * (count - 1) + cpu) for count in (64, MANY)}
    told = ", ".join(f"{share:.1%} of one of {count:,}" for count, share in shares.items())
    print(
        f"--part: {1e6 * cpu:.2f} us of CPU time a record, {1e9 * passing:.1f} ns for each record of another "
        f"part, which is planning: {told}\n",
        flush=True,
    )
    return passing, cpu


if __name__ == "__main__":
    sys.exit(main())
