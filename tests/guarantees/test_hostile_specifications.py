"""Runs with expressions that would take long or much take a second and 100 MB more than a plain one, or are refused."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.peaks import Peak, measured

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


def cost_of(spec: str, file: Path) -> tuple[int, Peak, str]:
    """Return the status of a run of a thousand records, what it takes, and what it says."""
    file.write_text(spec, encoding="utf-8")
    flags = ("-n", "1000", "-m", "10", "-s", "2027-03-12", "--seed", "1", "-q")
    return measured("-c", str(file), *flags)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Peak:
    """Return what a plain specification takes."""
    return cost_of(spec_of("1"), tmp_path_factory.mktemp("plain") / "spec.json")[1]


def check(spec: str, plain: Peak, folder: Path) -> None:
    """Check that a run takes no more than is allowed, or is refused in a line."""
    status, peak, told = cost_of(spec, folder / "spec.json")
    assert status in (0, 1)
    assert status == 0 or told.count("\n") in (1, 2)
    assert "Traceback" not in told
    assert peak.seconds - plain.seconds < 1 * MARGIN
    assert peak.megabytes - plain.megabytes < 100 * MARGIN


@pytest.mark.long
@pytest.mark.parametrize("name", CASES)
def test_fields_are_bounded(name: str, plain: Peak, tmp_path: Path) -> None:
    """A value of a field, for a thousand records."""
    check(spec_of(CASES[name]), plain, tmp_path)


@pytest.mark.long
@pytest.mark.parametrize("name", MEMORY)
def test_memory_is_bounded(name: str, plain: Peak, tmp_path: Path) -> None:
    """A variable that doubles at every visit."""
    check(spec_of("m", *MEMORY[name]), plain, tmp_path)
