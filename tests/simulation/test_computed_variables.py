"""Variables that are made of others, or show them."""

from tests.simulation.test_variables import enum, records, shown, spec_of, state
from tests.support.machines import Spec, exponential

WHO: Spec = {"type": "uuid"}
PRICE: Spec = {"type": "int", "distribution": {"type": "uniform", "min": 1, "max": 99}}


def test_a_variable_is_made_of_those_above_it_and_of_the_visit() -> None:
    """It stays what it was when they change, also in other windows; `emitter` is that of the state."""
    total = {"type": "expression", "expr": "price * quantity"}
    visit = {"type": "expression", "expr": "[state, emitter, visit]"}
    spec = spec_of(
        [state("a", {"b": 1}, who=WHO, price=PRICE, quantity=enum(2), total=total, at=visit),
         state("b", {"b": 0.9, "stop": 0.1}, exponential(50), price=PRICE, old={"type": "variable", "variable": "total"})],
        exponential(1),
        a=[shown("who"), shown("price"), shown("total"), shown("at")],
        b=[shown("who"), shown("old"), shown("total"), shown("at")],
    )  # fmt: skip
    totals: dict[str, int] = {}
    for record in records(spec, 3000, 100):
        who, total = record["who"], record["total"]
        if "price" in record:
            assert total == 2 * record["price"]
            totals[who] = total
        assert record.get("old", total) == total == totals[who]
        assert record["at"] == ["a", "a", 0]


def test_a_variable_further_down_shows_its_old_value() -> None:
    """Null at first; nothing is remembered of a worker that has ended."""
    parent = {"type": "expression", "expr": "pid"}
    spec = spec_of(
        [state("a", {"a": 0.9, "stop": 0.1}, ppid=parent, pid={"type": "counter"}, who=WHO)],
        a=[shown("ppid"), shown("pid"), shown("who")],
    )
    last: dict[str, int] = {}
    workers = 0
    for record in records(spec, 500):
        assert record["ppid"] == last.get("pid") or record["ppid"] is None
        workers += record["ppid"] is None
        last = record
    assert workers > 10
