"""What every target shares: its keys, and the way records are handed over and counted.

A target specification is a checked model with one verb, `open`; what it opens is a context manager
that takes rendered records and counts those delivered. To add a target, write one file here and
list it in `__init__.py`.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import BinaryIO, Self

from datagen.errors import Path
from datagen.file_set import FileSet
from datagen.formats.base import AnyFormat, Format
from datagen.formats.jsonlines import JsonLines
from datagen.formats.rendered import Rendered
from datagen.spec.record_schema import Specification
from datagen.targets.compatibility import Accepted, mismatch
from datagen.targets.delivered import Position, TargetCounts
from datagen.targets.message_keys import Label
from datagen.validation import Family, Model

TARGETS: "Family[Target]" = Family("target type", "file")


class Sink:
    """The open end of a target.

    Counts the records that were delivered, their bytes, and the records that were given up; what a
    run has handed over and is neither has not been sent.
    """

    def __init__(self) -> None:
        self.delivered = 0
        self.failed = 0
        self.bytes = 0
        self.before = 0  # records of the stream that earlier runs delivered
        self.before_rename: Callable[[], None] | None = None  # of a run that is kept: see keep()
        self._warning_handler: Callable[[str], None] | None = None
        self._pending_warnings: list[str] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def write(self, records: Rendered) -> None:
        """Take records; return when as many more can be taken. Raises TargetError."""
        raise NotImplementedError

    def flush(self) -> None:
        """Let go of what is held back for a fuller batch; nothing more is due for a while."""

    def close(self) -> None:
        """Deliver the rest and let go. Raises TargetError."""

    def sync(self) -> None:
        """Make all that was taken as safe as the target can: the run's place is written down now."""
        self.flush()

    def commit(self, document: Callable[[Position], bytes]) -> None:
        """Make all that was taken final in one step with the checkpoint of its end, which `document` gives.

        For a target that keeps checkpoints itself; the run's place is written to a file after that.
        """

    def position(self) -> Position:
        """Return the place in the stream from which a later run can go on, if it does not fail."""
        return Position(self.before + self.delivered)

    def suspend(self, reached: int) -> None:
        """Close, for a later run that goes on with what comes after an instant."""
        del reached
        self.close()

    def enable_checkpoints(self, before_rename: Callable[[], None]) -> None:
        """Be safe on disk when closed, and tell before a file gets its name: the run is written down."""
        self.before_rename = before_rename

    def parts(self) -> tuple[TargetCounts, ...]:
        """Return the counts of each target, where these are several."""
        return ()

    def warn(self, text: str) -> None:
        """Tell a person something, at once or as soon as anyone listens."""
        if self._warning_handler is None:
            self._pending_warnings.append(text)
        else:
            self._warning_handler(text)

    def set_warning_handler(self, handler: Callable[[str], None]) -> None:
        """Let `handler` have the warnings from now on, and those of before."""
        self._warning_handler = handler
        while self._pending_warnings:
            handler(self._pending_warnings.pop(0))


class Target(Model):
    """The base of the family."""

    type: str
    format: AnyFormat | None = None

    def formats(self, default: Format | None, chosen: Format | None = None) -> tuple[Format, ...]:
        """Return the format of the records: one for each target that they end up in.

        `chosen`, by the user at the command line, wins; `default` is for a target without one.
        """
        return (chosen or self.format or default or JsonLines(),)

    def incompatibilities(
        self, default: Format | None, chosen: Format | None
    ) -> Iterator[tuple[Path, Format, str]]:
        """Yield formats that records cannot have here: the place of the target, and a sentence."""
        (form,) = self.formats(default, chosen)
        text = mismatch(form, self.accepted())
        if text:
            yield ("format",) if form is self.format else (), form, text

    def accepted(self) -> Accepted:
        """Return in which forms the target takes records."""
        return Accepted()

    def labels(self) -> Mapping[str, Label]:
        """Return what texts the sink needs with each record, by the names it knows them by."""
        return {}

    def check(self, spec: Specification) -> Iterator[tuple[Path, str]]:
        """Yield what is wrong between the target and the records of a specification."""
        for path, text in self.format.check(spec) if self.format else ():
            yield ("format", *path), text

    def on_stdout(self) -> bool:
        """Return whether records go to the standard output."""
        return False

    def exclusive(self) -> Iterator[tuple[str, str]]:
        """Yield what only one target of a run may write to: in words, and however it is spelled."""
        if self.on_stdout():
            yield "stdout", "stdout"

    def not_resumable(self) -> Iterator[str]:
        """Yield what keeps a later run from going on with what this target has."""
        yield from ()

    def files(self) -> FileSet:
        """Return the files that records go to."""
        return FileSet("records", ("/dev/stdout",) if self.on_stdout() else ())

    @property
    def identity(self) -> str:
        """Say which target this is, so that a run does not go on with another one."""
        return self.type

    @property
    def transactional(self) -> bool:
        """Return whether the target keeps checkpoints itself, which are right whatever a file says."""
        return False

    def last_checkpoint(self) -> bytes | None:
        """Return the last checkpoint that the target keeps itself, if any. Raises TargetError."""
        return None

    def open(self, stdout: BinaryIO) -> Sink:
        """Reach the target. Raises TargetError."""
        raise NotImplementedError

    def reopen(self, stdout: BinaryIO, at: Position) -> Sink:
        """Reach the target to go on from a place. Raises TargetError where that is not there."""
        sink = self.open(stdout)
        sink.before = at.records
        return sink
