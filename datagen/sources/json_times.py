"""Turns JSON objects that hold times into columns of such objects with other times."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from datagen.arrays import Ints
from datagen.columns.column import Column
from datagen.sources.json_columns import json_column
from datagen.sources.moving import Move, TimeMember
from datagen.sources.times import SourceTimes


@dataclass(frozen=True)
class MovingObjects:
    """A field of objects, ABSENT where it is missing, some of whose members are times."""

    values: Sequence[Any]
    members: tuple[TimeMember, ...]
    column_type: None = None

    def take(self, rows: Ints) -> "MovingObjects":
        values = [self.values[row] for row in rows.tolist()]
        return MovingObjects(values, tuple(each.take(rows) for each in self.members))

    def times_of(self) -> Iterator[tuple[str, SourceTimes]]:
        for member in self.members:
            if member.times is not None:
                yield from member.times.times_of()

    def moved(self, move: Move) -> Column:
        values = list(self.values)
        if move.rows is not None:
            values = [self.values[row] for row in move.rows.tolist()]
        for member in self.members:
            times = member.times
            column = move.clock.column() if times is None else times.moved(move)
            timed = np.ones(len(values), bool) if times is None else times.has_time(move.rows)
            texts = column.json_text.to_pylist()
            for row in np.flatnonzero(timed).tolist():
                values[row] = _with_member(values[row], member.path, json.loads(texts[row]))
        return json_column(values)[0]


def _with_member(value: dict[str, Any], path: tuple[str, ...], member: Any) -> dict[str, Any]:
    """Return an object with another member at the end of a path, which is there."""
    name, *inner = path
    changed = member if not inner else _with_member(value[name], tuple(inner), member)
    return {**value, name: changed}
