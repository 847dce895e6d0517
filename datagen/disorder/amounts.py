"""Turns raw JSON into the amounts of effects: delays that have a greatest value, offsets of clocks, lengths of time."""

import math
from collections.abc import Callable
from typing import Annotated, Any

import numpy as np
from pydantic import PlainValidator

from datagen.arrays import Bits, Floats, Ints
from datagen.distributions.base import MAX_SECONDS, Distribution
from datagen.distributions.parsing import parse_pick, parse_timer
from datagen.durations import duration_seconds
from datagen.randomness import dither, uniform
from datagen.validation import invalid_value, invalid_values, number, quoted

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
    if isinstance(data, dict):
        return parse_delay_like(data)
    return parse_pick(data)


def parse_delay_like(data: dict[str, Any]) -> Distribution:
    """Return a checked distribution of seconds of any sign. Raises ValidationError."""
    timer = _fixed(parse_timer(data))
    if timer.temporal:
        raise invalid_value("a clock is off at all hours")
    return timer


def parse_length(data: Any) -> int:
    """Return a length of time in microseconds. Raises PydanticCustomError."""
    seconds = duration_seconds(data) if isinstance(data, str) else number(data)
    if seconds is None or not 0 <= seconds <= MAX_SECONDS:
        raise invalid_value(f"expected {_LENGTHS}, not {quoted(data)}")
    return round(seconds * 1_000_000)


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
PartsPerMillion = Annotated[Distribution, PlainValidator(parse_pick)]
WholeNumbers = Annotated[Distribution, PlainValidator(parse_pick)]
Length = Annotated[int, PlainValidator(parse_length)]
