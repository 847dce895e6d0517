"""Records as columns: what the model makes, and formats and targets take."""

from dataclasses import dataclass

from datagen.arrays import Ints
from datagen.columns.column import Column
from datagen.instants import Style
from datagen.position import Cursor


@dataclass(frozen=True)
class Section:
    """Neighbouring fields of records, evaluated together: their names and columns.

    Without `index`, the columns have a row for each of the n records. With it, int64[n], they have fewer,
    and the i-th record has row index[i].
    """

    names: tuple[str, ...]
    columns: tuple[Column, ...]
    index: Ints | None = None


@dataclass(frozen=True)
class Group:
    """The records of one emitter within a batch: their rows in the batch, int64[n], and their fields."""

    emitter: str
    rows: Ints
    sections: tuple[Section, ...]

    def column(self, name: str) -> Column | None:
        """Return the field of this name, n values; None: the emitter has no such field."""
        for section in self.sections:
            if name in section.names:
                column = section.columns[section.names.index(name)]
                return column if section.index is None else column.take(section.index)
        return None


@dataclass(frozen=True)
class Batch:
    """The n records of a batch, in order.

    `times` (microseconds since 1970) and `workers` are int64[n]; the rows of the groups are together all
    of 0 .. n - 1. `alive` is how many workers there are after the last record, `style` how instants are
    written. `pause` tells that the next batch may be long in coming. `cursor` is the position of the run
    before the batch, if it can be resumed from there; batches that follow each other may have the same.
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
