"""Which members are picked: of pools that grow, that members leave, and into which visits bring more."""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.support.entities import made, picked, run, said, shop
from tests.support.fields import integers, uniform
from tests.support.helpers import invoke
from tests.support.machines import Spec

DAILY: Spec = {"count": {"initial": 20, "per_day": 86_400}, "attributes": []}  # one a second
LEAVING: Spec = {**DAILY, "life": {"type": "exponential", "mean": 30}}
ORDERS: Spec = {"count": 3, "attributes": [{"name": "amount", **integers(uniform(1, 99))}]}
NEW: Spec = {"name": "order", **picked("orders", new=True)}
SHOWN = [
    {"name": "order", "type": "variable", "variable": "order", "field": "id"},
    {"name": "amount", "type": "variable", "variable": "order", "field": "amount"},
    {"name": "other", **picked("orders")},
]


def seconds(record: dict[str, Any], name: str = "time") -> float:
    """Return an instant of a record, in seconds after the start of the run."""
    start = datetime(2027, 3, 12, tzinfo=UTC)
    return (datetime.fromisoformat(record[name] + "+00:00") - start).total_seconds()


def test_only_those_born_are_picked() -> None:
    """Member k of one a second is born k - 19.5 seconds after the start; the newest of all are picked, too."""
    fields = [{"name": "u", **picked("users")}]
    records = made(shop(fields, users=DAILY), 3000)
    for record in records:
        assert seconds(record["u"], "born") == record["u"]["id"] - 19.5 <= seconds(record)
    last = max(record["u"]["id"] for record in records)
    assert last > 20 + seconds(records[-1]) - 30


@pytest.mark.parametrize("pool", [DAILY, LEAVING])
def test_rank_0_is_the_newest_or_the_first(pool: Spec) -> None:
    """So a popular member is a new one, unless the order says that it is the first."""
    pick = {"type": "constant", "value": 0}
    fields = [{"name": "id", **picked("users", field="id", pick=pick)}]
    if pool is DAILY:
        for record in made(shop(fields, users=pool)):
            assert record["id"] == int(seconds(record) + 19.5)
        assert {record["id"] for record in made(shop(fields, users={**pool, "order": "id"}))} == {0}
    zipf = {"type": "zipf", "exponent": 2}
    fields = [{"name": "id", **picked("users", field="id", pick=zipf)}]
    ages = [seconds(each) + 20 - each["id"] for each in made(shop(fields, users=pool), 2000)]
    assert sorted(ages)[1000] < 8


def test_those_who_have_left_are_not_picked() -> None:
    """The ages of those picked are those of the living: as long as lives are, for exponential ones."""
    fields = [{"name": "u", **picked("users")}]
    records = made(shop(fields, users=LEAVING), 20_000)
    late = [each for each in records if seconds(each) > 400]
    ages = [seconds(each) - seconds(each["u"], "born") for each in late]
    assert len(ages) > 10_000
    assert min(ages) >= 0
    assert 27 < sum(ages) / len(ages) < 33


def test_when_all_have_left_nobody_is_picked() -> None:
    """Then it is null."""
    pool = {
        "count": {"initial": 5, "per_day": 1},
        "life": {"type": "constant", "value": 5},
        "attributes": [],
    }
    records = made(shop([{"name": "u", **picked("users", field="id")}], users=pool))
    for record in records:
        assert (record["u"] is None) is (seconds(record) >= 5)


def test_new_members_are_numbered_in_the_order_of_output() -> None:
    """After those of the count; a record shows the member of its own visit."""
    records = made(shop(SHOWN, [NEW], orders=ORDERS), 2000)
    assert [record["order"] for record in records] == list(range(3, 2003))
    amounts = {record["order"]: record["amount"] for record in records}
    for record in records:
        other = record["other"]
        assert other["id"] <= record["order"]
        assert other["amount"] == amounts.get(other["id"], other["amount"])


def test_a_pick_before_the_first_is_null() -> None:
    """Of a pool that begins empty, until a visit brings somebody."""
    pool = {**ORDERS, "count": 0}
    fields = [
        {"name": "other", **picked("orders", field="id")},
        {"name": "new", **picked("orders", new=True, field="id")},
    ]
    records = made(shop(fields, orders=pool), 50)
    assert records[0] == {"time": records[0]["time"], "other": None, "new": 0}
    for number, record in enumerate(records[1:], 1):
        assert 0 <= record["other"] < number


SPEC = shop(
    [*SHOWN, {"name": "u", **picked("users")}, {"name": "d", "type": "variable", "variable": "daily"}],
    [NEW, {"name": "daily", **picked("daily", pick={"type": "zipf", "exponent": 1})}],
    orders=ORDERS, users=LEAVING, daily=DAILY,
)  # fmt: skip


def test_windows_and_resumed_runs_give_the_same_bytes(tmp_path: Path) -> None:
    """Wherever a run is cut; what grows goes on from the very first start."""
    whole = run(SPEC, 4000).out
    spec = {
        **SPEC,
        "target": {"type": "file", "path": str(tmp_path / "out.ndjson"), "mode": "append"},
    }
    checkpoint = str(tmp_path / "checkpoint")
    flags = ("--seed", "5", "-s", "2027-03-12", "--resume", checkpoint)
    for count in (1, 799, 1200, 2000):
        outcome = invoke(*flags, "-n", str(count), spec=spec)
        assert outcome.status == 0, outcome.err
    assert (tmp_path / "out.ndjson").read_bytes() == whole


def test_other_processes_give_the_same_bytes() -> None:
    """They are handed windows, in any order."""
    assert run(SPEC, 6000, "-j", "2").out == run(SPEC, 6000).out


def test_parts_number_members_of_their_own() -> None:
    """Together they have each id once."""
    found = Counter(
        record["order"] for part in ("0/2", "1/2") for record in made(SPEC, 500, "--part", part)
    )
    assert len(found) == sum(found.values()) == 500


@pytest.mark.parametrize(
    ("pools", "text"),
    [
        ({"users": {**DAILY, "count": {"initial": 5, "per_day": 0}}}, "entities.users.count.per_day: expected a number above 0, not 0"),
        ({"users": {**DAILY, "count": {"initial": 5}}}, "entities.users.count.per_day: missing"),
        ({"users": {**DAILY, "count": {"initial": 10**6, "per_day": 1}}},
         "entities.users.count.per_day: with so many a day the first was born 1,000,000 days before the start; at most 365,000"),
        ({"users": {**ORDERS, "life": {"type": "constant", "value": 5}}},
         "entities.users.life: needs members that are born: a count with initial and per_day"),
        ({"users": {**LEAVING, "pick": "each"}}, "entities.users.pick: members leave, so that none stays a worker's own; give a distribution"),
        ({"users": {**ORDERS, "attributes": [{"name": "d", **picked("daily")}]}, "daily": DAILY},
         'entities.users.attributes[0].entity: "daily" grows, but these have no instant at which they are born: pick it in the state'),
        ({"users": {**DAILY, "attributes": [{"name": "d", **picked("users2", new=True)}]}, "users2": ORDERS},
         "entities.users.attributes[0].new: nobody comes into being with a member, only at a visit"),
    ],
)  # fmt: skip
def test_what_cannot_grow_is_refused(pools: Spec, text: str) -> None:
    """With the remedy."""
    assert text in said(shop([], **pools))


@pytest.mark.parametrize(
    ("field", "text"),
    [
        (
            picked("daily", new=True),
            'new: "daily" grows by so many a day: new members need a plain count',
        ),
        (
            picked("orders", new=True, pick="each"),
            'pick: has no meaning with "new": the next member comes into being',
        ),
        (
            picked("orders", pick="each", where="id > 1"),
            'where: has no meaning with "pick": "each", which leaves no choice',
        ),
    ],
)
def test_wrong_picks_are_refused(field: Spec, text: str) -> None:
    """With the remedy."""
    found = said(shop([{"name": "x", **field}], daily=DAILY, orders=ORDERS))
    assert found == [f"emitters[0].dimensions[0].{text}"]


def test_a_member_of_a_growing_pool_refers_to_one_that_was_there_then() -> None:
    """A foreign key is drawn at the instant of birth."""
    pets = {**DAILY, "attributes": [{"name": "owner", **picked("users")}]}
    records = made(shop([{"name": "p", **picked("pets")}], users=DAILY, pets=pets), 1000)
    owned = [record["p"] for record in records if record["p"]["owner"] is not None]
    assert len(owned) > 900
    for pet in owned:
        assert pet["owner"]["born"] <= pet["born"]
