"""Turns a clean batch into one with a row for each copy that leaves, with the time that the copy tells."""

from dataclasses import replace

import numpy as np

from datagen.arrays import Ints
from datagen.batch import Batch, FaultRows, Group, Section, merged_faults
from datagen.columns.clock import clocks_off, shows_clock
from datagen.disorder.copies import Copies


def expanded(batch: Batch, copies: Copies) -> Batch:
    """Return the batch of `copies.leaving()`, row by row, in order of the clean records; the batch itself where it is that.

    `times` stay those of the events; the field `time` and clocks are off by the skews of the copies. A fault of a record, or of
    an effect there, is one of its first copy that leaves or, where none does, of the record after it.
    """
    leaving = copies.leaving()
    if copies.faults:
        batch = replace(batch, faults=merged_faults([batch.faults, copies.faults]))
    rows, skews = leaving.rows, leaving.skews
    same = len(rows) == len(batch) and bool((rows == np.arange(len(rows))).all())
    if same and not skews.any():
        return batch
    groups = batch.groups if same else _taken(batch, rows)
    if skews.any():
        groups = tuple(replace(each, sections=_skewed(each, skews)) for each in groups)
    if same:
        return replace(batch, groups=groups)
    return replace(
        batch,
        times=batch.times[rows],
        workers=batch.workers[rows],
        groups=groups,
        faults=_moved(batch.faults, rows),
        origins=None if batch.origins is None else batch.origins.take(rows),
        events=None if batch.events is None else batch.events[rows],
    )


def _taken(batch: Batch, rows: Ints) -> tuple[Group, ...]:
    """Return the records at rows of a batch, int64[m], which never fall."""
    if len(batch.groups) == 1:
        found = [(batch.groups[0], np.arange(len(rows)), rows)] if len(rows) else []
    else:
        owner, place = np.empty(len(batch), np.int64), np.empty(len(batch), np.int64)
        for number, group in enumerate(batch.groups):
            owner[group.rows], place[group.rows] = number, np.arange(len(group.rows))
        owners, places = owner[rows], place[rows]
        each_own = [np.flatnonzero(owners == number) for number in range(len(batch.groups))]
        found = [
            (group, own, places[own])
            for group, own in zip(batch.groups, each_own, strict=True)
            if len(own)
        ]
    return tuple(
        Group(group.emitter, own, tuple(_at(each, taken) for each in group.sections))
        for group, own, taken in found
    )


def _at(section: Section, rows: Ints) -> Section:
    return replace(section, index=rows if section.index is None else section.index[rows])


def _skewed(group: Group, skews: Ints) -> tuple[Section, ...]:
    """Return the sections of a group, with clocks off by so many microseconds at each row of the batch: int64[m]."""
    own = skews[group.rows]
    found: list[Section] = []
    for section in group.sections:
        if not own.any() or not any(map(shows_clock, section.columns)):
            found.append(section)
            continue
        index = np.arange(len(own)) if section.index is None else section.index
        for name, column in zip(section.names, section.columns, strict=True):
            if shows_clock(column):
                found.append(Section((name,), (clocks_off(column, index, own),)))
            else:
                found.append(Section((name,), (column,), section.index))
    return tuple(found)


def _moved(faults: FaultRows, rows: Ints) -> FaultRows:
    """Return the faults of clean records as rows of those that are made of them, whose clean rows never fall: int64[m]."""
    return {place: np.unique(rows.searchsorted(each)) for place, each in faults.items()}
