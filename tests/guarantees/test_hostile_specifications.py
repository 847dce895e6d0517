"""Runs with expressions that would take long or much take a second and 100 MB more than a plain one, or are refused."""

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
MARGIN = 1.3  # of machines
KEYS = "[" + ", ".join(f"'k{place}'" for place in range(1_500)) + "]"
CASES = {
    "power": "x ** 1e300", "huge power": "2 ** 1000000000", "infinite": "x * 1e300 * 1e300", "repeated": "t * 1000000000",
    "width": "format('%1000000000d', x)", "join": f"join({KEYS}, t)", "replace": "replace(replace(t, '', '" + "a" * 900 + "'), 'a', '" + "b" * 900 + "')",
    "split": "split('" + "a " * 8_000 + "' ~ t, ' ')", "round": "round(x, 400)", "in": "x in [" + ", ".join(map(str, range(9_000))) + "]",
    "long": " ~ ".join(["t"] * 4_000), "deep": "(" * 3_000 + "x" + ")" * 3_000, "pattern": "strftime(time, '" + "%c" * 600 + "')",
    "text": "'" + "y" * 16_000 + "' ~ t", "digest": "md5('" + "y" * 16_000 + "' ~ t)",
}  # fmt: skip
MEMORY = {"list": ("[1]", "m + m"), "text": ("'a'", "m ~ m"), "number": ("2", "m * m")}


def spec_of(expression: str, initial: Any = None, grown: str = "m") -> str:
    """Return a specification with a field of an expression, and with one that grows in memory."""
    value = {"'a'": "a", "[1]": [1], "2": 2}.get(initial, 1)
    state = {"name": "s", "emitter": "e", "delay": 1, "transitions": [{"next": "s", "probability": 1}],
             "variables": [{"name": "m", "type": "expression", "initial": value, "expr": grown}]}  # fmt: skip
    fields = [
        {"name": "x", "type": "int", "distribution": {"type": "uniform", "min": 1, "max": 20_000}},
        {"name": "t", "type": "expression", "expr": "'k' ~ x"},
        {"name": "v", "type": "expression", "expr": expression},
    ]
    return json.dumps(
        {"interarrival": 10, "states": [state], "emitters": [{"name": "e", "dimensions": fields}]}
    )


def cost_of(spec: str, path: Path, records: int = 1_000) -> tuple[int, float, float, str]:
    """Return the status of a run, its seconds of processor time, its peak in MB, and what it says."""
    path.write_text(spec, encoding="utf-8")
    run = [sys.executable, str(ROOT / "generator.py"), "-c", str(path), "-n", str(records)]
    process = subprocess.Popen(
        [*run, "-m", "10", "-s", "2027-03-12", "--seed", "1", "-q"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    with process.stderr:
        told = process.stderr.read()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, used.ru_utime + used.ru_stime, used.ru_maxrss / 1_024, told


@cache
def plain(path: Path) -> tuple[float, float]:
    """Return what a plain specification takes."""
    return cost_of(spec_of("1"), path)[1:3]


def check(spec: str, folder: Path) -> None:
    """Check that a run takes no more than is allowed, or is refused in a line."""
    seconds, megabytes = plain(folder / "plain.json")
    status, took, peak, told = cost_of(spec, folder / "spec.json")
    assert status in (0, 1)
    assert status == 0 or told.count("\n") in (1, 2)
    assert "Traceback" not in told
    assert took - seconds < 1 * MARGIN
    assert peak - megabytes < 100 * MARGIN


@pytest.mark.long
@pytest.mark.parametrize("name", CASES)
def test_fields_are_bounded(name: str, tmp_path: Path) -> None:
    """A value of a field, for a thousand records."""
    check(spec_of(CASES[name]), tmp_path)


@pytest.mark.long
@pytest.mark.parametrize("name", MEMORY)
def test_memory_is_bounded(name: str, tmp_path: Path) -> None:
    """A variable that doubles at every visit."""
    check(spec_of("m", *MEMORY[name]), tmp_path)
