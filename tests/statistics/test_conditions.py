"""Which way is taken, where conditions look at values: the probabilities of what is left, divided by their sum."""

import numpy as np
import pytest

from tests.support.fields import integers, uniform
from tests.support.machines import Spec, constant, exponential, spec_of
from tests.support.samples import LEAST_P, Column, expression, samples, shown
from tests.support.stats import chi_squared, unrelated

pytestmark = pytest.mark.statistical

NUMBER: Spec = {"name": "n", **integers(uniform(0, 9)), "percent_nulls": 10}
ENTRIES: list[Spec] = [
    {"next": "b", "when": "n > 6", "probability": 0.3},
    {"next": "c", "when": "n % 2 == 0", "probability": 0.1},
    {"next": "d", "when": "n != 1 and n is not none", "probability": 0.05},
    {"next": "stop", "when": "n == 4", "probability": 0.6},
    {"next": "f", "when": "else"},
]
SIZES = [30_000, pytest.param(1_000_000, marks=pytest.mark.long)]
WAYS = "bcdfx"  # x: it stops


def weights(n: float) -> dict[str, float]:
    """Return the probabilities of the ways that are open; n is not a number where it is null."""
    found = {
        "b": 0.3 * (n > 6),
        "c": 0.1 * (n % 2 == 0),
        "d": 0.05 * (n != 1 and not np.isnan(n)),
        "x": 0.6 * (n == 4),
    }
    return found if any(found.values()) else {"f": 1.0}


def routed(*variables: Spec, entries: list[Spec], delay: Spec | None = None) -> Spec:
    """Return workers that begin in a, which leads on as the entries say; each other state leads back to it, or stops."""
    others = {name: (exponential(0.1), {"a": 0.7, "stop": 0.3}) for name in "bcdf"}
    names = shown(*(each["name"] for each in variables))
    dimensions = [expression("worker", "worker"), expression("state", "state"), *names]
    spec = spec_of(
        {"a": (delay or exponential(1), {"stop": 1}), **others}, exponential(0.05), dimensions
    )
    spec["states"][0] |= {"variables": list(variables), "transitions": entries}
    return spec


def ways(found: dict[str, Column], settled: int = 0) -> tuple[Column, Column]:
    """Return the rows of visits to a, and which way each took; those that may not have moved on are left out."""
    order = np.argsort(found["worker"], kind="stable")
    states, workers = found["state"][order], found["worker"][order]
    follows = np.append(workers[1:] == workers[:-1], False)
    taken = np.where(follows, np.append(states[1:], "x"), "x")
    here = (states == "a") & (order < len(order) - settled)
    return order[here], taken[here]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("flags", [("-m", "none"), ("-m", "7")])
def test_shares_are_those_of_what_is_left(size: int, flags: tuple[str, ...]) -> None:
    """For each value of the variable; `else` where nothing else is true, null included, and nowhere else."""
    found = samples(routed(NUMBER, entries=ENTRIES), size, *flags)
    rows, taken = ways(found, 2000)
    numbers = found["n"][rows]
    for n in [*range(10), np.nan]:
        own = taken[np.isnan(numbers) if np.isnan(n) else numbers == n]
        chances = weights(n)
        observed = np.array([(own == way).sum() for way in WAYS])
        expected = np.array([chances.get(way, 0.0) for way in WAYS])
        assert len(own) > size / 100
        assert chi_squared(observed, expected) > LEAST_P, n


def test_computed_and_timed_conditions_have_their_shares() -> None:
    """Of memory, of the instant, and of both; what is taken says nothing about what is taken next."""
    count = expression("count", "count + 1", initial=0)
    minute = expression("minute", "epoch(time) // 60 % 3")
    entries: list[Spec] = [
        {"next": "b", "when": "count % 3 == 0", "probability": 0.2},
        {"next": "c", "when": "minute == 1", "probability": 0.3},
        {"next": "d", "probability": 0.1},
    ]
    spec = routed(count, minute, entries=entries, delay=constant(0.5))
    found = samples(spec, 40_000, "-m", "50")
    rows, taken = ways(found, 2000)
    for count_left in (True, False):
        for minute_left in (True, False):
            own = taken[
                ((found["count"][rows] % 3 == 0) == count_left)
                & ((found["minute"][rows] == 1) == minute_left)
            ]
            expected = np.array([0.2 * count_left, 0.3 * minute_left, 0.1])
            observed = np.array([(own == way).sum() for way in "bcd"])
            assert observed.sum() > 500
            assert chi_squared(observed, expected) > LEAST_P
    plain = (found["count"][rows] % 3 != 0) & (found["minute"][rows] == 1)
    both = plain[1:] & plain[:-1]
    pairs = (taken[1:][both] == "c") * 2 + (taken[:-1][both] == "c")
    assert unrelated(np.bincount(pairs, minlength=4).reshape(2, 2)) > LEAST_P


def test_waits_follow_the_values_that_they_look_at() -> None:
    """A delay with a computed mean, of those who go one way and of those who go the other."""
    entries: list[Spec] = [
        {"next": "b", "when": "n > 4", "probability": 1},
        {"next": "c", "when": "else"},
    ]
    number = {**NUMBER, "percent_nulls": 0}
    spec = routed(number, entries=entries, delay=exponential(1) | {"mean": {"expr": "1 + n"}})
    spec["emitters"][0]["dimensions"].append(expression("at", "time - instant('2027-03-12')"))
    found = samples(spec, 40_000, "-m", "200")
    order = np.lexsort((found["at"], found["worker"]))
    found = {name: column[order] for name, column in found.items()}
    begins = (found["state"][:-1] == "a") & (found["worker"][:-1] == found["worker"][1:])
    waits = np.diff(found["at"])[begins] / (1 + found["n"][:-1][begins])
    assert set(found["state"][1:][begins & (found["n"][:-1] > 4)].tolist()) == {"b"}
    assert set(found["state"][1:][begins & (found["n"][:-1] <= 4)].tolist()) == {"c"}
    u = -np.expm1(-waits)
    early = (
        found["at"][:-1][begins] < found["at"].max() - 150
    )  # whose waits would be seen, however long
    assert early.sum() > 5000
    counts = np.histogram(u[early], 20, (0, 1))[0]
    assert chi_squared(counts, np.ones(20)) > LEAST_P
