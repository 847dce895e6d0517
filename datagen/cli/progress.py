"""Turns the figures of a run into one line at a terminal, written over and over."""

import time
from collections import deque
from collections.abc import Callable
from math import isfinite
from typing import TYPE_CHECKING, Never

from datagen.cli.console import Console
from datagen.one_line import plural
from datagen.running.summary import Summary

if TYPE_CHECKING:
    from tqdm import tqdm

    NoItems = tqdm[Never]

UPDATE_SECONDS = 0.5
_SAMPLES = 10  # of which the rate is made
_MARGIN = 5  # columns for what a terminal shows of Ctrl-C, so that no line is broken
_BAR_COLUMNS = 12
_AROUND_BAR = len("100%|| 1:02:03 left, ")
_MISSING = "no progress is shown: pip install tqdm"


class Progress:
    """The line: with a bar where the run has an end, by records, by bytes of text or by simulated time.

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
        max_bytes: int | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._console, self._shown = console, shown
        self._monotonic = monotonic
        self._by_time, self._by_bytes = duration is not None, max_bytes is not None
        most = max_records if max_bytes is None else max_bytes
        self._total = most if duration is None else duration / 1e6
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
        if summary.live_since > self._samples[0][0]:  # no rate counts the warm-up
            self._samples = deque([(summary.live_since, 0)], _SAMPLES)
        self._samples.append((now, summary.delivered))
        done = self._done(summary)
        columns = self._console.columns()
        line = self._line(summary, columns)
        with self._console.lock:
            if self._bar is None:
                self._show(done, line, columns)
                return
            self._bar.n, self._bar.ncols = done, columns and columns - _MARGIN
            self._bar.set_description_str(line)

    def end(self) -> None:
        """Remove the line, and what the terminal shows of the keys of a signal."""
        self._console.bar = None
        if self._bar is not None:
            self._bar.close()
        if self._shown and (columns := self._console.columns()):
            self._console.write("\r" + " " * (columns - 1) + "\r")

    def _done(self, summary: Summary) -> float:
        """Return how far the run is, in the unit of its end."""
        if self._by_time:
            done = max(summary.span - self._before, 0)
        else:
            done = summary.text if self._by_bytes else summary.delivered + summary.passed_over
        return done if self._total is None else min(done, self._total)

    def _line(self, summary: Summary, columns: int | None) -> str:
        """Return what is shown beside the bar: as much as a terminal has room for."""
        if columns is None:
            return _descriptions(summary, self._rate())[0]
        room = columns - _MARGIN
        if self._total is not None:
            room -= _AROUND_BAR + _BAR_COLUMNS
        texts = _descriptions(summary, self._rate())
        return next((text for text in texts if len(text) <= room), texts[-1])

    def _rate(self) -> float:
        """Return the records a second of the last seconds."""
        (earlier, before), (later, after) = self._samples[0], self._samples[-1]
        return (after - before) / max(later - earlier, 1e-9)

    def _show(self, done: float, line: str, columns: int | None) -> None:
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
            ncols=columns and columns - _MARGIN,
            leave=False,
        )


def _descriptions(summary: Summary, rate: float) -> list[str]:
    """Return what a line may say of a run, from all of it to the least."""
    records = f"{_with_unit(summary.delivered)} {plural('record', summary.delivered)}"
    size = [] if summary.real_clock else [_with_unit(summary.bytes) + "B"]
    late = [f"{summary.late:.1f} s late"] if summary.real_clock else []
    last = str(summary.last).partition(".")[0] if summary.last else "no time"
    clock = last.rpartition("T")[2]
    alive = f"{_with_unit(summary.alive)} {plural(summary.unit, summary.alive)}"
    waited = summary.waiting
    held = [f"{_with_unit(waited.held_back)} held back"] if isfinite(waited.held_back) else []
    held = (held or [f"{_with_unit(waited.arrivals)} waited"]) if waited else []
    start = [records, f"{_with_unit(rate)}/s", *late]
    parts = [
        [*start, *size, last, alive, *held],
        [*start, *size, clock, alive, *held],
        [*start, clock, alive, *held],
        [*start, clock, *held],
        [*start, *held],
        [records, *late, *held],
        start,
        [records],
    ]
    return [", ".join(each) for each in parts]


def _with_unit(number: float) -> str:
    """Return a number with three digits and its unit: 12, 1.23k, 45.6M."""
    for unit in ("", "k", "M", "G", "T"):
        if number < 999.5:
            return f"{number:.3g}{unit}"
        number /= 1000
    return f"{number:.0f}P"
