"""Prints what the world around the model costs: disorder, the truth, an incident, a report, in pairs of runs.

Pairs, figures and `--check` are those of `benchmarks.language`, by CPU time. What the truth costs hardly depends on the
record, so its figure is microseconds an event, beside those that the plain loop (`benchmarks.loop`) takes for a record.
"""

import argparse
import sys
from collections.abc import Sequence
from statistics import median

from benchmarks import specs
from benchmarks.language import (
    FOLDER,
    MARGIN,
    Case,
    Pair,
    Spec,
    line,
    misses,
    pairs_of,
    session,
    settled_pairs,
)
from benchmarks.measure import measured_well
from benchmarks.presets import loop_rate, run_loop

LATE: Spec = {
    "type": "late",
    "share": 0.1,
    "delay": {"type": "exponential", "mean": 30, "max": 300},
}
MOST_OF_TRUTH = 0.066  # of a record of the plain loop: 0.6 microseconds where that takes 9
TRUTH = "truth: clickstream"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and with `--check` compare."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.world", description=__doc__)
    parser.add_argument("--check", action="store_true", help="fail where a target is missed")
    parser.add_argument("--pairs", type=int, default=5, help="pairs for each figure")
    options = parser.parse_args(arguments)
    print("| what | records/s without | with | by CPU time | by wall time | target |")
    print("|---|" + "---:|" * 5)
    missed: list[str] = []
    for case in CASES:
        pairs = settled_pairs(case, options.pairs)
        print(line(case, pairs), flush=True)
        missed += misses(case, pairs)
    rounds = measured_well(
        _of_truth, options.pairs, lambda found: not misses_of_truth(_share(found))
    )
    found, share = median(micros for micros, _ in rounds), _share(rounds)
    print(f"\n{TRUTH}: {found:.2f} microseconds an event; {_compared(share)}")
    missed += misses_of_truth(share)
    print("\n" + ("\n".join(missed) or "all targets met, within the margin"))
    return 1 if missed and options.check else 0


def _of_truth(number: int) -> list[tuple[float, float]]:
    """Return of so many pairs the microseconds that an event takes longer, and those of a record of the plain loop."""
    found = []
    for _ in range(number):
        loops = [run_loop("clickstream")]
        longer = micros(TOLD, pairs_of(TOLD, 1))
        loops.append(run_loop("clickstream"))
        found.append((longer, 1e6 / loop_rate(loops)))
    return found


def _share(rounds: Sequence[tuple[float, float]]) -> float:
    """Return what share of a record of the plain loop an event takes: the median over rounds."""
    return median(longer / plain for longer, plain in rounds)


def micros(case: Case, pairs: Sequence[Pair]) -> float:
    """Return by how many microseconds of CPU time a record takes longer."""
    longer = (
        (each.with_.cpu - each.ten_with.cpu) - (each.without.cpu - each.ten_without.cpu)
        for each in pairs
    )
    return 1e6 * median(longer) / case.records


def misses_of_truth(share: float) -> list[str]:
    """Return a line where the truth of an event costs too great a share of a record of the loop."""
    if share <= MOST_OF_TRUTH / MARGIN:
        return []
    return [f"{TRUTH}: {_compared(share)}"]


def _compared(share: float) -> str:
    return f"{share:.3f} of a record of the plain loop, target {MOST_OF_TRUTH:g}"


# what is measured


def _late(preset: str, target: float) -> Case:
    """Return the case of a preset a tenth of whose records are late."""
    spec = specs.preset(preset)
    return Case(
        f"disorder: 10 % late, {preset}",
        {**spec, "disorder": [LATE]},
        spec,
        target,
        records=1_000_000,
        flags=("-m", "1000"),
    )


def _incident() -> Case:
    """Return the case of a second in which visits are slow and end soon, in a run of several minutes."""
    outage = "during('outage')"
    transitions = [
        {"next": "visit", "probability": 0.9, "when": f"not {outage}"},
        {"next": "visit", "probability": 0.5, "when": outage},
        {"next": "stop", "probability": 0.1, "when": f"not {outage}"},
        {"next": "stop", "probability": 0.5, "when": outage},
    ]
    amount: Spec = {
        "name": "amount",
        "type": "int",
        "distribution": {"type": "uniform", "min": 1, "max": 6},
    }
    with_ = session(
        amount, transitions=transitions, timeline={"outage": {"at": "+1M", "for": "1S"}}
    )
    with_["states"][0]["delay"] = {
        "type": "exponential",
        "mean": {"expr": f"5 if {outage} else 1"},
    }
    return Case("incident: outside its time", with_, session(amount), 0.9, records=2_000_000)


_REPORTED = Case(
    "report: clickstream",
    specs.clickstream(),
    specs.clickstream(),
    0.95,
    records=4_000_000,
    flags=("-m", "none"),
    flags_with=("--report", f"{FOLDER}/report.html"),
)
CASES = (_late("clickstream", 0.85), _late("web_access", 0.85), _incident(), _REPORTED)
TOLD = Case(
    TRUTH,
    specs.clickstream(),
    specs.clickstream(),
    0,
    records=1_000_000,
    flags=("-m", "1000"),
    flags_with=("--truth", f"{FOLDER}/truth.jsonl"),
)


if __name__ == "__main__":
    sys.exit(main())
