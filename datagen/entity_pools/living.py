"""Which members of a pool are alive, where they leave again.

Candidates are known by fixed spans of simulated time: all that live at some instant of a span, 4 bytes each for two
spans, or more of them where these are small.
Which they are depends on the seed, the names and the span alone, whatever was asked for before.
"""

import math
from itertools import chain
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from datagen.arrays import Ints, Mask
from datagen.distributions.base import Distribution
from datagen.entity_pools.growth import Births
from datagen.instants import SECOND
from datagen.randomness import draw, stream_key, visit_bits, worker_bits

_SPANS_A_LIFE = 8  # of the median length
_LEAST_SPAN = 1000  # microseconds
_KEPT, _KEPT_OF_MANY = 4, 2  # spans, the one just asked for among them
_MANY = 1 << 20  # candidates of a span
_BLOCK = 1 << 15  # members looked at at once, whose arrays stay in the processor's cache
_UINT32 = 1 << 32  # with fewer members, an id takes 4 bytes
_NOBODY = np.empty(0, dtype=np.int64)


class Lives:
    """The members of a pool that are alive: each from its birth, or from the start, for a draw of `life`."""

    def __init__(
        self, births: Births, life: Distribution, seed: np.uint64, path: tuple[str, ...]
    ) -> None:
        self._births, self._life, self._seed = births, life, seed
        self._key = stream_key(*path, "life")
        median = float(life.quantile(np.array([0.5]))[0])
        self._span = max(int(min(max(median, 0.0), 1e10) * SECOND) // _SPANS_A_LIFE, _LEAST_SPAN)
        longest = life.bounds()[1]
        self._longest = math.ceil(longest * SECOND) + 1 if longest < 1e10 else None
        self._kept: dict[int, NDArray[Any]] = {}
        self._lock = Lock()  # attributes that refer to members are made in any thread

    def spans(self, instants: Ints) -> Ints:
        """Return the number of the span of each instant: int64[n] -> int64[n]."""
        numbers: Ints = (instants - self._births.start) // self._span
        return numbers

    def candidates(self, span: int) -> NDArray[Any]:
        """Return the members that are alive at some instant of a span, in order: rising ids, uint32[k] or int64[k]."""
        with self._lock:
            found = self._kept.pop(span, None)
            if found is None:
                found = self._found(span)
            most = _KEPT if len(found) <= _MANY else _KEPT_OF_MANY
            while len(self._kept) >= most:
                del self._kept[next(iter(self._kept))]
            self._kept[span] = found  # the latest asked for comes last
        return found

    def alive(self, ids: Ints, instants: Ints) -> Mask:
        """Return whether each member has not left yet at an instant at which it is born: int64[n] twice -> bool[n]."""
        return self._left(ids) > instants

    def _left(self, ids: Ints) -> Ints:
        """Return the instant at which each member leaves."""
        words = visit_bits(worker_bits(self._seed, ids), np.zeros_like(ids))
        lengths = self._life.microseconds(draw(words, self._key))
        left: Ints = np.maximum(self._births.born(ids), self._births.start) + lengths
        return left

    def _found(self, span: int) -> NDArray[Any]:
        """Return the candidates of a span: those of an earlier one that are still there, and whoever was born since."""
        begin = self._births.start + span * self._span
        earlier = max((each for each in self._kept if each < span), default=None)
        if earlier is None:
            known, since = _NOBODY, self._first(begin)
        else:
            known, since = self._kept[earlier], self._born_before_end(earlier)
        until = self._born_before_end(span)
        kind = np.uint32 if until < _UINT32 else np.int64
        blocks = chain(
            (known[first : first + _BLOCK] for first in range(0, len(known), _BLOCK)),
            (np.arange(at, min(at + _BLOCK, until)) for at in range(since, until, _BLOCK)),
        )
        parts = [_NOBODY.astype(kind)]
        for block in blocks:
            ids = block.astype(np.int64)
            parts.append(ids[self._left(ids) > begin].astype(kind))
        return np.concatenate(parts)

    def _first(self, begin: int) -> int:
        """Return the first member that can be alive at an instant."""
        if self._longest is None or begin - self._longest < self._births.start:
            return 0
        return int(self._births.count(np.array([begin - self._longest]))[0])

    def _born_before_end(self, span: int) -> int:
        end = self._births.start + (span + 1) * self._span
        return int(self._births.count(np.array([end - 1]))[0])
