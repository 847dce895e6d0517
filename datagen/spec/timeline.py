"""The key `timeline`: periods by name, which come once or again and again."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, PlainValidator
from pydantic import Field as Key

from datagen.curves.curve import TimeZone
from datagen.durations import duration_micros, is_duration, why_no_duration
from datagen.errors import Path, UsageError
from datagen.instants import DAY, NAIVE, SECOND, parse_instant
from datagen.timeline import PeriodRule
from datagen.validation import Model, invalid_value, quoted, without_comments

_TIME = re.compile(r"(\d\d?):(\d\d)(?::(\d\d)(?:\.(\d{1,6}))?)?", re.ASCII)
_EXAMPLES = "an instant such as 2027-03-12T15:00, an offset from the start such as +3H, or a local time such as 02:00"


@dataclass(frozen=True)
class Moment:
    """What `at` says: an instant, so long after the first start, or a time of local days; as in PeriodRule."""

    anchor: Literal["instant", "start", "day"]
    micros: int
    naive: bool = False

    @property
    def rule(self) -> PeriodRule:
        """Return the rule of something that is there then."""
        return PeriodRule(self.anchor, self.micros, 0, naive=self.naive)


def _moment(data: Any) -> Moment:
    if not isinstance(data, str):
        raise invalid_value(f"expected {_EXAMPLES}, not {quoted(data)}")
    text = data.strip()
    if text.startswith("+"):
        return Moment("start", _micros(text[1:]))
    if text.startswith("-"):
        raise invalid_value(f"{quoted(data)} is before the first start; an offset begins with +")
    if time := _TIME.fullmatch(text):
        hours, minutes, seconds = (int(each or 0) for each in time.groups()[:3])
        if hours > 23 or minutes > 59 or seconds > 59:
            raise invalid_value(f"{quoted(data)} is no time of a day")
        fraction = int((time[4] or "").ljust(6, "0"))
        return Moment("day", (hours * 3600 + minutes * 60 + seconds) * SECOND + fraction)
    try:
        instant = parse_instant(text)
    except ValueError:
        hint = f"; an offset is +{text}" if is_duration(text) else ""
        raise invalid_value(f"expected {_EXAMPLES}, not {quoted(data)}{hint}") from None
    return Moment("instant", instant.micros, instant.style == NAIVE)


def _duration(data: Any) -> int:
    if not isinstance(data, str):
        raise invalid_value(f"expected a duration such as 20M, a text, not {quoted(data)}")
    micros = _micros(data)
    if micros == 0:
        raise invalid_value(f"expected a duration above 0, not {quoted(data)}")
    return micros


def _micros(text: str) -> int:
    """Return the microseconds of a duration. Raises PydanticCustomError."""
    if not is_duration(text):
        raise invalid_value(f"{quoted(text)}: {why_no_duration(text)}")
    try:
        return duration_micros(text)
    except UsageError:
        raise invalid_value(f"{quoted(text)} is longer than 10,000 years") from None


AnyMoment = Annotated[Moment, PlainValidator(_moment)]
AnyDuration = Annotated[int, PlainValidator(_duration)]  # in microseconds


class Period(Model):
    """When something is so: from `at` on, for so long, once or `every` so often; a `ramp` leads up to it and away."""

    at: AnyMoment
    length: AnyDuration = Key(alias="for")
    ramp: AnyDuration | None = None
    every: AnyDuration | None = None
    timezone: TimeZone | None = None

    def validate_keys(self) -> Iterator[tuple[Path, str]]:
        if self.every is not None and self.length > self.every:
            yield ("for",), "is longer than every: one would begin before the last has ended"
        daily = self.at.anchor == "day"
        if daily and self.every is None:
            text = 'missing: a local time comes every day, or every so many: "every": "1D"'
            yield ("every",), f'{text}; for once give "at" an instant or an offset'
        elif daily and self.every is not None and self.every % DAY:
            text = 'a local time comes again after whole days; a shorter "every" needs'
            yield ("every",), f'{text} an instant or an offset as "at"'
        if self.timezone is not None and not self._is_local:
            what = "an offset counts from the first start"
            what = what if self.at.anchor == "start" else "the instant tells its offset"
            yield ("timezone",), f"has no effect: {what}"

    @property
    def _is_local(self) -> bool:
        """Return whether local clocks say when it is, or when it comes again."""
        again = self.every is not None and self.every % DAY == 0
        return self.at.anchor == "day" or (self.at.anchor == "instant" and (self.at.naive or again))

    @property
    def rule(self) -> PeriodRule:
        """Return when it is, for a run."""
        zone, at = self.timezone, self.at
        return PeriodRule(
            at.anchor, at.micros, self.length, self.ramp or 0, self.every, zone, at.naive
        )


def _named(periods: dict[str, Period]) -> dict[str, Period]:
    if "" in periods:
        raise invalid_value('expected names of periods, not ""')
    return periods


Periods = Annotated[dict[str, Period], BeforeValidator(without_comments), AfterValidator(_named)]


def rules_of(periods: Mapping[str, Period]) -> dict[str, PeriodRule]:
    """Return when the periods of each name are, for a run."""
    return {name: each.rule for name, each in periods.items()}
