"""One right specification that tests make wrong in one place, and what the program then says."""

import copy
import io
import re
from typing import Any

import generator
from tests.support.helpers import Outcome

RUN = ("-n", "3", "-s", "2027-03-12", "--seed", "1", "-q")
GONE = object()  # as a new value: the key goes away
NINE = {"type": "uniform", "min": 0, "max": 9}
BASE: dict[str, Any] = {
    "states": [
        {"name": "home", "emitter": "page",
         "variables": [
             {"name": "user", "type": "int", "distribution": {"type": "uniform", "min": 1, "max": 9}},
             {"name": "shop", "type": "enum", "cardinality_distribution": NINE,
              "values": [{"city": "Bonn", "place": {"lat": 50.7}}, {"city": "Kiel", "zip": 24103}]},
         ],
         "delay": {"type": "exponential", "mean": 2},
         "transitions": [{"next": "search", "probability": 0.6}, {"next": "stop", "probability": 0.4}]},
        {"name": "search", "emitter": "query", "delay": {"type": "constant", "value": 1},
         "transitions": [{"next": "home", "probability": 1}]},
    ],
    "emitters": [
        {"name": "page", "dimensions": [
            {"name": "user", "type": "variable", "variable": "user"},
            {"name": "city", "type": "variable", "variable": "shop", "field": "city"},
            {"name": "id", "type": "uuid"},
        ]},
        {"name": "query", "dimensions": [
            {"name": "word", "type": "string", "length_distribution": {"type": "constant", "value": 5}},
        ]},
    ],
    "interarrival": {"type": "exponential", "mean": 1},
}  # fmt: skip
DISTRIBUTIONS = (
    "constant, uniform, exponential, normal, lognormal, gamma, weibull, pareto, triangular, beta, "
    "poisson, zipf, choice, histogram, gmm_temporal"
)
FIELD_TYPES = (
    "int, float, counter, ipaddress, enum, timestamp, clock, string, uuid, pattern, person, city, address, phone, company, faker, user_agent, lorem, domain, url, file_path, geo, hash, mac, credit_card, iban, object, list, "
    "string:static, int:static, float:static, bool:static, variable, variable:template, expression, entity, switch, row"
)


def edited(*changes: tuple[str, Any], base: dict[str, Any] = BASE) -> dict[str, Any]:
    """Return a right specification with other values at some paths; one past a list's end adds."""
    spec = copy.deepcopy(base)
    for path, value in changes:
        steps = [int(step) if step.isdigit() else step for step in re.findall(r"[^.\[\]]+", path)]
        node: Any = spec
        for step in steps[:-1]:
            node = node[step]
        if value is GONE:
            del node[steps[-1]]
        elif isinstance(node, list) and steps[-1] == len(node):
            node.append(value)
        else:
            node[steps[-1]] = value
    return spec


def lines(problems: str) -> str:
    """Return what stderr holds when these are the problems of stdin."""
    return "".join(f"stdin: {line}\n" for line in problems.splitlines())


def from_stdin(data: bytes) -> Outcome:
    """Run the program on these very bytes."""
    out, err = io.BytesIO(), io.StringIO()
    return Outcome(
        generator.main([*RUN], io.BytesIO(data), out, err), out.getvalue(), err.getvalue()
    )
