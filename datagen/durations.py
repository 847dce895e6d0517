"""Turns durations such as 30S, 1h30m or PT1H30M into microseconds; imports nothing heavy."""

import re
from decimal import Decimal

from datagen.errors import UsageError

_UNITS = {"w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1}
_PLAIN = re.compile(r"(?:\d+(?:\.\d*)?|\.\d+)[wdhms]", re.IGNORECASE)
_NUMBER = r"(\d+(?:[.,]\d+)?)"
_ISO = re.compile(
    rf"P(?:{_NUMBER}W)?(?:{_NUMBER}D)?(?:T(?:{_NUMBER}H)?(?:{_NUMBER}M)?(?:{_NUMBER}S)?)?",
    re.IGNORECASE,
)
_RATE = re.compile(r"(\d+(?:\.\d*)?|\.\d+)\s*/\s*([wdhms])", re.IGNORECASE)
_MAX_SECONDS = 10_000 * 366 * 86_400
_LONGEST_TEXT = 100


def duration_micros(text: str, flag: str = "-r") -> int:
    """Return the whole microseconds of a duration such as 30S or PT1H30M. Raises UsageError."""
    seconds = _seconds(text)
    if seconds is None:
        raise UsageError(f"{flag} {text}: {why_no_duration(text)}")
    if seconds > _MAX_SECONDS:
        raise UsageError(f"{flag} {text}: longer than 10,000 years")
    return round(seconds * 1_000_000)


def is_duration(text: str) -> bool:
    """Return whether a text is a duration."""
    return _seconds(text) is not None


def duration_seconds(text: str) -> int | float | None:
    """Return the seconds of a duration such as 30S or 1.5H, None for a text that is none."""
    seconds = _seconds(text)
    if seconds is None:
        return None
    return int(seconds) if seconds == int(seconds) else float(seconds)


def mean_seconds_of_rate(text: str) -> float | None:
    """Return the mean seconds between events of a rate such as 5000/s or 3/h, None for a text that is none."""
    match = _RATE.fullmatch(text.strip())
    number = Decimal(match[1]) if match and len(text) <= _LONGEST_TEXT else Decimal(0)
    return float(_UNITS[match[2].lower()] / number) if match and number else None


def why_no_duration(text: str) -> str:
    """Return what is wrong with a text that is no duration."""
    body = text.strip()
    if "-" in body:
        return "a duration cannot be negative"
    if re.fullmatch(r"\d+(\.\d+)?", body):
        return f"a number needs a unit: {body}S, {body}M (minutes), {body}H, {body}D or {body}W"
    if re.fullmatch(r"P[^T]*[YM].*|\d+(Y|MO|MON|MONTHS?|YEARS?)", body, re.IGNORECASE):
        return "months and years have no fixed length; give days or weeks"
    return "expected a duration such as 30S, 10M, 1H, 2D, 1W, 1h30m or PT1H30M"


def _seconds(text: str) -> Decimal | None:
    text = text.strip()
    if len(text) > _LONGEST_TEXT:
        return None
    if re.fullmatch(rf"(?:{_PLAIN.pattern})+", text, re.IGNORECASE):
        parts = [(part[-1].lower(), Decimal(part[:-1])) for part in _PLAIN.findall(text)]
        units = [unit for unit, _ in parts]
        ordered = sorted(set(units), key="wdhms".index)
        return sum((_UNITS[u] * n for u, n in parts), Decimal(0)) if units == ordered else None
    match = _ISO.fullmatch(text)
    if match is None or not any(match.groups()) or text[-1] in "tT":
        return None
    amounts = [Decimal((group or "0").replace(",", ".")) for group in match.groups()]
    return sum((_UNITS[u] * n for u, n in zip("wdhms", amounts, strict=True)), Decimal(0))
