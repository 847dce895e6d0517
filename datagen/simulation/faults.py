"""Takes note, in a window, of what expressions cannot compute: for which records and visits."""

from collections.abc import Callable, Iterable

import numpy as np

from datagen.arrays import Ints
from datagen.batch import FaultPlace, FaultRows, Section
from datagen.fields.draw import Faults
from datagen.language import Expression


class WindowFaults:
    """The faults of a window, those of records and those of visits.

    Whoever makes values again, of visits before the window or ahead of it, takes no note of them.
    """

    def __init__(self) -> None:
        self._of_records: dict[FaultPlace, list[Ints]] = {}
        self._of_visits: dict[FaultPlace, list[Ints]] = {}

    def at_records(self, records: Ints) -> Faults:
        """Return what takes note for draws whose rows are these of the batch, int64[n]."""
        return _Noted(self._of_records, records)

    def at_visits(self, visits: Ints) -> Faults:
        """Return what takes note for draws whose rows are these visits, as rows of the window: int64[n].

        Such a fault counts for the first record of its visit or, where that has none, for the next record in order.
        """
        return _Noted(self._of_visits, visits)

    def note_columns(self, records: Ints, sections: Iterable[Section]) -> None:
        """Take note of the faults of what records hold, whose rows of the batch are these: int64[n]."""
        noted = self.at_records(records)
        for section in sections:
            for column in section.columns:
                for (path, expression), faults in column.faults.items():
                    at_rows = faults if section.index is None else faults[section.index]
                    noted.add(path, expression, np.flatnonzero(at_rows))

    def rows(self, records_from: Callable[[], Ints]) -> FaultRows:
        """Return the rows of the batch, each once a place.

        `records_from` returns for each visit, a row of the window, how many records come before those of
        the visit: int64[visits].
        """
        found = {place: [*rows] for place, rows in self._of_records.items()}
        if self._of_visits:
            first = records_from()
            for place, visits in self._of_visits.items():
                found.setdefault(place, []).extend(first[each] for each in visits)
        return {place: np.unique(np.concatenate(rows)) for place, rows in found.items()}


class _Noted:
    def __init__(self, found: dict[FaultPlace, list[Ints]], rows: Ints) -> None:
        self._found, self._rows = found, rows

    def add(self, path: tuple[str, ...], expression: Expression, rows: Ints) -> None:
        if len(rows):
            place = FaultPlace(path, expression.text)
            self._found.setdefault(place, []).append(self._rows[rows])
