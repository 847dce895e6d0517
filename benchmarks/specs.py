"""The specifications that are measured: two presets, two shapes of one of them, and two of records."""

import copy
import json
from typing import Any

from benchmarks.measure import ROOT

Spec = dict[str, Any]


def clickstream() -> Spec:
    """Return the preset."""
    return preset("clickstream")


def support_tickets() -> Spec:
    """Return the preset in the process form."""
    return preset("support_tickets")


def never_ending() -> Spec:
    """Return the preset with visitors who begin anew where they would leave."""
    spec = copy.deepcopy(clickstream())
    first = spec["states"][0]["name"]
    for state in spec["states"]:
        for transition in state["transitions"]:
            if transition["next"] == "stop":
                transition["next"] = first
    return spec


def wide() -> Spec:
    """Return records of 40 fields of all the common types."""
    uniform = {"type": "uniform", "min": 0, "max": 9999}
    makers: list[Spec] = [
        {"type": "int", "distribution": uniform},
        {"type": "float", "precision": 2, "distribution": {"type": "normal", "mean": 20, "stddev": 5}},
        {"type": "enum", "values": ["red", "green", "blue", "yellow"],
         "cardinality_distribution": {"type": "uniform", "min": 0, "max": 3}},
        {"type": "string", "length_distribution": {"type": "constant", "value": 12},
         "chars": "abcdefghijklmnopqrstuvwxyz"},
        {"type": "ipaddress", "cidr": "10.0.0.0/8", "cardinality": 1000,
         "cardinality_distribution": {"type": "uniform", "min": 0, "max": 999}},
    ]  # fmt: skip
    return _one_state([{"name": f"field_{n}", **makers[n % 5]} for n in range(40)])


def nested() -> Spec:
    """Return records of objects in objects, and lists of them."""
    number = {
        "type": "float",
        "precision": 1,
        "distribution": {"type": "uniform", "min": 0, "max": 9},
    }
    place = {
        "type": "object",
        "dimensions": [
            {"name": "site", "type": "enum", "values": ["north", "south"],
             "cardinality_distribution": {"type": "uniform", "min": 0, "max": 1}},
            {"name": "at", "type": "object",
             "dimensions": [{"name": "x", **number}, {"name": "y", **number}]},
        ],
    }  # fmt: skip
    readings = {
        "type": "list",
        "elements": [number],
        "length_distribution": {"type": "uniform", "min": 1, "max": 4},
        "selection_distribution": {"type": "constant", "value": 0},
    }
    return _one_state([
        {"name": "id", "type": "uuid"}, {"name": "place", **place}, {"name": "readings", **readings},
    ])  # fmt: skip


def preset(name: str) -> Spec:
    text = (ROOT / "conf" / "gen" / f"{name}.json").read_text(encoding="utf-8")
    spec: Spec = json.loads(text)
    return spec


def _one_state(dimensions: list[Spec]) -> Spec:
    return {
        "states": [
            {
                "name": "on",
                "emitter": "record",
                "delay": {"type": "exponential", "mean": 1},
                "transitions": [{"next": "on", "probability": 1}],
            }
        ],
        "emitters": [{"name": "record", "dimensions": dimensions}],
        "interarrival": {"type": "constant", "value": 0.01},
    }
