"""What a kernel, which computes a function by arrays, gets and gives."""

from dataclasses import dataclass
from typing import Protocol

from datagen.arrays import Mask
from datagen.instants import Style
from datagen.language.tree import Call
from datagen.language.vectors import Vector


@dataclass(frozen=True)
class Operation:
    """A call, and the values of its arguments for n rows; not all of them are single."""

    call: Call
    arguments: list[Vector]
    rows: int
    style: Style


@dataclass(frozen=True)
class Result:
    """The values of a call for n rows, where there is none, and where its scalar rule has to tell: bool[n].

    Where an argument is null none of them means anything, unless the function takes nulls. None: nowhere.
    """

    vector: Vector
    faults: Mask | None = None
    doubtful: Mask | None = None


class Kernel(Protocol):
    """Computes a function by arrays."""

    def __call__(self, operation: Operation, /) -> Result | None:
        """Return the values, None where the scalar rule has to tell all of them."""
