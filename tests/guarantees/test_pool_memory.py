"""A pool costs nothing until its members are looked at: memory and CPU time of whole runs, beside those of a small pool."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.support.entities import picked
from tests.support.fields import START
from tests.support.machines import Spec
from tests.support.peaks import Peak, peak_of

# even a small one is too large to be kept as a column
SMALL, MILLION, HUNDRED_MILLIONS = 100_000, 10**6, 10**8
RECORDS = 100_000
MEGABYTES = 30  # that runs may differ by, whatever they do; 100 million members of 1 byte take 95
LONGER = 1.5  # times the processor time of a small pool; to make 100 million members takes far more
ATTEMPTS = 3  # a busy machine is slow once or twice
MEBI = 2**20
ZIPF: Spec = {"type": "zipf", "exponent": 1}
ATTRIBUTES: list[Spec] = [
    {"name": "sku", "type": "expression", "expr": "'P%09d'|format(id)"},
    {"name": "color", "type": "enum", "values": ["red", "green", "blue"]},
    {"name": "size", "type": "int", "distribution": {"type": "uniform", "min": 1, "max": 100}},
]


def growing(initial: int, **keys: Any) -> Spec:
    """Return a pool of which ten percent are born a day."""
    return {"count": {"initial": initial, "per_day": initial / 10}, **keys}


def leaving(living: int) -> Spec:
    """Return a pool of so many members, who leave after 500 seconds and are followed by others."""
    return {
        "count": {"initial": living, "per_day": living * 86_400 / 500},
        "life": {"type": "exponential", "mean": 500},
    }


@cache
def small() -> Peak:
    """Return what a run with a small pool takes."""
    return peak_with({"count": SMALL}, {}, "small.json")


def check(pool: Spec, keys: Spec, like: Spec, megabytes: float, longer: float = LONGER) -> None:
    """Hold a run with a pool against that with a small one in memory, and with one that is like it in time."""
    for _ in range(ATTEMPTS):
        peak, other = peak_with(pool, keys), peak_with(like, keys, "like.json")
        assert peak.megabytes < small().megabytes + MEGABYTES + megabytes
        if peak.seconds < longer * other.seconds:
            return
    pytest.fail(f"{peak.seconds:.2f} s of the processor, {other.seconds:.2f} s with a small pool")


def peak_with(pool: Spec, keys: Spec, file: str = "pool.json") -> Peak:
    """Return what a run takes whose visits pick a member and show two of its parts."""
    shown = [
        {"name": name, "type": "expression", "expr": f"thing.{name}"} for name in ("sku", "color")
    ]
    state = {
        "name": "s",
        "emitter": "e",
        "variables": [{"name": "thing", **picked("things", **keys)}],
        "delay": {"type": "exponential", "mean": 1},
        "transitions": [{"next": "s", "probability": 0.9}, {"next": "stop", "probability": 0.1}],
    }
    spec = {
        "entities": {"things": {**pool, "attributes": ATTRIBUTES}},
        "states": [state],
        "emitters": [{"name": "e", "dimensions": shown}],
        "interarrival": {"type": "exponential", "mean": 0.001},
    }
    Path(file).write_text(json.dumps(spec))
    return peak_of("-c", file, "-n", str(RECORDS), "-s", START, "--seed", "1", "-m", "1000", "-q")


@pytest.mark.parametrize("size", [pytest.param(MILLION, marks=pytest.mark.long), HUNDRED_MILLIONS])
@pytest.mark.parametrize(
    ("kind", "keys"),
    [
        ("plain", {}),
        ("plain", {"pick": "each"}),
        ("plain", {"pick": {"type": "lognormal", "median": 1000, "sigma": 3}}),
        ("plain", {"where": "size > 20"}),
        ("growing", {}),
    ],
)
def test_members_are_not_stored(
    kind: str, keys: Spec, size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many there are, and however they are picked, it takes what a small pool takes."""
    monkeypatch.chdir(tmp_path)
    pool = growing if kind == "growing" else lambda count: {"count": count}
    check(pool(size), keys, pool(SMALL), 0)


@pytest.mark.parametrize(
    ("pool", "like"),
    [({"count": MILLION}, {"count": SMALL}), (growing(MILLION), growing(SMALL))],
    ids=["plain", "growing"],
)
def test_of_a_pick_by_weights_the_table_is_kept(
    pool: Spec, like: Spec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It takes no more than what is told of it: 44 bytes a member while it is made."""
    monkeypatch.chdir(tmp_path)
    check(pool, {"pick": ZIPF}, like, 44 * MILLION / MEBI)


def test_members_who_leave_take_16_bytes_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of those alive, over several spans of their lives; half of that but for when the next span begins."""
    monkeypatch.chdir(tmp_path)
    living = 10 * MILLION
    check(leaving(living), {}, leaving(SMALL), 16 * 1.2 * living / MEBI, longer=8)


def test_members_that_visits_bring_are_not_stored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are numbered."""
    monkeypatch.chdir(tmp_path)
    check({"count": 0}, {"new": True}, {"count": SMALL}, 0)
