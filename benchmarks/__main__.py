"""Prints how fast the generator is, beside a plain Python loop and DuckDB, all in one run.

Each line is the median of several rounds; in each round everything runs once, one after the other,
as processes of their own that write to /dev/null, so that what the machine does besides weighs on
all alike. Rates are records a second of wall time, less that of a run of ten records, which is
measured apart: start-up has a table of its own, beside what a Python takes that imports numpy. Ratios
are medians of each round's own. With `--check` the exit status is 1 where a ratio misses its target by
more than 30 %, or where a run takes more than 300 MB.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median

from benchmarks import specs
from benchmarks.measure import Usage, measured, measured_well, middle, numpy_imported, python

PLAIN, DUCKDB = "plain Python loop", "DuckDB, one thread"
MARGIN = 0.7
TEN = 10
# times the CPU time of a Python that imports numpy; where that takes 0.12 s: 0.15 s and 0.5 s
MOST_OF_HELP, MOST_OF_START_UP = 1.25, 4.2


@dataclass(frozen=True)
class Case:
    """A specification that is measured, and how many times the loop's rate it is to reach."""

    name: str
    spec: specs.Spec
    max_workers: int
    target: float | None = None


CASES = [
    Case("clickstream, -m 100", specs.clickstream(), 100, 8),
    Case("clickstream, -m 10000", specs.clickstream(), 10_000, 10),
    Case("one never-ending worker", specs.never_ending(), 1, 2),
    Case("100 never-ending workers", specs.never_ending(), 100, 5),
    Case("process form, -m 100", specs.support_tickets(), 100, 3.3),
    Case("wide record, 40 fields", specs.wide(), 100),
    Case("nested objects", specs.nested(), 100),
]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and with `--check` compare."""
    options = _options(arguments)
    with tempfile.TemporaryDirectory() as folder:
        rounds = _rounds(Path(folder), options.records, options.rounds)
        ratios = _print_rates(rounds)
        missed = [
            f"{case.name}: {ratios[case.name]:.1f} times the plain loop; target {case.target:g}"
            for case in CASES
            if case.target and ratios[case.name] < MARGIN * case.target
        ]
        missed += _start_up(Path(folder), options.rounds)
        missed += _memory(Path(folder), options.records)
    print("\n" + ("\n".join(missed) or "all targets met, within the margin"))
    return 1 if missed and options.check else 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--check", action="store_true", help="fail where a target is missed")
    parser.add_argument("--records", type=int, default=2_000_000, help="records of a run")
    parser.add_argument("--rounds", type=int, default=3, help="how often everything runs")
    return parser.parse_args(arguments)


@dataclass(frozen=True)
class Run:
    """A process that made so many records, and one that made ten."""

    records: int
    usage: Usage
    start_up: Usage

    @property
    def rate(self) -> float:
        """Return the records a second of wall time."""
        return (self.records - TEN) / max(self.usage.wall - self.start_up.wall, 1e-9)


def _rounds(folder: Path, records: int, rounds: int) -> list[dict[str, Run]]:
    few = max(records // 10, 1)
    commands: dict[str, tuple[int, Callable[[int], list[str]]]] = {
        PLAIN: (few, lambda number: python("-m", "benchmarks.plain", str(number))),
        DUCKDB: (records, lambda number: python("-m", "benchmarks.duck", str(number))),
    }
    for place, case in enumerate(CASES):
        file = folder / f"{place}.json"
        file.write_text(json.dumps(case.spec), encoding="utf-8")
        commands[case.name] = records, partial(generating, file, case.max_workers)
    return [
        {
            name: Run(number, measured(command(number)), measured(command(TEN)))
            for name, (number, command) in commands.items()
        }
        for _ in range(rounds)
    ]


def generating(file: Path, max_workers: int, records: int) -> list[str]:
    """Return the command that makes records of a specification."""
    return python(
        "generator.py", "-c", str(file), "-n", str(records), "-m", str(max_workers),
        "-s", "2027-03-12", "--seed", "1", "-q",
    )  # fmt: skip


def _print_rates(rounds: list[dict[str, Run]]) -> dict[str, float]:
    """Print the table; return the ratios to the plain loop."""
    found = {}
    print("| case | records/s | x plain loop | x DuckDB | peak MB |\n|---|---:|---:|---:|---:|")
    for name in rounds[0]:
        rate = median(each[name].rate for each in rounds)
        loops = median(each[name].rate / each[PLAIN].rate for each in rounds)
        ducks = median(each[name].rate / each[DUCKDB].rate for each in rounds)
        peak = max(each[name].usage.peak for each in rounds)
        print(f"| {name} | {rate:,.0f} | {loops:.1f} | {ducks:.2f} | {peak:.0f} |")
        found[name] = loops
    return found


def _start_up(folder: Path, rounds: int) -> list[str]:
    """Measure what a run costs before its first record, as times of what it costs to import numpy."""
    limits = {
        "generator.py --help": (python("generator.py", "--help"), MOST_OF_HELP),
        "-n 10 of clickstream": (generating(folder / "0.json", 100, TEN), MOST_OF_START_UP),
    }
    missed = []
    print("\n| start-up | CPU s | x numpy | limit x |\n|---|---:|---:|---:|")
    for name, (command, limit) in limits.items():
        runs = [(measured(command), numpy_imported()) for _ in range(2 * rounds + 1)]
        cpu, numpy = (middle([each[place] for each in runs]).cpu for place in (0, 1))
        print(f"| {name} | {cpu:.2f} | {cpu / numpy:.1f} | {limit:g} |")
        if cpu / numpy > limit / MARGIN:
            missed.append(f"{name}: {cpu / numpy:.1f} times the import of numpy; limit {limit:g}")
    return missed


def _memory(folder: Path, records: int) -> list[str]:
    """Measure whether memory grows with the number of records: of that, several runs of each tell where one is in doubt."""
    numbers = (records // 2, 5 * records)

    def peaks_of(pairs: int) -> list[tuple[float, ...]]:
        commands = [generating(folder / "0.json", 10_000, number) for number in numbers]
        return [tuple(measured(each).peak for each in commands) for _ in range(pairs)]

    def grows(found: list[tuple[float, ...]]) -> bool:
        return min(large for _, large in found) > 1.1 * max(small for small, _ in found)

    found = measured_well(peaks_of, 1, lambda pairs: not grows(pairs))
    print("\n| records of clickstream, -m 10000 | peak MB |\n|---|---:|")
    missed, peaks = [], [max(each) for each in zip(*found, strict=True)]
    for number, peak in zip(numbers, peaks, strict=True):
        print(f"| {number:,} | {peak:.0f} |")
    if max(peaks) > 300:
        missed.append(f"peak memory: {max(peaks):.0f} MB; limit 300")
    if grows(found):
        missed.append(f"peak memory grows with the records: {peaks[0]:.0f} to {peaks[1]:.0f} MB")
    return missed


if __name__ == "__main__":
    sys.exit(main())
