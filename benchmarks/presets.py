"""Prints how fast each preset is, beside a plain loop that writes the same fields, all in one run.

The loop knows no entities, so that presets with some (`shop`) are left out. In each round every other one
runs once with each number of records, and its loop (`benchmarks.loop`) too, one right after the other, as processes of their own that write JSON to /dev/null. Rates are records a second of
wall time, less that of a run of ten records. The ratio to the loop is that of the same round, so that it
hardly depends on the machine and on what else that does; figures are medians over the rounds. The CPU
time of ten records stands beside that of a Python that imports numpy. With `--before TREE` another checkout
runs in between, and the last column says how many times faster this one is. With `--check` the exit status
is 1 where a ratio misses its target by more than 30 %, or where a run takes more than 300 MB.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.measure import ROOT, Usage, measured, numpy_imported, python

MARGIN = 0.7
TEN, SHORT, STEADY, LOOP = 10, 600_000, 2_000_000, 100_000  # records
SHORT_SHARE = 0.85  # of the steady ratio, that a short run is to reach
MOST_START_UP = (
    4.2  # times the CPU time of a Python that imports numpy: 0.5 s where that takes 0.12
)
MOST_MEMORY = 300  # MB at the peak
TARGETS = {  # times the rate of the loop, with STEADY records; docs/benchmarks.md tells where from
    "clickstream": 14.0,
    "dns_queries": 5.8,
    "example": 9.9,
    "iot_sensors": 10.5,
    "kubernetes_json": 10.7,
    "payments": 10.9,
    "ssh_auth": 7.6,
    "support_tickets": 9.1,
    "syslog_app": 8.4,
    "vpc_flow_logs": 9.3,
    "web_access": 6.9,
}


@dataclass(frozen=True)
class Rates:
    """What a round measured of a preset in one checkout: usage by number of records, the loop's rate.

    `numpy` is the CPU time, in seconds, of a Python that imports numpy.
    """

    usages: dict[int, Usage]
    loop: float
    numpy: float

    def rate(self, records: int) -> float:
        """Return the records a second of wall time."""
        return rate(records, self.usages[records], self.usages[TEN])

    def ratio(self, records: int) -> float:
        """Return how many times faster than the loop it was."""
        return self.rate(records) / self.loop


@dataclass(frozen=True)
class Figures:
    """Medians over the rounds of a preset in one checkout, and the greatest peak in MB."""

    rounds: list[Rates]

    def rate(self, records: int) -> float:
        """Return the records a second."""
        return median(each.rate(records) for each in self.rounds)

    def ratio(self, records: int) -> float:
        """Return how many times faster than the loop."""
        return median(each.ratio(records) for each in self.rounds)

    @property
    def start_up(self) -> float:
        """Return the least CPU seconds of ten records: what else the machine does only adds to them."""
        return min(each.usages[TEN].cpu for each in self.rounds)

    @property
    def start_up_ratio(self) -> float:
        """Return how many times that of importing numpy it is, the least of each."""
        return self.start_up / min(each.numpy for each in self.rounds)

    @property
    def peak(self) -> float:
        """Return the MB at the peak of the longest run."""
        return max(each.usages[STEADY].peak for each in self.rounds)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and with `--check` compare."""
    options = _options(arguments)
    trees = [ROOT, *([options.before] if options.before else [])]
    print(_HEAD + (_HEAD_BEFORE if options.before else ""))
    print("|---|" + "---:|" * (10 + 4 * bool(options.before)))
    missed: list[str] = []
    for preset in options.presets:
        now, *before = _measured_well(preset, trees, options.rounds)
        print(_line(preset, now) + "".join(_compared(now, each) for each in before), flush=True)
        missed += misses(preset, now)
    print("\n" + ("\n".join(missed) or "all targets met, within the margin"))
    return 1 if missed and options.check else 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.presets", description=__doc__)
    parser.add_argument("--check", action="store_true", help="fail where a target is missed")
    parser.add_argument("--presets", type=_presets, default=compared_presets(), help="names: a,b")
    parser.add_argument("--rounds", type=int, default=3, help="how often everything runs")
    parser.add_argument("--before", type=Path, help="another checkout, which runs in between")
    return parser.parse_args(arguments)


def compared_presets() -> list[str]:
    """Return the names of the presets that the loop can imitate; it knows no entities."""
    files = (ROOT / "conf" / "gen").glob("*.json")
    return sorted(each.stem for each in files if "entities" not in json.loads(each.read_bytes()))


def _presets(text: str) -> list[str]:
    unknown = {*text.split(",")} - {*compared_presets()}
    if unknown:
        raise argparse.ArgumentTypeError(f"no preset {', '.join(sorted(unknown))}")
    return text.split(",")


def generating(preset: str, records: int, *flags: str) -> list[str]:
    """Return the command that makes records of a preset."""
    file = ROOT / "conf" / "gen" / f"{preset}.json"
    return python(
        "generator.py", "-c", str(file), "-n", str(records), "-s", "2027-03-12", "--seed", "1",
        "-q", *flags,
    )  # fmt: skip


def rate(records: int, usage: Usage, start_up: Usage) -> float:
    """Return the records a second of wall time without start-up."""
    return (records - TEN) / max(usage.wall - start_up.wall, 1e-9)


def bytes_per_record(preset: str) -> float:
    """Return how long a record is on average, with its newline."""
    command = generating(preset, 20_000)
    return len(subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout) / 20_000


def _measured_well(preset: str, trees: Sequence[Path], rounds: int) -> list[Figures]:
    """Run all rounds of a preset, and two more where this checkout misses a target."""
    found = _measured(preset, trees, rounds)
    if not misses(preset, found[0]):
        return found
    more = _measured(preset, trees, 2)
    return [Figures(one.rounds + other.rounds) for one, other in zip(found, more, strict=True)]


def _measured(preset: str, trees: Sequence[Path], rounds: int) -> list[Figures]:
    """Run all rounds of a preset, in each the checkouts in turn; those with an odd number backwards."""
    found: dict[Path, list[Rates]] = {tree: [] for tree in trees}
    for number in range(rounds):
        usages: dict[Path, dict[int, Usage]] = {tree: {} for tree in trees}
        loops, numpys = [run_loop(preset)], [numpy_imported().cpu for _ in range(2)]
        for records in (TEN, SHORT, STEADY):
            for tree in reversed(trees) if number % 2 else trees:
                usages[tree][records] = measured(generating(preset, records), tree)
        loops.append(run_loop(preset))
        for tree in trees:
            found[tree].append(Rates(usages[tree], loop_rate(loops), min(numpys)))
    return [Figures(found[tree]) for tree in trees]


def run_loop(preset: str) -> dict[int, Usage]:
    """Run the plain loop: usage by number of records."""
    return {n: measured(python("-m", "benchmarks.loop", preset, str(n))) for n in (TEN, LOOP)}


def loop_rate(loops: Sequence[Mapping[int, Usage]]) -> float:
    """Return the rate of the loop over several runs; one slow start says nothing of the others."""
    start_up = min((each[TEN] for each in loops), key=lambda each: each.wall)
    return len(loops) / sum(1 / rate(LOOP, each[LOOP], start_up) for each in loops)


_HEAD = (
    f"| preset (bytes a record) | loop | -n {SHORT:,} | x loop | -n {STEADY:,} | x loop | MB/s "
    "| target x | CPU s of -n 10 | x numpy | peak MB |"
)
_HEAD_BEFORE = f" before, -n {SHORT:,} | before, -n {STEADY:,} | times faster | CPU s of -n 10 |"


def _line(preset: str, now: Figures) -> str:
    size, steady = bytes_per_record(preset), now.rate(STEADY)
    loop = median(each.loop for each in now.rounds)
    return (
        f"| {preset} ({size:.0f}) | {loop:,.0f} | {now.rate(SHORT):,.0f} | {now.ratio(SHORT):.1f} "
        f"| {steady:,.0f} | {now.ratio(STEADY):.1f} | {steady * size / 1e6:.0f} "
        f"| {TARGETS[preset]:.1f} | {now.start_up:.2f} | {now.start_up_ratio:.1f} | {now.peak:.0f} |"
    )


def _compared(now: Figures, before: Figures) -> str:
    faster = [now.ratio(records) / before.ratio(records) for records in (SHORT, STEADY)]
    return (
        f" {before.rate(SHORT):,.0f} | {before.rate(STEADY):,.0f} "
        f"| {faster[0]:.2f}, {faster[1]:.2f} | {before.start_up:.2f} |"
    )


def misses(preset: str, found: Figures) -> list[str]:
    """Return a line for each target that the figures of a preset miss."""
    missed, target = [], TARGETS[preset]
    for records, least in ((STEADY, target), (SHORT, SHORT_SHARE * target)):
        if (ratio := found.ratio(records)) < MARGIN * least:
            missed.append(
                f"{preset}, -n {records:,}: {ratio:.1f} times the loop; target {least:.1f}"
            )
    if (times := found.start_up_ratio) > MOST_START_UP / MARGIN:
        missed.append(
            f"{preset}, -n 10: {times:.1f} times the import of numpy; limit {MOST_START_UP:g}"
        )
    if found.peak > MOST_MEMORY:
        missed.append(f"{preset}: {found.peak:.0f} MB at the peak; limit {MOST_MEMORY}")
    return missed


if __name__ == "__main__":
    sys.exit(main())
