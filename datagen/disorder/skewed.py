"""Turns a clean batch into one with a row for each copy that leaves, with the time that the copy tells."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from datagen.arrays import Ints
from datagen.batch import Batch, FaultRows, Group, Section
from datagen.columns.clock import clocks_off, shows_clock
from datagen.disorder.copies import Copies


def expanded(batch: Batch, copies: Copies) -> Batch:
    """Return the batch of `copies.leaving()`, row by row, in order of the clean records; the batch itself where it is that.

    `times` stay those of the events; the field `time` and clocks are off by the skews of the copies. A fault of a record is
    one of its first copy that leaves or, where none does, of the record after it.
    """
    leaving = copies.leaving()
    rows, skews = leaving.rows, leaving.skews
    same = len(copies) == len(leaving) == len(batch)
    if same and not skews.any():
        return batch
    owner, place = _places(batch)
    owners = owner[rows]
    groups = []
    for number, group in enumerate(batch.groups):
        own = np.flatnonzero(owners == number)
        if len(own):
            sections = _sections(group, place[rows[own]], skews[own])
            groups.append(Group(group.emitter, own, tuple(sections)))
    return replace(
        batch,
        times=batch.times[rows],
        workers=batch.workers[rows],
        groups=tuple(groups),
        faults=_moved(batch.faults, rows),
        origins=None if batch.origins is None else batch.origins.take(rows),
    )


def _places(batch: Batch) -> tuple[Ints, Ints]:
    """Return the number of the group that each row belongs to, and its place in there: int64[n] each."""
    owner, place = np.empty(len(batch), np.int64), np.empty(len(batch), np.int64)
    for number, group in enumerate(batch.groups):
        owner[group.rows] = number
        place[group.rows] = np.arange(len(group.rows))
    return owner, place


def _sections(group: Group, rows: Ints, skews: Ints) -> Iterator[Section]:
    """Yield the sections of a group at rows of it, int64[m], with clocks off by so many microseconds."""
    skewed = bool(skews.any())
    for section in group.sections:
        index = rows if section.index is None else section.index[rows]
        if not skewed or not any(map(shows_clock, section.columns)):
            yield replace(section, index=index)
            continue
        for name, column in zip(section.names, section.columns, strict=True):
            if shows_clock(column):
                yield Section((name,), (clocks_off(column, index, skews),))
            else:
                yield Section((name,), (column,), index)


def _moved(faults: FaultRows, rows: Ints) -> FaultRows:
    """Return the faults of clean records as rows of those that are made of them, whose clean rows never fall: int64[m]."""
    return {place: np.unique(rows.searchsorted(each)) for place, each in faults.items()}
