"""Which part of a stream a process makes, of how many: `--part I/K`. Imports nothing."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Part:
    """Part `index` of `count`: everything whose number is `index` modulo `count`; the whole is part 0 of 1."""

    index: int = 0
    count: int = 1

    def __str__(self) -> str:
        return f"{self.index}/{self.count}"

    @property
    def is_whole(self) -> bool:
        """Return whether this is all there is."""
        return self.count == 1

    def share(self, number: int) -> int:
        """Return how many of 0 .. number - 1 are in this part."""
        return (number + self.count - 1 - self.index) // self.count


WHOLE = Part()
