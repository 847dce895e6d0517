"""What a specification of any dialect comes to, by linear algebra on its JSON and nothing of the program.

A state is taken apart into steps that wait, or emit. The steps of a worker, with whether it has emitted
before, are an absorbing Markov chain (Kemeny and Snell, Finite Markov Chains, 1960, chapter III).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from datagen.distributions.parsing import parse_distribution

Spec = dict[str, Any]


@dataclass(frozen=True)
class Lives:
    """Of a worker, on average: records; of one with any: seconds until the first, and between two.

    `shares` are those of the states among the records, by the index of each state that emits.
    """

    records: float
    first_wait: float
    gap: float | None  # of those with several
    shares: dict[int, float]


def waits_first(spec: Spec) -> bool:
    """Return whether the file is of a program that waits before the record of a state."""
    states, emitters = spec["states"], spec["emitters"]
    clocks = {each["name"] for emitter in emitters for each in emitter["dimensions"]
              if each["type"] == "clock"}  # fmt: skip
    undated = "time" not in clocks or not (
        "templates" in spec or any("emitter" not in state for state in states)
    )
    return any("variables_on_entry" in state for state in states) or not undated


def exact(spec: Spec) -> Lives:
    """Compute the lives of the workers of a specification."""
    moves, waits, emits, first = _steps(spec)
    size = len(waits)
    # a step, and the same step after a first record
    chain = np.zeros((2 * size, 2 * size))
    for step in range(size):
        after = size if emits[step] else 0
        chain[step, after : after + size] = moves[step]
        chain[size + step, size:] = moves[step]
    visits = np.linalg.solve((np.eye(2 * size) - chain).T, np.eye(2 * size)[first])
    ever = _reaches(moves, emits)  # the chance that some record follows, this step's own included
    later = moves @ ever  # its own excluded
    quiet, talking = visits[:size], visits[size:]
    records = float((quiet + talking) @ emits)
    pairs = records - float(ever[first])
    return Lives(
        records=records,
        first_wait=float((quiet * waits) @ later) / float(ever[first]),
        gap=float((talking * waits) @ later) / pairs if pairs > 1e-9 else None,
        shares={
            step // 2: float(quiet[step] + talking[step]) / records
            for step in np.flatnonzero(emits).tolist()
        },
    )


def _reaches(moves: NDArray[Any], emits: NDArray[Any]) -> NDArray[Any]:
    """Return the chance that a worker at each step will emit."""
    silent = moves * (1 - emits)[:, None]
    chances: NDArray[Any] = np.linalg.solve(np.eye(len(emits)) - silent, emits)
    return chances


def _steps(spec: Spec) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any], int]:
    """Return the chances between steps, two a state, their mean waits, which emit, and the first."""
    states, before = spec["states"], waits_first(spec)
    numbers = {state["name"]: number for number, state in enumerate(states)}
    moves, waits = np.zeros((2 * len(states), 2 * len(states))), np.zeros(2 * len(states))
    emits, first = np.zeros(2 * len(states)), 0
    for number, state in enumerate(states):
        one, other = 2 * number, 2 * number + 1
        moves[one, other] = 1
        total = sum(way["probability"] for way in _ways(state))
        for way in _ways(state):
            if way["next"] in numbers:
                moves[other, 2 * numbers[way["next"]]] += way["probability"] / total
        waiting, emitting = (one, other) if before else (other, one)
        waits[waiting] = _mean_wait(state)
        emits[emitting] = bool(state.get("emitter"))
        first = one if state.get("type") == "event:start:timer" else first
    return moves, waits, emits, first


def _ways(state: Spec) -> list[Spec]:
    alone = [{"next": state["next"], "probability": 1}] if "next" in state else []
    ways: list[Spec] = state.get("transitions", alone)
    return ways


def _mean_wait(state: Spec) -> float:
    if state.get("type", "event:intermediate:timer") != "event:intermediate:timer":
        return 0.0
    wait = state.get("delay", state.get("cardinality_distribution"))
    return parse_distribution(wait).mean() if wait else 0.0
