"""Members of pools: pure functions of the seed, the names and the id, made where something looks at them."""

import numpy as np
import pytest

from datagen.columns.column import Column
from datagen.columns.nested import LazyObjectColumn
from datagen.fields.draw import Context
from datagen.fields.members import Members
from datagen.fields.pool import EntityPool
from datagen.instants import NAIVE
from datagen.randomness import seed_word
from tests.support.entities import PRODUCTS, made, picked, said, shop
from tests.support.fields import enum, floats, uniform
from tests.support.machines import Spec

CONTEXT = Context(seed_word(1), NAIVE)
POOL: Spec = {
    "count": 10,
    "attributes": [{"name": "a", "type": "uuid"}, {"name": "b", **floats(uniform(0, 1))}],
}


def members(**keys: object) -> Members:
    """Return the members of a pool."""
    return Members("things", EntityPool.model_validate({**POOL, **keys}), CONTEXT.seed)


def test_only_what_is_looked_at_is_made() -> None:
    """An object whose one part is asked for makes that part alone; its JSON makes all."""
    column = members().objects(np.arange(5), CONTEXT)
    assert isinstance(column, LazyObjectColumn)
    values = column._make.__self__  # type: ignore[attr-defined]
    column.member("b")
    assert list(values._columns) == ["id", "b"]
    assert column.member("b") is column.member("b")
    assert len(column.json_text.to_pylist()) == 5
    assert list(values._columns) == ["id", "b", "a"]


def texts(column: Column, rows: list[int]) -> list[str]:
    """Return the JSON of some rows."""
    found: list[str] = column.take(np.array(rows)).json_text.to_pylist()
    return found


def test_members_are_the_same_in_small_and_large_pools() -> None:
    """Whether all of a pool are kept or some are made again; how many there are is nothing to a member."""
    kept, large = members().everyone(CONTEXT), members(count=10**6)
    assert kept is not None
    assert large.everyone(CONTEXT) is None
    again = large.objects(np.array([7, 3, 7]), CONTEXT)
    assert again.json_text.to_pylist() == texts(kept, [7, 3, 7])


def test_all_members_are_one_column() -> None:
    """What is made of it is kept for later windows, and so it is lasting with its parts."""
    pool = members()
    column = pool.everyone(CONTEXT)
    assert column is not None
    assert column is pool.everyone(CONTEXT)
    assert column.lasting
    assert column.member("a").lasting


def test_an_edit_changes_no_other_attribute() -> None:
    """Nor does an attribute before it, nor the name of another pool."""
    fields = [{"name": name, **picked("products", field=name)} for name in ("sku", "price")]
    before = made(shop(fields))
    first = {"name": "first", **enum(1, 2)}
    edited = {**PRODUCTS, "attributes": [first, *PRODUCTS["attributes"]]}
    assert made(shop(fields, products=edited, others=POOL)) == before


@pytest.mark.parametrize(
    ("attributes", "texts"),
    [
        ([{"name": "id", "type": "uuid"}], ['attributes[0].name: every member has "id" already']),
        ([{"name": "a", "type": "uuid"}, {"name": "a", "type": "uuid"}], ['attributes[1].name: the name "a" is used before']),
        ([{"name": "a", "type": "clock"}], ["attributes[0].type: a clock cannot be an attribute: members know no visit"]),
        ([{"name": "a", "type": "counter"}], ["attributes[0].type: a counter cannot be an attribute: members know no visit"]),
        ([{"name": "a", "type": "object", "dimensions": [{"name": "b", "type": "variable", "variable": "x"}]}],
         ["attributes[0].dimensions[0].type: a variable cannot be an attribute: members know no visit"]),
        ([{"type": "uuid"}], ["attributes[0].name: missing"]),
    ],
)  # fmt: skip
def test_what_cannot_be_an_attribute_is_refused(attributes: list[Spec], texts: list[str]) -> None:
    """With its place in the file."""
    found = said(shop([], things={"count": 5, "attributes": attributes}))
    assert found == [f"entities.things.{text}" for text in texts]


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        ({"count": -1}, "count: expected a number from 0 to 1000000000000, not -1"),
        ({"count": 10**13}, "count: expected a number from 0 to 1000000000000, not 10000000000000"),
        ({"pick": "all"}, 'pick: expected a distribution or "each", not "all"'),
        ({"pick": {"type": "constant", "value": 99}}, "pick: gives no rank from 0 to 9"),
        ({"order": "name"}, 'order: expected "id", not "name"'),
        ({"size": 4}, "size: unknown key; one of attributes, count, life, order, pick"),
    ],
)
def test_what_is_no_pool_is_refused(keys: Spec, text: str) -> None:
    """With its place in the file."""
    assert said(shop([], things={**POOL, **keys})) == [f"entities.things.{text}"]
