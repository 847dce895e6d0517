"""Pools of entities as plainly as they can be written: member by member, pick by pick, from what a pool says.

They share with the engine how a member's attributes are drawn, ranks, and the permutation of these.
"""

from collections.abc import Mapping

import numpy as np

from datagen.arrays import Bits, Ints
from datagen.entity_pools.permutation import Permutation
from datagen.entity_pools.ranks import Pick
from datagen.fields.draw import Draw, EntityMembers
from datagen.fields.members import Members
from datagen.fields.pool import EntityPool
from datagen.instants import DAY, SECOND
from datagen.randomness import draw, redraw, stream_key, visit_bits, worker_bits
from datagen.spec.entities import numbered_pools
from datagen.spec.generator import Generator

TRIES = 32  # for one who is alive, before all who are are counted
SPANS_A_LIFE = 8  # of the median length


def plain_pools(spec: Generator, seed: np.uint64, start: int) -> Mapping[str, EntityMembers]:
    """Return the pools of a specification; `start` is in microseconds."""
    numbered = numbered_pools(spec)
    made: dict[str, EntityMembers] = {
        name: _Pool(name, pool, seed, name in numbered) for name, pool in spec.entities.items()
    }
    for each in made.values():
        each.begin(start)
    return made


class _Pool(Members):
    """A pool of any kind."""

    def __init__(self, name: str, pool: EntityPool, seed: np.uint64, numbered: bool) -> None:
        super().__init__(name, pool, seed)
        self._numbered, self._start = numbered, 0
        self._known: dict[int, tuple[int, int]] = {}

    def begin(self, start: int) -> None:
        super().begin(start)
        self._start = start

    def everyone(self, context: object) -> None:
        del context

    def new(self, draw: Draw) -> Ints:
        counters = draw.context.counters
        assert counters is not None
        return self.pool.size + counters.shared_numbers(draw.path, self.path, draw.rows)

    def picked_by(self, pick: Pick, words: Bits, draw: Draw) -> Ints:
        owners = draw.owners() if pick.each else np.zeros(len(words), np.int64)
        rows = zip(words, owners.tolist(), draw.times.tolist(), strict=True)
        found = [
            self._picked(pick, word[None], owner, self._there(draw, instant), instant)
            for word, owner, instant in ((np.asarray(word), *rest) for word, *rest in rows)
        ]
        return np.array(found, dtype=np.int64)

    def _there(self, draw: Draw, instant: int) -> list[int]:
        """Return the members that may be picked, in the order of their ids."""
        if self._numbered:
            counters = draw.context.counters
            assert counters is not None
            before = counters.given_before(draw.path, self.path, np.zeros(1, np.int64))
            return list(range(self.pool.size + int(before[0])))
        if self.pool.growth is None:
            return list(range(self.pool.size))
        if self.pool.life is None:
            return self._born(instant)
        median = float(self.pool.life.quantile(np.array([0.5]))[0])
        span = max(int(median * SECOND) // SPANS_A_LIFE, 1000)
        first = (instant - self._start) // span
        end = self._start + (first + 1) * span
        return [
            each
            for each in self._born(instant)
            if self._life(each)[1] > self._start + first * span and self._life(each)[0] < end
        ]

    def _picked(self, pick: Pick, word: Bits, owner: int, there: list[int], instant: int) -> int:
        """Return the id of a member, by the word that decides; -1 where there is none."""
        if not there:
            return -1
        if pick.each:
            return there[owner % len(there)]
        if self.pool.life is None:
            return self._at(pick, word, there)
        for attempt in range(TRIES):
            found = self._at(pick, redraw(word, attempt) if attempt else word, there)
            if self._life(found)[1] > instant:
                return found
        alive = [each for each in there if self._life(each)[1] > instant]
        return self._at(pick, redraw(word, TRIES), alive) if alive else -1

    def _at(self, pick: Pick, word: Bits, members: list[int]) -> int:
        """Return the member of the rank that a word says."""
        if self.pool.growth is None and not self._numbered:
            ranks = pick.ranks(word, len(members))
            if self.pool.order is None:
                ranks = Permutation(self.seed, self.path, len(members)).members(ranks)
            return int(ranks[0])
        rank = int(pick.ranks_among(word, np.array([len(members)]))[0])
        return members[rank if self.pool.order else -1 - rank]

    def _born(self, instant: int) -> list[int]:
        """Return the members that are born at an instant or before it."""
        found: list[int] = []
        while self._life(len(found))[0] <= instant:
            found.append(len(found))
        return found

    def _life(self, member: int) -> tuple[int, int]:
        """Return when a member is born, and when it leaves."""
        if member not in self._known:
            growth = self.pool.growth
            assert growth is not None
            born = self._start + round((member - growth.initial + 0.5) * (DAY / growth.per_day))
            left = born
            if self.pool.life is not None:
                bits = visit_bits(worker_bits(self.seed, np.array([member])), np.zeros(1, np.int64))
                key = stream_key(*self.path, "life")
                [length] = self.pool.life.microseconds(draw(bits, key)).tolist()
                left = max(born, self._start) + length
            self._known[member] = born, left
        return self._known[member]
