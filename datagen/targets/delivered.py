"""What a target has got: its position in the stream of records, and its counts."""

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
    """How far a target has got in the stream: the records before this one are delivered, in order.

    `state`, JSON, is what the target needs to resume there; `parts` are the positions of several targets.
    """

    records: int = 0
    state: Mapping[str, Any] = field(default_factory=dict)
    parts: "tuple[Position, ...]" = ()
