"""Fixed sets of values: which members they have, by the field alone."""

import numpy as np
import pytest
from pydantic_core import PydanticCustomError

from datagen.columns.column import Column
from datagen.fields import FIELDS, Context
from datagen.randomness import seed_word
from tests.support.machines import Spec

DIGITS: Spec = {"type": "int", "distribution": {"type": "uniform", "min": 0, "max": 9}}
TENTHS: Spec = {
    "type": "float",
    "precision": 1,
    "distribution": {"type": "uniform", "min": 0, "max": 1},
}


def members(field: Spec, count: int, seed: int = 1, path: str = "x") -> list[str] | None:
    """Return the members of a field's set, as JSON."""
    keys = {
        "cardinality": count,
        "cardinality_distribution": {"type": "zipf", "exponent": 1, "n": 9},
    }
    made: Column | None = FIELDS.parse({**field, **keys}).member_set(
        (path,), Context(seed_word(seed))
    )
    return None if made is None else made.json_text.to_pylist()


def test_no_cardinality_is_no_set() -> None:
    """Nor have types without it one."""
    assert members(DIGITS, 0) is None
    assert FIELDS.parse({"type": "clock"}).member_set(("x",), Context(seed_word(1))) is None


@pytest.mark.parametrize("count", [1, 5, 6, 10])
@pytest.mark.parametrize("field", [DIGITS, TENTHS], ids=["counted", "tried"])
def test_members_are_distinct(field: Spec, count: int) -> None:
    """Whether they are chosen from all values or drawn until they differ."""
    made = members(field, count)
    assert made is not None
    assert len(set(made)) == len(made) == count


def test_members_follow_from_seed_and_path() -> None:
    """The same ones each time, others for another seed or field."""
    uuids: Spec = {"type": "uuid"}
    assert members(uuids, 3) == members(uuids, 3)
    assert members(uuids, 3) != members(uuids, 3, seed=2)
    assert members(uuids, 3) != members(uuids, 3, path="y")


def test_smaller_sets_begin_larger_ones() -> None:
    """A member keeps its value when more are wanted, while no two are alike."""
    three, five = members({"type": "uuid"}, 3), members({"type": "uuid"}, 5)
    assert three is not None
    assert five is not None
    assert five[:3] == three


@pytest.mark.parametrize(
    ("field", "text"),
    [
        (DIGITS, "only 10 different values are possible, not 12"),
        (TENTHS, "found only 11 different"),
    ],
    ids=["counted", "tried"],
)
def test_sets_that_cannot_be_made_are_refused(field: Spec, text: str) -> None:
    """With how many values there are."""
    with pytest.raises(PydanticCustomError, match=text):
        members(field, 12)


def test_heavy_values_are_chosen_first() -> None:
    """Without replacement, by weight: the one a million times as heavy is in nearly every set."""
    weights = [1e6, 1, 1, 1]
    field: Spec = {
        "type": "int",
        "distribution": {"type": "choice", "values": [7, 1, 2, 3], "weights": weights},
    }
    sets = [members(field, 3, seed) for seed in range(200)]
    assert np.mean(["7" in (each or []) for each in sets]) > 0.95
