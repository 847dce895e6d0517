"""Puts what is made of each other in an order: each after what it is made of, those that form a circle together."""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass


@dataclass(frozen=True)
class Together:
    """Names that come together; in a `circle` each is made of itself or of others that are made of it."""

    names: tuple[str, ...]
    circle: bool


def in_order(reads: Mapping[str, AbstractSet[str]]) -> Iterator[Together]:
    """Yield all names, each after those that it reads; what is read and no name itself does not matter."""
    reached = {name: _reached(name, reads) for name in reads}
    pending = dict.fromkeys(reads)
    while pending:
        first = next(
            name
            for name in pending
            if all(name in reached[other] for other in reached[name] if other in pending)
        )
        together = [name for name in pending if name == first or name in reached[first]]
        yield Together(tuple(together), circle=first in reached[first])
        for name in together:
            del pending[name]


def _reached(name: str, reads: Mapping[str, AbstractSet[str]]) -> set[str]:
    """Return all names that one reads, through others too; itself where it is in a circle."""
    seen: set[str] = set()
    pending = [name]
    while pending:
        found = (reads[pending.pop()] & reads.keys()) - seen
        seen |= found
        pending += found
    return seen
