"""Everything that a run is made of, checked, and when it starts."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from datagen.batch import EVENT, RUN
from datagen.curves.curve import Curve
from datagen.disorder.effects import Effect
from datagen.formats import Format
from datagen.instants import Instant, Style
from datagen.language import Expression
from datagen.part import WHOLE, Part
from datagen.rate_wish import RateWish
from datagen.running.checkpoint import Checkpoint, CheckpointOptions
from datagen.running.clock import Moment
from datagen.running.environment import Redaction
from datagen.running.options import DEFAULT_MEMORY, NO_LIMIT
from datagen.running.run_name import RunName
from datagen.running.time_range import TimeRange
from datagen.spec.generator import Generator
from datagen.spec.record_schema import Specification
from datagen.spec.scaling import Scaling, scaled_spec
from datagen.targets import Target


@dataclass(frozen=True)
class Start:
    """When a run starts: the start of its stream, the time that it covers, and the clocks then."""

    instant: Instant
    time_range: TimeRange
    moment: Moment

    @property
    def duration(self) -> int | None:
        """Return how long the run is, microseconds, if its time is limited."""
        covered = self.time_range
        return covered.end - covered.begin if covered.bounded else None

    @property
    def offset(self) -> int:
        """Return how long the stream is before the run, microseconds."""
        return self.time_range.begin - self.instant.micros


@dataclass(frozen=True)
class Plan:
    """Everything that a run is made of, checked. Without a start, it starts when it is run."""

    spec: Specification
    file: str
    target: Target
    format: Format | None  # of targets that have none of their own; None: nobody asks for one
    start: Instant | None
    seed: int
    max_workers: int | None  # None: any number
    max_records: int | None = None
    max_bytes: int | None = None  # of the text of records, before compression
    duration: int | None = None  # microseconds
    asked_rate: float | None = None  # records a second that may be delivered at most
    real_clock: bool = False  # from the start, or from when the run reaches the present
    speed: float = 1.0  # of the real clock
    format_override: Format | None = None  # of all targets, whatever theirs are
    schedule: Curve | None = None
    checkpointing: CheckpointOptions | None = None
    fingerprint: Mapping[str, str] = field(default_factory=dict)  # what the stream depends on: sums
    warm_up: int = 0  # microseconds before the start whose records are thrown away
    until: Instant | None = None
    redaction: Redaction = field(default_factory=Redaction)  # of what messages show
    zone_style: Style | None = None  # of the time zone that was asked for
    part: Part = WHOLE  # of the stream, the one to make
    renderers: int = 1  # processes that make text; 1: this one
    effects: tuple[Effect, ...] = ()  # of disorder, on the way to the target
    labels: Mapping[str, Expression] = field(default_factory=dict)  # of events, in the truth
    truth: Target | None = None  # what gets the truth about the stream
    memory: int = DEFAULT_MEMORY  # bytes of what is under way
    wish: RateWish | None = None  # what the run is to come to, by scaling its workers
    scaling: Scaling | None = (
        None  # that meets the wish; its workers are in `spec` and `max_workers`
    )
    wish_note: str | None = (
        None  # what the run comes to instead of its wish, where it cannot meet it
    )
    cap_is_given: bool = False  # `max_workers` was asked for
    skip_gap: bool = False  # a run that is resumed, on the real clock, leaves out what is past

    @property
    def resumed_from(self) -> Checkpoint | None:
        """Return the checkpoint from which the run goes on, if it is not a new one."""
        return self.checkpointing.resumed_from if self.checkpointing else None

    @property
    def style(self) -> Style:
        """Return how instants are written."""
        if self.zone_style is not None:
            return self.zone_style
        return self.start.style if self.start else self.spec.style

    @property
    def needs_schema(self) -> bool:
        """Return whether some format writes the columns of the specification."""
        return any(each.needs_schema for each in self.formats)

    @property
    def formats(self) -> tuple[Format, ...]:
        """Return the format of each target that records end up in."""
        found = self.target.rendered_formats(self.format, self.format_override)
        return tuple(each.named_after(self.file).with_time(self.spec.time) for each in found)

    @property
    def measured(self) -> Format:
        """Return the format whose text is the bytes of records; one of columns has none."""
        found = self.target.measured(self.format, self.format_override)
        return found.with_time(self.spec.time)

    @property
    def max_rate(self) -> float | None:
        """Return how many records a second may be delivered at most: what was asked for, else what the target says."""
        return self.target.slowest_rate() if self.asked_rate is None else self.asked_rate

    @property
    def numbers_events(self) -> bool:
        """Return whether something shows the numbers of events, as the truth has them."""
        labels = self.target.labels().values()
        return any(EVENT in each.fields() for each in labels) or any(
            each.numbers_events(self.spec) for each in self.formats
        )

    @property
    def run_name(self) -> RunName | None:
        """Return what names the run, where its target shows that."""
        if any(RUN in each.fields() for each in self.target.labels().values()):
            return RunName(self.fingerprint, self.seed, self.part)
        return None

    @property
    def reorders(self) -> bool:
        """Return whether records may leave in another order than that of their events, or that order is shown."""
        return bool(self.effects) or self.truth is not None or self.numbers_events

    def scaled(self, scaling: Scaling) -> "Plan":
        """Return the plan with the workers of a scaling, which has none yet."""
        assert isinstance(self.spec, Generator)
        spec = scaled_spec(self.spec, scaling.factor, self.schedule)
        return replace(self, spec=spec, max_workers=scaling.max_workers, scaling=scaling)

    @property
    def events_part(self) -> Part:
        """Return the part of the stream by which events are numbered: the j-th of part I of K is I + jK."""
        return self.part if self.spec.has_workers else WHOLE

    @property
    def max_workers_text(self) -> str:
        """Return the value of `-m`."""
        return NO_LIMIT if self.max_workers is None else str(self.max_workers)

    def start_at(self, moment: Moment) -> Start:
        """Return the start of a run that is begun at a moment."""
        start = self.start or replace(moment.time, style=self.style)
        earliest, latest = self.style.limits
        covered = TimeRange(max(start.micros - self.warm_up, earliest), start.micros, latest)
        before = self.resumed_from
        if before:
            now = moment.time.micros if self.real_clock and self.skip_gap else None
            covered = covered.resumed_at(before.resumed_at, before.jumps, now)
        return Start(start, covered.limited_to(self.duration, self.until), moment)
