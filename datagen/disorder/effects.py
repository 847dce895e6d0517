"""The effects of a network that is in disorder: what each does to copies of records, as checked models.

To add one, write a class with `@EFFECTS.register`, and a step in `decide` that says what it does to copies.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import AfterValidator, PlainValidator

from datagen.arrays import Bits, Floats, Ints
from datagen.distributions.base import MAX_SECONDS, Distribution
from datagen.distributions.continuous import Constant
from datagen.distributions.parsing import parse_distribution, parse_timer
from datagen.durations import duration_seconds
from datagen.errors import Path
from datagen.language import AnyExpression, Expression
from datagen.randomness import dither, uniform
from datagen.validation import (
    Family,
    Model,
    Name,
    Probability,
    invalid_value,
    invalid_values,
    number,
    quoted,
)

MAX_EFFECTS = 64  # a bit each
MAX_COPIES = 1_000  # of a record, by one effect
EFFECTS: "Family[Effect]" = Family("effect", "late")
_NOW = Constant(value=0)
_MAX_OFFSET = MAX_SECONDS * 1e6
_LENGTHS = 'a number of seconds or a length of time such as "90S" or "1.5H"'
Words = Callable[[str], Bits]


def parse_delay(data: Any) -> Distribution:
    """Return a checked distribution of seconds, which has a greatest value. Raises ValidationError."""
    timer = _fixed(parse_timer(data))
    if timer.temporal:
        raise invalid_value("a network has no hours, and its delays follow no curve")
    if not timer.bounds()[1] < MAX_SECONDS:
        text = 'has no greatest value, and what is under way has to be held: give it "max"'
        raise invalid_value(f"{quoted(timer.type)} {text}")
    return timer


def parse_offset(data: Any) -> Distribution:
    """Return a checked distribution of seconds, which may be below 0: "-90S" is text for -90. Raises ValidationError."""
    if isinstance(data, str):
        sign, text = (-1, data.strip()[1:]) if data.strip().startswith("-") else (1, data)
        length = duration_seconds(text)
        if length is None:
            raise invalid_value(f'expected {_LENGTHS}, or "-90S", not {quoted(data)}')
        data = sign * length
    timer = _fixed(parse_timer(data))
    if timer.temporal:
        raise invalid_value("a clock is off at all hours")
    return timer


def parse_number(data: Any) -> Distribution:
    """Return a checked distribution of numbers. Raises ValidationError."""
    return _fixed(parse_distribution(data))


def parse_length(data: Any) -> int:
    """Return a length of time in microseconds. Raises PydanticCustomError."""
    seconds = duration_seconds(data) if isinstance(data, str) else number(data)
    if seconds is None or not 0 <= seconds <= MAX_SECONDS:
        raise invalid_value(f"expected {_LENGTHS}, not {quoted(data)}")
    return round(seconds * 1_000_000)


def _fixed(distribution: Distribution) -> Distribution:
    problems = [
        (path, "the network knows no values: expected a number")
        for path, _ in distribution.expressions()
    ]
    if problems:
        raise invalid_values(problems)
    return distribution


NetworkDelay = Annotated[Distribution, PlainValidator(parse_delay)]
Offset = Annotated[Distribution, PlainValidator(parse_offset)]
AnyNumber = Annotated[Distribution, PlainValidator(parse_number)]
Length = Annotated[int, PlainValidator(parse_length)]


class Effect(Model):
    """The base of the family: which records it hits.

    Those for which a uniform draw is below `share`, and `when`, an expression over the clean record, is true; with
    `per` there is one draw for all records of a value.
    """

    type: str
    name: Name | None = None
    share: Probability = 1
    when: AnyExpression | None = None
    per: AnyExpression | None = None

    def expressions(self) -> Iterator[tuple[Path, Expression]]:
        """Yield its expressions, with their paths."""
        for key in ("when", "per"):
            expression = getattr(self, key)
            if expression is not None:
                yield (key,), expression

    def greatest_delay(self, lengths: Mapping[str, int]) -> int:
        """Return by how much later a copy can leave at most, microseconds; `lengths` are those of periods, by name."""
        del lengths
        return 0

    def mean_delay(self, lengths: Mapping[str, int]) -> float:
        """Return how long it has copies under way, in microseconds a record, at its worst where that changes with time."""
        del lengths
        return 0.0


@EFFECTS.register
class Late(Effect):
    """A copy leaves so much later."""

    type: Literal["late"] = "late"
    delay: NetworkDelay

    def greatest_delay(self, lengths: Mapping[str, int]) -> int:
        del lengths
        return highest_micros(self.delay)

    def mean_delay(self, lengths: Mapping[str, int]) -> float:
        del lengths
        return self.share * self.delay.mean_duration() * 1e6


@EFFECTS.register
class Duplicate(Effect):
    """Copies leave besides, each so long after the departure of what they are copies of."""

    type: Literal["duplicate"] = "duplicate"
    copies: AnyNumber = Constant(value=1)
    delay: NetworkDelay = _NOW

    def validate_keys(self) -> Iterator[tuple[Path, str]]:
        most = self.copies.bounds()[1]
        if not most <= MAX_COPIES:
            some = (
                'has no greatest value; give it "max"' if most == math.inf else f"is up to {most:g}"
            )
            yield ("copies",), f"{some}: expected at most {MAX_COPIES:,} copies"

    def greatest_delay(self, lengths: Mapping[str, int]) -> int:
        del lengths
        return highest_micros(self.delay)

    def mean_delay(self, lengths: Mapping[str, int]) -> float:
        del lengths
        return self.share * max(self.copies.mean(), 0.0) * self.delay.mean_duration() * 1e6


@EFFECTS.register
class Drop(Effect):
    """A copy never leaves."""

    type: Literal["drop"] = "drop"


@EFFECTS.register
class Skew(Effect):
    """A copy tells its time by a clock that is off, by `offset` seconds and by `drift` parts per million since the first start."""

    type: Literal["skew"] = "skew"
    offset: Offset = _NOW
    drift: AnyNumber = _NOW

    @classmethod
    def missing_keys(cls, keys: dict[str, Any]) -> Iterator[tuple[Path, str]]:
        if not {"offset", "drift"} & keys.keys():
            yield ("offset",), 'missing; or give "drift"'


@EFFECTS.register
class Outage(Effect):
    """What would leave within a period of the timeline never leaves, or leaves after it: all at once, or `over` some time."""

    type: Literal["outage"] = "outage"
    period: Name
    then: Literal["flush", "drop"]
    over: Length = 0  # microseconds

    def validate_keys(self) -> Iterator[tuple[Path, str]]:
        if self.over and self.then == "drop":
            yield ("over",), 'is for "then": "flush"; what is dropped takes no time'

    @property
    def flushes(self) -> bool:
        """Return whether what it hits leaves in the end."""
        return self.then == "flush"

    def greatest_delay(self, lengths: Mapping[str, int]) -> int:
        return lengths[self.period] + self.over if self.flushes else 0

    def mean_delay(self, lengths: Mapping[str, int]) -> float:
        return self.share * lengths[self.period] if self.flushes else 0.0


@EFFECTS.register
class Corrupt(Effect):
    """What leaves is no record of its format, but still one line."""

    type: Literal["corrupt"] = "corrupt"
    how: Literal["truncate", "bytes", "type", "duplicate_key", "encoding"]


def effect_names(effects: Sequence[Effect]) -> list[str]:
    """Return the name of each effect: `name`, or its type and, from the second on, its rank among those of its type without one."""
    ranks: dict[str, int] = {}
    names = []
    for each in effects:
        if each.name is None:
            rank = ranks[each.type] = ranks.get(each.type, 0) + 1
            names.append(each.type if rank == 1 else f"{each.type}-{rank}")
        else:
            names.append(each.name)
    return names


def highest_micros(delay: Distribution) -> int:
    """Return the greatest delay of a distribution of seconds that has one, in whole microseconds."""
    return math.ceil(max(delay.bounds()[1], 0.0) * 1e6)


def offset_micros(offset: Distribution, words: Words) -> Ints | int:
    """Return offsets of clocks in microseconds, rounded by dithering where they are not all the same.

    `words` returns the random words of a role: uint64[m] -> int64[m].
    """
    low, high = offset.bounds()
    if low == high:
        return round(min(max(low * 1e6, -_MAX_OFFSET), _MAX_OFFSET))
    bits = words("offset")
    with np.errstate(over="ignore"):
        micros = np.clip(offset.quantile(uniform(bits)) * 1e6, -_MAX_OFFSET, _MAX_OFFSET)
    micros += dither(bits)
    return np.floor(micros).astype(np.int64)


def drift_micros(drift: Distribution, since: Ints, words: Words) -> Ints | int:
    """Return by how many microseconds clocks have drifted, by parts per million, after so many microseconds: int64[m]."""
    low, high = drift.bounds()
    if low == high == 0:
        return 0
    rates: Floats | float = low if low == high else drift.sample(words("drift"))
    with np.errstate(over="ignore"):
        drifted: Floats = np.clip(rates * 1e-6 * since, -_MAX_OFFSET, _MAX_OFFSET)
    return np.rint(drifted).astype(np.int64)


def _checked(effects: list[Effect]) -> list[Effect]:
    names = effect_names(effects)
    problems: list[tuple[Path, str]] = []
    for place, name in enumerate(names):
        if name in names[:place]:
            text = f"{quoted(name)} is the name of effect {names.index(name) + 1} too, and draws follow from names"
            problems.append(((place, "name"), text))
    if len(effects) > MAX_EFFECTS:
        problems.append(
            ((MAX_EFFECTS,), f"{len(effects)} effects; at most {MAX_EFFECTS} are possible")
        )
    if problems:
        raise invalid_values(problems)
    return effects


AnyEffect = Annotated[Effect, PlainValidator(EFFECTS.parse)]
Effects = Annotated[list[AnyEffect], AfterValidator(_checked)]
