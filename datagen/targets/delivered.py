"""What a target has got: its place in a stream, and the counts of each of several targets."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class TargetCounts:
    """What one of several targets of a run has got so far."""

    name: str
    delivered: int
    failed: int
    bytes: int


@dataclass(frozen=True)
class Position:
    """Where a target stands in a stream: the records before this one are delivered, in order.

    `state`, JSON, is what the target needs to go on from there; `parts` are those of several targets.
    """

    records: int = 0
    state: Mapping[str, Any] = field(default_factory=dict)
    parts: "tuple[Position, ...]" = ()
