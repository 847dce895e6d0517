"""Checks the truth against the records, from the two files alone."""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

Line = dict[str, Any]


def unexplained(
    truth: Iterable[bytes], records: Sequence[bytes], key: str = "n", first: int = 0, step: int = 1
) -> list[str]:
    """Return what is wrong; `key` is a field of the records that numbers the clean stream from 0.

    Events are numbered from `first` on, by `step`.
    """
    wrong: list[str] = []
    owners: dict[int, Line] = {}
    for place, line in enumerate(map(json.loads, truth)):
        if line["event"] != first + place * step:
            wrong.append(f"event {line['event']} at place {place}")
        wrong += [f"event {line['event']}: {each}" for each in _of_event(line)]
        twice = [
            f"record {number} has two events" for number in line["records"] if number in owners
        ]
        wrong += twice
        owners |= dict.fromkeys(line["records"], line)
    missing = sorted(set(range(len(records))) ^ owners.keys())
    if missing:
        return [
            *wrong,
            f"{len(missing)} records without an event, or numbers without a record: {missing[:5]}",
        ]
    leaves = [line["arrivals"][line["records"].index(n)] for n, line in sorted(owners.items())]
    if leaves != sorted(leaves):
        wrong.append("records are not in order of arrival")
    for number, record in enumerate(records):
        line = owners[number]
        event = (line["event"] - first) // step
        wrong += [
            f"record {number}: {each}" for each in _of_record(record, number, line, event, key)
        ]
    return wrong


def _of_event(line: Line) -> Iterator[str]:
    """Yield what is wrong with a line by itself."""
    lengths = {len(line[name]) for name in ("arrivals", "late_by", "skewed_by")}
    if len(lengths) > 1 or len(line["records"]) > len(line["arrivals"]):
        yield "lists of other lengths"
    if any(sorted(line[name]) != line[name] for name in ("arrivals", "records")):
        yield "not in order of arrival"
    if not line["arrivals"] and not any(
        each.startswith(("drop", "outage")) for each in line["effects"]
    ):
        yield "neither there nor dropped"


def _of_record(record: bytes, number: int, line: Line, event: int, key: str) -> Iterator[str]:
    """Yield what is wrong with a record, given the line of its event."""
    if any(each.startswith("corrupt") for each in line["effects"]):
        return
    try:
        made = json.loads(record)
    except ValueError:
        yield "no JSON, and nobody knows why"
        return
    if made[key] != event:
        yield "of another event"
    if not line["skewed_by"][line["records"].index(number)] and made["time"] != line["time"]:
        yield "tells another time"
