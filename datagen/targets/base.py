"""What every target shares: its keys, and a sink that delivers records and counts them.

A target is a checked model with one verb, `open`, which makes the sink: a context manager that takes
rendered records. To add a target, write one file here and list it in `__init__.py`.
"""

from collections.abc import Callable, Container, Iterator, Mapping
from typing import Annotated, Any, BinaryIO, ClassVar, Self

from pydantic import PlainValidator

from datagen.errors import Path
from datagen.file_set import FileSet
from datagen.formats.base import AnyFormat, Format
from datagen.formats.jsonlines import JsonLines
from datagen.formats.rendered import Rendered
from datagen.part import Part
from datagen.rate_wish import LEAST_RATE, MOST_RATE, records_per_second
from datagen.spec.record_schema import Specification
from datagen.targets.compatibility import Accepted, mismatch
from datagen.targets.delivered import Position, TargetCounts
from datagen.targets.message_keys import Label
from datagen.validation import Family, Model, invalid_value, number, quoted

TARGETS: "Family[Target]" = Family("target type", "file")


class Sink:
    """Delivers records to a target that is open.

    Counts the records that were delivered, their bytes, and the records that failed; those that were
    written and are neither have not been sent yet.
    """

    def __init__(self) -> None:
        self.delivered = 0
        self.failed = 0
        self.bytes = 0
        self.records_before = 0  # records of the stream that earlier runs delivered
        self.before_rename: Callable[[], None] | None = None  # set where the run writes checkpoints
        self._warning_handler: Callable[[str], None] | None = None
        self._pending_warnings: list[str] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def write(self, records: Rendered) -> None:
        """Write records; return when the next ones can be written. Raises TargetError.

        Where the format has a header or a schema, the first call has no records: what comes before
        them can be written then. Counts what is delivered in `delivered`, `failed` and `bytes`.
        """
        raise NotImplementedError

    def flush(self) -> None:
        """Deliver what is buffered for a fuller batch: nothing more is due for a while. Raises TargetError."""

    def close(self) -> None:
        """Deliver the rest and close the target. Raises TargetError."""

    def sync(self) -> None:
        """Make all that was written as durable as the target can, before a checkpoint. Raises TargetError."""
        self.flush()

    def commit(self, document: Callable[[Position], bytes]) -> None:
        """Commit all that was written together with the checkpoint that `document` makes of a position.

        Does nothing in most targets: only one that is transactional stores checkpoints itself.
        """

    def position(self) -> Position:
        """Return the position in the stream from which a later run can resume."""
        return Position(self.records_before + self.delivered)

    def suspend(self, reached: int) -> None:
        """Close, so that a later run can resume after an instant, microseconds since 1970."""
        del reached
        self.close()

    def enable_checkpoints(self, before_rename: Callable[[], None]) -> None:
        """Make files durable when they are complete, and call `before_rename` before each is renamed.

        The run writes a checkpoint then.
        """
        self.before_rename = before_rename

    def parts(self) -> tuple[TargetCounts, ...]:
        """Return the counts of each target, where the sink delivers to several."""
        return ()

    def warn(self, text: str) -> None:
        """Warn the user, at once or as soon as there is a handler."""
        if self._warning_handler is None:
            self._pending_warnings.append(text)
        else:
            self._warning_handler(text)

    def expect_real_clock(self) -> None:
        """Take note that records come when they are due: none should wait for others for long."""

    def set_warning_handler(self, handler: Callable[[str], None]) -> None:
        """Send warnings to `handler` from now on, and those of before at once."""
        self._warning_handler = handler
        while self._pending_warnings:
            handler(self._pending_warnings.pop(0))


def _parse_max_rate(value: Any) -> float:
    """Return the records a second of a number, or of a text such as 20000/s. Raises ValidationError."""
    if isinstance(value, str):
        try:
            return records_per_second(value)
        except ValueError as error:
            raise invalid_value(f"{quoted(value)}: {error}") from None
    found = float(number(value))
    if not LEAST_RATE <= found <= MOST_RATE:
        raise invalid_value(f"expected records a second, from 1e-9 to 1e18, not {quoted(value)}")
    return found


AnyMaxRate = Annotated[float | None, PlainValidator(_parse_max_rate)]  # None: absent


class Target(Model):
    """The base of all targets: the keys of one, checked, and what others must know of it."""

    type: str
    format: AnyFormat | None = None
    max_rate: AnyMaxRate = None
    part_keys: ClassVar[tuple[str, ...]] = ()  # whose texts may hold `{part}`

    def formats(self, default: Format | None, override: Format | None = None) -> tuple[Format, ...]:
        """Return the format of the records: one for each target that they end up in.

        `override`, from the command line, wins; `default` is for a target without one.
        """
        return (override or self.format or default or JsonLines(),)

    def measured(self, default: Format | None, override: Format | None = None) -> Format:
        """Return the format whose text is the bytes of records, for limits and rates: that of the first target."""
        return self.formats(default, override)[0]

    def incompatibilities(
        self, default: Format | None, override: Format | None
    ) -> Iterator[tuple[Path, Format, str]]:
        """Yield each format that the target does not accept: the path of a key, the format, a sentence."""
        (form,) = self.formats(default, override)
        text = mismatch(form, self.accepted())
        if text:
            yield ("format",) if form is self.format else (), form, text

    def accepted(self) -> Accepted:
        """Return what outputs of formats the target accepts."""
        return Accepted()

    def labels(self) -> Mapping[str, Label]:
        """Return the texts that the sink needs with each record, by its own names for them."""
        return {}

    def check(self, spec: Specification) -> Iterator[tuple[Path, str]]:
        """Yield what is wrong between the target and the records of a specification."""
        for path, text in self.format.check(spec) if self.format else ():
            yield ("format", *path), text

    def slowest_rate(self) -> float | None:
        """Return how many records a second the target may get at most, None for any number."""
        return self.max_rate

    def of_part(self, part: Part, fields: Container[str] = ()) -> Self:
        """Return the target of a part of a stream whose records have some fields: `{part}` is its label."""
        del fields
        texts = {key: getattr(self, key) for key in self.part_keys}
        return self.model_copy(
            update={key: part.in_name(text) for key, text in texts.items() if text is not None}
        )

    def part_mistakes(self) -> Iterator[tuple[Path, str]]:
        """Yield why several parts of a stream cannot have this target."""
        yield from ()

    def part_notes(self) -> Iterator[str]:
        """Yield what several parts of a stream would do to each other here."""
        yield from ()

    def on_stdout(self) -> bool:
        """Return whether records go to the standard output."""
        return False

    def exclusive_outputs(self) -> Iterator[tuple[str, str]]:
        """Yield what only one target of a run may write to: its name in messages, and its identity."""
        if self.on_stdout():
            yield "stdout", "stdout"

    def not_resumable(self) -> Iterator[str]:
        """Yield a sentence for each reason why a later run cannot resume."""
        yield from ()

    def files(self) -> FileSet:
        """Return the files that records go to."""
        return FileSet("records", ("/dev/stdout",) if self.on_stdout() else ())

    @property
    def identity(self) -> str:
        """Return a text that differs between targets, so that a run is not resumed with another one."""
        return self.type

    @property
    def transactional(self) -> bool:
        """Return whether the target stores checkpoints itself, which take precedence over those of a file."""
        return False

    def last_checkpoint(self) -> bytes | None:
        """Return the last checkpoint that the target stores itself, if any. Raises TargetError."""
        return None

    def open(self, stdout: BinaryIO) -> Sink:
        """Open a sink. Raises TargetError."""
        raise NotImplementedError

    def reopen(self, stdout: BinaryIO, at: Position) -> Sink:
        """Open a sink that resumes at a position. Raises TargetError where that is not possible."""
        sink = self.open(stdout)
        sink.records_before = at.records
        return sink
