"""The kinds of workers of a specification: each has a first state, arrivals and a cap of its own."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, PlainValidator
from pydantic import Field as Key

from datagen.curves.curve import CURVES, Curve
from datagen.distributions.base import Distribution
from datagen.distributions.continuous import Constant
from datagen.distributions.parsing import AnyInterarrival
from datagen.errors import Path
from datagen.instants import Style
from datagen.spec.state_graph import Beginning
from datagen.spec.timeline import AnyMoment
from datagen.timeline import instant_of
from datagen.validation import (
    Integer,
    Model,
    Name,
    Problems,
    did_you_mean,
    invalid_value,
    objects_at,
    quoted,
)

ANY_NUMBER = "none"  # of workers alive at once
MOST = 100_000_000  # workers


def _positive(value: int) -> int:
    if not 1 <= value <= MOST:
        raise invalid_value(f"expected a whole number from 1 to {MOST:,}, not {quoted(value)}")
    return value


def _parse_max(value: Any) -> int | Literal["none"]:
    if value == ANY_NUMBER:
        return "none"
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MOST:
        text = f'expected a whole number from 1 to {MOST:,} or "none", not {quoted(value)}'
        raise invalid_value(text)
    return value


def _parse_schedule(data: Any) -> Curve:
    """Return a checked curve, which applies to arrivals unless it says otherwise. Raises ValidationError."""
    if isinstance(data, dict):
        data = {"applies_to": "arrivals", **data}
    return CURVES.parse(data)


AnyMax = Annotated[int | Literal["none"] | None, PlainValidator(_parse_max)]  # None: absent
AnyCurve = Annotated[Curve | None, PlainValidator(_parse_schedule)]  # None: absent
Total = Annotated[Integer, AfterValidator(_positive)]


class Limits(Model):
    """What limits the arrivals of one population, besides the time between them."""

    max: AnyMax = None
    schedule: AnyCurve = None
    total: Total | None = None
    since: AnyMoment | None = Key(default=None, alias="from")
    until: AnyMoment | None = None
    during: str | None = None

    def validate_keys(self) -> Problems:
        yield from super().validate_keys()
        for key, moment in (("from", self.since), ("until", self.until)):
            if moment is not None and moment.anchor == "day":
                yield (
                    (key,),
                    "a local time comes every day; expected an instant or an offset such as +3H",
                )
        if self.since is not None and self.until is not None:
            kinds = {(each.anchor, each.naive) for each in (self.since, self.until)}
            if len(kinds) == 1 and self.until.micros <= self.since.micros:
                yield ("until",), "is not after from: nobody would ever come"
        lowers = self.schedule is not None and self.schedule.applies_to == "workers"
        if lowers and self.max == ANY_NUMBER:
            text = (
                'the schedule lowers the limit of workers, which needs a number; with "applies_to": '
                '"arrivals" it would change how often they arrive'
            )
            yield ("max",), text


class Population(Limits):
    """One kind of workers in the classic form."""

    name: Name
    start: str
    interarrival: AnyInterarrival = None

    def validate_keys(self) -> Problems:
        yield from super().validate_keys()
        if self.interarrival is None and self.total is None:
            yield ("interarrival",), 'missing; only with a "total" may all start at once'


_NONE = Limits.model_construct()


@dataclass(frozen=True)
class Arrivals:
    """How the workers of one population come, whichever the form: `name` is None for the unnamed one.

    `start` is the name of the state in which they begin, `path` that of the time between them in the file.
    `limits` are those of its own.
    """

    name: str | None
    start: str
    interarrival: Distribution
    path: Path = ("interarrival",)
    limits: Limits = _NONE

    @property
    def prefix(self) -> str:
        """Return what stands before a sentence about it: nothing for the unnamed one."""
        return "" if self.name is None else f"population {quoted(self.name)}: "

    @property
    def all_at_once(self) -> str:
        """Return why the time between two workers is never above 0, or "" if it can be."""
        if self.interarrival.can_take_time():
            return ""
        return self.interarrival.rounding() or "is never above 0"

    @property
    def bounded(self) -> bool:
        """Return whether its workers come at some times only."""
        limits = self.limits
        return any(each is not None for each in (limits.since, limits.until, limits.during))

    def span(self, start: int, style: Style) -> tuple[int | None, int | None]:
        """Return the instants from which on and before which workers come in a stream that starts at one; None: any."""
        limits = self.limits
        since, until = (
            None if each is None else instant_of(each.rule, start, style)
            for each in (limits.since, limits.until)
        )
        return since, until

    def beginning(self, first: int) -> Beginning:
        """Return what a graph of states knows of it, whose workers begin in one of these."""
        return Beginning(
            waits=self.interarrival.can_take_time(),
            path=self.path,
            first=first,
            rounding=self.interarrival.rounding(),
            ends=self.limits.total is not None,
            name=self.name,
        )

    def cap(self, max_workers: int | None) -> int | None:
        """Return how many may be alive at once, None for any number, by that of the run."""
        own, total = self.limits.max, self.limits.total
        if own == ANY_NUMBER:
            return None
        if own is not None:
            return int(own)
        return total if total is not None else max_workers

    def curve(self, schedule: Curve | None, applies_to: str) -> Curve | None:
        """Return the curve that its arrivals, or its cap, follow: one of its own, or that of the run."""
        found = self.limits.schedule or schedule
        return found if found is not None and found.applies_to == applies_to else None


def arrivals_of(populations: Sequence[Population]) -> tuple[Arrivals, ...]:
    """Return the arrivals of populations of the classic form."""
    return tuple(
        Arrivals(
            each.name,
            each.start,
            each.interarrival or Constant(value=0),
            ("populations", number, "interarrival"),
            each,
        )
        for number, each in enumerate(populations)
    )


def period_problems(limits: Limits, timeline: Collection[str]) -> Problems:
    """Yield a period that the timeline does not have."""
    name = limits.during
    if name is not None and name not in timeline:
        yield ("during",), f"the timeline has no {quoted(name)}{did_you_mean(name, timeline)}"


def population_problems(raw: Any) -> Problems:
    """Yield populations of the same name, and those that start in states that do not exist, in raw JSON."""
    states = [state.get("name") for _, state in objects_at(raw, "states")]
    known = [name for name in states if isinstance(name, str)]
    first: dict[str, int] = {}
    for number, (path, population) in enumerate(objects_at(raw, "populations")):
        start, name = population.get("start"), population.get("name")
        if isinstance(start, str) and start not in known:
            yield (*path, "start"), f"no state {quoted(start)}{did_you_mean(start, known)}"
        if isinstance(name, str):
            if name in first:
                text = f"{quoted(name)} is the name of populations[{first[name]}] already"
                yield (*path, "name"), text
            first.setdefault(name, number)
