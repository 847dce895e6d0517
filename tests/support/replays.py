"""Replays as short as they can be written: specifications, sources and runs in the current folder."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.support.helpers import Outcome, invoke

DAY = "2027-03-12"

Spec = dict[str, Any]

LINES = [
    '{"t":"2020-01-01T00:00:00Z","a":1,"b":[1.5,{"c":null}],"d":"\\u2028"}',
    '{"b":true,"t":"2020-01-01T00:00:01Z"}',
    '{"t":"2020-01-01T00:00:01Z","a":null,"x":12345678901234567890,"d":2.0}',
    '{"a":"text","t":"2020-01-01T00:00:03Z","n":{}}',
]


def spec_of(file: str = "x.csv", **keys: Any) -> Spec:
    """Return the specification of a replay."""
    return {"type": "replay", "source_file": file, "time_field": "t", **keys}


def tried(spec: Spec, *flags: str) -> Outcome:
    """Run with a specification in a file."""
    Path("r.json").write_text(json.dumps(spec))
    start = () if "-s" in flags else ("-s", DAY)
    return invoke("-c", "r.json", *start, "--seed", "1", "-q", *flags)


def out(spec: Spec, *flags: str) -> str:
    """Return the text that a run makes."""
    outcome = tried(spec, *flags)
    assert outcome.status == 0, outcome.err
    return outcome.out.decode()


def replayed(spec: Spec, *flags: str) -> list[dict[str, Any]]:
    """Return the records of a run."""
    return [json.loads(line) for line in out(spec, *flags).splitlines()]


def write(text: str | bytes, file: str = "x.csv") -> None:
    """Write a source."""
    Path(file).write_bytes(text.encode() if isinstance(text, str) else text)


def rows_of(count: int, gap: float = 1.5) -> str:
    """Return a CSV of so many events, so many seconds apart."""
    first = datetime(2020, 1, 1, tzinfo=UTC)
    lines = [f"{(first + timedelta(seconds=gap * n)).isoformat(timespec='milliseconds')},{n}"
             for n in range(count)]  # fmt: skip
    return "\n".join(["t,n", *lines]) + "\n"


def seconds(records: list[dict[str, Any]], field: str = "t") -> list[float]:
    """Return the times of records, in seconds after the start."""
    start = datetime.fromisoformat(DAY).replace(tzinfo=UTC)
    moments = [datetime.fromisoformat(record[field]) for record in records]
    return [((each if each.tzinfo else each.replace(tzinfo=UTC)) - start).total_seconds()
            for each in moments]  # fmt: skip
