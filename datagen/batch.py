"""Records as columns: the currency between the model, formats and targets."""

from dataclasses import dataclass, replace

import numpy as np

from datagen.arrays import Ints
from datagen.columns.column import Column
from datagen.instants import Style
from datagen.position import Cursor


@dataclass(frozen=True)
class Section:
    """Neighbouring fields of a record, evaluated together: their names and columns.

    With `index`, int64[n], the columns have fewer rows than there are records, and the i-th record
    shows row index[i]; without, they have n.
    """

    names: tuple[str, ...]
    columns: tuple[Column, ...]
    index: Ints | None = None


@dataclass(frozen=True)
class Group:
    """The records of one emitter within a batch: their rows in the batch, and their fields."""

    emitter: str
    rows: Ints
    sections: tuple[Section, ...]

    def column(self, name: str) -> Column | None:
        """Return the field of this name, a value for each record; None: the emitter has no such field."""
        for section in self.sections:
            if name in section.names:
                column = section.columns[section.names.index(name)]
                return column if section.index is None else column.take(section.index)
        return None

    def between(self, first: int, last: int) -> "Group":
        """Return those of the rows first .. last - 1 of the batch, which are the rows 0 .. of another."""
        mine = np.flatnonzero((self.rows >= first) & (self.rows < last))
        sections = tuple(
            replace(each, index=mine if each.index is None else each.index[mine])
            for each in self.sections
        )
        return Group(self.emitter, self.rows[mine] - first, sections)


@dataclass(frozen=True)
class Batch:
    """Records, n of them, in order: instants (microseconds since 1970), workers and fields.

    `alive` is how many workers there are after the last. `pause` tells that the next may be long in
    coming. `cursor` is where the run stood before them, if it can go on from there; batches that follow
    each other may have the same one.
    """

    times: Ints
    workers: Ints
    alive: int
    style: Style
    groups: tuple[Group, ...]
    pause: bool = False
    cursor: Cursor | None = None

    def __len__(self) -> int:
        return len(self.times)

    def rows(self, first: int, last: int) -> "Batch":
        """Return the records first .. last - 1."""
        if first == 0 and last == len(self):
            return self
        return replace(
            self,
            times=self.times[first:last],
            workers=self.workers[first:last],
            groups=tuple(group.between(first, last) for group in self.groups),
            cursor=None if first else self.cursor,
        )
