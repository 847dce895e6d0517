"""Delivers records to several targets at once, each with its own counts."""

import contextlib
from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Annotated, Any, BinaryIO, Literal, Self

import numpy as np
from pydantic import AfterValidator, PlainValidator, ValidationError

from datagen.errors import Path, ReaderGoneError, SeveralTargetsError, TargetError
from datagen.file_set import FileSet
from datagen.formats.base import Format
from datagen.formats.rendered import Rendered
from datagen.instants import YEAR_1
from datagen.part import Part
from datagen.spec.record_schema import Specification
from datagen.targets.base import TARGETS, Target
from datagen.targets.delivered import Position, TargetCounts
from datagen.targets.message_keys import Label
from datagen.targets.passing import PASSES
from datagen.targets.sink import Sink
from datagen.validation import at_least_one, invalid_value, invalid_values, messages_of, quoted


@dataclass(frozen=True)
class Member:
    """One of the targets, and whether the run can continue without it."""

    target: Target
    optional: bool


def _parse_member(value: Any) -> Member:
    """Return a target that may also have the key `optional`, checked."""
    optional = value.get("optional", False) if isinstance(value, dict) else False
    found = []
    if not isinstance(optional, bool):
        found = [(("optional",), f"expected true or false, not {quoted(optional)}")]
    keys = {k: v for k, v in value.items() if k != "optional"} if isinstance(value, dict) else value
    try:
        target = TARGETS.parse(keys)
    except ValidationError as error:
        raise invalid_values([*found, *messages_of(error)]) from None
    if found:
        raise invalid_values(found)
    return Member(target, bool(optional))


def _one_required(members: list[Member]) -> list[Member]:
    if members and all(member.optional for member in members):
        raise invalid_value("at least one of the targets must not be optional")
    return members


@TARGETS.register
class TeeTarget(Target):
    """Delivers all records to each of several targets."""

    type: Literal["tee"] = "tee"
    targets: Annotated[
        list[Annotated[Member, PlainValidator(_parse_member)]],
        at_least_one("target"),
        AfterValidator(_one_required),
    ]

    @property
    def identity(self) -> str:
        return f"tee of {', '.join(member.target.identity for member in self.targets)}"

    def validate_keys(self) -> Iterator[tuple[Path, str]]:
        seen: dict[str, str] = {}
        for place, member in enumerate(self.targets):
            if member.target.transactional:
                text = "a transaction cannot include what other targets do: make it the only target"
                yield ("targets", place, "transactional_id"), text
            for what, where in member.target.exclusive_outputs():
                first = seen.setdefault(where, f"targets[{place}]")
                if first != f"targets[{place}]":
                    yield ("targets", place), f"{first} is {what} already"

    def formats(self, default: Format | None, override: Format | None = None) -> tuple[Format, ...]:
        ours = self.format or default
        found = [member.target.rendered_formats(ours, override) for member in self.targets]
        return tuple(form for each in found for form in each)

    def incompatibilities(
        self, default: Format | None, override: Format | None
    ) -> Iterator[tuple[Path, Format, str]]:
        for place, member in enumerate(self.targets):
            for path, form, text in member.target.incompatibilities(
                self.format or default, override
            ):
                own = form is self.format
                yield ("format",) if own else ("targets", place, *path), form, text

    def labels(self) -> Mapping[str, Label]:
        return {
            f"{place}.{name}": label
            for place, member in enumerate(self.targets)
            for name, label in member.target.needed_labels().items()
        }

    def check(self, spec: Specification) -> Iterator[tuple[Path, str]]:
        yield from super().check(spec)
        for place, member in enumerate(self.targets):
            for path, text in member.target.check(spec):
                yield ("targets", place, *path), text

    def slowest_rate(self) -> float | None:
        own = [self.max_rate, *(member.target.slowest_rate() for member in self.targets)]
        return min((each for each in own if each is not None), default=None)

    def of_part(self, part: Part, fields: Container[str] = ()) -> Self:
        members = [replace(each, target=each.target.of_part(part, fields)) for each in self.targets]
        return self.model_copy(update={"targets": members})

    def part_notes(self) -> Iterator[str]:
        for member in self.targets:
            yield from member.target.part_notes()

    def files(self) -> FileSet:
        each = [member.target.files() for member in self.targets]
        paths = tuple(path for files in each for path in files.paths)
        return FileSet("records", paths, tuple(found for files in each for found in files.patterns))

    def on_stdout(self) -> bool:
        return any(member.target.on_stdout() for member in self.targets)

    def exclusive_outputs(self) -> Iterator[tuple[str, str]]:
        for member in self.targets:
            yield from member.target.exclusive_outputs()

    def not_resumable(self) -> Iterator[str]:
        for member in self.targets:
            yield from member.target.not_resumable()

    def open(self, stdout: BinaryIO) -> Sink:
        return TeeSink(self.targets, stdout)

    def reopen(self, stdout: BinaryIO, at: Position) -> Sink:
        return TeeSink(self.targets, stdout, at)


class OpenMember:
    """One target of a tee, open; `sink` is None where it could not be opened.

    It has the payloads `first` <= i < `last` of rendered records: more than one if it is a tee itself.
    """

    def __init__(self, place: int, member: Member, first: int, skip: int = 0) -> None:
        self.place = f"targets[{place}]"
        self.name = f"{self.place} ({member.target.type})"
        self.optional = member.optional
        self.sink: Sink | None = None
        self.dropped = False  # after a failure: the run continues without it
        self._skip = self._to_skip = skip  # records that an earlier run has delivered here
        self.resumed_from = Position()  # its position when this run began
        self._prefix = f"{place}."
        self.filter_label = self._prefix + PASSES
        self._keys = tuple(member.target.needed_labels())
        self._first, self.last = first, first + len(member.target.formats(None))

    def write(self, records: Rendered) -> None:
        """Write records, with the labels that the target asked for, by its own names."""
        if self._to_skip:
            skipped = min(self._to_skip, len(records))
            self._to_skip -= skipped
            records = records.rows(skipped, len(records))
        labels = {name: records.labels.get(self._prefix + name, ()) for name in self._keys}
        if self.sink and (len(records) or not self._skip):
            self.sink.write(records.for_targets(self._first, self.last, labels))

    @property
    def skipped(self) -> int:
        """Return how many records of this run the target has from an earlier one."""
        return self._skip - self._to_skip

    def position(self, records: int) -> Position:
        """Return the target's position; one that was dropped has missed the records before this one."""
        place = self.sink.position() if self.sink else self.resumed_from
        return _moved_to(place, records) if self.dropped else place

    def flush(self) -> None:
        """Flush the target."""
        if self.sink:
            self.sink.flush()

    def close(self) -> None:
        """Close the target."""
        if self.sink:
            self.sink.close()

    def parts(self) -> Iterator[TargetCounts]:
        """Yield the counts of the target, then those of its own parts."""
        sink = self.sink or Sink()
        counts = sink.delivered, sink.failed, sink.bytes, sink.passed_over
        yield TargetCounts(self.name, *counts)
        yield from (replace(part, name=f"{self.place}.{part.name}") for part in sink.parts())


class TeeSink(Sink):
    """Writes records to one target after the other.

    Delivered is what every required target that gets a record has delivered, failed the most that failed at
    one of them, passed over what no target gets; bytes are those of all targets.
    """

    def __init__(self, members: list[Member], stdout: BinaryIO, at: Position | None = None) -> None:
        super().__init__()
        self.records_before = at.records if at else 0
        self._open_members: list[OpenMember] = []
        for place, member in enumerate(members):
            part = at.parts[place] if at else None
            skip = part.records - self.records_before if part else 0
            opened = OpenMember(place, member, self._open_members[-1].last if place else 0, skip)
            opened.resumed_from = part or Position()
            self._open_members.append(opened)
            try:
                target = member.target
                opened.sink = target.opened(stdout, part)
                opened.sink.set_warning_handler(partial(self._warn_for, opened))
            except TargetError as error:
                if not opened.optional:
                    self._give_up(resumed=at is not None)
                    raise
                self._drop(opened, error)
            except BaseException:
                self._give_up(resumed=at is not None)
                raise

    def write(self, records: Rendered) -> None:
        filters: list[Any] = [records.labels.get(each.filter_label) for each in self._open_members]
        if len(records) and all(each is not None for each in filters):
            self.passed_over += int(np.count_nonzero(~np.any(filters, axis=0)))
        self._for_each(lambda opened: opened.write(records))

    def flush(self) -> None:
        self._for_each(OpenMember.flush)

    def expect_real_clock(self) -> None:
        self._for_each(lambda opened: opened.sink.expect_real_clock() if opened.sink else None)

    def close(self) -> None:
        self._close_all(lambda sink: sink.close())

    def enable_checkpoints(self, before_rename: Callable[[], None]) -> None:
        for opened in self._open_members:
            if opened.sink:
                opened.sink.enable_checkpoints(before_rename)

    def _close_all(self, close: Callable[[Sink], None]) -> None:
        """Close every target, whatever the others do. Raises one error for all of theirs."""
        raised: list[BaseException] = []
        for opened in self._open_members:
            try:
                if opened.sink and not opened.dropped:
                    close(opened.sink)
            except TargetError as error:
                if opened.optional:
                    self._warn_for(opened, str(error))
                else:
                    raised.append(error)
            except BaseException as error:  # noqa: BLE001 - raised when the others are closed
                raised.append(error)
        self._count()
        if raised:
            raise _combined(raised)

    def sync(self) -> None:
        self._for_each(lambda opened: opened.sink.sync() if opened.sink else None)

    def end_member(self) -> None:
        self._for_each(lambda opened: opened.sink.end_member() if opened.sink else None)

    def suspend(self, reached: int) -> None:
        self._close_all(lambda sink: sink.suspend(reached))

    def position(self) -> Position:
        """Return the position of the required target that is the furthest behind, and that of each."""
        required = [
            each.sink.position().records
            for each in self._open_members
            if each.sink and not each.optional
        ]
        parts = tuple(each.position(min(required)) for each in self._open_members)
        behind = min(*required, *(part.records for part in parts))
        return Position(behind, parts=parts)

    @property
    def settled(self) -> int:
        return min(
            each.sink.settled + each.skipped
            for each in self._open_members
            if each.sink and not each.optional
        )

    def parts(self) -> tuple[TargetCounts, ...]:
        return tuple(part for opened in self._open_members for part in opened.parts())

    def _for_each(self, step: Callable[[OpenMember], None]) -> None:
        try:
            for opened in self._open_members:
                try:
                    if not opened.dropped:
                        step(opened)
                except TargetError as error:
                    if not opened.optional:
                        raise
                    self._drop(opened, error)
        finally:
            self._count()

    def _drop(self, opened: OpenMember, error: TargetError) -> None:
        opened.dropped = True
        self._warn_for(opened, f"{error}; the run continues without it")
        with contextlib.suppress(TargetError):
            opened.close()

    def _give_up(self, *, resumed: bool) -> None:
        """Close what is open, as nothing comes; of a run that is resumed, so that a later one finds it as it was."""
        for opened in self._open_members:
            with contextlib.suppress(TargetError):
                if resumed and opened.sink:
                    opened.sink.suspend(YEAR_1)
                else:
                    opened.close()

    def _warn_for(self, opened: OpenMember, text: str) -> None:
        self.warn(f"{opened.name}: {text}")

    def _count(self) -> None:
        required = [each.sink for each in self._open_members if each.sink and not each.optional]
        self.delivered = max(self.settled - self.passed_over, 0)
        self.failed = max(sink.failed for sink in required)
        self.bytes = sum(each.sink.bytes for each in self._open_members if each.sink)


def _moved_to(place: Position, records: int) -> Position:
    """Return a position with the same states, at a later record."""
    return Position(records, place.state, tuple(_moved_to(part, records) for part in place.parts))


def _combined(raised: list[BaseException]) -> BaseException:
    """Return one error for several: an interruption, else all failures but readers that went away."""
    interruptions = [error for error in raised if not isinstance(error, TargetError)]
    failures = [
        error
        for error in raised
        if isinstance(error, TargetError) and not isinstance(error, ReaderGoneError)
    ]
    if interruptions or len(failures) < 2:
        return (interruptions or failures or raised)[0]
    return SeveralTargetsError(failures)
