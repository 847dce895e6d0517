"""The members of pools in a run: which is picked at a visit, and what it is, made where something looks at it."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from datagen.arrays import Bits, Ints
from datagen.columns.column import NULL, Column, with_faults
from datagen.columns.faults import NotedFaults
from datagen.columns.lazy import lazy_property
from datagen.columns.nested import LazyObjectColumn
from datagen.columns.scalar import InstantColumn, IntColumn
from datagen.entity_pools.growth import Births
from datagen.entity_pools.living import Lives
from datagen.entity_pools.permutation import Permutation
from datagen.entity_pools.ranks import Pick
from datagen.fields.draw import Context, Draw, EntityMembers
from datagen.fields.pool import BORN, ID, EntityPool
from datagen.randomness import redraw, visit_bits, worker_bits

_MAX_KEPT = 65_536  # members whose values are kept, once made
_MOST_REDRAWS = 32  # of one who is no longer alive, before all who are are counted


def members_of(
    pools: Mapping[str, EntityPool], numbered: frozenset[str], seed: np.uint64
) -> dict[str, EntityMembers]:
    """Return the members of each pool in a run, whose draws are made from a word.

    Those of `numbered` pools come into being at visits.
    """
    made: dict[str, EntityMembers] = {}
    for name, pool in pools.items():
        kind: type[Members] = Members
        if name in numbered:
            kind = NumberedMembers
        elif pool.life is not None:
            kind = LivingMembers
        elif pool.growth is not None:
            kind = GrowingMembers
        made[name] = kind(name, pool, seed)
    return made


class Members:
    """The members of a pool of one size: the rank of each is a matter of chance, unless their order is that of ids."""

    def __init__(self, name: str, pool: EntityPool, seed: np.uint64) -> None:
        self.path, self.pool, self.seed = ("entities", name), pool, seed
        self.births: Births | None = None
        self._kept: dict[str, Column] = {}
        self.begin(0)

    def begin(self, start: int) -> None:
        """Take note of when the stream starts, microseconds since 1970."""
        if self.pool.growth is not None:
            self.births = self.pool.growth.births(start)

    def objects(self, ids: Ints, context: Context) -> Column:
        """Return members by their ids, int64[n]: objects whose attributes are made when looked at."""
        values = self.values(ids, context)
        return LazyObjectColumn(self.pool.names, values.__getitem__, len(ids), self.pool.faulty)

    def values(self, ids: Ints, context: Context) -> Mapping[str, Column]:
        """Return what members have, by name, given their ids, int64[n]: each column is made when it is looked at."""
        context = replace(context, variables={}, counters=None, templates=None, faults=None)
        return _MemberValues(self, ids, context)

    def new(self, draw: Draw) -> Ints:
        """Return the id of a member that comes into being at each visit, where that is possible: int64[n]."""
        raise NotImplementedError

    def everyone(self, context: Context) -> Column | None:
        """Return all members of a pool that is not large, each at the row of its id; always the same column."""
        if self.pool.size > _MAX_KEPT:
            return None
        if "all" not in self._kept:
            column = self.objects(np.arange(self.pool.size), context)
            column.lasting = True
            self._kept.setdefault("all", column)
        return self._kept["all"]

    def picked_by(self, pick: Pick, words: Bits, draw: Draw) -> Ints:
        """Return the id of a member for each visit, -1 for none, given the words that decide: uint64[n] -> int64[n]."""
        size = self.pool.size
        if not size:
            return np.full(len(draw), NULL)
        if pick.each:
            numbers: Ints = draw.owners() % size
            return numbers
        ranks = pick.ranks(words, size)
        return ranks if self.pool.order else self._permutation.members(ranks)

    @cached_property
    def _permutation(self) -> Permutation:
        return Permutation(self.seed, self.path, self.pool.size)


class _MembersSoFar(Members):
    """The base of members of which there are ever more: those with the first ids."""

    def everyone(self, context: Context) -> None:
        del context

    def picked_by(self, pick: Pick, words: Bits, draw: Draw) -> Ints:
        sizes = self._sizes(draw)
        some = np.maximum(sizes, 1)
        if pick.each:
            places = draw.owners() % some
        else:
            ranks = pick.ranks_among(words, some)
            places = ranks if self.pool.order else sizes - 1 - ranks
        ids = self._ids(places, draw)
        return np.where(sizes > 0, ids, NULL)

    def _sizes(self, draw: Draw) -> Ints:
        """Return how many members there are at each visit: int64[n]."""
        raise NotImplementedError

    def _ids(self, places: Ints, draw: Draw) -> Ints:
        """Return the ids of the members at these places, in the order in which they came: int64[n] -> int64[n]."""
        del draw
        return places


class GrowingMembers(_MembersSoFar):
    """The members of a pool in which some are born every day: rank 0 is the newest, or the first by its id."""

    def _sizes(self, draw: Draw) -> Ints:
        assert self.births is not None
        return self.births.count(draw.times)


class NumberedMembers(_MembersSoFar):
    """The members of a pool into which visits bring more, in the order of the output; after those of `count`."""

    def new(self, draw: Draw) -> Ints:
        counters = draw.context.counters
        assert counters is not None
        return self.pool.size + counters.shared_numbers(draw.path, self.path, draw.rows)

    def _sizes(self, draw: Draw) -> Ints:
        counters = draw.context.counters
        assert counters is not None
        return self.pool.size + counters.given_before(draw.path, self.path, draw.rows)

    def _ids(self, places: Ints, draw: Draw) -> Ints:
        counters, size = draw.context.counters, self.pool.size
        assert counters is not None
        made = counters.striped(np.maximum(places - size, 0))
        return np.where(places < size, places, size + made)


class LivingMembers(GrowingMembers):
    """The members of a pool which leave again: only those alive are picked."""

    def picked_by(self, pick: Pick, words: Bits, draw: Draw) -> Ints:
        times, ids = draw.times, np.full(len(draw), NULL)
        spans = self._lives.spans(times)
        for span in np.unique(spans):
            rows = np.flatnonzero(spans == span)
            candidates = self._lives.candidates(int(span))
            ids[rows] = self._alive(pick, words[rows], times[rows], candidates)
        return ids

    def _alive(self, pick: Pick, words: Bits, times: Ints, candidates: NDArray[Any]) -> Ints:
        """Return the id of one of the candidates who is alive at each instant, -1 for none: int64[n]."""
        assert self.births is not None
        ids = np.full(len(times), NULL)
        sizes = np.searchsorted(candidates, self.births.count(times).astype(candidates.dtype))
        pending = np.flatnonzero(sizes > 0)
        for attempt in range(_MOST_REDRAWS):
            if not len(pending):
                return ids
            drawn = redraw(words[pending], attempt) if attempt else words[pending]
            ranks = pick.ranks_among(drawn, sizes[pending])
            places = ranks if self.pool.order else sizes[pending] - 1 - ranks
            found = candidates[places].astype(np.int64)
            alive = self._lives.alive(found, times[pending])
            ids[pending[alive]] = found[alive]
            pending = pending[~alive]
        last = redraw(words[pending], _MOST_REDRAWS)
        for place, row in enumerate(pending.tolist()):
            born = candidates[: sizes[row]].astype(np.int64)
            left = born[self._lives.alive(born, np.full(1, times[row]))]
            if len(left):
                rank = pick.ranks_among(last[place : place + 1], np.array([len(left)]))[0]
                ids[row] = left[rank if self.pool.order else len(left) - 1 - rank]
        return ids

    def begin(self, start: int) -> None:
        super().begin(start)
        self.__dict__.pop("_lives", None)

    @cached_property
    def _lives(self) -> Lives:
        assert self.births is not None
        assert self.pool.life is not None
        return Lives(self.births, self.pool.life, self.seed, self.path)


class _MemberValues(Mapping[str, Column]):
    """What some members have, by name: each is made when it is looked at, then kept."""

    def __init__(self, members: Members, ids: Ints, context: Context) -> None:
        self._members, self._ids, self._context = members, ids, context
        self._columns: dict[str, Column] = {}

    def __getitem__(self, name: str) -> Column:
        if name not in self._columns:
            self._columns.setdefault(name, self._made(name))
        return self._columns[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._members.pool.names)

    def __len__(self) -> int:
        return len(self._members.pool.names)

    def _made(self, name: str) -> Column:
        if name == ID:
            return IntColumn(self._ids)
        if name == BORN and self._members.births is not None:
            return InstantColumn(self._times, self._context.style)
        faults = NotedFaults(len(self._ids))
        draw = Draw(
            self._bits,
            self._times,
            None,
            (*self._members.path, name),
            replace(self._context, faults=faults),
            scopes=((self, None), ({ID: self[ID]}, None)),
        )
        column = self._members.pool.attribute(name).column(draw)
        return with_faults(column, faults.found) if faults.found else column

    @lazy_property
    def _bits(self) -> Bits:
        return visit_bits(worker_bits(self._members.seed, self._ids), np.zeros_like(self._ids))

    @lazy_property
    def _times(self) -> Ints:
        """Return the instants at which they are born; those of a pool that does not grow know none."""
        births = self._members.births
        return np.zeros_like(self._ids) if births is None else births.born(self._ids)
