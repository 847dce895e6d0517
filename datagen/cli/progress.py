"""Turns the figures of a run into one line at a terminal, written over and over."""

import time
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Never

from datagen.cli.console import Console
from datagen.running.summary import Summary

if TYPE_CHECKING:
    from tqdm import tqdm

    NoItems = tqdm[Never]

UPDATE_SECONDS = 0.5
_SAMPLES = 10  # of which the rate is made
_MISSING = "no progress is shown: pip install tqdm"


class Progress:
    """The line: with a bar where the run has an end, by records or by simulated time.

    A `duration` begins when so much time of the stream is `before` it, both in microseconds. The line is
    written only if `shown`, every `UPDATE_SECONDS`; tqdm is imported for the first one.
    """

    def __init__(
        self,
        console: Console,
        shown: bool,
        max_records: int | None = None,
        duration: int | None = None,
        before: int = 0,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._console, self._shown = console, shown
        self._monotonic = monotonic
        self._by_time = duration is not None
        self._total = duration / 1e6 if duration is not None else max_records
        self._before = before / 1e6
        self._bar: NoItems | None = None
        self._updated = monotonic()
        self._samples = deque([(self._updated, 0)], _SAMPLES)

    def update(self, summary: Summary) -> None:
        """Show how far the run is, if the last line is old enough."""
        if not self._shown:
            return
        now = self._monotonic()
        if now - self._updated < UPDATE_SECONDS:
            return
        self._updated = now
        self._samples.append((now, summary.delivered))
        done = max(summary.span - self._before, 0) if self._by_time else summary.delivered
        done = done if self._total is None else min(done, self._total)
        with self._console.lock:
            if self._bar is None:
                self._show(done, self._line(summary))
                return
            self._bar.n = done
            self._bar.set_description_str(self._line(summary))

    def end(self) -> None:
        """Remove the line."""
        self._console.bar = None
        if self._bar is not None:
            self._bar.close()

    def _line(self, summary: Summary) -> str:
        (earlier, before), (later, after) = self._samples[0], self._samples[-1]
        rate = (after - before) / max(later - earlier, 1e-9)
        last = str(summary.last).partition(".")[0] if summary.last else "no time"
        how = (
            f"{summary.late:.1f} s late" if summary.real_clock else _with_unit(summary.bytes) + "B"
        )
        return (
            f"{_with_unit(summary.delivered)} records, {_with_unit(rate)}/s, {how}, {last}, "
            f"{_with_unit(summary.alive)} {summary.unit}"
        )

    def _show(self, done: float, line: str) -> None:
        try:
            from tqdm import tqdm  # noqa: PLC0415 - only a person needs it
        except ImportError:
            self._shown = False
            self._console.warn(_MISSING)
            return
        # a class of our own: neither the lock nor the lack of a monitor is for other users of tqdm
        bar_type: type[NoItems] = type("ProgressBar", (tqdm,), {"monitor_interval": 0})
        bar_type.set_lock(self._console.lock)
        ending = self._total is not None
        self._bar = self._console.bar = bar_type(
            desc=line,
            total=self._total,
            initial=done,
            bar_format="{percentage:3.0f}%|{bar}| {remaining} left, {desc}" if ending else "{desc}",
            file=self._console,
            position=0,
            dynamic_ncols=True,
            leave=False,
        )


def _with_unit(number: float) -> str:
    """Return a number with three digits and its unit: 12, 1.23k, 45.6M."""
    for unit in ("", "k", "M", "G", "T"):
        if number < 999.5:
            return f"{number:.3g}{unit}"
        number /= 1000
    return f"{number:.0f}P"
