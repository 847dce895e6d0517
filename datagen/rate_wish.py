"""Turns texts such as 5000/s, 40GB/D or 200 workers into what a run is to come to; imports nothing heavy."""

import re
from dataclasses import dataclass
from typing import Literal

from datagen.durations import mean_seconds_of_rate

_NUMBER = r"(\d+(?:\.\d*)?|\.\d+)"
_SIZE = re.compile(rf"{_NUMBER}\s*([kmgtp]?)b?", re.IGNORECASE)
_BYTES_RATE = re.compile(rf"{_NUMBER}\s*([kmgtp]?)b\s*(/.*)", re.IGNORECASE)
_WORKERS = re.compile(rf"{_NUMBER}\s+workers?")
_FACTOR = re.compile(rf"x\s*{_NUMBER}")
_BARE_SIZE = re.compile(rf"{_NUMBER}\s*[kmgtp]?b", re.IGNORECASE)
_LONGEST_TEXT = 100
LEAST_RATE, MOST_RATE = 1e-9, 1e18  # of whatever is asked for a second
MOST_BYTES = 10**18

Unit = Literal["records", "bytes", "workers", "factor"]


@dataclass(frozen=True)
class RateWish:
    """What a run is to come to on average: so many records or bytes a second, or workers alive.

    Of the unit `factor` it is by how much arrivals are multiplied, as `repeat with` says it. `text` is the wish as it
    was written.
    """

    amount: float
    unit: Unit
    text: str

    @classmethod
    def parsed(cls, text: str) -> "RateWish":
        """Return the wish of a text. Raises ValueError, with a sentence, for one that is none."""
        body = text.strip()
        found = _parsed(body) if len(body) <= _LONGEST_TEXT else None
        if found is None:
            raise ValueError(_why_none(body))
        amount, unit = found
        if not LEAST_RATE <= amount <= MOST_RATE:
            raise ValueError("expected a rate from 1e-9 to 1e18 a second")
        return cls(amount, unit, body)


def records_per_second(text: str) -> float:
    """Return the records a second of a text such as 20000/s. Raises ValueError, with a sentence."""
    mean = mean_seconds_of_rate(text)
    if mean is None or not LEAST_RATE <= 1 / mean <= MOST_RATE:
        unit = f"; a number needs a unit: {text.strip()}/s" if _is_number(text.strip()) else ""
        raise ValueError(f"expected a rate such as 20000/s or 100/M{unit}")
    return 1 / mean


def size_in_bytes(text: str) -> int | None:
    """Return the bytes of a size such as 50GB, 1.5M or 1000, None for a text that is none."""
    match = _SIZE.fullmatch(text.strip()) if len(text) <= _LONGEST_TEXT else None
    size = None if match is None else round(float(match[1]) * _multiple(match[2]))
    return size if size is not None and size <= MOST_BYTES else None


def _parsed(body: str) -> tuple[float, Unit] | None:
    """Return the amount and the unit of a wish, the amount a second where it is one of a time."""
    if match := _WORKERS.fullmatch(body):
        return float(match[1]), "workers"
    if match := _FACTOR.fullmatch(body):
        return float(match[1]), "factor"
    if match := _BYTES_RATE.fullmatch(body):
        mean = mean_seconds_of_rate(f"1{match[3]}")
        return None if mean is None else (float(match[1]) * _multiple(match[2]) / mean, "bytes")
    mean = mean_seconds_of_rate(body)
    return None if mean is None else (1 / mean, "records")


def _multiple(prefix: str) -> int:
    """Return what a prefix such as G multiplies by."""
    return int(1000 ** " kmgtp".index(prefix.lower() or " "))


def _why_none(body: str) -> str:
    """Return what is wrong with a text that is no wish."""
    if _is_number(body):
        return f"a number needs a unit: {body}/s or {body}/D (records), or {body} workers"
    if len(body) <= _LONGEST_TEXT and _BARE_SIZE.fullmatch(body):
        return f"a size needs a time: {body}/s or {body}/D"
    return "expected a rate such as 5000/s, 3000000/D or 40GB/D, or a number such as 200 workers"


def _is_number(body: str) -> bool:
    return len(body) <= _LONGEST_TEXT and bool(re.fullmatch(_NUMBER, body))
