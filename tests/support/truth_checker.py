"""Checks the truth against the records, from the two files alone."""

import json
from collections.abc import Iterable, Sequence
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
        if len({len(line[name]) for name in ("arrivals", "late_by", "skewed_by")}) > 1:
            wrong.append(f"event {line['event']}: lists of other lengths")
        if len(line["records"]) > len(line["arrivals"]):
            wrong.append(f"event {line['event']}: more records than arrivals")
        if (
            sorted(line["arrivals"]) != line["arrivals"]
            or sorted(line["records"]) != line["records"]
        ):
            wrong.append(f"event {line['event']}: not in order of arrival")
        if (
            not line["arrivals"]
            and "drop" not in " ".join(line["effects"])
            and "outage" not in " ".join(line["effects"])
        ):
            wrong.append(f"event {line['event']}: neither there nor dropped")
        for number in line["records"]:
            if number in owners:
                wrong.append(f"record {number} has two events")
            owners[number] = line
    missing = set(range(len(records))) ^ owners.keys()
    if missing:
        wrong.append(
            f"{len(missing)} records without an event, or numbers without a record: {sorted(missing)[:5]}"
        )
        return wrong
    last = ""
    for number, record in enumerate(records):
        line = owners[number]
        place = line["records"].index(number)
        if line["arrivals"][place] < last:
            wrong.append(f"record {number} leaves before the one before it")
        last = line["arrivals"][place]
        try:
            made = json.loads(record)
        except ValueError:
            if "corrupt" not in line["effects"]:
                wrong.append(f"record {number} is no JSON, and nobody knows why")
            continue
        if "corrupt" in line["effects"]:
            continue
        if made[key] != (line["event"] - first) // step:
            wrong.append(f"record {number} is of another event")
        if not line["skewed_by"][place] and made["time"] != line["time"]:
            wrong.append(f"record {number} tells another time")
    return wrong
