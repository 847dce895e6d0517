"""Which part of a stream a process makes, of how many: `--part I/K`. Imports nothing heavy."""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from datagen.arrays import Ints

MAX_PARTS = 100_000
_PLACEHOLDER = "{part}"
N = TypeVar("N", int, "Ints")


@dataclass(frozen=True)
class Part:
    """Part `index` of `count`: everything whose number is `index` modulo `count`; the whole is part 0 of 1."""

    index: int = 0
    count: int = 1

    def __str__(self) -> str:
        return f"{self.index}/{self.count}"

    @classmethod
    def parsed(cls, text: str) -> "Part":
        """Return the part of a text such as `2/7`. Raises ValueError for any other text."""
        found = re.fullmatch(r"(\d{1,7})/(\d{1,7})", text, re.ASCII)
        index, count = map(int, found.groups()) if found else (0, 0)
        if not index < count <= MAX_PARTS:
            raise ValueError(
                f"expected I/K, part I of K, with 0 <= I < K <= {MAX_PARTS:,}, not {text!r}"
            )
        return cls(index, count)

    @property
    def is_whole(self) -> bool:
        """Return whether this is all there is."""
        return self.count == 1

    @property
    def label(self) -> str:
        """Return the index, with the digits of the largest one, so that names of all parts sort."""
        return f"{self.index:0{len(str(self.count - 1))}}"

    def share(self, number: N) -> N:
        """Return how many of 0 .. number - 1 are in this part."""
        return (number + self.count - 1 - self.index) // self.count

    def in_name(self, name: str) -> str:
        """Return a name with the label of the part in place of `{part}`."""
        return name.replace(_PLACEHOLDER, self.label)

    @staticmethod
    def is_in_name(name: str) -> bool:
        """Return whether a name is another one in each part."""
        return _PLACEHOLDER in name


WHOLE = Part()
