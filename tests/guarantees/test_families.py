"""Processes with children from the field run unchanged, each from its own folder, and keep to their arithmetic."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from datagen.running.documents import read_json
from datagen.simulation.build import build_machine
from datagen.simulation.paths import walk
from datagen.simulation.states import unstarted_workers
from datagen.spec.parsing import parse_spec
from tests.support.helpers import invoke

FOLDER = Path(__file__).parents[3] / "shared" / "compat"
ROOTS = [*sorted((FOLDER / "history" / "loops").glob("*")), FOLDER / "newest"]
ALL = [
    (root, path.relative_to(root))
    for root in ROOTS
    for path in sorted(root.glob("presets/configs/**/*.json"))
]
PARENTS = [
    (root, path)
    for root, path in ALL
    if '"subprocess' in (root / path).read_text(encoding="utf-8")
    and '"event:start:timer"' in (root / path).read_text(encoding="utf-8")
]
CHILDREN = [
    (root, path)
    for root, path in ALL
    if '"event:start:message"' in (root / path).read_text(encoding="utf-8")
]
WORKERS = 30_000
LEAST_Z = 3.89  # p = 1e-4

missing = pytest.mark.skipif(
    not PARENTS, reason="no specifications from the field beside the project"
)


def names(pair: Any) -> str:
    """Return a short name of a file for the list of tests."""
    return f"{pair[0].name}-{pair[1].stem}"


@missing
@pytest.mark.parametrize(
    "workers", ["100", *(pytest.param(m, marks=pytest.mark.long) for m in ("1", "1000"))]
)
@pytest.mark.parametrize("pair", PARENTS, ids=names)
def test_parent_from_the_field(
    pair: tuple[Path, Path], workers: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It validates and makes 5,000 records, each with the fields of the emitter of its file or a parent's."""
    root, path = pair
    monkeypatch.chdir(root)
    assert invoke("-c", str(path), "--validate").status == 0
    outcome = invoke(
        "-c", str(path), "-n", "5000", "-m", workers, "-s", "2027-03-12", "--seed", "1", "-q"
    )
    assert outcome.status == 0
    records = outcome.records
    assert len(records) == 5_000
    emitters = [
        emitter for _, file in ALL if (root / file).is_file()
        for emitter in json.loads((root / file).read_text(encoding="utf-8")).get("emitters", [])
    ]  # fmt: skip
    allowed = {tuple(each["name"] for each in emitter["dimensions"]) for emitter in emitters}
    assert {tuple(record) for record in records} <= allowed
    assert not any(value is None for record in records for value in record.values())
    if "time" in records[0]:
        times = [record["time"] for record in records]
        assert times == sorted(times)


@missing
def test_parent_from_the_field_runs_from_anywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Children are found from the folder of the file too, and give the same."""
    root, path = PARENTS[-2]
    flags = ("-n", "300", "-s", "2027-03-12", "--seed", "1", "-q")
    monkeypatch.chdir(root)
    here = invoke("-c", str(path), *flags)
    monkeypatch.chdir(tmp_path)
    there = invoke("-c", str(root / path), *flags)
    assert here.status == there.status == 0
    assert here.out == there.out


@missing
@pytest.mark.parametrize("pair", CHILDREN, ids=names)
def test_child_from_the_field_alone(
    pair: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only a parent can run it: the one error says so."""
    monkeypatch.chdir(pair[0])
    outcome = invoke("-c", str(pair[1]), "-n", "1", "-q")
    assert (outcome.status, outcome.out) == (1, b"")
    [line] = [line for line in outcome.err.splitlines() if not line.startswith("repeat with")]
    assert line.startswith(f"{pair[1]}: states: begins with an event:start:message")


@missing
def test_resumed_in_the_middle_of_children(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same bytes as one run, of the largest of them."""
    root, path = next((root, path) for root, path in PARENTS if "diy" in str(path))
    monkeypatch.chdir(root)
    target = tmp_path / "target.json"
    target.write_text(json.dumps({"type": "file", "path": str(tmp_path / "out")}), encoding="utf-8")
    flags = ("-c", str(path), "-s", "2027-03-12", "--seed", "1", "-q", "-m", "30")
    for n in (3, 411, 1000, 586):
        done = invoke(*flags, "-n", str(n), "-t", str(target), "--resume", str(tmp_path / "at"))
        assert done.status == 0
    assert (tmp_path / "out").read_bytes() == invoke(*flags, "-n", "2000").out


def chain(
    states: list[dict[str, Any]], first: str
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the mean visits of each state of a file for one run of it, and their variances.

    See `tests.spec.test_chains`: the row of the start in the fundamental matrix of the absorbing chain.
    """
    numbers = {state["name"]: number for number, state in enumerate(states)}
    moves = np.zeros((len(states), len(states)))
    for number, state in enumerate(states):
        for way in state.get("transitions", [{"next": state.get("next"), "probability": 1}]):
            if way["next"] is not None:
                moves[number, numbers[way["next"]]] += way["probability"]
    fundamental = np.linalg.inv(np.eye(len(states)) - moves)
    visits = fundamental[numbers[first]]
    return visits, visits * (2 * np.diag(fundamental) - 1) - visits**2


def records_expected(
    root: Path, path: Path, runs: float = 1.0, prefix: str = ""
) -> Iterator[tuple[str, float]]:
    """Yield (name without the numbers of runs, mean records of a worker) for each state that emits."""
    states = json.loads((root / path).read_text(encoding="utf-8"))["states"]
    first = min(
        (state for state in states if state["type"].startswith("event:start")),
        key=lambda state: state["type"],
    )
    visits, _ = chain(states, first["name"])
    for state, mean in zip(states, (visits * runs).tolist(), strict=True):
        name = prefix + state["name"]
        if state.get("emitter"):
            yield name, mean
        if state["type"].startswith("subprocess"):
            items = state.get("items", state.get("in", [None]))
            child = Path(state.get("states", state.get("config")))
            yield from records_expected(root, child, mean * len(items), f"{name}.")


@pytest.mark.statistical
@missing
@pytest.mark.parametrize("pair", PARENTS, ids=names)
def test_lives_agree_with_arithmetic(
    pair: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Records of each state, of 30,000 whole lives at a fixed seed: within 3.89 standard errors (p = 1e-4)."""
    root, path = pair
    monkeypatch.chdir(root)
    raw = json.loads(path.read_text(encoding="utf-8"))
    spec, _ = parse_spec(raw, str(path), str(path), read_json)
    machine = build_machine(spec, 1)
    workers = unstarted_workers(0, WORKERS, len(machine.variable_groups))
    paths = walk(machine, workers, 1 << 60, 1 << 60)
    plain = [
        "".join(part.partition("[")[0] + "." for part in name.split(".")).rstrip(".")
        for name in machine.names
    ]
    owners = np.repeat(np.arange(WORKERS), paths.counts)
    for name, mean in records_expected(root, path):
        alike = [
            number
            for number, each in enumerate(plain)
            if each == name and machine.emitter_of[number] >= 0
        ]
        counts = np.bincount(owners[np.isin(paths.states, alike)], minlength=WORKERS)
        error = counts.std() / WORKERS**0.5
        assert abs(counts.mean() - mean) <= LEAST_Z * error + 1e-9, name
