"""Turns a path with strftime patterns into files, one after the other, each of its own time.

Records come in order of time, so that at most one file is open. It is named `NAME.part` while it is
written; when the first record of another name comes, or the run ends, it gets its name.
"""

import contextlib
import errno
import fcntl
import os
import re
from collections.abc import Callable, Iterator

import numpy as np

from datagen.errors import TargetError
from datagen.formats import Rendered
from datagen.instants import DAY, SECOND, Style
from datagen.randomness import Ints
from datagen.targets.base import Sink, failed, recounted
from datagen.timepatterns import TimePattern

PART = ".part"
_DIRECTIVE = re.compile(r"%(%|3f|.?)", re.DOTALL)
_PACKED = (".gz", ".zst")
_STEPS = {  # microseconds for which a directive's text stays the same; the others: a day
    "f": 1,
    "3f": 1000,
    **dict.fromkeys("crsSTX", SECOND),
    **dict.fromkeys("MR", 60 * SECOND),
    **dict.fromkeys("HIklpP", 3600 * SECOND),
}
_MOST_STEPS = 1000  # looked at between two records of the same name


def has_directives(path: str) -> bool:
    """Tell whether a path depends on time."""
    return any(found != "%" for found in _DIRECTIVE.findall(path))


class PathPattern:
    """A path with directives. Raises ValueError for one that does not exist."""

    def __init__(self, path: str) -> None:
        self.path, self._names = path, TimePattern(path)
        steps = [_STEPS.get(found, DAY) for found in _DIRECTIVE.findall(path) if found != "%"]
        self.step = min(steps, default=DAY)
        parts = path.split("/")
        changing = next((n for n, part in enumerate(parts) if has_directives(part)), len(parts) - 1)
        self.folder = "/".join([*parts[:changing], ""]).replace("%%", "%")  # the same at any time

    def names(self, units: Ints, style: Style) -> list[str]:
        """Give the paths of the times `units * step`, counted in the run's own offset."""
        names: list[str] = self._names.text(units * self.step - style.offset, style).to_pylist()
        return names


class Partition(Sink):
    """A file that is written under its `.part` name, by nobody else, and gets its own at the end.

    One that could not be written keeps `.part`; one that nothing was written to is taken away.
    """

    def __init__(self, name: str, open_file: Callable[[str], Sink]) -> None:
        super().__init__()
        self.name, self.part = name, name + PART
        self._begun = self._left = False
        try:
            os.makedirs(os.path.dirname(name) or ".", exist_ok=True)
            self._lock = _claimed(self.part)
        except OSError as error:
            raise failed(self.part, error, 0) from error
        try:
            stale = os.fstat(self._lock).st_size
            self._sink = open_file(self.part)
        except BaseException:
            os.close(self._lock)
            raise
        if stale:
            self.warn(f"{self.part}, left by a run that did not finish it, is replaced")

    def write(self, records: Rendered) -> None:
        self._begun = True
        self._step(lambda: self._sink.write(records))

    def flush(self) -> None:
        self._step(self._sink.flush)

    def close(self) -> None:
        if self._left:
            return
        self._left = True
        try:
            self._sink.close()
            if self._begun:
                os.replace(self.part, self.name)
            else:
                os.unlink(self.part)
        except OSError as error:
            raise failed(self.name, error, self._sink.delivered) from error
        finally:
            os.close(self._lock)
            self._count()

    def _step(self, step: Callable[[], None]) -> None:
        """Take a step, and count; one that fails ends the file under its `.part` name."""
        try:
            step()
        except TargetError as error:
            self._left = True
            with contextlib.suppress(TargetError):  # the first failure is told
                self._sink.close()
            os.close(self._lock)
            raise recounted(error, self._sink.delivered) from error
        finally:
            self._count()

    def _count(self) -> None:
        self.delivered, self.bytes = self._sink.delivered, self._sink.bytes


class PartitionedSink(Sink):
    """Writes each record to the file that its time names.

    `open_file` opens a path for a sink of its own. A name that a finished file of this run has, or
    with `append` any file, gets a number before its endings.
    """

    def __init__(
        self, pattern: PathPattern, append: bool, open_file: Callable[[str], Sink]
    ) -> None:
        super().__init__()
        self._pattern, self._append, self._open_file = pattern, append, open_file
        self._taken: set[str] = set()
        self._unit, self._plain = 0, ""  # of the last record: its step of time, and its file
        self._partition: Partition | None = None
        self._before = (0, 0)  # records and bytes in files that are finished
        if not os.path.isdir(pattern.folder or "."):
            text = f'there is no folder "{pattern.folder.rstrip("/")}"'
            raise TargetError(f"{pattern.path}: {text}; 0 records were delivered")

    def write(self, records: Rendered) -> None:
        if not len(records):
            return
        step, offset = self._pattern.step, records.style.offset
        times = records.times
        first_unit, last_unit = ((int(times[row]) + offset) // step for row in (0, -1))
        if self._partition is not None and first_unit == last_unit == self._unit:
            self._put(self._partition, records)
            return
        units = (times + offset) // step
        starts = np.flatnonzero(np.diff(units, prepend=units[0] - 1))
        names = self._pattern.names(units[starts], records.style)
        ends = [*starts.tolist()[1:], len(records)]
        for first, end, name in zip(starts.tolist(), ends, names, strict=True):
            partition = self._at(int(units[first]), name, records.style)
            self._put(partition, records.rows(first, end))

    def flush(self) -> None:
        if self._partition is not None:
            self._with(self._partition, self._partition.flush)

    def close(self) -> None:
        self._finish()

    def _at(self, unit: int, name: str, style: Style) -> Partition:
        """Give the file for a record: the one that is open, or another in its place."""
        partition = self._partition
        if partition is None or name != self._plain or self._left(unit, style):
            self._finish()
            partition = self._begin(name)
        self._unit, self._plain = unit, name
        return partition

    def _left(self, unit: int, style: Style) -> bool:
        """Tell whether the name was another at any time between the last record and this."""
        if unit - self._unit > _MOST_STEPS:
            return True
        between = np.arange(self._unit + 1, unit)
        return len(between) > 0 and {*self._pattern.names(between, style)} != {self._plain}

    def _begin(self, plain: str) -> Partition:
        name = next(name for name in _numbered(plain) if self._free(name))
        self._taken.add(name)
        self._before = (self.delivered, self.bytes)
        try:
            partition = Partition(name, self._open_file)
        except TargetError as error:
            raise recounted(error, self.delivered) from error
        partition.heard_by(self.warn)
        self._partition = partition
        return partition

    def _free(self, name: str) -> bool:
        return name not in self._taken and not (self._append and os.path.lexists(name))

    def _put(self, partition: Partition, records: Rendered) -> None:
        self._with(partition, lambda: partition.write(records))

    def _finish(self) -> None:
        partition, self._partition = self._partition, None
        if partition is not None:
            self._with(partition, partition.close)

    def _with(self, partition: Partition, step: Callable[[], None]) -> None:
        """Take a step with a file, and count."""
        try:
            step()
        except TargetError as error:
            self._partition = None
            self._count(partition)
            raise recounted(error, self.delivered) from error
        finally:
            self._count(partition)

    def _count(self, partition: Partition) -> None:
        records, size = self._before
        self.delivered = records + partition.delivered
        self.bytes = size + partition.bytes


def _numbered(path: str) -> Iterator[str]:
    """Yield a path, then with 1, 2, ... before its endings: `x.json.gz`, `x-1.json.gz`, ..."""
    yield path
    packed = next((ending for ending in _PACKED if path.endswith(ending)), "")
    stem, ending = os.path.splitext(path.removesuffix(packed))
    number = 0
    while True:
        number += 1
        yield f"{stem}-{number}{ending}{packed}"


def _claimed(part: str) -> int:
    """Open a file that nobody else is writing, and keep others off. Raises OSError."""
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT, 0o666)
    try:
        _lock(descriptor)
        ours = os.path.samestat(os.fstat(descriptor), os.stat(part))
    except (BlockingIOError, FileNotFoundError):
        ours = False
    if not ours:  # or the other has finished it this very moment
        os.close(descriptor)
        raise OSError(errno.EBUSY, "it is being written already")
    return descriptor


def _lock(descriptor: int) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise
    except OSError:  # a file system without locks
        return
