"""Turns gaps, however many, into their exact median: few in memory, many in a file of 8 bytes each."""

import tempfile
from typing import Any

import numpy as np

from datagen.arrays import Bits

MAX_GAPS_IN_MEMORY = 1 << 20
_BITS = 16  # of a gap, that one reading of the file decides


class Gaps:
    """Collects whole numbers of 0 or more, below 2**64."""

    def __init__(self) -> None:
        self.count = 0
        self._in_memory: list[Bits] = []
        self._count_in_memory = 0
        self._file: Any = None

    def add(self, gaps: Bits) -> None:
        """Add some more: uint64[n]. Raises OSError."""
        self._in_memory.append(gaps)
        self._count_in_memory += len(gaps)
        self.count += len(gaps)
        if self._count_in_memory > MAX_GAPS_IN_MEMORY:
            self._spill()

    def median(self) -> int | None:
        """Return the median of all, the mean (rounded down) of the middle two of an even number.

        None: there are no gaps. Raises OSError.
        """
        if not self.count:
            return None
        middle = sorted({(self.count - 1) // 2, self.count // 2})
        if self._file is None:
            values = np.partition(np.concatenate(self._in_memory), middle)[middle].tolist()
        else:
            self._spill()
            values = [self._select(rank) for rank in middle]
        return int(sum(values) // len(values))

    def close(self) -> None:
        """Close the file, if there is one."""
        if self._file is not None:
            self._file.close()

    def _spill(self) -> None:
        """Move the gaps in memory to the file."""
        if self._file is None:
            self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `close`
        if self._in_memory:
            self._file.write(np.concatenate(self._in_memory).tobytes())
        self._in_memory, self._count_in_memory = [], 0

    def _select(self, rank: int) -> int:
        """Return the gap of a rank, from 0, by radix selection: its highest bits first.

        Each reading of the file counts the next bits of the gaps that begin with those known already.
        """
        known = 0
        for shift in range(64 - _BITS, -1, -_BITS):
            counts = np.zeros(1 << _BITS, dtype=np.int64)
            self._file.seek(0)
            while data := self._file.read(8 * MAX_GAPS_IN_MEMORY):
                gaps = np.frombuffer(data, dtype=np.uint64)
                if shift + _BITS < 64:
                    gaps = gaps[(gaps >> np.uint64(shift + _BITS)) == np.uint64(known)]
                digits = (gaps >> np.uint64(shift)) & np.uint64((1 << _BITS) - 1)
                counts += np.bincount(digits.astype(np.int64), minlength=1 << _BITS)
            below = np.cumsum(counts)
            digit = int(np.searchsorted(below, rank, side="right"))
            rank -= int(below[digit - 1]) if digit else 0
            known = known << _BITS | digit
        self._file.seek(0, 2)
        return known
