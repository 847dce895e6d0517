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
        return Copied.picked([self], rows)

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
    def picked(cls, parts: "Sequence[Copied]", rows: Ints) -> "Copied":
        """Return those at some rows of all parts, one part after the other, int64[k], in memory of their own."""
        begins = np.cumsum([0, *(len(each) for each in parts)]).tolist()
        faults = merged_faults(
            {at: known + begin for at, known in each.faults.items()}
            for each, begin in zip(parts, begins[:-1], strict=True)
        )
        place = np.full(begins[-1] + 1, -1) if faults else rows
        if faults:
            place[rows] = np.arange(len(rows))
        moved = {at: np.sort(place[known]) for at, known in faults.items()}
        ordinals = [each.ordinals for each in parts if each.ordinals is not None]
        return cls(
            Rendered.picked([each.rendered for each in parts], rows),
            np.concatenate([each.workers for each in parts])[rows],
            _there(moved),
            np.concatenate(ordinals)[rows] if len(ordinals) == len(parts) else None,
        )


def _there(faults: dict[FaultPlace, Ints]) -> FaultRows:
    """Return the rows that are there: not below 0."""
    some = {at: rows[rows >= 0] for at, rows in faults.items()}
    return {at: rows for at, rows in some.items() if len(rows)}
