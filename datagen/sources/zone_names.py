"""Turns what a text says of its offset from UTC, in digits or by the name of a zone, into microseconds."""

import re

from datagen.instants import SECOND

_HOUR = 3600 * SECOND
OFFSET = r"[Zz]|[+-](?:[01]\d|2[0-3])(?::?[0-5]\d)?"  # what exists by RFC 3339: up to 23:59

# The abbreviations that the tz database has for one offset only; those of North America as in RFC 5322.
ZONE_HOURS = {
    "UTC": 0, "UT": 0, "GMT": 0, "Z": 0, "WET": 0,
    "NST": -3.5, "NDT": -2.5, "AST": -4, "ADT": -3, "EST": -5, "EDT": -4, "CST": -6, "CDT": -5,
    "MST": -7, "MDT": -6, "PST": -8, "PDT": -7, "AKST": -9, "AKDT": -8, "HST": -10,
    "BST": 1, "WEST": 1, "CET": 1, "CEST": 2, "EET": 2, "EEST": 3, "MSK": 3,
    "WAT": 1, "CAT": 2, "SAST": 2, "EAT": 3, "PKT": 5, "WIB": 7, "WITA": 8, "HKT": 8, "AWST": 8,
    "WIT": 9, "JST": 9, "KST": 9, "ACST": 9.5, "ACDT": 10.5, "AEST": 10, "AEDT": 11,
    "NZST": 12, "NZDT": 13,
}  # fmt: skip


def zone_offset(name: str) -> int | None:
    """Return the offset of a zone by its abbreviation, in any case; None for one that is not known."""
    hours = ZONE_HOURS.get(name.upper())
    return None if hours is None else int(hours * _HOUR)


def offset_of(text: str) -> int:
    """Return the offset that `OFFSET` matches."""
    if text in "Zz":
        return 0
    digits = re.sub(r"\D", "", text)
    minutes = int(digits[:2]) * 60 + int(digits[2:] or 0)
    return (-1 if text[0] == "-" else 1) * minutes * 60 * SECOND
