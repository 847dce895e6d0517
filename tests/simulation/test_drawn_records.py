"""The records of visits: one each, or one for each element of a list that is held there."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import fastavro
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from datagen.randomness import seed_word, visit_bits, worker_bits
from datagen.spec.parsing import parse_spec
from tests.support.disorder import SEED, batches_of
from tests.support.helpers import invoke
from tests.support.machines import constant, exponential

LENGTHS = {"type": "uniform", "min": 0, "max": 3}
RUN = ("-s", "2027-03-12", "--seed", "5", "-q")


def spec(**keys: Any) -> dict[str, Any]:
    """Return orders with their lines and what follows; some keys of the emitter of lines differ."""
    lines = {"name": "lines", "type": "list", "elements": [{"type": "uuid"}], "percent_nulls": 20,
             "length_distribution": LENGTHS, "selection_distribution": constant(0)}  # fmt: skip
    return {
        "interarrival": exponential(1),
        "states": [
            {"name": "order", "emitter": ["order", "line", "end"], "delay": exponential(3),
             "variables": [{"name": "id", "type": "counter"}, lines],
             "transitions": [{"next": "again", "probability": 0.5}, {"next": "stop", "probability": 0.5}]},
            {"name": "again", "emitter": "line", "transitions": [{"next": "stop", "probability": 1}]},
        ],
        "emitters": [
            {"name": "order", "dimensions": [*ID, {"name": "lines", "type": "variable", "variable": "lines"}]},
            {"name": "line", "for_each": "lines", **keys, "dimensions": [
                *ID, {"name": "item", "type": "expression", "expr": "item"},
                {"name": "number", "type": "expression", "expr": "item_number"},
                {"name": "u", "type": "uuid"}, *keys.get("dimensions", ())]},
            {"name": "end", "dimensions": [*ID, {"name": "u", "type": "uuid"}]},
        ],
    }  # fmt: skip


ID = [
    {"name": "id", "type": "variable", "variable": "id"},
    {"name": "emitter", "type": "expression", "expr": "emitter"},
]


def records(made: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the records of a run."""
    return [json.loads(line) for line in invoke(*RUN, "-n", "4000", spec=made).out.splitlines()]


def test_records_of_a_visit_follow_each_other() -> None:
    """Those of the names in order, those of elements in theirs, all at one instant; each with draws of its own."""
    found = records(spec())
    orders: dict[int, list[str]] = {}
    place = 0
    while place < len(found) - 9:
        first = found[place]
        if first["emitter"] == "order":
            orders[first["id"]] = first["lines"] or []
        lines = orders[first["id"]]
        assert lines or first["emitter"] == "order"
        expected: list[tuple[str, Any, Any]] = [
            ("line", each, number) for number, each in enumerate(lines, 1)
        ]
        if first["emitter"] == "order":
            expected = [("order", None, None), *expected, ("end", None, None)]
        own = found[place : place + len(expected)]
        assert [(each["emitter"], each.get("item"), each.get("number")) for each in own] == expected
        assert len({(each["time"], each["id"]) for each in own}) == 1
        place += len(expected)
    drawn = [each["u"] for each in found if "u" in each]
    assert len(set(drawn)) == len(drawn)
    assert {len(each) for each in orders.values()} == {0, 1, 2, 3}


def test_other_emitters_do_not_change_with_a_list() -> None:
    """An edit of one emitter changes no value of another."""
    plain = spec()
    for state in plain["states"]:
        state["emitter"] = "order"
    changed = {each["id"]: each for each in records(spec()) if each["emitter"] == "order"}
    same = [each for each in records(plain) if each["id"] in changed]
    firsts = {each["id"]: each for each in reversed(same)}
    assert len(firsts) > 100
    assert all(firsts[number] == each for number, each in changed.items() if number in firsts)


def test_fewer_records_are_a_prefix() -> None:
    """Also where they end within a visit."""
    whole = invoke(*RUN, "-n", "400", spec=spec()).out.splitlines()
    for count in ("1", "2", "3", "17", "333"):
        assert invoke(*RUN, "-n", count, spec=spec()).out.splitlines() == whole[: int(count)]


def test_columns_have_the_types_of_elements() -> None:
    """In CSV as in JSON: the columns of all emitters."""
    out = invoke(*RUN, "-n", "3", "--csv", spec=spec()).out.decode().splitlines()
    assert out[0] == "time,id,emitter,lines,item,number,u"


def sold(form: Any, path: str = "") -> dict[str, Any]:
    """Return orders whose lines are objects with nulls and what is missing, in a format; to a file, with a path."""
    line = [
        {"name": "sku", "type": "enum", "values": ["a", "b,c"], "percent_nulls": 20},
        {"name": "qty", "type": "int", "distribution": {"type": "uniform", "min": 1, "max": 5}},
        {"name": "price", "type": "float", "precision": 2, "percent_missing": 10,
         "distribution": {"type": "uniform", "min": 1, "max": 9}},
    ]  # fmt: skip
    lines = {"name": "lines", "type": "list", "elements": [{"type": "object", "dimensions": line}],
             "length_distribution": LENGTHS, "selection_distribution": constant(0)}  # fmt: skip
    target = {"type": "file", "path": path} if path else {"type": "stdout"}
    return {
        "interarrival": exponential(1),
        "states": [{"name": "order", "emitter": "line", "variables": [lines],
                    "transitions": [{"next": "stop", "probability": 1}]}],
        "templates": {"t": {"body": "{{ item.sku }}|{{ qty * 2 }}|{{ number }}|{{ item.price }}"}},
        "emitters": [{"name": "line", "for_each": "lines", "dimensions": [
            {"name": "item", "type": "expression", "expr": "item"},
            {"name": "sku", "type": "expression", "expr": "item.sku"},
            {"name": "qty", "type": "expression", "expr": "item.qty"},
            {"name": "total", "type": "expression", "expr": "item.qty * item.price", "precision": 2},
            {"name": "number", "type": "expression", "expr": "item_number"}]}],
        "target": {**target, "format": form},
    }  # fmt: skip


LIMIT = ("-n", "400")


def as_json() -> list[dict[str, Any]]:
    """Return the records as JSON has them."""
    return invoke(*RUN, *LIMIT, spec=sold({"type": "json"})).records


def in_columns(each: dict[str, Any]) -> dict[str, Any]:
    """Return what columns have of a record, apart from its time: null where something is missing."""
    item = {name: each["item"].get(name) for name in ("sku", "qty", "price")}
    return {"item": item, **{name: each[name] for name in ("sku", "qty", "total", "number")}}


def rows_of(form: str, path: Path) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """Return the rows of a file, and the types of two columns and of parts of a third."""
    if form == "avro":
        with path.open("rb") as file:
            reader: Any = fastavro.reader(file)
            rows = list(reader)
        fields = {each["name"]: each["type"] for each in reader.writer_schema["fields"]}
        return rows, {name: fields[name][1] for name in ("qty", "total")}
    table = pq.read_table(path) if form == "parquet" else pa.ipc.open_file(path).read_all()
    assert table.schema.field("item").type == pa.struct(
        [("sku", pa.string()), ("qty", pa.int64()), ("price", pa.float64())]
    )
    return table.to_pylist(), {
        name: str(table.schema.field(name).type) for name in ("qty", "total")
    }


@pytest.mark.parametrize("form", ["parquet", "arrow", "avro"])
@pytest.mark.parametrize("more", [(), ("-j", "2")])
def test_columns_hold_elements_with_their_types(
    form: str, more: tuple[str, ...], tmp_path: Path
) -> None:
    """The element as an object, its parts, and its number."""
    path = tmp_path / f"out.{form}"
    made = invoke(*RUN, *LIMIT, *more, spec=sold({"type": form}, str(path)))
    assert (made.status, made.err) == (0, "")
    rows, types = rows_of(form, path)
    expected = [in_columns(each) for each in as_json()]
    assert [{name: each[name] for name in expected[0]} for each in rows] == expected
    whole, double = ("long", "double") if form == "avro" else ("int64", "double")
    assert types == {"qty": whole, "total": double}


def test_csv_holds_elements() -> None:
    """The element as JSON, its parts as they are, nothing for null."""
    made = invoke(*RUN, *LIMIT, spec=sold({"type": "csv"})).out.decode()
    for row, each in zip(csv.DictReader(io.StringIO(made)), as_json(), strict=True):
        assert json.loads(row["item"]) == each["item"]
        assert row["sku"] == (each["sku"] or "")
        assert (int(row["qty"]), int(row["number"])) == (each["qty"], each["number"])
        assert row["total"] == ("" if each["total"] is None else str(each["total"]))


def test_patterns_and_templates_write_elements() -> None:
    """By their names, and by expressions over them."""
    pattern = {"type": "pattern", "pattern": "{item.sku}|{qty * 2}|{number}|{item.price:.2f}"}
    written = invoke(*RUN, *LIMIT, spec=sold(pattern)).out.decode().splitlines()
    rendered = invoke(*RUN, *LIMIT, spec=sold({"type": "template", "name": "t"}))
    assert (rendered.status, rendered.err) == (0, "")
    lines = zip(written, rendered.out.decode().splitlines(), as_json(), strict=True)
    for line, text, each in lines:
        sku, price = each["item"]["sku"], each["item"].get("price")
        middle = f"|{each['qty'] * 2}|{each['number']}|"
        assert line == (sku or "") + middle + ("" if price is None else f"{price:.2f}")
        assert text.split("|")[1:3] == middle.split("|")[1:3]
        assert text.endswith("|" + ("" if price is None else str(price)))


@pytest.mark.parametrize("size", [5, 100, 10_000])
def test_origins_of_records_are_their_visits_and_places_there(size: int) -> None:
    """Whatever windows they come in, and whatever batches are cut from these."""
    checked, _ = parse_spec(spec(), "test.json")
    found: list[tuple[int, ...]] = []
    for window in batches_of(checked, size, seconds=30):
        for batch in (window.rows(0, 3), window.rows(min(3, len(window)), len(window))):
            assert batch.origins is not None
            made = batch.origins.made
            columns = (batch.times, made.workers, made.visits, made.places, made.bits)
            found += zip(*(each.tolist() for each in columns), strict=True)
            assert np.array_equal(made.workers, batch.workers)
            assert {*made.states.to_python(None)} <= {"order", "again"}
            assert {*made.populations.to_python(None)} <= {None}
    assert found == sorted(found)
    assert max(place for *_, place, _ in found) > 2
    assert len({(worker, visit, place) for _, worker, visit, place, _ in found}) == len(found)
    workers, visits, bits = (np.array([each[at] for each in found], np.uint64) for at in (1, 2, 4))
    seed = seed_word(SEED)
    assert np.array_equal(bits, visit_bits(worker_bits(seed, workers), visits))
    assert len(found) > 100
