"""Turns a path with strftime patterns into files, one after the other, each of its own time.

Records come in order of time, so that at most one file is open. It is named `NAME.part` while it is
written; when the first record of another name comes, or the run ends, it gets its name.
"""

import contextlib
import os
import re
from collections.abc import Callable
from typing import Any

import numpy as np

from datagen.arrays import Ints
from datagen.columns.strftime import TimePattern
from datagen.errors import TargetError
from datagen.formats.rendered import Rendered
from datagen.instants import DAY, NAIVE, SECOND, Style
from datagen.targets.base import Sink
from datagen.targets.delivered import Position
from datagen.targets.files.compressed import COMPRESSORS
from datagen.targets.files.unfinished import PART, OpenFile, Partition, copied_back

_DIRECTIVE = re.compile(r"%(%|3f|:z|.?)", re.DOTALL)
_STEPS = {  # microseconds for which a directive's text stays the same; the others: a day
    "f": 1,
    "3f": 1000,
    **dict.fromkeys("crsSTX", SECOND),
    **dict.fromkeys("MR", 60 * SECOND),
    **dict.fromkeys("HIklpP", 3600 * SECOND),
}
_DIGITS = {
    "%": "%", "Y": r"\d{4}", "j": r"\d{3}", "3f": r"\d{3}", "f": r"\d{6}", "s": r"-?\d+",
    **dict.fromkeys("mdHIMSyUWVg", r"\d\d"),
}  # fmt: skip
_LEVELS = ("YFsc", "mbBhFscj", "dejFsc", "HkTXRsc", "MTXRsc", "STXsc")  # year, month, ... second
_MOST_STEPS = 1000  # looked at between two records of the same name


def has_directives(path: str) -> bool:
    """Return whether a path depends on time."""
    return any(found != "%" for found in _DIRECTIVE.findall(path))


class PathPattern:
    """A path with directives. Raises ValueError for one that does not exist."""

    def __init__(self, path: str) -> None:
        self.path, self._names = path, TimePattern(path)
        steps = [_STEPS.get(found, DAY) for found in _DIRECTIVE.findall(path) if found != "%"]
        self.step = min(steps, default=DAY)
        self.once = _never_again({*_DIRECTIVE.findall(path)} - {"%"})
        parts = path.split("/")
        changing = next((n for n, part in enumerate(parts) if has_directives(part)), len(parts) - 1)
        self.folder = "/".join([*parts[:changing], ""]).replace("%%", "%")  # the same at any time

    @property
    def named(self) -> re.Pattern[str]:
        """Return what matches the real paths of all files that can have their names from it."""
        folder = os.path.realpath(self.folder or ".")
        rest = self.path[len(self.folder.replace("%", "%%")) :]
        stem, ending = _apart(rest)
        number, part = r"(-\d+)?", rf"({re.escape(PART)}(\.copy)?)?"
        return re.compile(
            rf"{re.escape(folder.rstrip('/'))}/{_regex(stem)}{number}{_regex(ending)}{part}",
            re.DOTALL,
        )

    def names(self, units: Ints, style: Style) -> list[str]:
        """Return the paths of the times `units * step`, counted in the run's own offset."""
        names: list[str] = self._names.text(units * self.step - style.offset, style).to_pylist()
        return names


class PartitionedSink(Sink):
    """Writes each record to the file that its time names.

    `open_file` opens a path for a sink of its own. A name that a finished file of this run has, or
    with `append` any file, gets a number before its endings.
    """

    def __init__(
        self,
        pattern: PathPattern,
        append: bool,
        open_file: OpenFile,
        at: Position | None = None,
    ) -> None:
        super().__init__()
        self._pattern, self._append, self._open_file = pattern, append, open_file
        self._numbers: dict[
            str, int
        ] = {}  # of the last file of each name, of those that come again
        self._unit, self._plain = 0, ""  # of the last record: its step of time, and its file
        self._partition: Partition | None = None
        self._before = (0, 0)  # records and bytes in files that are finished
        self._style = NAIVE
        self._finishing = False
        self._kept = Position()  # where a later run goes on while no file is open
        if not os.path.isdir(pattern.folder or "."):
            text = f'there is no folder "{pattern.folder.rstrip("/")}"'
            raise TargetError(pattern.path, text, 0)
        if at is not None:
            self._go_on(at)

    def write(self, records: Rendered) -> None:
        if not len(records):
            return
        step, offset = self._pattern.step, records.style.offset
        self._style = records.style
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
            self._with(self._partition, self._partition.sink.flush)

    def close(self) -> None:
        self._finish()

    def suspend(self, reached: int) -> None:
        """Leave the file at hand under its `.part` name, unless its time is over at an instant."""
        partition = self._partition
        if partition is None or self._over(reached):
            self._finish()
            return
        self._kept = self._place(partition)
        self._partition = None
        self._with(partition, lambda: partition.leave(kept=True))
        self._kept = self._place(partition)

    def sync(self) -> None:
        if self._partition is not None:
            self._with(self._partition, self._partition.sink.sync)

    def position(self) -> Position:
        return self._kept if self._partition is None else self._place(self._partition)

    def _place(self, partition: Partition | None) -> Position:
        """Return the place in a file, or, without one, that after all that are finished."""
        state: dict[str, Any] = {"numbers": dict(self._numbers)}
        if partition is None:
            return Position(self.before + self.delivered, state)
        inner = partition.sink.position()
        state["open"] = {
            "plain": self._plain,
            "name": partition.name,
            "unit": self._unit,
            "style": [self._style.offset, self._style.suffix],
            "finishing": self._finishing,
            "state": dict(inner.state),
        }
        return Position(self.before + self._before[0] + inner.records, state)

    def _go_on(self, at: Position) -> None:
        """Take up the file that a place is in. Raises TargetError."""
        self.before, self._numbers = at.records, {**at.state.get("numbers", {})}
        self._kept = at
        found = at.state.get("open")
        if found is None:
            return
        self._plain, self._unit = found["plain"], int(found["unit"])
        self._style = Style(*found["style"])
        try:
            if found["finishing"] and not os.path.exists(found["name"] + PART):
                copied_back(found["name"])
            place = Position(0, found["state"])
            self._partition = Partition(found["name"], self._open_file, place)
        except OSError as error:
            raise TargetError.of_system(found["name"], error, 0) from error

    def _over(self, reached: int) -> bool:
        """Return whether no record from an instant on goes to the file at hand."""
        unit = (reached + self._style.offset) // self._pattern.step
        name = self._pattern.names(np.array([unit]), self._style)[0]
        return unit > self._unit and (name != self._plain or self._left(unit, self._style))

    def _at(self, unit: int, name: str, style: Style) -> Partition:
        """Return the file for a record: the one that is open, or another in its place."""
        partition = self._partition
        if partition is None or name != self._plain or self._left(unit, style):
            self._finish()
            return self._begin(unit, name)
        self._unit = unit
        return partition

    def _left(self, unit: int, style: Style) -> bool:
        """Return whether the name was another at any time between the last record and this."""
        if unit - self._unit > _MOST_STEPS:
            return True
        between = np.arange(self._unit + 1, unit)
        return len(between) > 0 and {*self._pattern.names(between, style)} != {self._plain}

    def _begin(self, unit: int, plain: str) -> Partition:
        name = self._named(plain)
        self._unit, self._plain = unit, plain
        self._before = (self.delivered, self.bytes)
        try:
            partition = Partition(name, self._open_file)
        except TargetError as error:
            raise error.recounted(self.delivered) from error
        except OSError as error:
            raise TargetError.of_system(name + PART, error, self.delivered) from error
        if partition.stale:
            self.warn(f"{partition.part}, left by a run that did not finish it, is replaced")
        self._partition = partition
        return partition

    def _named(self, plain: str) -> str:
        """Return a name that no file of this run has, or with `append` no file at all."""
        number = self._numbers.get(plain, -1) + 1
        while self._append and os.path.lexists(_numbered(plain, number)):
            number += 1
        if self._pattern.once:
            self._numbers.clear()
        self._numbers[plain] = number
        return _numbered(plain, number)

    def _put(self, partition: Partition, records: Rendered) -> None:
        self._with(partition, lambda: partition.sink.write(records))

    def _finish(self) -> None:
        partition = self._partition
        if partition is None:
            return
        kept = self.before_rename is not None
        self._finishing = True
        try:
            if self.before_rename is not None:
                self.before_rename()  # whatever comes, a later run finds this file
            self._kept = self._place(partition)
            self._partition = None
            self._with(partition, lambda: partition.finish(kept))
        finally:
            self._finishing = False
        self._kept = self._place(None)

    def _with(self, partition: Partition, step: Callable[[], None]) -> None:
        """Take a step with a file, and count; one that fails leaves it under its `.part` name."""
        try:
            step()
        except (OSError, TargetError) as error:
            self._count(partition)
            if self._partition is not None:
                self._kept, self._partition = self._place(partition), None
                with contextlib.suppress(TargetError):  # the first failure is told
                    partition.leave(kept=False)
            if isinstance(error, OSError):
                raise TargetError.of_system(partition.name, error, self.delivered) from error
            raise error.recounted(self.delivered) from error
        finally:
            self._count(partition)

    def _count(self, partition: Partition) -> None:
        records, size = self._before
        self.delivered = records + partition.sink.delivered
        self.bytes = size + partition.sink.bytes


def _numbered(path: str, number: int) -> str:
    """Return a path with a number, if not 0, before its endings: `x.json.gz`, `x-1.json.gz`, ..."""
    stem, ending = _apart(path)
    return f"{stem}-{number}{ending}" if number else path


def _apart(path: str) -> tuple[str, str]:
    """Return a path without its endings, and these: `x.json.gz` is `x` and `.json.gz`."""
    packed = next((ending for ending in COMPRESSORS if path.endswith(ending)), "")
    stem, ending = os.path.splitext(path.removesuffix(packed))
    return stem, ending + packed


def _regex(pattern: str) -> str:
    """Return what matches the texts of a pattern; what is not a number matches anything."""
    pieces = re.split(_DIRECTIVE, pattern)
    texts = [re.escape(text) for text in pieces[::2]]
    found = [_DIGITS.get(each, ".+") for each in pieces[1::2]]
    return "".join(map("".join, zip(texts, [*found, ""], strict=True)))


def _never_again(found: set[str]) -> bool:
    """Return whether directives give another name at each of their steps, as those of a date do."""
    levels = [bool(found & {*letters}) for letters in _LEVELS]
    known = {*"".join(_LEVELS)} | ({"f", "3f"} if all(levels) else set())
    others = found - known  # such as the day of the week: known from the date and the hour
    apart = levels == sorted(levels, reverse=True)
    return apart and (not others or (levels[3] and not others & {"f", "3f"}))
