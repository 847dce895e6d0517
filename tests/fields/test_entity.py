"""The field type `entity`: a member of a pool, or a part of it."""

from collections import Counter
from typing import Any

import pytest

from tests.support.entities import PRODUCTS, USERS, made, picked, said, shop
from tests.support.fields import lists, objects
from tests.support.machines import Spec, constant


def test_a_member_is_an_object_of_its_id_and_attributes() -> None:
    """It is the same wherever it is picked."""
    records = made(shop([{"name": "p", **picked("products")}]))
    by_id: dict[int, Any] = {}
    for record in records:
        product = record["p"]
        assert list(product) == ["id", "sku", "price", "double"]
        assert product["sku"] == f"P{product['id']}"
        assert product["double"] == product["price"] * 2
        assert by_id.setdefault(product["id"], product) == product
    assert 25 < len(by_id) <= 50


def test_a_variable_shows_parts_of_one_member() -> None:
    """They belong together, at this visit and at later ones."""
    whole = made(shop([{"name": "p", **picked("products")}]), 2000)
    prices = {each["p"]["sku"]: each["p"]["price"] for each in whole}
    shown = [
        {"name": "sku", "type": "variable", "variable": "p", "field": "sku"},
        {"name": "price", "type": "variable", "variable": "p", "field": "price"},
        {"name": "twice", "type": "expression", "expr": "p.price * 2"},
    ]
    for record in made(shop(shown, [{"name": "p", **picked("products")}])):
        assert record["price"] == prices.get(record["sku"], record["price"])
        assert record["twice"] == record["price"] * 2


def test_parts_of_a_member_that_another_refers_to() -> None:
    """A dotted path leads through a foreign key; the user has the same favourite each time."""
    fields = [
        {"name": "sku", "type": "variable", "variable": "u", "field": "favourite.sku"},
        {"name": "user", "type": "variable", "variable": "u"},
    ]
    for record in made(shop(fields, [{"name": "u", **picked("users")}])):
        assert record["sku"] == record["user"]["favourite"]["sku"]


def test_ranks_are_popular_ids_are_not() -> None:
    """The most popular product of a zipf is some id; with an order it is the first."""
    found = Counter(
        record["p"]
        for record in made(shop([{"name": "p", **picked("products", field="id")}]), 5000)
    )
    (popular, most), *_ = found.most_common()
    assert popular != 0
    assert 0.18 < most / 5000 < 0.26  # 1 / H(50) is 0.222
    ordered = {**PRODUCTS, "order": "id"}
    spec = shop([{"name": "p", **picked("products", field="id")}], products=ordered)
    found = Counter(record["p"] for record in made(spec, 5000))
    assert [each for each, _ in found.most_common(3)] == [0, 1, 2]


def test_a_field_may_pick_in_its_own_way() -> None:
    """Its pick takes the place of the pool's; zipf takes as many ranks as there are members."""
    fields = [
        {"name": "a", **picked("products", pick=constant(0), field="id")},
        {"name": "b", **picked("users", pick={"type": "zipf", "exponent": 3}, field="id")},
    ]
    records = made(shop(fields))
    assert len({record["a"] for record in records}) == 1
    assert Counter(record["b"] for record in records).most_common(1)[0][1] > 300


def test_each_worker_has_its_own() -> None:
    """Worker k has member k modulo the size, at all its visits, in dimensions, objects and lists."""
    each = picked("products", pick="each", field="id")
    fields = [
        {"name": "worker", "type": "expression", "expr": "worker"},
        {"name": "a", **each},
        {"name": "b", **objects({"name": "c", **each})},
        {"name": "d", **lists(each)},
        {"name": "e", "type": "variable", "variable": "first"},
    ]
    for record in made(shop(fields, [{"name": "first", **each}]), 1000):
        expected = record["worker"] % 50
        assert record["a"] == record["b"]["c"] == record["e"] == expected
        assert record["d"] == [expected] * 3


def test_an_empty_pool_gives_null() -> None:
    """Nobody is there."""
    empty = {"count": 0, "attributes": []}
    fields = [{"name": "a", **picked("none")}, {"name": "b", **picked("none", field="id")}]
    for record in made(shop(fields, none=empty)):
        assert record["a"] is record["b"] is None


@pytest.mark.parametrize(
    ("field", "texts"),
    [
        (picked("product"), ['entity: no entities "product"; did you mean "products"?']),
        (picked("products", field="prize"), ['field: no entity of "products" has a part "prize"; did you mean "price"?']),
        (picked("users", field="favourite.skew"),
         ['field: no entity of "users" has a part "favourite.skew"; did you mean "favourite.sku"?']),
        (picked("products", pick=constant(50)), ["pick: gives no rank from 0 to 49"]),
        ({"type": "entity"}, ["entity: missing"]),
    ],
)  # fmt: skip
def test_wrong_fields_are_refused(field: Spec, texts: list[str]) -> None:
    """With their place and the nearest name."""
    found = said(shop([{"name": "x", **field}]))
    assert found == [f"emitters[0].dimensions[0].{text}" for text in texts]


def test_a_part_that_a_variable_does_not_have_is_refused() -> None:
    """The variable holds a member, whose parts are known."""
    shown = {"name": "x", "type": "variable", "variable": "p", "field": "prize"}
    found = said(shop([shown], [{"name": "p", **picked("products")}]))
    text = 'no value of the variable "p" has a part "prize"; did you mean "price"?'
    assert found == [f"emitters[0].dimensions[0].field: {text}"]


def test_circles_are_refused() -> None:
    """A member cannot be made of itself."""
    users = {**USERS, "attributes": [{"name": "boss", **picked("bosses")}]}
    bosses = {"count": 5, "attributes": [{"name": "user", **picked("users")}]}
    assert said(shop([], users=users, bosses=bosses)) == [
        'entities.users: leads back to itself: its attributes pick from "bosses"',
        'entities.bosses: leads back to itself: its attributes pick from "users"',
    ]
