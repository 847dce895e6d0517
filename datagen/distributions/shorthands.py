"""Turns short ways to write a distribution in raw JSON into the long ones.

A number is a constant. Where seconds are meant, a length of time may be text ("90S", "1.5H"), and so may a
rate ("5000/s", "3/h").
"""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

from datagen.durations import duration_seconds, mean_seconds_of_rate, why_no_duration
from datagen.errors import Path
from datagen.validation import invalid_value, quoted

RATE = "rate"
_Put = Callable[[Any], None]


def constant_of(data: Any, *, seconds: bool) -> Any:
    """Return the raw constant that a number, or a length of time, stands for; anything else as it is.

    Raises PydanticCustomError for a text that is none, or where no `seconds` are meant.
    """
    if isinstance(data, int | float) and not isinstance(data, bool):
        return {"type": "constant", "value": data}
    if not isinstance(data, str) or not (seconds or _is_time(data)):
        return data
    length = duration_seconds(data)
    if length is None or not seconds:
        raise invalid_value(_no_length(data) if seconds else _misplaced(data))
    return {"type": "constant", "value": length}


def with_seconds(
    data: dict[str, Any], keys: Iterable[str]
) -> tuple[dict[str, Any], dict[Path, str]]:
    """Return raw parameters with the texts under `keys` as seconds, a `rate` that is text as their mean.

    And for the path of each text that is none what is wrong with it; any number is in its place.
    """
    made = dict(data)
    problems: dict[Path, str] = {}
    for key, path, text, put in _texts(made, keys):
        length = mean_seconds_of_rate(text) if key == RATE else duration_seconds(text)
        if length is None:
            problems[path] = _no_rate(text) if key == RATE else _no_length(text)
        put(1.0 if length is None else 1.0 / length if key == RATE else length)
        if key == RATE and length is not None and "mean" not in data:  # which is exact
            del made[RATE]
            made["mean"] = length
    return made, problems


def misplaced_times(
    data: dict[str, Any], keys: Iterable[str]
) -> tuple[dict[str, Any], dict[Path, str]]:
    """Return the same where no seconds are meant: what is wrong with texts that are lengths of time or rates."""
    made = dict(data)
    problems: dict[Path, str] = {}
    for _, path, text, put in _texts(made, keys):
        if _is_time(text):
            problems[path] = _misplaced(text)
            put(1)
    return made, problems


def _texts(data: dict[str, Any], keys: Iterable[str]) -> Iterator[tuple[str, Path, str, _Put]]:
    """Yield the texts under keys, also those in lists: key, path, text, and what puts a value in its place."""
    for key in keys:
        value = data.get(key)
        if isinstance(value, str):
            yield key, (key,), value, partial(data.__setitem__, key)
        elif isinstance(value, list):
            data[key] = values = list(value)
            for place, each in enumerate(value):
                if isinstance(each, str):
                    yield key, (key, place), each, partial(values.__setitem__, place)


def _is_time(text: str) -> bool:
    return duration_seconds(text) is not None or mean_seconds_of_rate(text) is not None


def _no_length(text: str) -> str:
    if mean_seconds_of_rate(text) is not None:
        long = f'{{"type": "exponential", "rate": {quoted(text)}}}'
        return f"{quoted(text)} is a rate, not a length of time; give {long}"
    if any(character.isdigit() for character in text):
        return f"{quoted(text)}: {why_no_duration(text)}"
    return (
        f'expected a number or a length of time such as "90S", "10M" or "1.5H", not {quoted(text)}'
    )


def _no_rate(text: str) -> str:
    return f'expected a number of events a second, or a rate such as "5000/s" or "3/h", not {quoted(text)}'


def _misplaced(text: str) -> str:
    length = duration_seconds(text)
    what, number = ("rate", "") if length is None else ("length of time", f" ({length})")
    return f"{quoted(text)} is a {what}, which is for delays and interarrival; here give a number{number}"
