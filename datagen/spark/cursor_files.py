"""Keeps the cursors of a stream's parts in a folder, a file for each part and instant.

They are a cache: with one a part goes on from there, without any it is made from its start again. So a
file that is damaged, or cannot be written, costs time and nothing else. The names are
KEY-I-K-MICROS.cursor: the stream, the part, and the instant in microseconds since 1970.
"""

import contextlib
import os
import re
import secrets
import sys
from dataclasses import dataclass

from datagen.durable import delete_if_there, replace_file
from datagen.errors import OperationError
from datagen.part import Part
from datagen.position import Cursor
from datagen.running.checkpoint import Checkpoint, decoded_checkpoint, encoded_checkpoint

_ENDING = ".cursor"
_NAME = re.compile(r"(\w+)-(\d+)-(\d+)-(-?\d+)\.cursor(\.\w+)?", re.ASCII)


@dataclass(frozen=True)
class CursorFiles:
    """The cursors of the stream `key` in a folder."""

    folder: str
    key: str

    def create(self) -> None:
        """Make the folder where it is not there yet. Raises OperationError where no file can be made in it."""
        try:
            os.makedirs(self.folder, exist_ok=True)
            probe = self._path(f"{self.key}.{secrets.token_hex(8)}.probe")
            with open(probe, "xb"):
                pass
            os.unlink(probe)
        except OSError as error:
            why = f"no file can be made there: {error.strerror or error}"
            raise OperationError(self.folder, why) from error

    def latest(self, part: Part, instant: int) -> Cursor | None:
        """Return the last cursor of a part at an instant or before; None: there is none that can be read."""
        found = [each for each in self._files() if each.part == part and each.instant <= instant]
        for each in sorted(found, key=lambda file: -file.instant):
            with (
                contextlib.suppress(OSError, OperationError),
                open(self._path(each.name), "rb") as file,
            ):
                return decoded_checkpoint(file.read(), each.name).cursor
        return None

    def write(self, part: Part, checkpoint: Checkpoint) -> None:
        """Write the cursor of a part at the instant that a checkpoint has reached, in one step."""
        name = f"{self.key}-{part.index}-{part.count}-{checkpoint.reached}{_ENDING}"
        beside = f"{name}.{secrets.token_hex(8)}"  # of this task alone
        try:
            replace_file(self._path(name), encoded_checkpoint(checkpoint), self._path(beside))
        except OSError as error:
            why = error.strerror or error
            print(f"datagen: {self._path(name)}: cannot be written: {why}", file=sys.stderr)

    def prune(self, instant: int) -> None:
        """Delete the cursors that nobody needs who goes on from an instant or later."""
        files = self._files()
        needed = {
            each.part: each.instant
            for each in sorted(files, key=lambda file: file.instant)
            if each.is_whole and each.instant <= instant
        }
        for each in files:
            if each.instant < needed.get(each.part, instant):
                with contextlib.suppress(OSError):
                    delete_if_there(self._path(each.name))

    def _files(self) -> list["_File"]:
        """Return the files of the stream; none where the folder cannot be read."""
        try:
            names = os.listdir(self.folder)
        except OSError:
            return []
        found = [(name, _NAME.fullmatch(name)) for name in names]
        return [
            _File(name, Part(int(match[2]), int(match[3])), int(match[4]), match[5] is None)
            for name, match in found
            if match and match[1] == self.key
        ]

    def _path(self, name: str) -> str:
        return os.path.join(self.folder, name)


@dataclass(frozen=True)
class _File:
    """A file of a cursor; one that is not whole is being written, or was left behind."""

    name: str
    part: Part
    instant: int
    is_whole: bool
