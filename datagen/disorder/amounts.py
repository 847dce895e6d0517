"""Turns raw JSON into the amounts of effects: delays that have a greatest value, offsets of clocks, lengths of time."""

import math
from typing import Annotated, Any

from pydantic import PlainValidator

from datagen.distributions.base import MAX_SECONDS, Distribution
from datagen.distributions.parsing import parse_pick, parse_timer
from datagen.durations import duration_seconds
from datagen.validation import invalid_value, invalid_values, number, quoted

_LENGTHS = 'a number of seconds or a length of time such as "90S" or "1.5H"'


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
