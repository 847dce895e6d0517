"""Fields and their values, through the whole program."""

import re
from collections.abc import Callable
from typing import Any

from datagen.fields import FIELDS, LimitedField
from tests.support.helpers import Outcome, invoke
from tests.support.machines import Spec, constant

START = "2027-03-12"
TABLES: Spec = {
    "cities": {"rows": [{"city": "Bonn", "people": 3}, {"city": "Graz", "people": 1}]},
    "few": {"rows": [{"city": "Oslo"}]},
}
GONE = "nothing is here"  # stands for a field that is missing


def uniform(low: float, high: float) -> Spec:
    """Return a uniform distribution."""
    return {"type": "uniform", "min": low, "max": high}


def choice(*values: Any) -> Spec:
    """Return an even choice."""
    return {"type": "choice", "values": list(values)}


def spec_with(dimensions: list[Spec], variables: list[Spec]) -> Spec:
    """Return a specification whose workers emit a record every second."""
    state = {
        "name": "s",
        "emitter": "e",
        "variables": variables,
        "delay": constant(1),
        "transitions": [{"next": "s", "probability": 1}],
    }
    return {
        "tables": TABLES,
        "entities": THINGS,
        "states": [state],
        "emitters": [{"name": "e", "dimensions": dimensions}],
        "interarrival": constant(1),
    }


def run(dimensions: list[Spec], n: int, variables: list[Spec] | None = None) -> Outcome:
    """Run one worker that emits a record every second."""
    spec = spec_with(dimensions, variables or [])
    return invoke("--seed", "5", "-s", START, "-m", "1", "-n", str(n), spec=spec)


def records(
    dimensions: list[Spec], n: int = 200, variables: list[Spec] | None = None
) -> list[dict[str, Any]]:
    """Return the records of a run that must succeed."""
    outcome = run(dimensions, n, variables)
    assert outcome.status == 0, outcome.err
    return outcome.records


def columns(*fields: Spec, n: int = 200) -> list[list[Any]]:
    """Return the values of several fields, made in one run."""
    names = [f"x{place}" for place in range(len(fields))]
    dimensions = [{"name": name, **field} for name, field in zip(names, fields, strict=True)]
    found = records(dimensions, n, REMEMBERED)
    return [[record.get(name, GONE) for record in found] for name in names]


def values(field: Spec, n: int = 200) -> list[Any]:
    """Return the values of one field."""
    return columns(field, n=n)[0]


def firsts(*fields: Spec) -> list[Any]:
    """Return one value of each field."""
    return [column[0] for column in columns(*fields, n=1)]


def refusal(field: Spec) -> str:
    """Return what is said of a field that cannot be."""
    outcome = run([{"name": "x", **field}], 1, REMEMBERED)
    assert outcome.status == 1
    assert "internal error" not in outcome.err
    assert outcome.out == b""
    return outcome.err


def integers(distribution: Spec, **keys: Any) -> Spec:
    """Return an `int` field."""
    return {"type": "int", "distribution": distribution, **keys}


def floats(distribution: Spec, **keys: Any) -> Spec:
    """Return a `float` field."""
    return {"type": "float", "distribution": distribution, **keys}


def texts(length: Spec, **keys: Any) -> Spec:
    """Return a `string` field."""
    return {"type": "string", "length_distribution": length, **keys}


def instants(distribution: Spec, **keys: Any) -> Spec:
    """Return a `timestamp` field."""
    return {"type": "timestamp", "distribution": distribution, **keys}


def ranges(cidr: str | list[str], **keys: Any) -> Spec:
    """Return an `ipaddress` field."""
    return {"type": "ipaddress", "cidr": cidr, **keys}


def enum(*options: Any, pick: Spec | None = None) -> Spec:
    """Return an `enum` field; without `pick`, all values are as likely."""
    pick = pick or uniform(0, len(options) - 1)
    return {"type": "enum", "values": list(options), "cardinality_distribution": pick}


def objects(*dimensions: Spec, **keys: Any) -> Spec:
    """Return an `object` field."""
    return {"type": "object", "dimensions": list(dimensions), **keys}


def lists(*elements: Spec, length: Spec | None = None, pick: Spec | None = None) -> Spec:
    """Return a `list` field, of three places unless told."""
    return {
        "type": "list",
        "elements": list(elements),
        "length_distribution": length or constant(3),
        "selection_distribution": pick or uniform(0, max(len(elements) - 1, 0)),
    }


def limited(field: Spec, size: int, **keys: Any) -> Spec:
    """Limit a field to so many values, all as likely."""
    return {**field, "cardinality": size, "cardinality_distribution": uniform(0, size - 1), **keys}


THINGS: Spec = {
    "things": {"count": 9, "attributes": [{"name": "n", **integers(uniform(1, 9))}, {"name": "u", "type": "uuid"}]},
    "made": {"count": 1, "attributes": []},
    "others": {"count": 9, "attributes": [{"name": "n", **integers(uniform(1, 9))}]},
}  # fmt: skip
REMEMBERED = [{"name": "remembered", **integers(uniform(1, 10**9))}]
MOMENTS = {"type": "uniform", "min": "2020-01-01", "max": "2020-12-31T12:00"}
EXAMPLES: dict[str, Spec] = {
    "int": integers(uniform(1, 10**6)),
    "float": floats(uniform(0, 1)),
    "string": texts(uniform(3, 9)),
    "timestamp": instants(MOMENTS),
    "ipaddress": ranges("10.0.0.0/8"),
    "uuid": {"type": "uuid"},
    "pattern": {"type": "pattern", "pattern": r"[A-Z]{2}-\d{4,6}"},
    "hash": {"type": "hash"},
    "mac": {"type": "mac"},
    "credit_card": {"type": "credit_card"},
    "iban": {"type": "iban"},
    "person": {"type": "person"},
    "city": {"type": "city", "locale": "de_DE"},
    "address": {"type": "address"},
    "phone": {"type": "phone"},
    "company": {"type": "company"},
    "faker": {"type": "faker", "provider": "http_status_code", "distinct": 500},
    "user_agent": {"type": "user_agent"},
    "lorem": {"type": "lorem"},
    "domain": {"type": "domain"},
    "url": {"type": "url"},
    "file_path": {"type": "file_path"},
    "geo": {"type": "geo", "lat": 52.5, "lon": 13.4, "radius_km": 10},
    "counter": {"type": "counter"},
    "enum": enum("a", 1, 2.5, True, {"b": "c"}),
    "object": objects({"name": "id", "type": "uuid"}, {"name": "n", **integers(uniform(1, 9))}),
    "list": lists({"type": "uuid"}, integers(uniform(1, 9))),
    "string:static": {"type": "string:static", "value": 'é,"\u2028'},
    "int:static": {"type": "int:static", "value": -(2**63)},
    "float:static": {"type": "float:static", "value": 3},
    "bool:static": {"type": "bool:static", "value": False},
    "variable": {"type": "variable", "variable": "remembered"},
    "clock": {"type": "clock"},
    "variable:template": {"type": "variable:template", "template": "<{{ remembered }}>"},
    "expression": {"type": "expression", "expr": "remembered + 1"},
    "switch": {
        "type": "switch",
        "on": "remembered % 2",
        "cases": {"0": {"type": "uuid"}},
        "default": {"type": "uuid"},
    },
    "row": {"type": "row", "table": "cities"},
    "entity": {"type": "entity", "entity": "things"},
}
LIMITED = sorted(kind for kind, field in FIELDS.items() if issubclass(field, LimitedField))


def matches(pattern: str) -> Callable[[Any], bool]:
    """Tell texts that match as a whole."""
    return lambda value: isinstance(value, str) and bool(re.fullmatch(pattern, value))


LOOKS: dict[str, Callable[[Any], bool]] = {
    "int": lambda value: type(value) is int,
    "float": lambda value: type(value) is float,
    "string": matches(r"[ -~]{3,9}"),
    "timestamp": matches(r"2020-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}"),
    "ipaddress": matches(r"10(\.\d{1,3}){3}"),
    "uuid": matches(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"),
    "pattern": matches(r"[A-Z]{2}-\d{4,6}"),
    "hash": matches("[0-9a-f]{64}"),
    "mac": matches("[0-9a-f][048c](:[0-9a-f]{2}){5}"),
    "credit_card": lambda value: isinstance(value, dict) and list(value) == ["network", "number"],
    "iban": matches(r"DE\d{20}"),
    "person": lambda value: (
        isinstance(value, dict) and value["name"] == f"{value['first_name']} {value['last_name']}"
    ),
    "city": lambda value: (
        isinstance(value, dict) and value["timezone"] in ("Europe/Berlin", "Europe/Busingen")
    ),
    "address": lambda value: isinstance(value, dict) and value["country"] == "United States",
    "phone": lambda value: isinstance(value, dict) and value["number"] == "+" + value["national"],
    "company": lambda value: (
        isinstance(value, dict) and value["email"] == "info@" + value["domain"]
    ),
    "faker": lambda value: type(value) is int and 100 <= value < 600,
    "user_agent": lambda value: isinstance(value, dict) and f"/{value['version']}" in value["text"],
    "lorem": matches(r"[A-Z][a-z]*( [a-z]+,?){2,12} [a-z]+\."),
    "domain": matches(r"[a-z]+(-[a-z]+)?\.example(\.(com|net|org))?"),
    "url": matches(r"https://[a-z-]+\.example(\.(com|net|org))?(/|(/[a-z0-9]+){1,3})"),
    "file_path": matches(r"(/[a-z]+){2,5}(_\d\d)?\.[a-z]+"),
    "geo": lambda value: isinstance(value, dict) and abs(value["lat"] - 52.5) < 0.1,
    "counter": lambda value: type(value) is int,
    "enum": lambda value: value in EXAMPLES["enum"]["values"],
    "object": lambda value: isinstance(value, dict) and list(value) == ["id", "n"],
    "list": lambda value: isinstance(value, list) and len(value) == 3,
    "string:static": lambda value: value == 'é,"\u2028',
    "int:static": lambda value: type(value) is int and value == -(2**63),
    "float:static": lambda value: type(value) is float and value == 3.0,
    "bool:static": lambda value: value is False,
    "variable": lambda value: type(value) is int,
    "variable:template": matches(r"<\d+>"),
    "expression": lambda value: type(value) is int,
    "switch": matches(r"[0-9a-f-]{36}"),
    "row": lambda value: value in TABLES["cities"]["rows"],
    "entity": lambda value: isinstance(value, dict) and list(value) == ["id", "n", "u"],
    "clock": matches(r"2027-03-12T\d\d:\d\d:\d\d\.000"),
}

Place = Callable[[list[Spec]], list[list[Any]]]


def as_dimensions(fields: list[Spec]) -> list[list[Any]]:
    """Make fields dimensions of an emitter; give their values."""
    return columns(*fields)


def inside_objects(fields: list[Spec]) -> list[list[Any]]:
    """Put each field into an object; give their values."""
    return [
        [value.get("inner", GONE) for value in column]
        for column in columns(*(objects({**field, "name": "inner"}) for field in fields))
    ]


def inside_lists(fields: list[Spec]) -> list[list[Any]]:
    """Make each field the element of a list of one; give their values."""
    return [
        [value[0] if value else GONE for value in column]
        for column in columns(*(lists(field, length=constant(1)) for field in fields))
    ]


def as_variables(fields: list[Spec]) -> list[list[Any]]:
    """Make fields variables, set anew at each visit; give what dimensions show of them."""
    names = [f"v{place}" for place in range(len(fields))]
    found = records(
        [{"name": name, "type": "variable", "variable": name} for name in names],
        variables=[
            *REMEMBERED,
            *({**field, "name": name} for name, field in zip(names, fields, strict=True)),
        ],
    )
    return [[record.get(name, GONE) for record in found] for name in names]


PLACES = [as_dimensions, inside_objects, inside_lists, as_variables]
A, B, C = "2020-01-01T00:00:00Z", "2020-01-02T00:00:00Z", "2020-01-03T00:00:00Z"
