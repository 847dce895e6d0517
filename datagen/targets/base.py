"""What every target shares: its keys, and how it is opened.

A target is a checked model with one verb, `open`, which makes the sink: a context manager that takes
rendered records. To add a target, write one file here and list it in `__init__.py`.
"""

from collections.abc import Container, Iterator, Mapping
from typing import Annotated, Any, BinaryIO, ClassVar, Self

from pydantic import PlainValidator

from datagen.errors import Path
from datagen.file_set import FileSet
from datagen.formats.base import AnyFormat, Format
from datagen.formats.jsonlines import JsonLines
from datagen.formats.narrowed import narrowed
from datagen.formats.timed import time_problems
from datagen.language import AnyExpression
from datagen.part import Part
from datagen.rate_wish import LEAST_RATE, MOST_RATE, records_per_second
from datagen.spec.record_schema import Specification
from datagen.spec.time_form import TimeForm
from datagen.targets.compatibility import Accepted, mismatch
from datagen.targets.delivered import Position, impossible_position
from datagen.targets.filtered import FilteredSink
from datagen.targets.message_keys import Label
from datagen.targets.passing import PASSES, Passing
from datagen.targets.sink import Sink
from datagen.validation import Family, Model, invalid_value, names_of, number, quoted

TARGETS: "Family[Target]" = Family("target type", "file")


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


def _emitters(value: Any) -> tuple[str, ...]:
    """Return the names of emitters, of one as a text or of several as a list. Raises ValidationError."""
    return tuple(dict.fromkeys(names_of(value, "the name of an emitter")))


Emitters = Annotated[tuple[str, ...], PlainValidator(_emitters)]
AnyMaxRate = Annotated[float | None, PlainValidator(_parse_max_rate)]  # None: absent


class Target(Model):
    """The base of all targets: the keys of one, checked, and what others must know of it."""

    type: str
    format: AnyFormat | None = None
    max_rate: AnyMaxRate = None
    emitters: Emitters | None = None  # whose records alone the target gets; None: all
    time: TimeForm | None = None  # how instants are called and written; None: as they are
    when: AnyExpression | None = None  # for which records it is true, it gets these alone
    part_keys: ClassVar[tuple[str, ...]] = ()  # whose texts may hold `{part}`

    @property
    def filter(self) -> Passing | None:
        """Return which records the target gets, None: all."""
        if self.emitters is None and self.when is None:
            return None
        return Passing(self.emitters, self.when)

    def rendered_formats(
        self, default: Format | None, override: Format | None = None
    ) -> tuple[Format, ...]:
        """Return the formats for the records that the target gets, as `formats` does."""
        forms = self.formats(default, override)
        return tuple(each.only_for(self.emitters).with_time(self.time) for each in forms)

    def formats(self, default: Format | None, override: Format | None = None) -> tuple[Format, ...]:
        """Return the format of the records: one for each target that they end up in.

        `override`, from the command line, wins; `default` is for a target without one.
        """
        return (override or self.format or default or JsonLines(),)

    def measured(self, default: Format | None, override: Format | None = None) -> Format:
        """Return the format whose text is the bytes of records, for limits and rates: that of the first target."""
        return self.rendered_formats(default, override)[0]

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

    def needed_labels(self) -> Mapping[str, Label]:
        """Return the same, and what says which records the target gets."""
        return self.labels() if self.filter is None else {**self.labels(), PASSES: self.filter}

    def check(self, spec: Specification) -> Iterator[tuple[Path, str]]:
        """Yield what is wrong between the target and the records of a specification."""
        yield from self.filter.check(spec) if self.filter is not None else ()
        for path, text in time_problems(self.time, spec) if self.time is not None else ():
            yield ("time", *path), text
        own = narrowed(spec, self.emitters)
        for path, text in self.format.check(own) if self.format else ():
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

    def opened(self, stdout: BinaryIO, at: Position | None = None) -> Sink:
        """Open a sink of the records that the target gets, at a position, if a run is resumed. Raises TargetError."""
        if self.filter is None:
            return self.open(stdout) if at is None else self.reopen(stdout, at)
        if at is None:
            return FilteredSink(self.open(stdout))
        if len(at.parts) != 1:
            raise impossible_position(self.identity)
        return FilteredSink(self.reopen(stdout, at.parts[0]), at)

    def open(self, stdout: BinaryIO) -> Sink:
        """Open a sink. Raises TargetError."""
        raise NotImplementedError

    def reopen(self, stdout: BinaryIO, at: Position) -> Sink:
        """Open a sink that resumes at a position. Raises TargetError where that is not possible."""
        sink = self.open(stdout)
        sink.records_before = at.records
        return sink
