"""Turns the bytes of some records into what is no record of their format, but still one line.

Each way takes a line without its end and some random words, and returns another line. It leaves a line as it is that an
effect before has broken so that it cannot be taken apart any more.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from datagen.disorder.copies import Corruption
from datagen.disorder.effects import Corrupt
from datagen.formats.base import Format
from datagen.formats.encoding import Output
from datagen.formats.rendered import RecordBytes
from datagen.randomness import redraws

_WORDS = 7  # for each line
_CONTROLS = bytes(
    [*range(9), *range(0x0E, 0x1C)]
)  # no text of any format holds one; none ends a line
_LETTERS = bytes(each for each in range(0xE0, 0x100) if each != 0xF7)  # of Latin-1
_OF_JSON = ("type", "duplicate_key")  # need names and types in the line itself
_DECODER = json.JSONDecoder()


class Cells(NamedTuple):
    """What is between two cells of a line, and around one that holds it; both empty where lines have no cells."""

    separator: bytes = b""
    quote: bytes = b""


Words = Sequence[int]
Way = Callable[[bytes, Words, Cells], bytes]


def can_corrupt(effect: Corrupt, format_: Format) -> bool:
    """Return whether an effect means something for the records of a format: lines of text, for some ways of JSON."""
    if Output.LINES not in format_.outputs or Output.LINES in format_.excluded():
        return False
    return format_.is_json or effect.how not in _OF_JSON


def corrupted(
    records: RecordBytes, corruptions: Sequence[Corruption], format_: Format
) -> RecordBytes:
    """Return records with some of them corrupted, one effect after the other, given those of `copies.leaving()`.

    Effects that cannot corrupt the records of the format leave them as they are.
    """
    cells = Cells(*(each.encode() for each in format_.cells))
    lines: dict[int, bytes] = {}
    begins = np.append(0, records.ends[:-1]) if len(records) else records.ends
    written = len(records) if records.stopped is None else records.stopped[0]
    for each in corruptions:
        if not can_corrupt(each.effect, format_):
            continue
        way = _WAYS[each.effect.how]
        words = redraws(each.bits, _WORDS).reshape(-1, _WORDS).tolist()
        for place, own in zip(each.copies.tolist(), words, strict=True):
            if place < written:
                line = lines.get(place)
                if line is None:
                    line = bytes(records.data[begins[place] : records.ends[place]])
                body = line.rstrip(b"\r\n")
                lines[place] = way(body, own, cells) + line[len(body) :]
    return _with_lines(records, lines) if lines else records


def _with_lines(records: RecordBytes, lines: Mapping[int, bytes]) -> RecordBytes:
    """Return records with other bytes at some places."""
    sizes = np.diff(records.ends, prepend=0)
    parts: list[Any] = []
    last = 0
    for place in sorted(lines):
        end = int(records.ends[place])
        parts += [records.data[last : end - int(sizes[place])], lines[place]]
        sizes[place], last = len(lines[place]), end
    parts.append(records.data[last:])
    return replace(records, data=memoryview(b"".join(parts)), ends=np.cumsum(sizes))


def _truncated(line: bytes, words: Words, cells: Cells) -> bytes:
    """Cut a line off: somewhere, or, where it has cells, so that the last one is lost, and no quote stays open."""
    separators = list(_separators(line, cells)) if cells.separator else []
    if not separators:
        cut = 1 + _below(words[0], len(line) - 1) if len(line) > 1 else 0
        return line[: _between_characters(line, cut)]
    cut = 1 + _below(words[0], separators[-1]) if separators[-1] else 0
    cut = _between_characters(line, cut)
    if not cells.quote or line[:cut].count(cells.quote) % 2 == 0:
        return line[:cut]
    return line[: max((each for each in separators if each < cut), default=separators[0])]


def _between_characters(line: bytes, place: int) -> int:
    """Return the last place, up to one in a line, that is within no character of UTF-8."""
    while 0 < place < len(line) and line[place] & 0xC0 == 0x80:
        place -= 1
    return place


def _separators(line: bytes, cells: Cells) -> Iterator[int]:
    """Yield where the separators are that are not within quotes."""
    outside, at = True, 0
    while at < len(line):
        if cells.quote and line.startswith(cells.quote, at):
            outside = not outside
        if outside and line.startswith(cells.separator, at):
            yield at
        at += 1


def _with_controls(line: bytes, words: Words, cells: Cells) -> bytes:
    """Put control characters in the place of one to three bytes, none of which is a quote."""
    del cells
    changed = bytearray(line)
    for number in range(1 + _below(words[0], 3)):
        control = _CONTROLS[_below(words[2 * number + 1], len(_CONTROLS))]
        place = _beside_quotes(changed, words[2 * number + 2])
        if place is None:
            changed.insert(0, control)
        else:
            changed[place] = control
    return bytes(changed)


def _with_letter(line: bytes, words: Words, cells: Cells) -> bytes:
    """Put a letter of Latin-1 between two characters of UTF-8: no byte follows that could go on with it."""
    del cells
    place = _beside_quotes(line, words[0])
    place = len(line) if place is None else place
    while place < len(line) and line[place] & 0xC0 == 0x80:
        place += 1
    letter = _LETTERS[_below(words[1], len(_LETTERS))]
    return line[:place] + bytes([letter]) + line[place:]


def _beside_quotes(line: bytes | bytearray, word: int) -> int | None:
    """Return a place in a line, the next one where there is a quote; None where there is nothing else."""
    size = len(line)
    first = _below(word, size) if size else 0
    places = (each % size for each in range(first, first + size))
    return next((each for each in places if line[each] != ord('"')), None)


class _Member(NamedTuple):
    """A member of an object in JSON: where its key and its value begin, where that ends, and the value."""

    begin: int
    value_begin: int
    end: int
    value: Any


def _of_other_type(line: bytes, words: Words, cells: Cells) -> bytes:
    """Give a member a value of another type: a number for a text, the text of what is none."""
    del cells
    text, members = _members(line)
    if text is None:
        return line
    some = [each for each in members if each.value is not None] or members
    if not some:
        return b"[]"
    chosen = some[_below(words[0], len(some))]
    before, own = text[: chosen.value_begin], text[chosen.value_begin : chosen.end]
    if isinstance(chosen.value, str):
        other = str(_below(words[1], 10_000))
    else:
        other = "[]" if chosen.value is None else json.dumps(own, ensure_ascii=False)
    return (before + other + text[chosen.end :]).encode()


def _with_key_twice(line: bytes, words: Words, cells: Cells) -> bytes:
    """Put a member at the end whose key is there already, with another value: null, or 0 for null."""
    del cells
    text, members = _members(line)
    if text is None:
        return line
    if not members:
        return b'{"":0,"":null}'
    chosen = members[_below(words[0], len(members))]
    key = text[chosen.begin : chosen.value_begin]
    return f"{text[:-1]},{key}{0 if chosen.value is None else 'null'}}}".encode()


def _members(line: bytes) -> tuple[str | None, list[_Member]]:
    """Return the text of an object, and its members; None where it cannot be taken apart."""
    found: list[_Member] = []
    try:
        text, at = line.decode(), 1
        if text[0] != "{":
            return None, []
        while text[at] != "}":
            begin = at
            _, at = _DECODER.raw_decode(text, begin)
            value, end = _DECODER.raw_decode(text, at + 1)
            found.append(_Member(begin, at + 1, end, value))
            at = end + (text[end] == ",")
    except (ValueError, IndexError):
        return None, []
    return text, found


def _below(word: int, limit: int) -> int:
    """Return a whole number in 0 .. limit - 1, given 64 random bits."""
    return word * limit >> 64


_WAYS: Mapping[str, Way] = {
    "truncate": _truncated, "bytes": _with_controls, "type": _of_other_type,
    "duplicate_key": _with_key_twice, "encoding": _with_letter,
}  # fmt: skip
