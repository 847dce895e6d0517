"""Orders and their lines, for targets that take some of them, or write each to a file of its own."""

from pathlib import Path
from typing import Any

import pytest

Spec = dict[str, Any]

ORDERS: Spec = {
    "interarrival": 1,
    "emitters": [
        {
            "name": "order",
            "dimensions": [
                {"name": "id", "type": "counter"},
                {"name": "total", "type": "float", "distribution": {"type": "uniform", "min": 0, "max": 100}},
            ],
        },
        {
            "name": "line",
            "dimensions": [
                {"name": "sku", "type": "enum", "values": ["a", "b", "c"],
                 "cardinality_distribution": {"type": "uniform", "min": 0, "max": 2}},
                {"name": "qty", "type": "int", "distribution": {"type": "uniform", "min": 1, "max": 5}},
            ],
        },
    ],
    "states": [
        {"name": "o", "emitter": "order", "delay": 1, "transitions": [{"next": "l", "probability": 1}]},
        {"name": "l", "emitter": "line", "delay": 1,
         "transitions": [{"next": "l", "probability": 0.5}, {"next": "stop", "probability": 0.5}]},
    ],
}  # fmt: skip


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder of the test's own."""
    monkeypatch.chdir(tmp_path)
    return tmp_path
