"""Shows at a terminal how far the sets of values are that are made before a run, where that takes long."""

import time
from collections.abc import Callable
from typing import Self

from datagen.cli.console import Console
from datagen.cli.progress import UPDATE_SECONDS
from datagen.one_line import escaped, shortened

_WIDTH = 79  # characters, on any terminal


class Preparation:
    """One line, from a second on, until the sets are made: a context manager."""

    def __init__(
        self, console: Console, shown: bool, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._console, self._shown, self._monotonic = console, shown, monotonic
        self._due = monotonic() + 2 * UPDATE_SECONDS
        self._written = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._written:
            self._write("")
            self._console.write("\r")
            self._console.flush()

    def update(self, path: tuple[str, ...], count: int, size: int) -> None:
        """Show how many members a set has, if the last line is old enough."""
        if not self._shown or (now := self._monotonic()) < self._due:
            return
        self._due = now + UPDATE_SECONDS
        self._write(f"{count:,} of {size:,} values of {escaped('.'.join(path))}")

    def _write(self, text: str) -> None:
        self._written = True
        self._console.write(f"\r{shortened(text, _WIDTH):{_WIDTH}}")
        self._console.flush()
