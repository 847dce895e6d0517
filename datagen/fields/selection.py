"""Picks members of a pool that fulfil a condition: again and again, until one does."""

from dataclasses import replace

import numpy as np

from datagen.arrays import Bits, Ints
from datagen.columns.column import NULL
from datagen.columns.faults import Faults
from datagen.columns.truth import truth_of
from datagen.entity_pools.ranks import Pick
from datagen.fields.draw import Draw, EntityMembers
from datagen.language import Expression
from datagen.randomness import redraw

MAX_TRIES = 10_000
_AT_ONCE = 16_384  # tries of all visits together, after the first


def selected(members: EntityMembers, pick: Pick, where: Expression, draw: Draw) -> Ints:
    """Return the id of a member for each visit for which `where` is true, -1 where none is found: int64[n].

    It sees what a member has, then what the field generator of the draw sees. Where none is found among all tries,
    that is noted as a fault, and so is what cannot be computed up to the member that is found; a pool without
    members is none.
    """
    first, faults = draw.stream("pick"), draw.context.faults
    silent = replace(draw, context=replace(draw.context, faults=None))
    ids, pending = np.full(len(draw), NULL), np.arange(len(draw))
    tried = 0
    while len(pending) and tried < MAX_TRIES:
        tries = min(max(_AT_ONCE // len(pending), 1), MAX_TRIES - tried) if tried else 1
        owners = np.repeat(np.arange(len(pending)), tries)
        numbers = np.tile(np.arange(tried, tried + tries), len(pending))
        rows = pending[owners]
        words = np.where(numbers > 0, redraw(first[rows], numbers), first[rows])
        found, failed = _matching(members, pick, where, words, silent.take(rows))
        if not tried:
            pending, owners, found = _of_some(pending, found)
        hits = np.flatnonzero(found >= 0)
        which, places = np.unique(owners[hits], return_index=True)
        ids[pending[which]] = found[hits[places]]
        if failed and faults is not None:
            ends = np.full(len(pending), len(rows))
            ends[which] = hits[places]
            counted = np.arange(len(rows)) <= ends[owners] if tried else np.ones(len(rows), bool)
            for (path, expression), each in failed.items():
                faults.add(path, expression, draw.rows[rows[counted & each]])
        pending = np.delete(pending, which)
        tried += tries
    if faults is not None and len(pending):
        faults.add(draw.path, where, draw.rows[pending])
    return ids


_NOBODY = -2  # there is no member at all


def _matching(
    members: EntityMembers, pick: Pick, where: Expression, words: Bits, draw: Draw
) -> tuple[Ints, Faults]:
    """Return the id of a member for each try, and the faults of those that are there.

    It is -1 where the condition does not hold, and -2 where nobody is there.
    """
    ids = members.picked_by(pick, words, draw)
    values = members.values(np.maximum(ids, 0), draw.context)
    column, faults = draw.inside(values).with_faults(where)
    found = np.where(ids == NULL, _NOBODY, np.where(truth_of(column), ids, NULL))
    return found, {key: each & (ids != NULL) for key, each in faults.items()}


def _of_some(pending: Ints, found: Ints) -> tuple[Ints, Ints, Ints]:
    """Return the visits at which a pool has members, their places, and what was found at the first try."""
    some = found != _NOBODY
    return pending[some], np.arange(int(some.sum())), found[some]
