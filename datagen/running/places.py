"""Where the parts of a document are in its text: a small scanner of JSON that keeps what a parser forgets.

Only a document with problems is scanned, a second time.
"""

import json
import re
from collections.abc import Iterator
from typing import NamedTuple

from datagen.errors import Path

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)
_NO_NUMBERS = ("NaN", "Infinity", "-Infinity")


class Place(NamedTuple):
    """Where a value begins in a text, where its key does, if it has one, and the places of its parts."""

    start: int
    key: int | None = None
    parts: "dict[str | int, Place]" = {}  # noqa: RUF012 - never changed: of a value without parts


def place_at(place: Place, path: Path, *, of_key: bool = False) -> int:
    """Return where the value at a path begins or, where there is none, the nearest one around it; or its key."""
    for step in path:
        if step not in place.parts:
            return place.start
        place = place.parts[step]
    return place.start if place.key is None or not of_key else place.key


def line_and_column(text: str, place: int) -> tuple[int, int]:
    """Return the line and column of a place in a text, in characters, both from 1."""
    return text.count("\n", 0, place) + 1, place - text.rfind("\n", 0, place)


def places_of_json(text: str) -> Place:
    """Return the places of right JSON; of a key that appears twice, those of its last value."""
    tokens = _TOKEN.finditer(text)
    return _place(next(tokens), tokens)


def place_of_number(text: str, digits: int) -> int:
    """Return where JSON has what is no number, or else one of more than so many digits."""
    for match in _TOKEN.finditer(text):
        token = match[0]
        if token in _NO_NUMBERS or (len(token) > digits and token[0] in "-0123456789"):
            return match.start()
    return 0


def _place(first: re.Match[str], tokens: Iterator[re.Match[str]]) -> Place:
    """Return the place of the value that begins with a token."""
    parts: dict[str | int, Place] = {}
    if first[0] not in ("{", "["):
        return Place(first.start())
    for match in tokens:
        if match[0] in ("}", "]"):
            break
        if match[0] == ",":
            continue
        if first[0] == "[":
            parts[len(parts)] = _place(match, tokens)
        else:
            next(tokens)  # the colon
            value = _place(next(tokens), tokens)
            parts[json.loads(match[0])] = value._replace(key=match.start())
    return Place(first.start(), None, parts)
