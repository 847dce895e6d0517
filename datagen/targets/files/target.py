"""Writes records to files: plain, compressed, with a footer, or one for each hour, day, ..."""

import errno
import os
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import BinaryIO, ClassVar, Literal

from datagen.batch import EMITTER
from datagen.errors import Path, TargetError
from datagen.file_set import FileSet
from datagen.formats.base import FORMATS, Format, any_format
from datagen.formats.encoding import Output
from datagen.formats.jsonlines import JsonLines
from datagen.formats.narrowed import narrowed
from datagen.locks import FileLock
from datagen.part import Part
from datagen.spec.record_schema import Specification
from datagen.targets.base import TARGETS, Target
from datagen.targets.compatibility import Accepted
from datagen.targets.delivered import Position
from datagen.targets.descriptor import open_error
from datagen.targets.files.compressed import CompressedFileSink
from datagen.targets.files.compression import COMPRESSORS
from datagen.targets.files.footer import FooterFileSink
from datagen.targets.files.partitioned import PartitionedSink, begin_file, check_folder
from datagen.targets.files.path_pattern import PART_SUFFIX, PathPattern, has_directives
from datagen.targets.files.plain import FileSink, locked
from datagen.targets.files.routed import EMITTER_OF, ROUTE, Kind, RoutedFiles, RoutedSink
from datagen.targets.files.routes import RouteLabel, RoutePath, part_of_name
from datagen.targets.files.unfinished import UnfinishedFileSink
from datagen.targets.message_keys import Label, LabelTemplate, unknown_fields
from datagen.targets.sink import Sink
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
        """Return the path of the one file, or the path with directives or fields that stands for many."""
        many = self.is_partitioned or bool(self.route_fields)
        return self.path if many else self.pattern.replace("%%", "%")

    @property
    def route_fields(self) -> tuple[str, ...]:
        """Return the fields in the path, each of whose values has files of its own."""
        return self._route.fields

    @property
    def pattern(self) -> str:
        """Return the path with FIELD in place of fields, and with time directives."""
        return self._route.pattern

    @property
    def _route(self) -> RoutePath:
        try:
            return RoutePath(_without_part(self.path))
        except ValueError:  # told by validate_keys
            return RoutePath("")

    def labels(self) -> Mapping[str, Label]:
        if not self.route_fields:
            return {}
        found: dict[str, Label] = {ROUTE: RouteLabel(self.route_fields)}
        if EMITTER in self.route_fields:
            found[EMITTER_OF] = LabelTemplate("{" + EMITTER + "}")
        return found

    def files(self) -> FileSet:
        if self.is_partitioned or self.route_fields:
            return FileSet("records", patterns=(self._path_pattern().file_names,))
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
            PathPattern(self.pattern)
        except UnicodeEncodeError:
            yield ("path",), "a lone surrogate is not a character"
        except ValueError as error:
            yield ("path",), f"{error}; a percent sign is written %%"
        try:
            RoutePath(_without_part(self.path))
        except ValueError as error:
            yield ("path",), str(error)
        yield from self._footer_problems()

    def _footer_problems(self) -> Iterator[tuple[Path, str]]:
        implied = self.implied
        if implied is None or not self.needs_footer:
            return
        if not self.path.endswith(implied.ending):
            packed = os.path.splitext(self.path)[1]
            text = f"{implied.type} is compressed within the file; leave out {quoted(packed)}"
            yield ("path",), text
        if self.mode == "append" and not self.is_partitioned and not self.route_fields:
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
        form = override or self.format or default or implied or JsonLines()
        return (form.with_own_columns() if EMITTER in self.route_fields else form,)

    def accepted(self) -> Accepted:
        implied = self.implied
        if implied is not None and self.needs_footer:
            return Accepted(Output.FILES, self.path, implied.type)
        appends = self.mode == "append" and not self.is_partitioned
        return Accepted(Output.LINES if appends else Output.LINES | Output.DOCUMENTS, self.path)

    def exclusive_outputs(self) -> Iterator[tuple[str, str]]:
        yield f"the file {quoted(self.path)}", os.path.realpath(self.file)

    def part_notes(self) -> Iterator[str]:
        if not Part.is_in_name(self.path) and (self.is_partitioned or self.file in self.files()):
            yield f"{self.path}: all parts would write this file; with {{part}} in the path each has its own"

    def not_resumable(self) -> Iterator[str]:
        if self.route_fields and not self.is_partitioned and self.mode == "append":
            yield f"{self.path}: what its files held before is not known any more; use a path with time directives"
        if self.needs_footer and not self.is_partitioned:
            yield (
                f"{self.path} is a single file that is complete only when closed, so no run can "
                "resume it; use a path with time directives, such as %Y%m%d"
            )

    def check(self, spec: Specification) -> Iterator[tuple[Path, str]]:
        yield from super().check(spec)
        if self.format is None and self.implied is not None:
            for _, text in self.implied.check(narrowed(spec, self.emitters)):
                yield ("path",), text
        for text in unknown_fields(RouteLabel(self.route_fields), spec):
            yield ("path",), text
        if EMITTER in self.route_fields and spec.schema_known:
            yield from self._equal_names(spec.record_schema.emitters)

    def _equal_names(self, emitters: Iterable[str]) -> Iterator[tuple[Path, str]]:
        """Yield the emitters that would share files, and do not have the same columns."""
        seen: dict[str, str] = {}
        for each in emitters:
            first = seen.setdefault(part_of_name(each), each)
            if first != each:
                text = (
                    f"the emitters {quoted(first)} and {quoted(each)} have the same name in a path"
                )
                yield ("path",), text

    def open(self, stdout: BinaryIO) -> Sink:
        del stdout
        if self.is_partitioned or self.route_fields:
            return self._several()
        if self.needs_footer:
            _check_writable(self.file)
            if os.path.exists(self.file) and not os.path.isfile(self.file):  # a pipe or a device
                return FooterFileSink(self.file)
            return UnfinishedFileSink(_real(self.file), _open_footer_file)
        return self._sink(self.file, self.mode, lock=locked(self.file))

    def reopen(self, stdout: BinaryIO, at: Position) -> Sink:
        del stdout
        if self.is_partitioned or self.route_fields:
            return self._several(at)
        return self._sink(self.file, self.mode, at, locked(self.file))

    def _path_pattern(self) -> PathPattern:
        return PathPattern(self.pattern, self.path)

    def _several(self, at: Position | None = None) -> Sink:
        """Open files by time, by fields, or by both."""
        open_file = _open_footer_file if self.needs_footer else self._overwrite
        pattern, appends = self._path_pattern(), self.mode == "append"
        packed = self.path.endswith(tuple(COMPRESSORS))
        if self.is_partitioned or self.needs_footer:
            kind = Kind(
                lambda path, at: UnfinishedFileSink(path, open_file, at),
                self.needs_footer,
                packed,
                appends,
            )
        else:
            kind = Kind(self._route_file, is_packed=packed)
        if not self.is_partitioned:
            check_folder(pattern)
            return RoutedSink(self.pattern.replace("%%", "%"), kind, at)
        begin = partial(RoutedFiles, kind) if self.route_fields else partial(begin_file, open_file)
        return PartitionedSink(pattern, appends, begin, at)

    def _route_file(self, path: str, at: Position | None) -> Sink:
        return self._sink(path, self.mode, at, locked(path))

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


def _without_part(path: str) -> str:
    """Return a path in which `{part}` is no field: parts have other targets."""
    return path.replace("{part}", "{{part}}")


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
