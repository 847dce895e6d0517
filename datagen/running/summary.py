"""What a run did, in figures: lines for a person, and a JSON document for programs."""

import contextlib
import errno
import json
import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from math import isfinite
from types import TracebackType
from typing import Any, NamedTuple, Self

from datagen import __version__
from datagen.batch import FaultPlace
from datagen.durable import replace_file
from datagen.errors import OperationError, dotted
from datagen.file_set import FileSet, is_plain
from datagen.instants import NAIVE, SECOND, Instant
from datagen.one_line import counted
from datagen.running.faults import fault_lines
from datagen.running.outcome import Outcome, outcome_of
from datagen.running.waiting import Waiting
from datagen.targets.delivered import TargetCounts

_AT_ONCE = getattr(os, "O_NONBLOCK", 0)  # Windows has no such flag


class UnderWay(NamedTuple):
    """How many copies of records have yet to leave, and when the last of them does, microseconds since 1970."""

    copies: int = 0
    last: int = 0


@dataclass
class Summary:
    """What a run did. What was generated is delivered, failed, unsent, or passed over by the filter of the target."""

    file: str = ""
    seed: int | None = None
    start: Instant | None = None
    generated: int = 0
    delivered: int = 0
    failed: int = 0
    passed_over: int = 0
    settled: int = 0  # the first ones in order that the target is done with
    bytes: int = 0
    text: int = (
        0  # bytes of the records in the first format, before compression: what --bytes limits
    )
    workers: int = 0
    alive: int = 0
    seconds: float = 0.0  # without the warm-up
    live_since: float = 0.0  # by the monotonic clock: when the warm-up was over
    late: float = 0.0  # seconds, of what left last
    lateness: float = 0.0  # seconds, the largest so far
    first: Instant | None = None
    last: Instant | None = None
    real_clock: bool = False
    unit: str = "worker"  # what began: workers, or passes over a file
    parts: tuple[TargetCounts, ...] = ()  # of several targets
    truth: TargetCounts | None = None  # lines about events, where it is told
    under_way: UnderWay = field(default_factory=UnderWay)  # copies of records
    waiting: Waiting = field(default_factory=Waiting)  # of arrivals, for a place under -m
    faults: Mapping[FaultPlace, int] = field(
        default_factory=dict
    )  # how many records have one at a place
    repeat: str = ""  # the flags that give the same records again

    @property
    def undelivered(self) -> int:
        """Return how many records were generated for the target and not delivered."""
        return self.generated - self.delivered - self.passed_over

    @property
    def unsent(self) -> int:
        """Return how many records never reached the target, and were not refused by it."""
        return self.undelivered - self.failed

    @property
    def rate(self) -> float:
        """Return the records delivered a second."""
        return self.delivered / self.seconds if self.seconds else 0.0

    @property
    def span(self) -> float:
        """Return the seconds from the start to the last record."""
        if self.start is None or self.last is None:
            return 0.0
        return (self.last.micros - self.start.micros) / SECOND

    @property
    def lines(self) -> list[str]:
        """Return the lines that end a run: what was simulated, then what came of it, in all and by target."""
        until = f", {_duration(self.span)} up to {self.last}" if self.last else ""
        late = f", at most {self.lateness:.3f} s late" if self.real_clock else ""
        return [
            f"{counted(self.workers, self.unit)}{until}, seed {self.seed}",
            *([str(self.waiting)] if self.waiting else []),
            *([self._under_way_text()] if self.under_way.copies else []),
            *fault_lines(self.faults),
            self._counts_text() + late,
            *map(self._part_line, self.parts),
            *([self._truth_text(self.truth)] if self.truth else []),
        ]

    def _counts_text(self) -> str:
        return (
            f"{counted(self.delivered, 'record')}{self._undelivered_text()}, "
            f"{counted(self.bytes, 'byte')} in {self.seconds:.2f} s ({self.rate:,.0f}/s)"
        )

    @staticmethod
    def _truth_text(truth: TargetCounts) -> str:
        failed = f", {truth.failed:,} failed" * bool(truth.failed)
        return f"truth: {counted(truth.delivered, 'event')}{failed}, {counted(truth.bytes, 'byte')}"

    def _under_way_text(self) -> str:
        copies, last = self.under_way
        style = self.start.style if self.start else NAIVE
        one, until = counted(copies, "record"), Instant(last, style)
        return f"{one} still under way, the last until {until}"

    def _undelivered_text(self) -> str:
        failed = f" ({self.failed:,} failed, {self.unsent:,} not sent)" if self.failed else ""
        missing = f", {self.undelivered:,} not delivered{failed}" if self.undelivered else ""
        return missing + f", {self.passed_over:,} passed over" * bool(self.passed_over)

    def _part_line(self, part: TargetCounts) -> str:
        unsent = self._unsent(part)
        failed = f", {part.failed:,} failed" * bool(part.failed)
        rest = f", {unsent:,} not sent" * bool(unsent)
        delivered, size = counted(part.delivered, "record"), counted(part.bytes, "byte")
        over = f", {part.passed_over:,} passed over" * bool(part.passed_over)
        return f"  {part.name}: {delivered}{failed}{rest}{over}, {size}"

    def _unsent(self, part: TargetCounts) -> int:
        return max(self.generated - part.delivered - part.failed - part.passed_over, 0)

    def document(self, outcome: Outcome) -> dict[str, Any]:
        """Return what `--summary` writes; docs/operation.md says what the keys mean."""
        return {
            "version": __version__,
            "status": outcome.status,
            "reason": outcome.reason,
            "signal": outcome.signal,
            "error": outcome.text or None,
            "spec": self.file,
            "seed": self.seed,
            "repeat": self.repeat or None,
            "start": _instant_text(self.start),
            "first": _instant_text(self.first),
            "last": _instant_text(self.last),
            "span": self.span,
            "generated": self.generated,
            "delivered": self.delivered,
            "failed": self.failed,
            "unsent": self.unsent,
            "passed_over": self.passed_over,
            "bytes": self.bytes,
            "seconds": round(self.seconds, 6),
            "rate": round(self.rate, 3),
            "workers": self.workers,
            "under_way": self.under_way.copies,
            "waited": self.waiting.arrivals,
            "wait_seconds": round(self.waiting.seconds, 6),
            "held_back": _finite(self.waiting.held_back),
            "lateness": round(self.lateness, 6) if self.real_clock else None,
            "faults": [
                {
                    "place": dotted(place.path),
                    "expression": place.expression,
                    "records": records,
                }
                for place, records in self.faults.items()
            ],
            "truth": None
            if self.truth is None
            else {
                "name": self.truth.name,
                "delivered": self.truth.delivered,
                "failed": self.truth.failed,
                "bytes": self.truth.bytes,
            },
            "parts": [
                {
                    "name": part.name,
                    "delivered": part.delivered,
                    "failed": part.failed,
                    "unsent": self._unsent(part),
                    "passed_over": part.passed_over,
                    "bytes": part.bytes,
                }
                for part in self.parts
            ],
        }


class SummaryFile:
    """Writes the summary of a run as JSON when the run ends, however it ends: a context manager.

    The file is replaced in one step, so that whoever reads it finds all of it or what was there
    before; a device or a pipe is written to as it is. Without a path nothing is written. Raises
    OperationError where the path cannot be written, before the run if that can be seen.
    """

    def __init__(self, path: str | None, summary: Summary) -> None:
        self.summary = summary
        self.redact: Callable[[str], str] = str  # the text of an error, without secrets
        self._path = path
        if path is not None:
            _probe(path)

    def reject_overlap(self, files: FileSet) -> None:
        """Refuse to replace a file of another kind. Raises OperationError."""
        path = self._path
        if path is not None and path in files:
            self._path = None
            raise OperationError(
                f"--summary {path}: this file is already used for the {files.what}"
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._path is None:
            return
        outcome = outcome_of(error)
        outcome = replace(outcome, texts=tuple(map(self.redact, outcome.texts)))
        text = json.dumps(self.summary.document(outcome), indent=2)
        try:
            _write(self._path, text + "\n", wait=outcome.reason != "signal")
        except OSError as refused:
            if error is None:
                raise _unwritable(self._path, refused) from refused
            error.add_note(str(_unwritable(self._path, refused)))


def _probe(path: str) -> None:
    """Check that a file can be written, without changing it. Raises OperationError."""
    if not os.path.basename(path) or os.path.isdir(path):
        raise OperationError(f"--summary {path}: expected the path of a file")
    try:
        if is_plain(path) and _standard_descriptor(path) is None:
            beside = _beside(os.path.realpath(path))
            os.close(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
            os.unlink(beside)
    except (OSError, ValueError) as error:
        raise _unwritable(path, error) from error
    if os.path.exists(path) and not os.access(path, os.W_OK):
        raise _unwritable(path, PermissionError(errno.EACCES, os.strerror(errno.EACCES)))


def _write(path: str, text: str, *, wait: bool) -> None:
    """Write a text; a pipe without a reader is waited for, if that is asked for. Raises OSError."""
    standard = _standard_descriptor(path)
    if standard is not None or not is_plain(path):
        descriptor = _open_special(path, wait) if standard is None else os.dup(standard)
        with open(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        return
    real = os.path.realpath(path)
    replace_file(real, text.encode(), beside=_beside(real), sync=False)


def _open_special(path: str, wait: bool) -> int:
    """Open a device or a pipe. Raises OSError."""
    try:
        descriptor = os.open(path, os.O_WRONLY | (0 if wait else _AT_ONCE))
    except OSError as error:
        if error.errno == errno.ENXIO and not wait:
            raise OSError(errno.ENXIO, "nobody reads this pipe") from error
        raise
    if _AT_ONCE:
        os.set_blocking(descriptor, True)
    return descriptor


def _standard_descriptor(path: str) -> int | None:
    """Return the descriptor, stdout or stderr, that leads to this very file: that one is written to."""
    for number in (1, 2):
        with contextlib.suppress(OSError):
            if is_plain(path) and os.path.samestat(os.stat(path), os.fstat(number)):
                return number
    return None


def _beside(path: str) -> str:
    """Return a name that no other file has, in the folder of a file."""
    folder, name = os.path.split(path)
    return os.path.join(folder, f".{name[:50]}.{secrets.token_hex(4)}.part")


def _unwritable(path: str, error: OSError | ValueError) -> OperationError:
    folder = os.path.dirname(path) or "."
    if isinstance(error, FileNotFoundError) and not os.path.isdir(folder):
        return OperationError(f'--summary {path}: there is no folder "{folder}"')
    reason = error.strerror if isinstance(error, OSError) else None
    return OperationError(f"--summary {path}: {reason or error}")


def _instant_text(instant: Instant | None) -> str | None:
    return None if instant is None else str(instant)


def _finite(number: float) -> float | None:
    return round(number, 3) if isfinite(number) else None


def _duration(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 60 else str(timedelta(seconds=round(seconds)))
