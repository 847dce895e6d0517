"""The records of visits: one each, or one for each element of a list that is held there."""

import json
from typing import Any

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
