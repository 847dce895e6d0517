"""Turns samples into lines: a title for each emitter, and its records with their fields below each other."""

import json
from collections.abc import Iterator, Mapping, Sequence

from datagen.inspection.display import Display
from datagen.inspection.sampling import COMPLETE, ENDED, RARE, EmitterSample, Samples
from datagen.one_line import counted, escaped

_INDENT = "  "
_DECODER = json.JSONDecoder()
Members = Mapping[str, str]  # the JSON text of each value, by that of its key


def sample_lines(samples: Samples, display: Display) -> Iterator[str]:
    """Yield the lines of samples."""
    if samples.instead_of is not None:
        note = f"records are shown as JSON: {samples.instead_of} is no text"
        yield from (display.styled(note, "faint"), "")
    for place, each in enumerate(samples.emitters):
        if place:
            yield ""
        missing = "" if each.why == COMPLETE else f": {_why(each, samples)}"
        yield display.styled(escaped(each.emitter), "title") + display.styled(missing, "alarm")
        if samples.header and each.records:
            yield _INDENT + display.styled(_shown(samples.header), "faint")
        yield from (f"{_INDENT}{line}" for line in record_lines(each.records, display))


def record_lines(records: Sequence[str], display: Display) -> Iterator[str]:
    """Yield the lines of records: objects of JSON aligned, where they fit into a line, anything else as it is."""
    parsed = [members_of(each) for each in records]
    objects = [each for each in parsed if each is not None]
    if objects and len(objects) == len(parsed):
        yield from _aligned(objects, display)
        return
    yield from (_shown(line) for each in records for line in each.split("\n"))


def _aligned(objects: Sequence[Members], display: Display) -> Iterator[str]:
    """Yield the lines of objects: one each, or one for each member."""
    keys = _in_order(objects)
    widths = {key: max(len(each[key]) for each in objects if key in each) for key in keys}
    # a colon, a comma and a blank of each member, or a brace
    longest = len(_INDENT) + sum(len(key) + width + 3 for key, width in widths.items())
    if display.width is None or longest <= display.width:
        yield from (_row(each, keys, widths, display) for each in objects)
    else:
        yield from (line for each in objects for line in _column(each, display))


def members_of(text: str) -> Members | None:
    """Return the members of an object of JSON, as they are written; None: it is none."""
    if text == "{}":
        return {}
    found: dict[str, str] = {}
    place = 0
    try:
        while place == 0 or text[place:] != "}":
            place = _after(text, place, "," if place else "{")
            key, place = _value(text, place)
            value, place = _value(text, _after(text, place, ":"))
            if key[0] != '"':
                return None
            found[escaped(key)] = escaped(value)
    except ValueError:
        return None
    return found


def _value(text: str, place: int) -> tuple[str, int]:
    """Return the JSON text that begins at a place, and the place after it. Raises ValueError."""
    _, end = _DECODER.raw_decode(text, place)
    return text[place:end], end


def _after(text: str, place: int, mark: str) -> int:
    """Return the place after a mark and blanks. Raises ValueError."""
    if text[place : place + 1] != mark:
        raise ValueError(f"no {mark} at {place}")
    place += 1
    while text[place : place + 1] == " ":
        place += 1
    return place


def _in_order(objects: Sequence[Members]) -> list[str]:
    """Return the keys of all objects: one that only some have is after the key that is before it there."""
    order: list[str] = []
    for each in objects:
        place = 0
        for key in each:
            if key not in order:
                order.insert(place, key)
            place = order.index(key) + 1
    return order


def _row(members: Members, keys: Sequence[str], widths: Mapping[str, int], display: Display) -> str:
    """Return an object on one line, its keys at the places that they have in others."""
    left, line, gap = len(members), "{", 0
    for key in keys:
        width = len(key) + 1 + widths[key] + 2
        if key not in members:
            gap += width
            continue
        left -= 1
        comma = "," if left else ""
        shown = len(key) + 1 + len(members[key]) + len(comma)
        line += " " * gap + _member(key, members[key], display) + comma
        gap = width - shown
    return line + "}"


def _column(members: Members, display: Display) -> Iterator[str]:
    """Yield an object with a member a line, its values below each other."""
    width = max(map(len, members), default=0)
    begin, last = "{", len(members) - 1
    for place, (key, value) in enumerate(members.items()):
        end = "}" if place == last else ","
        yield begin + _member(key, value, display, " " * (width - len(key) + 1)) + end
        begin = " "
    if not members:
        yield "{}"


def _member(key: str, value: str, display: Display, gap: str = "") -> str:
    style = "text" if value[0] == '"' else "number" if value[0] in "-0123456789" else "word"
    return f"{display.styled(key, 'key')}:{gap}{display.styled(value, style)}"


def _shown(line: str) -> str:
    """Return a line with escapes for what does not print, tabs left as they are."""
    return "\t".join(map(escaped, line.split("\t")))


def _why(each: EmitterSample, samples: Samples) -> str:
    """Return why there are fewer records than asked for."""
    found = f"{len(each.records)} of {counted(samples.asked, 'record')}"
    seen = counted(samples.looked_at, "record")
    until = "" if samples.reached is None else f" up to {samples.reached}"
    if each.why == RARE:
        return f"{found}; it is rare: looked at {seen}{until} in {samples.seconds:.0f} s"
    if each.why == ENDED:
        return f"{found}: the run ends after {seen}{until}"
    return "no worker can come to a state that makes it"
