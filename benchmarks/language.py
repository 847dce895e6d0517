"""Prints what the language of specifications costs: each case beside the same without it, in pairs of runs.

A pair makes the same number of records with what is measured and without it, one right after the other, in turns
first, and ten of each, which is start-up. Ratios are those of the rates without start-up, by CPU time and by wall
time; that by CPU time hardly depends on what else the machine does. Figures are medians over the pairs. With
`--check` the exit status is 1 where a ratio by CPU time misses its target by more than 30 %.
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

from benchmarks.measure import Usage, measured, measured_well, pair, python

MARGIN = 0.7
TEN = 10  # records of a run that is start-up
FOLDER = "FOLDER"  # in a flag: a folder for files of the runs
Spec = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """Two specifications of as many records, and the least ratio of their rates; `flags` are those of both runs."""

    name: str
    with_: Spec
    without: Spec
    target: float
    records: int = 3_000_000
    flags: tuple[str, ...] = ()
    flags_with: tuple[str, ...] = ()  # more of the run with what is measured


@dataclass(frozen=True)
class Pair:
    """What a pair took: the run without and the one with what is measured, and ten records of each."""

    without: Usage
    with_: Usage
    ten_without: Usage
    ten_with: Usage

    @property
    def cpu(self) -> float:
        """Return the ratio of the rates by CPU time."""
        return (self.without.cpu - self.ten_without.cpu) / (self.with_.cpu - self.ten_with.cpu)

    @property
    def wall(self) -> float:
        """Return the ratio of the rates by wall time."""
        return (self.without.wall - self.ten_without.wall) / (self.with_.wall - self.ten_with.wall)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and with `--check` compare."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.language", description=__doc__)
    parser.add_argument("--check", action="store_true", help="fail where a target is missed")
    parser.add_argument("--cases", nargs="*", help="what their names begin with")
    parser.add_argument("--pairs", type=int, default=5, help="pairs for each figure")
    options = parser.parse_args(arguments)
    missed: list[str] = []
    print("| what | records/s without | with | by CPU time | by wall time | target |")
    print("|---|" + "---:|" * 5)
    for case in CASES:
        if not options.cases or case.name.startswith(tuple(options.cases)):
            pairs = settled_pairs(case, options.pairs)
            print(line(case, pairs), flush=True)
            missed += misses(case, pairs)
    print("\n" + ("\n".join(missed) or "all targets met, within the margin"))
    return 1 if missed and options.check else 0


def settled_pairs(case: Case, number: int) -> list[Pair]:
    """Return what so many pairs of a case take, and two more where they miss its target."""
    return measured_well(
        lambda count: pairs_of(case, count), number, lambda pairs: not misses(case, pairs)
    )


def pairs_of(case: Case, number: int) -> list[Pair]:
    """Return what so many pairs of a case take."""
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder, f"{name}.json") for name in ("without", "with")]
        for file, spec in zip(files, (case.without, case.with_), strict=True):
            file.write_text(json.dumps(spec), encoding="utf-8")
        more = tuple(each.replace(FOLDER, folder) for each in case.flags_with)
        return [_pair(case, files, more, place) for place in range(number)]


def _pair(case: Case, files: Sequence[Path], more: Sequence[str], number: int) -> Pair:
    without, with_ = files
    long, short = (
        pair(
            lambda: measured(_command(without, count, case.flags)),  # noqa: B023 - called at once
            lambda: measured(_command(with_, count, [*case.flags, *more])),  # noqa: B023 - called at once
            number,
        )
        for count in (case.records, TEN)
    )
    return Pair(*long, *short)


def _command(spec: Path, records: int, flags: Sequence[str]) -> list[str]:
    return python(
        "generator.py", "-c", str(spec), "-n", str(records), "-s", "2027-03-12", "--seed", "1",
        "-q", *flags,
    )  # fmt: skip


def line(case: Case, pairs: Sequence[Pair]) -> str:
    """Return the line of a case."""
    rates = [
        case.records / median(cpu)
        for cpu in (
            [each.without.cpu - each.ten_without.cpu for each in pairs],
            [each.with_.cpu - each.ten_with.cpu for each in pairs],
        )
    ]
    cpu, wall = median(each.cpu for each in pairs), median(each.wall for each in pairs)
    return (
        f"| {case.name} | {rates[0]:,.0f} | {rates[1]:,.0f} | {cpu:.2f} | {wall:.2f} "
        f"| {case.target:.2f} |"
    )


def misses(case: Case, pairs: Sequence[Pair]) -> list[str]:
    """Return a line where a case misses its target."""
    ratio = median(each.cpu for each in pairs)
    if ratio >= MARGIN * case.target:
        return []
    return [f"{case.name}: {ratio:.2f} of the rate without; target {case.target:.2f}"]


# what is measured


def session(
    *dimensions: Spec,
    variables: Sequence[Spec] = (),
    transitions: Sequence[Spec] = (),
    **more: Any,
) -> Spec:
    """Return a specification of one state that emits records of these dimensions."""
    again, end = {"next": "visit", "probability": 0.9}, {"next": "stop", "probability": 0.1}
    state = {
        "name": "visit",
        "emitter": "record",
        "delay": {"type": "exponential", "mean": 1},
        "transitions": list(transitions) or [again, end],
    }
    return {
        "interarrival": {"type": "exponential", "mean": 0.001},
        "emitters": [{"name": "record", "dimensions": list(dimensions)}],
        "states": [state | {"variables": list(variables)} if variables else state],
        **more,
    }


def expression(name: str, text: str) -> Spec:
    """Return a dimension that is computed."""
    return {"name": name, "type": "expression", "expr": text}


def constant(name: str, value: float | str) -> Spec:
    """Return a dimension that is always the same."""
    kind = "string" if isinstance(value, str) else "float"
    return {"name": name, "type": f"{kind}:static", "value": value}


def _enum(name: str, *values: str) -> Spec:
    even = {"type": "uniform", "min": 0, "max": len(values)}
    return {"name": name, "type": "enum", "values": values, "cardinality_distribution": even}


_PRICE: Spec = {
    "name": "price",
    "type": "float",
    "distribution": {"type": "uniform", "min": 1, "max": 500},
    "precision": 2,
}
_QUANTITY: Spec = {
    "name": "quantity",
    "type": "int",
    "distribution": {"type": "uniform", "min": 1, "max": 6},
}
_ORDER = (
    _PRICE,
    _QUANTITY,
    _enum("first", "Ann", "Bob", "Cid", "Dan", "Eve"),
    _enum("last", "Smith", "Jones", "Miller"),
)
_NOISE: Spec = {
    "name": "noise",
    "type": "float",
    "distribution": {"type": "normal", "mean": 0, "stddev": 1},
}
_WALK: Spec = {
    **expression("temperature", "temperature + 0.1 * (22 - temperature) + noise"),
    "initial": 20,
}
_SHOWN: Spec = {"name": "temperature", "type": "variable", "variable": "temperature"}
_LEVEL: Spec = {**_PRICE, "name": "level"}
_CONDITIONS = (
    {"next": "visit", "probability": 0.95, "when": "level < 400"},
    {"next": "visit", "probability": 0.7, "when": "level >= 400"},
    {"next": "stop", "probability": 0.05, "when": "level < 400"},
    {"next": "stop", "probability": 0.3, "when": "level >= 400"},
)
_ATTRIBUTES = (
    expression("sku", "'P%05d'|format(id)"),
    _enum("category", "tools", "toys", "books"),
    _PRICE,
    {**_PRICE, "name": "weight"},
    {**_QUANTITY, "name": "stock"},
    _enum("color", "red", "green", "blue"),
)


def _orders() -> Case:
    """Return the case of records that show two of six attributes of one in 5,000 products."""
    pick: Spec = {"type": "zipf", "exponent": 1}
    product: Spec = {"name": "product", "type": "entity", "entity": "products", "pick": pick}
    entities = {"products": {"count": 5000, "attributes": list(_ATTRIBUTES)}}
    shown = [{"name": name, "type": "variable", "variable": name} for name in ("category", "price")]
    return Case(
        "entities: two of six attributes",
        session(
            expression("category", "product.category"),
            expression("price", "product.price"),
            variables=[product],
            entities=entities,
        ),
        session(*shown, variables=[_ATTRIBUTES[1], _PRICE]),
        0.6,
    )


def _memory(workers: int, target: float) -> Case:
    """Return the case of a walk, beside numbers that a state draws."""
    return Case(
        f"memory: a walk, -m {workers}",
        session(_SHOWN, variables=[_NOISE, _WALK]),
        session(
            _SHOWN, variables=[{**_NOISE, "name": "unseen"}, {**_NOISE, "name": "temperature"}]
        ),
        target,
        records=1_000_000 if workers > 1 else 300_000,
        flags=("-m", str(workers)),
    )


def _conditions(workers: int, target: float) -> Case:
    """Return the case of transitions that depend on a variable, beside the same without."""
    return Case(
        f"conditions: on one variable, -m {workers}",
        session(_QUANTITY, variables=[_LEVEL], transitions=_CONDITIONS),
        session(_QUANTITY, variables=[_LEVEL]),
        target,
        records=2_000_000,
        flags=("-m", str(workers)),
    )


CASES = (
    Case(
        "expressions: a product rounded, a text of three fields, a choice",
        session(
            *_ORDER,
            expression("total", "(price * quantity)|round(2)"),
            expression("label", "first ~ ' ' ~ last ~ ' x' ~ quantity"),
            expression("size", "'large' if total > 500 else 'small'"),
        ),
        session(
            *_ORDER,
            constant("total", 1822.25),
            constant("label", "Ann Miller x3"),
            constant("size", "large"),
        ),
        0.55,
    ),
    _conditions(10_000, 0.5),
    _conditions(100, 0.4),
    _memory(1000, 0.5),
    _memory(1, 0.35),
    _orders(),
)


if __name__ == "__main__":
    sys.exit(main())
