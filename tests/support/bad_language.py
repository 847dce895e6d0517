"""A right specification that uses every key of the language of the model, in both forms, for tests that make it wrong in one place."""

from typing import Any

TABLES: dict[str, Any] = {
    "cities": {"key": "city", "weight": "people", "rows": [{"city": "Bonn", "people": 3}, {"city": "Kiel", "people": 2}]},
}  # fmt: skip
ENTITIES: dict[str, Any] = {
    "products": {"count": 50, "pick": {"type": "zipf", "exponent": 1}, "attributes": [
        {"name": "sku", "type": "expression", "expr": "'P' ~ id"},
        {"name": "price", "type": "float", "distribution": {"type": "lognormal", "median": 20, "p90": 90}}]},
    "users": {"count": {"initial": 100, "per_day": 40}, "life": "90D", "attributes": [
        {"name": "likes", "type": "entity", "entity": "products"}]},
    "orders": {"count": 0, "attributes": [{"name": "kind", "type": "enum", "values": ["a", "b"], "weights": [1, 2]}]},
}  # fmt: skip
VARIABLES: list[dict[str, Any]] = [
    {"name": "user", "type": "entity", "entity": "users"},
    {"name": "product", "type": "entity", "entity": "products", "where": "price < 1000"},
    {"name": "order", "type": "entity", "entity": "orders", "new": True},
    {"name": "home", "type": "row", "table": "cities"},
    {"name": "total", "type": "expression", "initial": 0, "expr": "total + product.price"},
    {
        "name": "lines",
        "type": "expression",
        "initial": [],
        "expr": "lines + [{'sku': product.sku}]",
    },
]
EMITTERS: list[dict[str, Any]] = [
    {"name": "sale", "dimensions": [
        {"name": "quantity", "type": "int", "distribution": {"type": "uniform", "min": 1, "max": {"expr": "length(lines)"}}},
        {"name": "paid", "type": "expression", "expr": "quantity * product.price", "precision": 2},
        {"name": "number", "type": "counter", "sequence": "s", "per": "home.city"},
        {"name": "how", "type": "switch", "on": "home.city", "cases": {"Bonn": {"type": "uuid"}},
         "default": {"type": "row", "table": "cities", "field": "city", "pick": "each"}},
        {"name": "city", "type": "variable", "variable": "home", "field": "city"}]},
    {"name": "line", "for_each": "lines", "dimensions": [
        {"name": "sku", "type": "expression", "expr": "item.sku"},
        {"name": "number", "type": "counter", "sequence": "s", "per": "home.city"}]},
]  # fmt: skip
DELAY: dict[str, Any] = {"type": "lognormal", "median": {"expr": "length(lines)"}, "sigma": 0.4, "hours": {"type": "hourly", "weights": [1] * 24}}  # fmt: skip
TRANSITIONS: list[dict[str, Any]] = [
    {"next": "buy", "probability": 0.5, "when": "total < 1000"},
    {"next": "stop", "probability": 1, "when": "else"},
]
BASE: dict[str, Any] = {
    "tables": TABLES,
    "entities": ENTITIES,
    "interarrival": {"type": "exponential", "rate": "2/s"},
    "states": [
        {"name": "buy", "emitter": ["sale", "line"], "delay": DELAY, "variables": VARIABLES, "transitions": TRANSITIONS},
    ],
    "emitters": EMITTERS,
}  # fmt: skip
PROCESS_BASE: dict[str, Any] = {
    "tables": TABLES,
    "entities": ENTITIES,
    "emitters": [
        {"name": each["name"], **({"for_each": "lines"} if "for_each" in each else {}),
         "dimensions": [{"name": "time", "type": "clock"}, *each["dimensions"]]} for each in EMITTERS],
    "states": [
        {"name": "come", "type": "event:start:timer", "cardinality_distribution": {"type": "exponential", "rate": "2/s"}, "next": "buy"},
        {"name": "buy", "type": "activity", "emitter": ["sale", "line"], "variables": VARIABLES, "next": "wait"},
        {"name": "wait", "type": "event:intermediate:timer", "cardinality_distribution": DELAY, "next": "more"},
        {"name": "more", "type": "gateway:exclusive", "transitions": [
            {"next": "buy", "when": "total < 1000"}, {"next": "leave", "when": "else"}]},
        {"name": "leave", "type": "event:end"},
    ],
}  # fmt: skip
