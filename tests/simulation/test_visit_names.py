"""What a visit is, as values of expressions."""

from types import SimpleNamespace

import numpy as np
import pytest

from datagen.fields.draw import VISIT_TYPES
from datagen.instants import NAIVE
from datagen.simulation.visit_names import VisitNames
from tests.support.machines import ENDING, machine_of

VISITS = SimpleNamespace(
    workers=np.array([5, 5, 6]), visits=np.array([0, 1, 0]), states=np.array([0, 1, 0]), times=np.array([0, 1_000_000, 7])
)  # fmt: skip


def names_of(emitter: str | None = None) -> VisitNames:
    """Return the names of the last two visits."""
    return VisitNames(machine_of(ENDING), NAIVE, VISITS, np.array([1, 2]), emitter)


@pytest.mark.parametrize(
    ("name", "values"),
    [("worker", [5, 6]), ("visit", [1, 0]), ("state", ["b", "a"]), ("emitter", ["e", "e"]), ("population", [None, None])],
)  # fmt: skip
def test_names_are_those_of_the_visits(name: str, values: list[object]) -> None:
    """One value for each; there is one population, which has no name."""
    assert names_of()[name].to_python(None) == values


def test_time_is_the_instant() -> None:
    """In the style of the run."""
    assert names_of()["time"].text.to_pylist() == [
        "1970-01-01T00:00:01.000",
        "1970-01-01T00:00:00.000",
    ]


def test_an_emitter_may_be_given() -> None:
    """Where a state has several."""
    assert names_of("other")["emitter"].to_python(None) == ["other", "other"]


def test_all_names_have_a_type() -> None:
    """And no others have values."""
    assert {*names_of()} == {*VISIT_TYPES}
    assert len(names_of()) == len(VISIT_TYPES)
    with pytest.raises(KeyError):
        names_of()["shop"]
