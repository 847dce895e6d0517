"""Where a run stands between two windows: what every maker's cursor can do, jumps, packed arrays.

Arrays are packed: little-endian int64, differences from one to the next, deflated, in base64.
"""

import base64
import zlib
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from datagen.arrays import Ints

_MOST = 1 << 31  # bytes of an array


@dataclass(frozen=True)
class Jump:
    """What is left out: before instant `at` all is as it was, then all stands still for `by`."""

    at: int
    by: int

    @property
    def until(self) -> int:
        """Return the instant at which time goes on."""
        return self.at + self.by


class Cursor(Protocol):
    """Where a run stands between two windows."""

    @property
    def since(self) -> int:
        """Return an instant, microseconds since 1970, before which nothing happens any more."""

    @property
    def has_workers(self) -> bool:
        """Return whether it is of a machine, not of a replay."""

    @property
    def source(self) -> tuple[int, ...]:
        """Return the state of the file that is read, where there is one."""

    def fits(self, spec: Any) -> bool:
        """Return whether a specification of the same kind can go on from here."""

    def packed(self) -> dict[str, Any]:
        """Return the cursor as JSON."""


def packed(values: Ints) -> str:
    """Write whole numbers as text: int64[n]."""
    steps = np.diff(values, prepend=0).astype("<i8").tobytes()
    return base64.b64encode(zlib.compress(steps, 1)).decode()


def unpacked(text: str) -> Ints:
    """Read what `packed` has written. Raises ValueError."""
    try:
        data = zlib.decompressobj().decompress(base64.b64decode(text, validate=True), _MOST)
    except zlib.error as error:
        raise ValueError(str(error)) from error
    return np.cumsum(np.frombuffer(data, "<i8").astype(np.int64))
