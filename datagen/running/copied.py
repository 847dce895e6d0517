"""Copies of records as text or tables, with what is known of each: picked, divided and joined."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from datagen.arrays import Ints
from datagen.batch import FaultPlace, FaultRows, merged_faults
from datagen.formats.rendered import Rendered


@dataclass(frozen=True)
class Copied:
    """The m copies of some records: `rendered.times` are their arrivals, `workers`, int64[m], their workers.

    `faults` are the rows of those for which a value could not be computed, `ordinals`, int64[m], their numbers among
    all copies of the stream, where these count.
    """

    rendered: Rendered
    workers: Ints
    faults: FaultRows
    ordinals: Ints | None = None

    def __len__(self) -> int:
        return len(self.workers)

    @property
    def arrivals(self) -> Ints:
        """Return when they leave: int64[m]."""
        return self.rendered.times

    @property
    def size(self) -> int:
        """Return about how many bytes they take."""
        return sum(each.size for each in self.rendered.payloads)

    def take(self, rows: Ints) -> "Copied":
        """Return those at some rows, int64[k], in memory of their own."""
        place = np.full(len(self) + 1, -1)
        place[rows] = np.arange(len(rows))
        moved = {at: np.sort(place[known]) for at, known in self.faults.items()}
        ordinals = None if self.ordinals is None else self.ordinals[rows]
        return Copied(self.rendered.take(rows), self.workers[rows], _there(moved), ordinals)

    def divided(self, count: int) -> tuple["Copied", "Copied"]:
        """Return the first so many, and the others."""
        heads = {at: np.where(rows < count, rows, -1) for at, rows in self.faults.items()}
        rests = {at: rows - count for at, rows in self.faults.items()}
        ordinals = self.ordinals
        first, others = (None, None) if ordinals is None else (ordinals[:count], ordinals[count:])
        head, rest = self.rendered.rows(0, count), self.rendered.rows(count, len(self))
        return (
            Copied(head, self.workers[:count], _there(heads), first),
            Copied(rest, self.workers[count:], _there(rests), others),
        )

    @classmethod
    def joined(cls, parts: "Sequence[Copied]") -> "Copied":
        """Return those of all parts, one part after the other."""
        if len(parts) == 1:
            return parts[0]
        begins = np.cumsum([0, *(len(each) for each in parts[:-1])]).tolist()
        faults = merged_faults(
            {at: rows + begin for at, rows in each.faults.items()}
            for each, begin in zip(parts, begins, strict=True)
        )
        ordinals = [each.ordinals for each in parts if each.ordinals is not None]
        return cls(
            Rendered.joined([each.rendered for each in parts]),
            np.concatenate([each.workers for each in parts]),
            faults,
            np.concatenate(ordinals) if len(ordinals) == len(parts) else None,
        )


def _there(faults: dict[FaultPlace, Ints]) -> FaultRows:
    """Return the rows that are there: not below 0."""
    some = {at: rows[rows >= 0] for at, rows in faults.items()}
    return {at: rows for at, rows in some.items() if len(rows)}
