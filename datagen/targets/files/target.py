"""Writes records to files: plain, compressed, with a footer, or one for each hour, day, ..."""

import errno
import os
from collections.abc import Iterator
from typing import BinaryIO, ClassVar, Literal

from datagen.errors import Path, TargetError
from datagen.file_set import FileSet
from datagen.formats.base import FORMATS, Format, any_format
from datagen.formats.jsonlines import JsonLines
from datagen.formats.rendered import Output
from datagen.locks import FileLock
from datagen.part import WHOLE, Part
from datagen.spec.record_schema import Specification
from datagen.targets.base import TARGETS, Sink, Target
from datagen.targets.compatibility import Accepted
from datagen.targets.delivered import Position
from datagen.targets.descriptor import open_error
from datagen.targets.files.compressed import CompressedFileSink
from datagen.targets.files.compression import COMPRESSORS
from datagen.targets.files.footer import FooterFileSink
from datagen.targets.files.partitioned import PartitionedSink
from datagen.targets.files.path_pattern import PART_SUFFIX, PathPattern, has_directives
from datagen.targets.files.plain import FileSink, locked
from datagen.targets.files.unfinished import UnfinishedFileSink
from datagen.targets.message_keys import name_in_braces
from datagen.validation import quoted


@TARGETS.register
class FileTarget(Target):
    """Writes records to a file, or to one for each hour, day, ... of a path with directives.

    One whose name ends in `.gz` or `.zst` is compressed. Other endings imply a format.
    """

    type: Literal["file"] = "file"
    path: str
    mode: Literal["overwrite", "append"] = "overwrite"
    part_keys: ClassVar[tuple[str, ...]] = ("path",)

    @property
    def file(self) -> str:
        """Return the path of the one file, or the path with directives that stands for many."""
        return self.path if self.is_partitioned else self.path.replace("%%", "%")

    def files(self) -> FileSet:
        if self.is_partitioned:
            return FileSet("records", patterns=(PathPattern(self.path).file_names,))
        part = (_real(self.file) + PART_SUFFIX,) if self.needs_footer else ()
        return FileSet("records", (self.file, *part))

    @property
    def identity(self) -> str:
        return f"file {os.path.normpath(self.path)}"

    def validate_keys(self) -> Iterator[tuple[Path, str]]:
        if not self.path or "\0" in self.path or (self.is_partitioned and self.path.endswith("/")):
            yield ("path",), "expected the path of a file"
        try:
            os.fsencode(self.path)
            PathPattern(self.path)
        except UnicodeEncodeError:
            yield ("path",), "a lone surrogate is not a character"
        except ValueError as error:
            yield ("path",), f"{error}; a percent sign is written %%"
        name = name_in_braces(WHOLE.in_name(self.path))
        if name is not None:
            text = (
                f"{quoted(name)} is not replaced in a path, only {{part}} and time directives such as "
                "%Y%m%d"
            )
            yield ("path",), text
        yield from self._footer_problems()

    def _footer_problems(self) -> Iterator[tuple[Path, str]]:
        implied = self.implied
        if implied is None or not self.needs_footer:
            return
        if not self.path.endswith(implied.ending):
            packed = os.path.splitext(self.path)[1]
            text = f"{implied.type} is compressed within the file; leave out {quoted(packed)}"
            yield ("path",), text
        if self.mode == "append" and not self.is_partitioned:
            yield ("mode",), f"{implied.type} files cannot be appended to"

    @property
    def implied(self) -> Format | None:
        """Return the format that the ending of the path stands for."""
        name = self.path
        for packed in COMPRESSORS:
            name = name.removesuffix(packed)
        kinds = (kind for kind in FORMATS if FORMATS[kind].ending)
        found = next((kind for kind in kinds if name.endswith(FORMATS[kind].ending)), None)
        return None if found is None else any_format(found)

    @property
    def needs_footer(self) -> bool:
        """Return whether its files are complete only with a footer."""
        return self.implied is not None and Output.FILES in self.implied.outputs

    @property
    def is_partitioned(self) -> bool:
        """Return whether it has a file for each hour, day, ..."""
        return has_directives(self.path)

    def formats(self, default: Format | None, override: Format | None = None) -> tuple[Format, ...]:
        implied = self.implied
        if implied and self.needs_footer and default and default.type != implied.type:
            default = None  # it is for other targets
        return (override or self.format or default or implied or JsonLines(),)

    def accepted(self) -> Accepted:
        implied = self.implied
        if implied is not None and self.needs_footer:
            return Accepted(Output.FILES, self.path, implied.type)
        return Accepted(Output.LINES, self.path)

    def exclusive_outputs(self) -> Iterator[tuple[str, str]]:
        yield f"the file {quoted(self.path)}", os.path.realpath(self.file)

    def part_notes(self) -> Iterator[str]:
        if not Part.is_in_name(self.path) and (self.is_partitioned or self.file in self.files()):
            yield f"{self.path}: all parts would write this file; with {{part}} in the path each has its own"

    def not_resumable(self) -> Iterator[str]:
        if self.needs_footer and not self.is_partitioned:
            yield (
                f"{self.path} is a single file that is complete only when closed, so no run can "
                "resume it; use a path with time directives, such as %Y%m%d"
            )

    def check(self, spec: Specification) -> Iterator[tuple[Path, str]]:
        yield from super().check(spec)
        if self.format is None and self.implied is not None:
            for _, text in self.implied.check(spec):
                yield ("path",), text

    def open(self, stdout: BinaryIO) -> Sink:
        del stdout
        if self.is_partitioned:
            return self._partitioned()
        if self.needs_footer:
            _check_writable(self.file)
            if os.path.exists(self.file) and not os.path.isfile(self.file):  # a pipe or a device
                return FooterFileSink(self.file)
            return UnfinishedFileSink(_real(self.file), _open_footer_file)
        return self._sink(self.file, self.mode, lock=locked(self.file))

    def reopen(self, stdout: BinaryIO, at: Position) -> Sink:
        del stdout
        if self.is_partitioned:
            return self._partitioned(at)
        return self._sink(self.file, self.mode, at, locked(self.file))

    def _partitioned(self, at: Position | None = None) -> Sink:
        open_file = _open_footer_file if self.needs_footer else self._overwrite
        return PartitionedSink(PathPattern(self.path), self.mode == "append", open_file, at)

    def _overwrite(self, path: str, at: Position | None = None) -> Sink:
        return self._sink(path, "overwrite", at)

    def _sink(
        self, path: str, mode: str, at: Position | None = None, lock: FileLock | None = None
    ) -> Sink:
        """Open a file; one that is resumed is truncated to the length it had at a position."""
        for ending, compress in COMPRESSORS.items():
            if self.path.endswith(ending):
                return CompressedFileSink(FileSink(path, mode, at, lock), compress)
        plain = FileSink(path, mode, at, lock)
        plain.end_last_line()
        return plain


def _open_footer_file(path: str, at: Position | None = None) -> Sink:
    """Open a file that is written from its beginning, also by a run that resumes."""
    del at
    return FooterFileSink(path)


def _real(path: str) -> str:
    """Return the path of a file; of a link, which stays one, the path that it leads to."""
    return os.path.realpath(path) if os.path.islink(path) else path


def _check_writable(path: str) -> None:
    """Raise TargetError where a file could not get its name at the end."""
    if os.path.isdir(path):
        raise TargetError.of_system(
            path, IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR)), 0
        )
    if not os.path.isdir(os.path.dirname(path) or "."):
        raise open_error(path, FileNotFoundError())
