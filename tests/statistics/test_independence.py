"""What has a chance of its own is independent of everything else: of the same record, member, worker and visit."""

from itertools import combinations

import numpy as np
import pytest

from tests.support.fields import floats, uniform
from tests.support.machines import Spec, constant, exponential, spec_of
from tests.support.samples import LEAST_P, SECONDS, Column, expression, samples
from tests.support.stats import correlation_z, even, of_z, table_of, unrelated

pytestmark = pytest.mark.statistical

U: Spec = floats(uniform(0, 1))
COUNT = 20_000  # records
MEMBERS = 20_000
ROWS = [{"n": number} for number in range(1000)]


def dependence(x: Column, y: Column, cells: int = 12) -> float:
    """Return the least p of tests that two columns of uniforms are unrelated; of squares too, which spread alike."""
    pairs = table_of((x * cells).astype(int), (y * cells).astype(int), cells)
    squares = correlation_z((x - 0.5) ** 2, (y - 0.5) ** 2)
    return min(of_z(correlation_z(x, y)), of_z(squares), unrelated(pairs), even(pairs))


def shown(name: str, variable: str, field: str) -> Spec:
    """Return a dimension that is a part of a variable."""
    return {"name": name, "type": "variable", "variable": variable, "field": field}


def spec_of_everything() -> Spec:
    """Return workers whose records show, as uniforms, all kinds of draws of one visit."""
    entities = {
        "p": {"count": MEMBERS, "attributes": [{"name": "a", **U}, {"name": "b", **U}]},
        "o": {"count": 0, "attributes": [{"name": "a", **U}, {"name": "p", "type": "entity", "entity": "p"}]},
    }  # fmt: skip
    variables = [
        {"name": "v", **U},
        {"name": "w", **floats({"type": "uniform", "min": {"expr": "v * 0"}, "max": 1})},
        {"name": "member", "type": "entity", "entity": "p"},
        {"name": "order", "type": "entity", "entity": "o", "new": True},
        {"name": "row", "type": "row", "table": "t"},
        {"name": "case", "type": "switch", "on": "v > 0.5", "cases": {"true": U}, "default": U},
    ]
    dimensions = [
        expression("worker", "worker"), expression("visit", "visit"), SECONDS,
        {"name": "v", "type": "variable", "variable": "v"},
        {"name": "w", "type": "variable", "variable": "w"},
        expression("member", f"member.id / {MEMBERS}"),
        shown("member's a", "member", "a"), shown("member's b", "member", "b"),
        shown("order's a", "order", "a"), expression("order's p", f"order.p.id / {MEMBERS}"), shown("order's p's a", "order", "p.a"),
        expression("row", "row.n / 1000"),
        {"name": "case", "type": "variable", "variable": "case"},
        {"name": "x", **U}, {"name": "other", **floats({"type": "exponential", "rate": {"expr": "1 + v * 0"}})},
    ]  # fmt: skip
    spec = spec_of({"a": (exponential(1), {"a": 0.9, "stop": 0.1})}, exponential(0.05), dimensions)
    spec["states"][0]["variables"] = variables
    return {**spec, "entities": entities, "tables": {"t": {"rows": ROWS}}}


def uniforms(found: dict[str, Column]) -> dict[str, Column]:
    """Return the columns that are uniform."""
    found["other"] = -np.expm1(-found["other"])
    within = np.random.default_rng(1)
    for name, cells in (("member", MEMBERS), ("order's p", MEMBERS), ("row", 1000)):
        found[name] = found[name] + within.random(len(found[name])) / cells
    return {name: found[name] for name in found if name not in ("time", "at", "worker", "visit")}


@pytest.mark.parametrize("count", [COUNT, pytest.param(500_000, marks=pytest.mark.long)])
def test_all_that_a_visit_draws_is_independent(count: int) -> None:
    """All pairs of one record, of one visit and the next of the same worker, and of a worker's first visits and the next worker's.

    A member's attributes come again whenever it is picked, so they are compared where it is seen first.
    """
    found = samples(spec_of_everything(), count, "-m", "none")
    columns = uniforms(dict(found))
    order = np.lexsort((found["visit"], found["worker"]))
    following = order[1:][np.diff(found["worker"][order]) == 0]
    before = order[:-1][np.diff(found["worker"][order]) == 0]
    firsts = np.flatnonzero(found["visit"] == 0)
    fresh = {}
    for name in ("member", "order's p"):
        fresh[name] = np.zeros(count, dtype=bool)
        fresh[name][np.unique((columns[name] * MEMBERS).astype(int), return_index=True)[1]] = True
    once = {"member's a": "member", "member's b": "member", "order's p's a": "order's p"}
    tests = 3 * len(columns) ** 2
    low: dict[str, float] = {}

    def compare(what: str, x: str, y: str, rows: Column, others: Column) -> None:
        keep = np.ones(len(rows), dtype=bool)
        for name, places in ((x, rows), (y, others)):
            if name in once:
                keep &= fresh[once[name]][places]
        p = dependence(columns[x][rows[keep]], columns[y][others[keep]], 6)
        if p <= LEAST_P / tests:
            low[f"{what}: {x}, {y}"] = p

    every = np.arange(count)
    for x, y in combinations(columns, 2):
        compare("one record", x, y, every, every)
    for x in columns:
        for y in columns:
            compare("next visit", x, y, before, following)
            compare("next worker", x, y, firsts[:-1], firsts[1:])
    assert low == {}


def test_attributes_of_neighbouring_members_are_independent() -> None:
    """One member and the next, all attributes of a pool, and those of pools of other names."""
    attributes = [{"name": name, **U} for name in ("a", "b", "a1")]
    pool = {"count": MEMBERS, "attributes": attributes, "order": "id"}
    fields = [
        {"name": f"{pool_name}.{name}", "type": "entity", "entity": pool_name, "pick": "each", "field": name}
        for pool_name in ("p", "q") for name in ("a", "b", "a1")
    ]  # fmt: skip
    spec = spec_of({"a": (constant(0), {"stop": 1})}, constant(1), fields)
    found = samples({**spec, "entities": {"p": pool, "q": pool}}, MEMBERS, "-m", "none")
    columns = [found[field["name"]] for field in fields]
    for x, y in combinations(columns, 2):
        assert dependence(x, y) > LEAST_P / 20
    for x in columns:
        for lag in (1, 2, 64):
            assert dependence(x[lag:], x[:-lag]) > LEAST_P / 20


def test_elements_of_a_list_are_independent_of_each_other_and_of_their_visit() -> None:
    """Records of an emitter with `for_each`: draws beside each element, and those of the record's own."""
    spec = spec_of(
        {"a": (constant(1), {"a": 1})},
        constant(1),
        [{"name": "x", **U}, expression("i", "item_number"), expression("item", "item")],
    )
    lines = {
        "name": "lines",
        "type": "list",
        "elements": [U],
        "length_distribution": constant(3),
        "selection_distribution": constant(0),
    }
    spec["states"][0]["variables"] = [lines]
    spec["emitters"][0]["for_each"] = "lines"
    found = samples(spec, 30_000, "-m", "1")
    assert found["i"].tolist() == [1, 2, 3] * 10_000
    x, item = found["x"].reshape(-1, 3), found["item"].reshape(-1, 3)
    for one, other in combinations([*x.T, *item.T], 2):
        assert dependence(one, other) > LEAST_P / 15
        assert dependence(one[1:], other[:-1]) > LEAST_P / 15
