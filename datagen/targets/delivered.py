"""What a target has received: its position in the stream of records, and its counts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class TargetCounts:
    """What one of several targets of a run has received so far; `bytes` as it counts them."""

    name: str
    delivered: int
    failed: int
    bytes: int


@dataclass(frozen=True)
class Position:
    """How far a target is in the stream: it has the first `records` of it, in order.

    `state`, JSON, is what the target needs to resume there; `parts` are the positions of several targets.
    """

    records: int = 0
    state: Mapping[str, Any] = field(default_factory=dict)
    parts: "tuple[Position, ...]" = ()
