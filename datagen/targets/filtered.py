"""Lets a target have some of the records only, and counts the others."""

from collections import deque
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from datagen.arrays import Ints, Mask
from datagen.formats.rendered import Rendered
from datagen.targets.delivered import Position, TargetCounts
from datagen.targets.passing import PASSES
from datagen.targets.sink import Sink


class _Chunk(NamedTuple):
    """Records that were written: how many came before them, how many of these passed, and which of them do, as bits."""

    before: int
    passed_before: int
    bits: "np.ndarray[tuple[int], np.dtype[np.uint8]]"

    def place_of(self, passed: int) -> int:
        """Return how many records come before a record that passes, of this run."""
        rows: Ints = np.flatnonzero(np.unpackbits(self.bits))
        return self.before + int(rows[passed - self.passed_before])


class FilteredSink(Sink):
    """Writes the records that pass to another sink, and counts those that are passed over.

    Its position is one in the whole stream: the first record that passes and is not yet safe at the target.
    """

    def __init__(self, inner: Sink, at: Position | None = None) -> None:
        """Begin, or go on at a position that such a sink has had."""
        super().__init__()
        self.records_before = at.records if at else 0
        self._inner = inner
        # records that passed in earlier runs
        self._passed_earlier = at.parts[0].records if at else 0
        self._seen = self._passed = 0
        self._chunks: deque[_Chunk] = deque()

    @property
    def settled(self) -> int:
        return self._place(self._inner.settled)

    def write(self, records: Rendered) -> None:
        labels = {name: each for name, each in records.labels.items() if name != PASSES}
        passes = records.labels.get(PASSES)
        rest = replace(records, labels=labels)
        if not len(records):
            self._do(lambda: self._inner.write(rest))
            return
        mask: Mask = np.asarray(passes, dtype=bool)
        rows = np.flatnonzero(mask)
        self._chunks.append(_Chunk(self._seen, self._passed, np.packbits(mask)))
        self._seen, self._passed = self._seen + len(mask), self._passed + len(rows)
        if len(rows):
            self._do(lambda: self._inner.write(rest.at(rows)))
        else:
            self._count()

    def flush(self) -> None:
        self._do(self._inner.flush)

    def close(self) -> None:
        self._do(self._inner.close)

    def sync(self) -> None:
        self._do(self._inner.sync)

    def commit(self, document: Callable[[Position], bytes]) -> None:
        self._do(lambda: self._inner.commit(lambda position: document(self._around(position))))

    def end_member(self) -> None:
        self._do(self._inner.end_member)

    def position(self) -> Position:
        return self._around(self._inner.position())

    def suspend(self, reached: int) -> None:
        self._do(lambda: self._inner.suspend(reached))

    def enable_checkpoints(self, before_rename: Callable[[], None]) -> None:
        self._inner.enable_checkpoints(before_rename)

    def parts(self) -> tuple[TargetCounts, ...]:
        return self._inner.parts()

    def expect_real_clock(self) -> None:
        self._inner.expect_real_clock()

    def set_warning_handler(self, handler: Callable[[str], None]) -> None:
        self._inner.set_warning_handler(handler)

    def _around(self, inner: Position) -> Position:
        """Return the position in the stream of one among the records that pass."""
        safe = inner.records - self._passed_earlier
        place = self._place(safe)
        while len(self._chunks) > 1 and self._chunks[1].passed_before <= safe:
            self._chunks.popleft()
        return Position(self.records_before + place, parts=(inner,))

    def _place(self, passed: int) -> int:
        """Return how many records of this run come before the one that so many pass before."""
        if passed >= self._passed:
            return self._seen
        chunk = next(each for each in reversed(self._chunks) if each.passed_before <= passed)
        return chunk.place_of(passed)

    def _do(self, step: Callable[[], None]) -> None:
        try:
            step()
        finally:
            self._count()

    def _count(self) -> None:
        inner = self._inner
        self.delivered, self.failed, self.bytes = inner.delivered, inner.failed, inner.bytes
        self.passed_over = self._seen - self._passed + inner.passed_over
