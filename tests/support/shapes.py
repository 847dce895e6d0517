"""Specifications of the shapes that are met in the field; together they use every type and key."""

from typing import Any

Spec = dict[str, Any]


def uniform(low: float, high: float) -> Spec:
    """Return a uniform distribution."""
    return {"type": "uniform", "min": low, "max": high}


def constant(value: Any) -> Spec:
    """Return a constant."""
    return {"type": "constant", "value": value}


def after(**chances: float) -> list[Spec]:
    """Return transitions."""
    return [{"next": name, "probability": chance} for name, chance in chances.items()]


def enum(name: str, values: list[Any], **more: Any) -> Spec:
    """Return a field that picks one of some values with the same chance."""
    even = uniform(0, len(values) - 1)
    return {
        "name": name,
        "type": "enum",
        "values": values,
        "cardinality_distribution": even,
        **more,
    }


SHOP: Spec = {
    "_comment": "states with variables, some seen, some not; a target",
    "states": [
        {"name": "enter", "emitter": "page",
         "variables": [
             {"name": "user", "type": "int", "distribution": uniform(1, 99999), "cardinality": 50,
              "cardinality_distribution": {"type": "zipf", "exponent": 1.1, "n": 50}},
             {"name": "ip", "type": "ipaddress", "distribution": uniform(184549376, 2127008767),
              "cardinality": 5, "cardinality_distribution": uniform(0, 5)},
             enum("agent", ["Mozilla/5.0 (X11)", None, 7, 1.5, True, {"a": []}]),
             enum("place", [{"city": "Bonn", "geo": {"lat": 50.7}}, {"city": "Kiel"}], percent_missing=5),
             {"name": "since", "type": "clock"},
             {"name": "ticket", "type": "counter", "start": 100, "increment": -3, "percent_nulls": 10},
             {"name": "basket", "type": "object", "dimensions": [
                 {"name": "size", "type": "int", "distribution": {"type": "poisson", "mean": 2}},
                 {"name": "ids", "type": "counter"},
             ]},
         ],
         "delay": {"type": "exponential", "mean": 2.5},
         "transitions": after(browse=0.7, stop=0.3)},
        {"name": "browse", "emitter": "page", "delay": constant(3),
         "variables": [enum("agent", ["curl"])],
         "transitions": after(browse=0.2, pay=0.5, stop=0.3)},
        {"name": "pay", "emitter": "sale", "delay": {"type": "lognormal", "mu": 0, "sigma": 1},
         "transitions": after(STOP=1)},
    ],
    "emitters": [
        {"name": "page", "dimensions": [
            {"name": "user", "type": "variable", "variable": "user"},
            {"name": "ip", "type": "variable", "variable": "ip"},
            {"name": "agent", "type": "variable", "variable": "agent", "percent_nulls": 10.0},
            {"name": "city", "type": "variable", "variable": "place", "field": "city"},
            {"name": "lat", "type": "variable", "variable": "place", "field": "geo.lat"},
            {"name": "since", "type": "variable", "variable": "since"},
        ]},
        {"name": "sale", "dimensions": [
            {"name": "ticket", "type": "variable", "variable": "ticket"},
            {"name": "basket", "type": "object", "dimensions": [
                {"name": "size", "type": "variable", "variable": "basket", "field": "size"},
            ]},
            {"name": "price", "type": "float", "distribution": {"type": "gamma", "shape": 2, "scale": 9.5},
             "precision": 2},
        ]},
    ],
    "interarrival": {"type": "exponential", "mean": 0.5},
    "target": {"type": "stdout"},
}  # fmt: skip
MISSING: Spec = {
    "interarrival": constant(1),
    "states": [{"name": "only", "emitter": "log", "delay": constant(1), "transitions": after(stop=1.0)}],
    "emitters": [{"name": "log", "dimensions": [
        enum("letter", ["A", "B"], percent_nulls=50.0, percent_missing=25),
        enum("nothing", [None]),
        enum("number", [1, 2, 3]) | {"cardinality_distribution": {"type": "exponential", "mean": 1}},
        {"name": "text", "type": "string", "length_distribution": constant(5), "cardinality": 0,
         "chars": "ABC123", "percent_nulls": 50},
        {"name": "few", "type": "int", "distribution": uniform(0, 1000), "cardinality": 10,
         "cardinality_distribution": {"type": "exponential", "mean": 5}, "percent_missing": 50.0,
         "percent_nulls": 50.0},
        {"name": "some", "type": "float", "distribution": uniform(0, 1000), "cardinality": 10,
         "cardinality_distribution": {"type": "normal", "mean": 5, "stddev": 2}, "precision": 3},
        {"name": "when", "type": "timestamp", "cardinality": 0, "percent_missing": 50,
         "distribution": uniform(0, 0) | {"min": "2024-01-01T00:00:00.000", "max": "2024-12-31T00:00:00.000"}},
        {"name": "where", "type": "ipaddress", "cardinality": 0, "percent_nulls": 1e-9,
         "distribution": uniform(2130706433, 2130706440)},
    ]}],
}  # fmt: skip
SHAPES: Spec = {
    "type": "generator",
    "$schema": "none",
    "states": [
        {"name": "a", "emitter": "numbers", "delay": {"type": "weibull", "shape": 0.7, "scale": 2},
         "transitions": after(a=0.5, b=0.5)},
        {"name": "b", "emitter": "moments", "delay": {"type": "triangular", "min": 0, "mode": 1, "max": 4},
         "transitions": after(a=0.9, stop=0.1)},
    ],
    "emitters": [
        {"name": "numbers", "dimensions": [
            {"name": name, "type": "float", "distribution": distribution}
            for name, distribution in {
                "constant": constant(0.1), "normal": {"type": "normal", "mean": -3, "stddev": 2},
                "pareto": {"type": "pareto", "alpha": 1.5, "min": 2},
                "beta": {"type": "beta", "alpha": 2, "beta": 3, "min": 5, "max": 9},
                "poisson": {"type": "poisson", "mean": 4}, "zipf": {"type": "zipf", "exponent": 2, "n": 9},
                "choice": {"type": "choice", "values": [1, 2.5, -3], "weights": [1, 0, 0.5]},
                "even": {"type": "choice", "values": [1, 2]},
                "histogram": {"type": "histogram", "edges": [0, 1, 10], "weights": [3, 1]},
            }.items()
        ]},
        {"name": "moments", "dimensions": [
            {"name": name, "type": "timestamp", "distribution": distribution}
            for name, distribution in {
                "constant": constant("2027-01-01"), "normal": {"type": "normal", "mean": "2027-01-01", "stddev": 60},
                "exponential": {"type": "exponential", "min": "2027-01-01T12:00+01:00", "mean": 3600},
                "triangular": {"type": "triangular", "min": "2027-01-01", "mode": "2027-01-02", "max": "2027-01-09"},
                "choice": {"type": "choice", "values": ["2027-01-01", "2028-02-29"], "weights": [1, 2]},
                "histogram": {"type": "histogram", "edges": ["2027-01-01", "2027-02-01"], "weights": [1]},
            }.items()
        ]},
    ],
    "interarrival": {"type": "gamma", "shape": 0.5, "scale": 3},
}  # fmt: skip
NESTED: Spec = {
    "states": [{"name": "s", "emitter": "e", "delay": constant(0), "transitions": after(s=0.5, Stop=0.5)}],
    "emitters": [{"name": "e", "dimensions": [
        {"name": "sets", "type": "object", "cardinality": 4, "cardinality_distribution": uniform(0, 3),
         "percent_nulls": 10, "percent_missing": 10, "dimensions": [
             {"name": "id", "type": "uuid"},
             {"name": "word", "type": "string", "length_distribution": {"type": "poisson", "mean": 3},
              "chars": 'aé\u2028€😀"\\'},
         ]},
        {"name": "list", "type": "list", "length_distribution": {"type": "poisson", "mean": 1.5},
         "selection_distribution": uniform(0, 3), "percent_nulls": 5, "percent_missing": 5, "elements": [
             {"type": "counter", "increment": 2},
             {"name": "inner", "type": "object", "dimensions": [enum("deep", [[1], {"b": {}}])]},
             {"type": "list", "length_distribution": constant(2), "selection_distribution": constant(0),
              "elements": [{"type": "ipaddress", "cidr": "fd00::/120"}]},
             {"type": "float", "distribution": {"type": "exponential", "mean": 1}, "percent_missing": 50},
         ]},
        {"name": "pairs", "type": "list", "cardinality": 3, "cardinality_distribution": uniform(0, 2),
         "length_distribution": constant(2), "selection_distribution": uniform(0, 1),
         "elements": [{"type": "int", "distribution": uniform(0, 99)}, {"type": "uuid"}]},
        {"name": "hosts", "type": "ipaddress", "cidr": ["10.0.0.0/30", "10.1.0.0/24"],
         "cardinality": 200, "cardinality_distribution": {"type": "zipf", "exponent": 1, "n": 200}},
        {"name": "names", "type": "string", "length_distribution": uniform(1, 2), "chars": "xyz",
         "cardinality": 12, "cardinality_distribution": uniform(0, 11)},
        {"name": "days", "type": "timestamp", "timezone": "Europe/Berlin", "format": "iso_us", "cardinality": 2, "cardinality_distribution": uniform(0, 1),
         "distribution": {"type": "choice", "values": ["2027-01-01", "2027-01-02"]}},
        {"name": "ids", "type": "uuid", "cardinality": 3, "cardinality_distribution": constant(1)},
        {"name": "plate", "type": "pattern", "pattern": "(?:[A-ZÄÖÜ]{1,3}-){1,2}[1-9]\\d{0,3}(?: [EH])?"},
        {"name": "at", "type": "geo", "lat": -17.7, "lon": 179.9, "radius_km": 50, "spread": "normal"},
        {"name": "who", "type": "person", "locale": "ru_RU", "percent_missing": 5},
        {"name": "town", "type": "city", "percent_nulls": 5},
        {"name": "lives", "type": "address", "locale": "fr_FR"},
        {"name": "call", "type": "phone", "locale": "hu_HU"},
        {"name": "shop", "type": "company", "locale": "ja_JP"},
        {"name": "status", "type": "faker", "provider": "http_status_code", "locale": "de_DE", "distinct": 50},
        {"name": "agent", "type": "user_agent", "bots": 0.1},
        {"name": "title", "type": "lorem", "words": uniform(0, 4)},
        {"name": "review", "type": "lorem", "sentences": {"type": "poisson", "mean": 1}, "percent_nulls": 10},
        {"name": "host", "type": "domain", "tlds": ["test", "example"]},
        {"name": "page", "type": "url", "schemes": ["http", "https"], "tlds": ["example.org"], "depth": uniform(0, 3), "percent_missing": 5},
        {"name": "file", "type": "file_path", "depth": {"type": "poisson", "mean": 1}, "extensions": ["tar.gz", "csv"]},
        {"name": "digest", "type": "hash", "bits": 160, "percent_nulls": 10},
        {"name": "mac", "type": "mac", "prefix": "00-50-56", "separator": "-"},
        {"name": "card", "type": "credit_card", "percent_missing": 10},
        {"name": "account", "type": "iban", "country": "MT"},
        {"name": "limited", "type": "object", "dimensions": [
            {**each, "name": each["type"], "cardinality": 3, "cardinality_distribution": uniform(0, 2)}
            for each in (
                {"type": "pattern", "pattern": "a|b|c{2,3}"}, {"type": "geo", "lat": 90, "lon": 0, "radius_km": 1}, {"type": "hash", "bits": 4},
                {"type": "mac"}, {"type": "credit_card", "network": "amex", "field": "number"}, {"type": "iban"},
                {"type": "person", "field": "username"}, {"type": "city", "locale": "de_AT", "field": "population"},
                {"type": "address", "field": "lat"}, {"type": "phone", "field": "number"}, {"type": "company", "field": "name"},
                {"type": "faker", "provider": "latitude", "distinct": 20}, {"type": "user_agent", "field": "os"},
                {"type": "lorem", "words": 1}, {"type": "domain"}, {"type": "url"}, {"type": "file_path"},
            )
        ]},
        {"name": "big", "type": "int", "distribution": uniform(-(2**63), 2**63 - 1)},
        {"name": "ms", "type": "clock", "format": "epoch_ms"},
        {"name": "hour", "type": "clock", "timezone": "America/New_York", "format": "%d/%b/%Y:%H:%M:%S.%3f %z"},
    ]}],
    "interarrival": constant(0.25),
}  # fmt: skip
PROCESS: Spec = {
    "_comment": "the process form: all types of states, a loop, fields of one value",
    "templates": {"line": {"body": "{{ time }}"}},
    "emitters": [{"name": "e", "dimensions": [
        {"name": "time", "type": "clock"},
        {"name": "kind", "type": "string:static", "value": "ü"},
        {"name": "n", "type": "int:static", "value": 7, "percent_missing": 10},
        {"name": "x", "type": "float:static", "value": 7, "percent_nulls": 10},
        {"name": "ok", "type": "bool:static", "value": True},
        {"name": "what", "type": "variable", "variable": "what"},
        {"name": "since", "type": "variable", "variable": "since"},
        {"name": "both", "type": "variable:template", "template": "{{ what }}-{{ since }}"},
    ]}],
    "states": [
        {"name": "come", "type": "event:start:timer", "cardinality_distribution": {"type": "exponential", "mean": 1}, "next": "in"},
        {"name": "in", "type": "activity", "next": "first",
         "variables": [{"name": "since", "type": "clock"}, {"name": "what", "type": "string:static", "value": "in"}]},
        {"name": "first", "type": "gateway:exclusive", "transitions": after(wait=0.5, do=0.5)},
        {"name": "wait", "type": "event:intermediate:timer", "cardinality_distribution": uniform(0, 2), "next": "do"},
        {"name": "do", "type": "activity", "emitter": "e", "next": "again",
         "variables": [{"name": "what", "type": "int:static", "value": 1}]},
        {"name": "again", "type": "gateway:exclusive", "transitions": after(wait=0.7, out=0.2, more=0.105)},
        {"name": "more", "type": "gateway:exclusive", "transitions": after(do=1.0)},
        {"name": "out", "type": "event:end"},
    ],
}  # fmt: skip
DAYS: Spec = {
    "5": [{"utc_hour": 1.5, "sigma": 2, "weight": 1}],
    "7": [{"utc_hour": 9, "sigma": 1, "weight": 3}],
}
TIMED: Spec = {
    "states": [{"name": "s", "emitter": "e", "transitions": after(s=0.5, Stop=0.5),
                "delay": {"type": "gmm_temporal", "mean": 2, "days": DAYS, "timezone": "Asia/Kolkata"}}],
    "emitters": [{"name": "e", "dimensions": [enum("letter", ["A", "B"])]}],
    "interarrival": {"type": "gmm_temporal", "mean": 9, "days": DAYS},
    "schedule": {"type": "gmm_temporal", "days": DAYS, "timezone": "Europe/Berlin", "applies_to": "workers"},
}  # fmt: skip
HOURS: Spec = {
    **MISSING,
    "schedule": {"type": "hourly", "weights": [0, 3.5, 1] * 8, "scale": "mean", "applies_to": "arrivals",
                 "timezone": "America/Lima"},
}  # fmt: skip
WEEK: Spec = {
    **SHAPES,
    "schedule": {"type": "weekly", "weights": {"wed": [1, 2] * 12, "sun": [0] * 23 + [1]}, "scale": "peak",
                 "applies_to": "workers", "timezone": "Asia/Tokyo"},
}  # fmt: skip
FLAT: Spec = {
    **SHOP,
    "schedule": {"type": "constant", "value": 0.5, "applies_to": "arrivals", "timezone": "UTC"},
}
OVER_YEARS: list[Spec] = [
    {"type": "trend", "per_month": 1.1},
    {"type": "trend", "per_year": 0.8},
    {"type": "ramp", "from": 0.5, "to": 2, "over": "1H"},
    {"type": "dates", "dates": {"2027-03-12": 2, "2027-03-13/2027-04-01": 0.5}},
    {"type": "holidays", "country": "DE", "subdivision": "BY", "factor": 0.5},
    {"type": "product", "curves": [
        {"type": "constant", "value": 2}, {"type": "trend", "per_month": 0.9}, {"type": "dates", "dates": {"2027-03-12": 3}}]},
]  # fmt: skip
YEARS: dict[str, Spec] = {
    f"years {number}": {**MISSING, "schedule": {**each, "applies_to": "arrivals", "timezone": "Asia/Tokyo"}}
    for number, each in enumerate(OVER_YEARS)
}  # fmt: skip
CUT: Spec = {
    "_comment": "parameters in other words, cut off, or computed; open hours",
    "states": [
        {"name": "a", "emitter": "e", "delay": {"type": "lognormal", "median": "2S", "p99": "1M", "min": 1, "max": 50},
         "transitions": after(a=0.5, b=0.5)},
        {"name": "b", "emitter": "e", "transitions": after(a=0.9, stop=0.1),
         "delay": {"type": "exponential", "rate": "90/m", "min": 0.1, "max": 9, "hours": {
             "type": "hourly", "steps": True, "weights": [1, 0.5, 0] * 8}}},
    ],
    "emitters": [{"name": "e", "dimensions": [
        {"name": "n", "type": "enum", "values": [1, 2, 5], "weights": [3, 0, 2]},
        *({"name": f"f{n}", "type": "float", "distribution": distribution} for n, distribution in enumerate([
            {"type": "normal", "mean": {"expr": "n"}, "stddev": 2, "min": 0, "max": 9},
            {"type": "lognormal", "median": 3, "p90": 8}, {"type": "lognormal", "median": 3, "p95": 8},
            {"type": "lognormal", "mean": {"expr": "n"}, "stddev": 8},
            {"type": "gamma", "shape": {"expr": "n"}, "scale": 2, "min": 1, "max": 9},
            {"type": "weibull", "shape": 2, "scale": 3, "min": 1, "max": 9},
            {"type": "pareto", "alpha": 1.1, "min": 1, "max": 9}, {"type": "poisson", "mean": 4, "min": 1, "max": 9},
            2.5,
        ])),
        *({"name": f"t{n}", "type": "timestamp", "distribution": distribution} for n, distribution in enumerate([
            {"type": "normal", "mean": "2027-01-01", "stddev": 1e6, "min": "2026-12-01", "max": "2027-02-01"},
            {"type": "exponential", "min": "2027-01-01", "mean": 1e6, "max": "2027-02-01"},
        ])),
    ]}],
    "interarrival": "1.5S",
    "schedule": {"type": "weekly", "steps": True, "weights": {"mon": [1, 2] * 12}, "applies_to": "arrivals"},
}  # fmt: skip
ENTITIES: Spec = {
    "entities": {
        "products": {"count": 30, "pick": {"type": "zipf", "exponent": 1}, "attributes": [
            {"name": "sku", "type": "expression", "expr": "'P' ~ id"},
            {"name": "price", "type": "float", "distribution": uniform(1, 90), "precision": 2}]},
        "users": {"count": {"initial": 50, "per_day": 40_000}, "order": "id", "attributes": [
            {"name": "code", "type": "int", "distribution": uniform(1, 10**6), "cardinality": 40,
             "cardinality_distribution": uniform(0, 39)},
            {"name": "wish", "type": "entity", "entity": "products"}]},
        "guests": {"count": {"initial": 9, "per_day": 9000}, "life": {"type": "exponential", "mean": 60}, "attributes": []},
        "orders": {"count": 2, "attributes": [enum("kind", ["a", "b"])]},
    },
    "interarrival": {"type": "exponential", "mean": 3},
    "states": [
        {"name": "order", "emitter": "orders", "delay": {"type": "exponential", "mean": 4},
         "variables": [
             {"name": "user", "type": "entity", "entity": "users"},
             {"name": "order", "type": "entity", "entity": "orders", "new": True},
             {"name": "product", "type": "entity", "entity": "products", "where": "price > user.wish.price"}],
         "transitions": after(pay=0.8, stop=0.2)},
        {"name": "pay", "emitter": "payments", "delay": {"type": "exponential", "mean": 9}, "transitions": after(order=0.5, stop=0.5)},
    ],
    "emitters": [
        {"name": "orders", "dimensions": [
            {"name": "id", "type": "variable", "variable": "order", "field": "id"},
            {"name": "user", "type": "variable", "variable": "user"},
            {"name": "guest", "type": "entity", "entity": "guests", "field": "id", "percent_nulls": 10}]},
        {"name": "payments", "dimensions": [
            {"name": "order", "type": "variable", "variable": "order"},
            {"name": "product", "type": "variable", "variable": "product", "field": "sku"},
            {"name": "other", "type": "entity", "entity": "orders", "pick": {"type": "zipf", "exponent": 1}, "field": "id"},
            {"name": "mine", "type": "entity", "entity": "users", "pick": "each", "field": "code", "percent_missing": 5}]},
    ],
}  # fmt: skip
SPECS = {
    "shop": SHOP, "missing": MISSING, "shapes": SHAPES, "nested": NESTED, "process": PROCESS, "timed": TIMED, "hours": HOURS,
    "week": WEEK, "flat": FLAT, "cut": CUT,
    "entities": ENTITIES, **YEARS,
}  # fmt: skip
