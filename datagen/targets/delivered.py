"""What a target has received: its position in the stream of records, and its counts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from datagen.errors import TargetError
from datagen.position import whole


@dataclass(frozen=True)
class TargetCounts:
    """What one of several targets of a run has received so far; `bytes` as it counts them."""

    name: str
    delivered: int
    failed: int
    bytes: int
    passed_over: int = 0  # by its filter


@dataclass(frozen=True)
class Position:
    """How far a target is in the stream: it has the first `records` of it, in order.

    `state`, JSON, is what the target needs to resume there; `parts` are the positions of several targets.
    """

    records: int = 0
    state: Mapping[str, Any] = field(default_factory=dict)
    parts: "tuple[Position, ...]" = ()

    def number(self, key: str, default: int) -> int:
        """Return a whole number of the state, not below 0, or the default. Raises ValueError for anything else."""
        return whole(self.state[key], 0) if key in self.state else default


def impossible_position(what: str) -> TargetError:
    """Return the error for a position of a checkpoint that no run can have left in a target or its file."""
    text = "the checkpoint is damaged. To start over, move it and the output of the target away"
    return TargetError(what, text, 0)
