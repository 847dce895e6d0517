"""`--entities`: the members that events show, as records of their own."""

import csv
import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.support.entities import PRODUCTS, made, picked, run, shop
from tests.support.fields import START, integers, limited, uniform
from tests.support.helpers import invoke
from tests.support.machines import Spec

GROWING: Spec = {
    "count": {"initial": 5, "per_day": 24},
    "attributes": [{"name": "n", **limited(integers(uniform(1, 99)), 4)}],
}
SPEC = shop(
    [{"name": "p", **picked("products")}, {"name": "o", **picked("orders", new=True)}],
    growing=GROWING, orders={"count": 0, "attributes": [{"name": "n", **integers(uniform(1, 9))}]},
)  # fmt: skip


def members(name: str, *flags: str, spec: Spec = SPEC) -> list[dict[str, Any]]:
    """Return the records of members."""
    outcome = invoke("--seed", "5", "-s", START, "--entities", name, *flags, spec=spec)
    assert outcome.status == 0, outcome.err
    return outcome.records


def test_members_are_those_that_events_show() -> None:
    """A dimension table and its facts come from one file."""
    events = made(SPEC, 300)
    for name, part in (("products", "p"), ("orders", "o")):
        by_id = {each["id"]: each for each in members(name, "-n", "300")}
        assert all(by_id[event[part]["id"]] == event[part] for event in events)


def test_a_plain_pool_is_written_as_a_whole() -> None:
    """In order of ids; -n cuts it short."""
    assert [each["id"] for each in members("products")] == list(range(50))
    assert members("products", "-n", "7") == members("products")[:7]
    assert members("products", "-r", "1D") == members("products")


@pytest.mark.parametrize(
    ("flags", "count"),
    [
        ((), 5),
        (("-r", "1H"), 6),
        (("-r", "1D"), 29),
        (("--until", "2027-03-14"), 53),
        (("-n", "40"), 40),
    ],
)
def test_a_growing_pool_is_written_up_to_the_end(flags: tuple[str, ...], count: int) -> None:
    """Those at the start, those born before the end, or so many."""
    found = members("growing", *flags)
    assert [each["id"] for each in found] == list(range(count))
    assert all(one["born"] < other["born"] for one, other in pairwise(found))


def test_formats_and_targets_are_those_of_events(tmp_path: Path) -> None:
    """Of the specification's own target and format nothing is taken: they are for events."""
    own = {
        **SPEC,
        "format": "tsv",
        "target": {"type": "file", "path": str(tmp_path / "events.tsv")},
    }
    outcome = invoke("--seed", "5", "-s", START, "--entities", "products", "--csv", spec=own)
    rows = list(csv.DictReader(outcome.out.decode().splitlines()))
    assert [row["sku"] for row in rows] == [f"P{number}" for number in range(50)]
    assert not (tmp_path / "events.tsv").exists()
    parquet = pytest.importorskip("pyarrow.parquet")
    target = tmp_path / "target.json"
    target.write_text(
        json.dumps(
            {"type": "file", "path": str(tmp_path / "p.parquet"), "format": {"type": "parquet"}}
        )
    )
    assert members("products", "-t", str(target)) == []
    table = parquet.read_table(tmp_path / "p.parquet").to_pylist()
    assert [each["sku"] for each in table] == [f"P{number}" for number in range(50)]
    assert table[3]["price"] == members("products")[3]["price"]


def test_parts_and_processes_share_the_members() -> None:
    """Each part has its own; other processes give the same bytes."""
    found = [
        each
        for part in ("0/3", "1/3", "2/3")
        for each in members("growing", "-r", "2D", "--part", part)
    ]
    whole = members("growing", "-r", "2D")
    assert sorted(found, key=lambda each: each["id"]) == whole
    assert members("growing", "-r", "2D", "-j", "2") == whole


@pytest.mark.parametrize(
    ("flags", "text"),
    [
        (("-m", "5"), "--entities products and -m contradict each other: no workers come"),
        (
            ("--warm-up", "1D"),
            "--entities products and --warm-up contradict each other: there is nothing to warm up",
        ),
        (
            ("--resume", "x"),
            "--entities products and --resume contradict each other: there is nothing to go on with; run it again",
        ),
    ],
)
def test_what_has_no_meaning_is_refused(flags: tuple[str, ...], text: str) -> None:
    """With the reason."""
    outcome = invoke("--entities", "products", *flags, spec=SPEC)
    assert outcome.status != 0
    assert text in outcome.err


def test_no_such_entities() -> None:
    """The nearest name is told."""
    outcome = run(SPEC, 1, "--entities", "product")
    assert (
        outcome.err
        == 'stdin: entities: --entities product: no entities "product"; did you mean "products"?\n'
    )
    assert PRODUCTS["count"] == 50
