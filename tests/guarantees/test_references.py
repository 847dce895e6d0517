"""No reference dangles: who is referred to exists, then and there, and is the same in every table."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pytest

from tests.support.fields import START, floats, integers, uniform
from tests.support.helpers import invoke
from tests.support.machines import Spec

SPEC: Spec = {
    "entities": {
        "products": {"count": 5000, "pick": {"type": "zipf", "exponent": 1}, "attributes": [{"name": "price", **floats(uniform(1, 99), precision=2)}]},
        "users": {"count": {"initial": 1000, "per_day": 500_000}, "life": {"type": "exponential", "mean": 3600}, "attributes": []},
        "orders": {"count": 0, "attributes": [
            {"name": "product", "type": "entity", "entity": "products"}, {"name": "quantity", **integers(uniform(1, 5))}]},
    },
    "states": [{
        "name": "s", "emitter": "e", "delay": {"type": "exponential", "mean": 20},
        "variables": [
            {"name": "user", "type": "entity", "entity": "users"},
            {"name": "order", "type": "entity", "entity": "orders", "new": True}],
        "transitions": [{"next": "s", "probability": 0.8}, {"next": "stop", "probability": 0.2}],
    }],
    "emitters": [{"name": "e", "dimensions": [
        {"name": "millis", "type": "expression", "expr": "epoch_ms(time)"},
        {"name": "user", "type": "variable", "variable": "user", "field": "id"},
        {"name": "order", "type": "variable", "variable": "order", "field": "id"},
        {"name": "product", "type": "variable", "variable": "order", "field": "product.id"},
        {"name": "price", "type": "variable", "variable": "order", "field": "product.price"},
        {"name": "earlier", "type": "entity", "entity": "orders", "field": "id"},
    ]}],
    "interarrival": {"type": "exponential", "mean": 0.02},
}  # fmt: skip


def table_of(path: Path) -> dict[str, Any]:
    """Return the columns of a CSV file."""
    read = pa.csv.read_csv(path)
    return {name: read[name].to_numpy() for name in read.column_names}


@pytest.mark.parametrize("count", [50_000, pytest.param(10_000_000, marks=pytest.mark.long)])
def test_no_reference_dangles(count: int, tmp_path: Path) -> None:
    """Products exist and have one price, users are born before their visits, orders were made before."""
    path = tmp_path / "events.csv"
    target = {"type": "file", "path": str(path), "mode": "overwrite"}
    outcome = invoke(
        "--seed",
        "5",
        "-s",
        START,
        "-n",
        str(count),
        "-m",
        "none",
        "--csv",
        "-q",
        spec={**SPEC, "target": target},
    )
    assert (outcome.status, outcome.err) == (0, "")
    events = table_of(path)
    flags = ("--seed", "5", "-s", START, "--csv", "-q", "--entities", "products")
    (tmp_path / "products.csv").write_bytes(invoke(*flags, spec=SPEC).out)
    products = table_of(tmp_path / "products.csv")
    assert (products["id"] == np.arange(5000)).all()
    assert (products["price"][events["product"]] == events["price"]).all()
    assert (events["order"] == np.arange(count)).all()
    earlier = events["earlier"][1:].astype(np.int64)
    assert (earlier >= 0).all()
    assert (earlier < events["order"][1:] + 1).all()
    start = events["millis"][0] - (events["millis"][0] % 86_400_000)
    born = start + (events["user"] - 1000 + 0.5) * 86_400_000 / 500_000
    assert (born <= events["millis"] + 1).all()
