"""Turns what -s and --until say into instants: ISO 8601 texts, and words such as `now-90D`."""

import re
from dataclasses import replace

from datagen.durations import duration_micros, is_duration, why_no_duration
from datagen.errors import UsageError
from datagen.instants import DAY, NAIVE, Instant, Style, parse_instant

_RELATIVE = re.compile(r"\s*(now|today|yesterday)\s*(?:([+-])(.*))?", re.IGNORECASE | re.DOTALL)


def is_relative(text: str) -> bool:
    """Return whether a text means another instant each time that it is read."""
    return _RELATIVE.fullmatch(text) is not None


def given_instant(text: str, flag: str, now: Instant, zone_style: Style | None) -> Instant:
    """Return the instant that a text means, in the style of a time zone if there is one.

    A text without an offset is local to the zone. `today` and `yesterday` begin at midnight in UTC.
    Raises UsageError.
    """
    relative = _RELATIVE.fullmatch(text)
    if relative is not None:
        instant = _relative_instant(relative, flag, now)
        return instant if zone_style is None else replace(instant, style=zone_style)
    try:
        instant = parse_instant(text)
    except ValueError as error:
        words = "" if text[:1].isdigit() else "; nor now, now-90D, today or yesterday"
        raise UsageError(f"{flag} {text}: {error}{words}") from error
    return instant if zone_style is None else zone_style.placed(instant)


def _relative_instant(relative: re.Match[str], flag: str, now: Instant) -> Instant:
    word, sign, duration = relative.groups()
    midnight = now.micros // DAY * DAY
    micros = {"now": now.micros, "today": midnight, "yesterday": midnight - DAY}[word.lower()]
    if sign is not None:
        if not is_duration(duration):
            raise UsageError(f"{flag} {relative[0]}: {why_no_duration(duration)}")
        length = duration_micros(duration, flag)
        micros += length if sign == "+" else -length
    first, last = NAIVE.limits
    if not first + DAY <= micros < last - DAY:
        raise UsageError(f"{flag} {relative[0]}: not within the years 1 to 9999")
    return replace(now, micros=micros)
