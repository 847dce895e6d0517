"""Prints how fast each format is, beside JSON and a plain Python loop, all in one run.

The same fields of the clickstream preset go to /dev/null (files of columns to a temporary folder).
Rates are those of the run proper, from its summary; ratios are medians of each round's own.
With `--check` the exit status is 1 where a ratio misses its target by more than 30 %.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import specs
from benchmarks.measure import measured, python

MARGIN = 0.7
PLAIN = "plain Python loop"


@dataclass(frozen=True)
class Case:
    """A format: its flags, the part of the records that it makes, its targets beside the others."""

    name: str
    flags: tuple[str, ...]
    share: float = 1.0
    of_json: float | None = None
    of_loop: float | None = None


CASES = [
    Case("json", ("-t", "null")),
    Case("csv", ("-t", "null", "--csv"), of_json=0.8),
    Case("tsv", ("-t", "null", "--tsv"), of_json=0.8),
    Case("pattern", ("-t", "null", "-f", "pattern.txt"), of_json=0.8),
    Case("template, as columns", ("-t", "null", "--template", "columns"), of_json=0.8),
    Case("template, by Jinja2", ("-t", "null", "--template", "records"), 0.1, of_loop=0.5),
    Case("parquet", ("-t", "parquet.json")),
    Case("arrow", ("-t", "arrow.json")),
    Case("avro", ("-t", "avro.json"), 0.1),
]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and with `--check` compare."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.formats", description=__doc__)
    parser.add_argument("--check", action="store_true", help="fail where a target is missed")
    parser.add_argument("--records", type=int, default=2_000_000, help="records of a run")
    parser.add_argument("--rounds", type=int, default=3, help="how often everything runs")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        _prepare(Path(folder))
        rounds = [_round(Path(folder), options.records) for _ in range(options.rounds)]
    missed = _print(rounds)
    print("\n" + ("\n".join(missed) or "all targets met, within the margin"))
    return 1 if missed and options.check else 0


def _prepare(folder: Path) -> None:
    """Write the specification, with templates, a pattern of the same fields, and targets."""
    spec: dict[str, Any] = specs.clickstream()
    names = ["time", *(each["name"] for each in spec["emitters"][0]["dimensions"])]
    columns = "\t".join(f"{{{{ {name} }}}}" for name in names)
    records = "{% set place = country ~ '-' ~ language %}" + columns + "\t{{ place }}"
    spec["templates"] = {"columns": {"body": columns}, "records": {"body": records}}
    (folder / "spec.json").write_text(json.dumps(spec), encoding="utf-8")
    (folder / "pattern.txt").write_text(
        "\t".join(f"{{{name}}}" for name in names), encoding="utf-8"
    )
    for kind in ("parquet", "arrow", "avro"):
        target = {"type": "file", "path": str(folder / f"events.{kind}")}
        (folder / f"{kind}.json").write_text(json.dumps(target), encoding="utf-8")


def _round(folder: Path, records: int) -> dict[str, float]:
    """Run everything once; return the records a second of each."""
    few = max(records // 10, 1)
    plain = [measured(python("-m", "benchmarks.plain", str(number))).wall for number in (few, 10)]
    rates = {PLAIN: (few - 10) / (plain[0] - plain[1])}
    for case in CASES:
        flags = [str(folder / flag) if "." in flag else flag for flag in case.flags]
        command = python(
            "generator.py", "-c", str(folder / "spec.json"), "-n", str(int(records * case.share)),
            "-m", "10000", "-s", "2027-03-12", "--seed", "1", "-q",
            "--summary", str(folder / "summary.json"), *flags,
        )  # fmt: skip
        measured(command)
        rates[case.name] = json.loads((folder / "summary.json").read_text())["rate"]
    return rates


def _print(rounds: list[dict[str, float]]) -> list[str]:
    missed = []
    print("| format | records/s | x json | x plain loop |\n|---|---:|---:|---:|")
    for name in rounds[0]:
        rate = median(each[name] for each in rounds)
        of_json = median(each[name] / each["json"] for each in rounds)
        of_loop = median(each[name] / each[PLAIN] for each in rounds)
        print(f"| {name} | {rate:,.0f} | {of_json:.2f} | {of_loop:.1f} |")
        for case in CASES:
            wanted = [(of_json, case.of_json, "json"), (of_loop, case.of_loop, "the plain loop")]
            missed += [
                f"{name}: {found:.2f} times {what}; target {target:g}"
                for found, target, what in wanted
                if case.name == name and target and found < MARGIN * target
            ]
    return missed


if __name__ == "__main__":
    sys.exit(main())
