"""Tells a person at a terminal, on one line that is written over, how far a run is."""

import time
from collections.abc import Callable
from typing import TextIO

from datagen.pipeline import Summary

_EVERY = 0.5  # seconds


class Progress:
    """The line; it is shown only where `shown`, and at most twice a second."""

    def __init__(
        self, stderr: TextIO, shown: bool, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._stderr, self._shown, self._monotonic = stderr, shown, monotonic
        self._began = self._told = monotonic()
        self._width = 0

    def tell(self, summary: Summary) -> None:
        """Write the line anew, when it is time to."""
        now = self._monotonic()
        if not self._shown or now - self._told < _EVERY:
            return
        self._told = now
        rate = summary.delivered / (now - self._began)
        line = f"{summary.delivered:,} records, up to {summary.last}, {rate:,.0f}/s"
        self._write(line)

    def end(self) -> None:
        """Wipe the line out."""
        if self._width:
            self._write("")
            self._stderr.write("\r")

    def _write(self, line: str) -> None:
        self._stderr.write("\r" + line.ljust(self._width))
        self._stderr.flush()
        self._width = len(line)
