"""The position of a run between two windows: what every cursor offers, jumps, and packed arrays.

An array is packed into text: little-endian int64, differences from one to the next, deflated, in base64.
"""

import base64
import zlib
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from datagen.arrays import Ints
from datagen.part import Part

_MAX_BYTES = 1 << 31  # of an array
_MAX_NUMBER = 1 << 62


@dataclass(frozen=True)
class Jump:
    """A gap that is left out of a run: `by` microseconds from the instant `at`."""

    at: int
    by: int

    @property
    def until(self) -> int:
        """Return the instant at which the run goes on."""
        return self.at + self.by


class Cursor(Protocol):
    """The position of a run between two windows, from which the rest of it can be made."""

    @property
    def since(self) -> int:
        """Return an instant, microseconds since 1970, before which nothing happens any more."""

    @property
    def has_workers(self) -> bool:
        """Return whether it is a cursor of a simulation, not of a replay."""

    @property
    def source(self) -> tuple[int, ...]:
        """Return the state of the file that is read, where there is one."""

    def fits(self, spec: Any) -> bool:
        """Return whether a run of a specification of the same kind can continue from here."""

    def belongs_to(self, part: Part) -> bool:
        """Return whether a run of a part of a stream can have come here."""

    def to_json(self) -> dict[str, Any]:
        """Return the cursor as JSON."""


def whole(value: Any, least: int = -_MAX_NUMBER, most: int = _MAX_NUMBER) -> int:
    """Return a whole number of JSON, within bounds. Raises ValueError for anything else."""
    if type(value) is not int or not least <= value <= most:
        raise ValueError(f"expected a whole number from {least} to {most}, not {value!r}")
    return value


def pack(values: Ints) -> str:
    """Return whole numbers, int64[n], as text."""
    steps = np.diff(values, prepend=0).astype("<i8").tobytes()
    return base64.b64encode(zlib.compress(steps, 1)).decode()


def unpack(text: str) -> Ints:
    """Return the numbers that `pack` has made a text of. Raises ValueError for any other text."""
    try:
        data = zlib.decompressobj().decompress(base64.b64decode(text, validate=True), _MAX_BYTES)
    except zlib.error as error:
        raise ValueError(str(error)) from error
    return np.cumsum(np.frombuffer(data, "<i8").astype(np.int64))
