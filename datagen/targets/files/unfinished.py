"""Writes a file under the name `NAME.part`, locked, and gives it its own name when it is complete."""

import contextlib
import errno
import os
import shutil
import stat
from collections.abc import Callable

from datagen.durable import delete_if_there, move_into_place
from datagen.errors import TargetError
from datagen.formats.rendered import Rendered
from datagen.locks import FileLock
from datagen.targets.delivered import Position
from datagen.targets.files.path_pattern import PART_SUFFIX
from datagen.targets.sink import Sink

OpenFile = Callable[[str, "Position | None"], Sink]
# what the rename would put a file in place of
_REPLACED = (stat.S_ISFIFO, stat.S_ISSOCK, stat.S_ISCHR, stat.S_ISBLK)


class UnfinishedFile:
    """A file that is being written under its `.part` name, by nobody else. Raises OSError."""

    def __init__(self, name: str, open_file: OpenFile, at: Position | None = None) -> None:
        """Begin a file, or resume one at a position."""
        self.name, self.part = name, name + PART_SUFFIX
        os.makedirs(os.path.dirname(name) or ".", exist_ok=True)
        for path, kinds in ((self.name, _REPLACED), (self.part, (stat.S_ISFIFO,))):
            with contextlib.suppress(FileNotFoundError):
                if any(is_kind(os.stat(path).st_mode) for is_kind in kinds):
                    raise OSError(errno.EEXIST, f'"{os.path.basename(path)}" is not a regular file')
        if at is not None and at.number("length", 0) and not os.path.exists(self.part):
            raise OSError(
                errno.ENOENT, f"its {PART_SUFFIX} file, written by the previous run, is missing"
            )
        self._lock = _locked(name)
        try:
            self.stale = _begin(self.part) if at is None else _check_same(self.part)
            self.sink = open_file(self.part, at)
        except BaseException:
            self._lock.release()
            raise

    def finish(self, durable: bool) -> None:
        """Write the rest and rename the file; if `durable`, sync it. Raises TargetError, OSError."""
        try:
            self._close(durable)
            move_into_place(self.part, self.name, sync=durable)
        finally:
            self._lock.release()

    def discard(self) -> None:
        """Delete a file that nothing was written to. Raises TargetError, OSError."""
        try:
            self.sink.close()
            os.unlink(self.part)
        finally:
            self._lock.release()

    def pause(self) -> Position:
        """Close the file as it is, and return the position after all that was written. Raises TargetError."""
        try:
            return self.sink.pause()
        finally:
            self._lock.release()

    def leave_unfinished(self, durable: bool) -> None:
        """Close the file as it is, under its `.part` name. Raises TargetError."""
        try:
            self._close(durable)
        finally:
            self._lock.release()

    def _close(self, durable: bool) -> None:
        if durable:
            self.sink.suspend(0)
        else:
            self.sink.close()


class UnfinishedFileSink(Sink):
    """Writes a single file under its `.part` name, and renames it at the end.

    One that could not be written keeps `.part`; one that nothing was written to is deleted.
    """

    def __init__(self, name: str, open_file: OpenFile, at: Position | None = None) -> None:
        """Begin a file, or resume one at a position."""
        super().__init__()
        self._was_written, self._closed = at is not None, False
        self.records_before = at.records if at else 0
        try:
            self._file = UnfinishedFile(name, open_file, at)
        except OSError as error:
            raise TargetError.of_system(name + PART_SUFFIX, error, 0) from error
        if self._file.stale:
            self.warn(f"replacing {self._file.part}, left over from an unfinished run")

    def write(self, records: Rendered) -> None:
        self._was_written = True
        self._attempt(lambda: self._file.sink.write(records))

    def flush(self) -> None:
        self._attempt(self._file.sink.flush)

    def sync(self) -> None:
        self._attempt(self._file.sink.sync)

    def end_member(self) -> None:
        self._attempt(self._file.sink.end_member)

    def position(self) -> Position:
        return self._file.sink.position()

    def pause(self) -> Position:
        self._closed = True
        try:
            return self._file.pause()
        finally:
            self._count()

    def suspend(self, reached: int) -> None:
        del reached
        if not self._closed:
            self._closed = True
            try:
                self._file.leave_unfinished(durable=True)
            finally:
                self._count()

    def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        try:
            if self._was_written:
                self._file.finish(durable=self.before_rename is not None)
            else:
                self._file.discard()
        except OSError as error:
            raise TargetError.of_system(
                self._file.name, error, self._file.sink.delivered
            ) from error
        finally:
            self._count()

    def _attempt(self, step: Callable[[], None]) -> None:
        """Do a step, and count; where it fails, close the file under its `.part` name."""
        try:
            step()
        except TargetError as error:
            self._closed = True
            with contextlib.suppress(TargetError):  # the first failure is reported
                self._file.leave_unfinished(durable=False)
            raise error.recounted(self._file.sink.delivered) from error
        finally:
            self._count()

    def _count(self) -> None:
        self.delivered, self.bytes = self._file.sink.delivered, self._file.sink.bytes


def restore_part(name: str) -> None:
    """Copy a file that was renamed to its `.part` again, in one step. Raises OSError."""
    copy = f"{name}{PART_SUFFIX}.copy"
    delete_if_there(copy)
    with open(name, "rb") as source, open(copy, "xb") as file:
        shutil.copyfileobj(source, file)
    move_into_place(copy, name + PART_SUFFIX, sync=False)


def _locked(name: str) -> FileLock:
    """Lock a file. Raises OSError where another run is writing it."""
    try:
        return FileLock.beside(name)
    except BlockingIOError as error:
        raise OSError(errno.EBUSY, "it is already being written") from error


def _begin(part: str) -> int:
    """Create an empty file of our own; return the size of one that an earlier run left. Raises OSError.

    What lies there is deleted and not opened: it may be a link to another file.
    """
    stale = os.lstat(part).st_size if os.path.isfile(part) and not os.path.islink(part) else 0
    delete_if_there(part)
    os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
    return stale


def _check_same(part: str) -> int:
    """Refuse a link in place of a file that an earlier run left; return 0, since nothing is replaced."""
    if os.path.islink(part):
        raise OSError(errno.ELOOP, "is a symbolic link, not the file that the previous run left")
    return 0
