"""Writes records to one file after the other, each named after the time of its records.

Records come in order of time, so that at most one file is open. It is named `NAME.part` while it is
written, and renamed when the first record of another file comes, or the run ends.
"""

import contextlib
import os
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import numpy as np

from datagen.curves.zone_style import style_from_json, style_to_json
from datagen.errors import TargetError
from datagen.formats.rendered import Rendered
from datagen.instants import NAIVE, Style
from datagen.position import whole
from datagen.targets.delivered import Position, impossible_position
from datagen.targets.files.path_pattern import PART_SUFFIX, PathPattern, numbered
from datagen.targets.files.unfinished import OpenFile, UnfinishedFile, restore_part
from datagen.targets.sink import Sink

_MAX_STEPS = 1000  # looked at between two records of the same name


class Partition(Protocol):
    """What a period of time has: a file that is being written, or several. Their methods are those of UnfinishedFile."""

    name: str
    part: str
    stale: int

    @property
    def sink(self) -> Sink: ...

    def finish(self, durable: bool) -> None: ...

    def leave_unfinished(self, durable: bool) -> None: ...


Begin = Callable[[str, "Position | None", bool], Partition]
"""Begins a file by its name, or goes on at a position, where the last run may have been about to rename it. Raises OSError."""


def begin_file(
    open_file: OpenFile, name: str, at: Position | None, finishing: bool
) -> UnfinishedFile:
    """Begin a file, or go on with one, as Begin says."""
    if finishing and not os.path.exists(name + PART_SUFFIX):
        restore_part(name)
    return UnfinishedFile(name, open_file, at)


def check_folder(pattern: PathPattern) -> None:
    """Raise TargetError where the folder that all files are in is not there."""
    if not os.path.isdir(pattern.folder or "."):
        text = f'there is no folder "{pattern.folder.rstrip("/")}"'
        raise TargetError(pattern.shown, text, 0)


class PartitionedSink(Sink):
    """Writes each record to the file that belongs to its time.

    `begin` begins a file, or goes on with one. A name that a finished file of this run has, or
    with `append` any file, gets a number before its endings.
    """

    def __init__(
        self,
        pattern: PathPattern,
        append: bool,
        begin: Begin,
        at: Position | None = None,
    ) -> None:
        super().__init__()
        self._pattern, self._append, self._begin_file = pattern, append, begin
        self._numbers: dict[str, int] = {}  # of the last file of each name that may come again
        self._unit, self._base_name = 0, ""  # of the last record: its step of time, and its file
        self._file: Partition | None = None
        self._finished = (0, 0)  # records and bytes in files that are finished
        self._style = NAIVE
        self._finishing = False
        self._resume_at = Position()  # of a later run, while no file is open
        check_folder(pattern)
        if at is not None:
            self._resume(at)

    def write(self, records: Rendered) -> None:
        if not len(records):
            return
        self._style, times = records.style, records.times
        if self._file is not None and times[-1] - times[0] < self._pattern.step:
            first_unit, last_unit = self._pattern.units(times[[0, -1]], self._style)
            if first_unit == last_unit == self._unit:
                self._write_to(self._file, records)
                return
        units = self._pattern.units(times, self._style)
        starts = np.flatnonzero(np.diff(units, prepend=units[0] - 1))
        names = self._pattern.paths(times[starts], records.style)
        ends = [*starts.tolist()[1:], len(records)]
        for first, end, name in zip(starts.tolist(), ends, names, strict=True):
            file = self._file_for(int(units[first]), name, records.style)
            self._write_to(file, records.rows(first, end))

    def flush(self) -> None:
        if self._file is not None:
            self._attempt(self._file, self._file.sink.flush)

    def close(self) -> None:
        self._finish()

    def suspend(self, reached: int) -> None:
        """Close the open file under its `.part` name, unless its time is over at an instant."""
        file = self._file
        if file is None or self._is_past(reached):
            self._finish()
        else:
            self._leave(file)

    def sync(self) -> None:
        if self._file is not None:
            self._attempt(self._file, self._file.sink.sync)

    def end_member(self) -> None:
        if self._file is not None:
            self._attempt(self._file, self._file.sink.end_member)

    def position(self) -> Position:
        return self._resume_at if self._file is None else self._position_in(self._file)

    def _position_in(self, file: Partition | None) -> Position:
        """Return the position in a file, or without one that after all finished files."""
        state: dict[str, Any] = {"numbers": dict(self._numbers)}
        if file is None:
            return Position(self.records_before + self.delivered, state)
        inner = file.sink.position()
        state["open"] = {
            "plain": self._base_name,
            "name": file.name,
            "unit": self._unit,
            "style": style_to_json(self._style),
            "finishing": self._finishing,
            "state": dict(inner.state),
        }
        return Position(self.records_before + self._finished[0] + inner.records, state)

    def _resume(self, at: Position) -> None:
        """Resume the file that a position is in. Raises TargetError."""
        self.records_before, self._resume_at = at.records, at
        try:
            found = self._restore(at.state)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise impossible_position(self._pattern.shown) from error
        if found is None:
            return
        name = numbered(self._base_name, self._numbers.get(self._base_name, 0))
        try:
            state = Position(0, found["state"])
            self._file = self._begin_file(name, state, bool(found["finishing"]))
        except OSError as error:
            raise TargetError.of_system(name, error, 0) from error

    def _restore(self, state: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Restore the names and times of a position; return the file that was open, if any.

        Raises ValueError, KeyError, TypeError or AttributeError for a state that no run can have left.
        """
        self._numbers = {
            str(name): whole(number, 0) for name, number in state.get("numbers", {}).items()
        }
        found = state.get("open")
        if found is None:
            return None
        self._base_name, self._unit = str(found["plain"]), whole(found["unit"])
        self._style = style_from_json(found["style"])
        name = numbered(self._base_name, self._numbers.get(self._base_name, 0))
        if found["name"] != name or not self._pattern.file_names.fullmatch(os.path.realpath(name)):
            raise ValueError("a name that is not of the path")
        Position(0, found["state"]).number("length", 0)
        return {**found}

    def _is_past(self, reached: int) -> bool:
        """Return whether no record from an instant on goes to the open file."""
        instant = np.array([reached])
        unit = int(self._pattern.units(instant, self._style)[0])
        name = self._pattern.paths(instant, self._style)[0]
        return unit > self._unit and (
            name != self._base_name or self._had_other_name(unit, self._style)
        )

    def _file_for(self, unit: int, name: str, style: Style) -> Partition:
        """Return the file for a record: the one that is open, or another in its place."""
        file = self._file
        if file is None or name != self._base_name or self._had_other_name(unit, style):
            self._finish()
            return self._begin(unit, name)
        self._unit = unit
        return file

    def _had_other_name(self, unit: int, style: Style) -> bool:
        """Return whether the name was another at any time between the last record and this."""
        if unit - self._unit > _MAX_STEPS:
            return True
        between = np.arange(self._unit + 1, unit)
        names = {*self._pattern.paths_of_units(between, style)}
        return len(between) > 0 and names != {self._base_name}

    def _begin(self, unit: int, base_name: str) -> Partition:
        name = self._unused_name(base_name)
        self._unit, self._base_name = unit, base_name
        self._finished = (self.delivered, self.bytes)
        try:
            file = self._begin_file(name, None, False)
        except TargetError as error:
            raise error.recounted(self.delivered) from error
        except OSError as error:
            raise TargetError.of_system(name + PART_SUFFIX, error, self.delivered) from error
        if file.stale:
            self.warn(f"replacing {file.part}, left over from an unfinished run")
        self._file = file
        return file

    def _unused_name(self, base_name: str) -> str:
        """Return a name that no file of this run has, or with `append` no file at all."""
        number = self._numbers.get(base_name, -1) + 1
        while self._append and os.path.lexists(numbered(base_name, number)):
            number += 1
        if self._pattern.names_are_unique(self._style):
            self._numbers.clear()
        self._numbers[base_name] = number
        return numbered(base_name, number)

    def _write_to(self, file: Partition, records: Rendered) -> None:
        self._attempt(file, lambda: file.sink.write(records))

    def _finish(self) -> None:
        file = self._file
        if file is None:
            return
        durable = self.before_rename is not None
        self._finishing = True
        try:
            self._announce_rename()
            self._resume_at = self._position_in(file)
            self._file = None
            self._attempt(file, lambda: file.finish(durable))
        finally:
            self._finishing = False
        self._resume_at = self._position_in(None)

    def _announce_rename(self) -> None:
        """Have a checkpoint written from which a later run finds the open file, whatever happens."""
        if self.before_rename is None:
            return
        try:
            self.before_rename()
        except BaseException:
            self._finishing = False
            if self._file is not None:
                with contextlib.suppress(TargetError):  # the first failure is reported
                    self._leave(self._file)
            raise

    def _leave(self, file: Partition) -> None:
        """Close the open file under its `.part` name, as a later run will find it."""
        self._resume_at = self._position_in(file)
        self._file = None
        self._attempt(file, lambda: file.leave_unfinished(durable=True))
        self._resume_at = self._position_in(file)

    def _attempt(self, file: Partition, step: Callable[[], None]) -> None:
        """Do a step with a file, and count; where it fails, close it under its `.part` name."""
        try:
            step()
        except (OSError, TargetError) as error:
            self._count(file)
            if self._file is not None:
                self._resume_at, self._file = self._position_in(file), None
                with contextlib.suppress(TargetError):  # the first failure is reported
                    file.leave_unfinished(durable=False)
            if isinstance(error, OSError):
                raise TargetError.of_system(file.name, error, self.delivered) from error
            raise error.recounted(self.delivered) from error
        finally:
            self._count(file)

    def _count(self, file: Partition) -> None:
        records, size = self._finished
        self.delivered = records + file.sink.delivered
        self.bytes = size + file.sink.bytes
