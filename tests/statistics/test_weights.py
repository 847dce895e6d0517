"""Values, rows and generators that are picked by weight."""

import numpy as np
import pytest

from tests.support.fields import integers
from tests.support.machines import Spec, constant, spec_of
from tests.support.samples import LEAST_P, Column, samples
from tests.support.stats import chi_squared, unrelated

pytestmark = pytest.mark.statistical

WEIGHTS = [5, 0, 1, 0.25, 3, 20]
SHARES = np.array(WEIGHTS)
EVEN = np.ones(6)
TABLES: Spec = {
    "weighted": {"rows": [{"n": n, "share": share} for n, share in enumerate(WEIGHTS)], "weight": "share"},
    "even": {"rows": [{"n": n} for n in range(6)]},
    "large": {"rows": [{"n": n, "share": n % 7} for n in range(3000)], "weight": "share"},
}  # fmt: skip
VALUES = list(range(6))
FIELDS: dict[str, tuple[Spec, Column]] = {
    "enum": ({"type": "enum", "values": VALUES, "weights": WEIGHTS}, SHARES),
    "even enum": ({"type": "enum", "values": VALUES}, EVEN),
    "choice": (integers({"type": "choice", "values": VALUES, "weights": WEIGHTS}), SHARES),
    "row": ({"type": "row", "table": "weighted", "field": "n"}, SHARES),
    "even row": ({"type": "row", "table": "even", "field": "n"}, EVEN),
    "row picked": ({"type": "row", "table": "weighted", "field": "n", "pick": {"type": "uniform", "min": 0, "max": 5}}, EVEN),
    "member": ({"type": "entity", "entity": "p", "field": "id", "pick": {"type": "choice", "values": VALUES[::-1], "weights": WEIGHTS[::-1]}}, SHARES),
}  # fmt: skip


@pytest.mark.parametrize("size", [20_000, pytest.param(1_000_000, marks=pytest.mark.long)])
def test_each_is_picked_by_its_weight(size: int) -> None:
    """As dimensions and as variables; those of weight 0 never."""
    named = [{"name": name, **field} for name, (field, _) in FIELDS.items()]
    variables = [{**each, "name": f"its {each['name']}"} for each in named]
    shown = [
        {"name": each["name"], "type": "variable", "variable": each["name"]} for each in variables
    ]
    spec = spec_of({"a": (constant(1), {"a": 1})}, constant(1), [*named, *shown])
    spec["states"][0]["variables"] = variables
    pool = {"count": 6, "order": "id", "attributes": []}
    found = samples({**spec, "tables": TABLES, "entities": {"p": pool}}, size)
    for name, (_, shares) in FIELDS.items():
        for key in (name, f"its {name}"):
            counts = np.bincount(found[key], minlength=6)
            assert chi_squared(counts, shares) > LEAST_P, key


def test_many_rows_have_their_weights() -> None:
    """Three thousand of them, of seven weights."""
    fields = [{"name": "n", "type": "row", "table": "large", "field": "n"}]
    spec = {**spec_of({"a": (constant(1), {"a": 1})}, constant(1), fields), "tables": TABLES}
    found = samples(spec, 50_000)["n"]
    assert chi_squared(np.bincount(found, minlength=3000), np.arange(3000) % 7) > LEAST_P


def test_cases_have_the_shares_of_what_they_switch_on() -> None:
    """And each case its own values, independent of how often it is taken."""
    fields: list[Spec] = [
        {"name": "tier", "type": "enum", "values": ["gold", "silver", "tin"], "weights": [1, 3, 6]},
        {"name": "n", "type": "switch", "on": "tier",
         "cases": {"gold": {"type": "enum", "values": VALUES, "weights": WEIGHTS},
                   "silver": integers({"type": "uniform", "min": 0, "max": 5})},
         "default": {"type": "expression", "expr": "6"}},
    ]  # fmt: skip
    found = samples(spec_of({"a": (constant(1), {"a": 1})}, constant(1), fields), 30_000)
    tiers = found["tier"].astype(str)
    counts = np.array([(tiers == tier).sum() for tier in ("gold", "silver", "tin")])
    assert chi_squared(counts, np.array([1, 3, 6])) > LEAST_P
    for tier, shares in (("gold", SHARES), ("silver", EVEN)):
        own = found["n"][tiers == tier]
        assert chi_squared(np.bincount(own, minlength=6), shares) > LEAST_P
    assert set(found["n"][tiers == "tin"].tolist()) == {6}
    silver = found["n"][tiers == "silver"]
    pairs = np.bincount(silver[1:] * 6 + silver[:-1], minlength=36).reshape(6, 6)
    assert unrelated(pairs) > LEAST_P
