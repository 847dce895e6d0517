"""The column types of pools, whatever their order in the file, and both forms of a specification."""

from datagen.columns.column_type import FLOAT, INT, TEXT, object_type
from datagen.fields.pool import EntityPool
from datagen.spec.entities import entity_types, references
from tests.support.entities import PRODUCTS, USERS, picked
from tests.support.fields import START
from tests.support.helpers import invoke
from tests.support.machines import constant

POOLS = {
    "users": EntityPool.model_validate(USERS),
    "products": EntityPool.model_validate(PRODUCTS),
}


def test_types_know_what_members_refer_to() -> None:
    """Here users come before the products that they refer to."""
    types = entity_types(POOLS, {})
    products = object_type({"id": INT, "sku": TEXT, "price": FLOAT, "double": FLOAT})
    assert types["products"] == products
    assert types["users"] == object_type({"id": INT, "token": TEXT, "favourite": products})


def test_references_are_those_of_attributes() -> None:
    """Nested ones too."""
    assert references(POOLS["users"]) == ["products"]
    assert references(POOLS["products"]) == []


def test_the_process_form_has_entities_too() -> None:
    """Its activities set variables to members."""
    spec = {
        "entities": {"products": PRODUCTS},
        "states": [
            {"name": "start", "type": "event:start:timer", "cardinality_distribution": constant(1), "next": "buy"},
            {"name": "buy", "type": "activity", "emitter": "e", "next": "end",
             "variables": [{"name": "p", **picked("products")}]},
            {"name": "end", "type": "event:end"},
        ],
        "emitters": [{"name": "e", "dimensions": [
            {"name": "sku", "type": "variable", "variable": "p", "field": "sku"},
            {"name": "price", "type": "variable", "variable": "p", "field": "price"},
        ]}],
    }  # fmt: skip
    outcome = invoke("--seed", "5", "-s", START, "-n", "200", spec=spec)
    assert outcome.status == 0, outcome.err
    prices = {(each["sku"], each["price"]) for each in outcome.records}
    assert 10 < len(prices) == len({sku for sku, _ in prices})
