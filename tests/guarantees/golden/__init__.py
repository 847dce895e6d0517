"""Golden records: what each preset gave when its file here was made, byte for byte.

`python -m tests.guarantees.golden` makes the files again. Do so when a preset, or the bytes that a
specification gives, change on purpose; the changelog then says so.
"""

import json
from collections.abc import Iterator
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

from tests.support.helpers import invoke
from tests.support.tables import enum, field, listed, one_emitter

FOLDER = Path(__file__).parent
SPECS = FOLDER.parents[2] / "conf" / "gen"
PRESETS = sorted(path.stem for path in SPECS.glob("*.json"))
Record = dict[str, Any]
_PART = field("part", "object", dimensions=[field("id", "uuid"), field("at-hand", "clock")])
SCHEMA = one_emitter(
    field("no.", "counter"),
    enum("mixed", 1, "one"),
    enum("figure", 1, 2.5),
    enum("yes", True, None),
    enum("nothing", None),
    field("whole", "object", dimensions=[_PART, listed("parts", _PART)]),
)


FORMATS = {  # what each file beside this one holds: twenty records of a preset in a format
    "iot_sensors.csv": ("iot_sensors", "--csv"),
    "iot_sensors.tsv": ("iot_sensors", "--tsv"),
    "web_access.ncsa_combined.log": ("web_access", "-f", "ncsa_combined"),
    "syslog_app.syslog_rfc5424.log": ("syslog_app", "-f", "syslog_rfc5424"),
    "example.template.log": ("example", "--template", "access"),
}


def golden_format(name: str) -> bytes:
    """Return what a golden file of a format should hold."""
    preset, *flags = FORMATS[name]
    outcome = invoke(
        "-c", preset, "--seed", "20270312", "-s", "2027-03-12", "-q", "-n", "20", *flags
    )
    assert outcome.status == 0, outcome.err
    return outcome.out


def golden_schema() -> bytes:
    """Return the Avro schema of a specification with a little of everything."""
    outcome = invoke("--avro-schema", spec=SCHEMA)
    assert outcome.status == 0, outcome.err
    return outcome.out


def golden_records(preset: str) -> bytes:
    """Return what a preset's golden file should hold: 200 records of ten workers."""
    return records_of(preset, 200, 10)


def records_of(preset: str, number: int, max_workers: int = 100) -> bytes:
    """Return a preset's first records, as lines of JSON, always of the same seed and start."""
    limits = ("-n", str(number), "-m", str(max_workers))
    outcome = invoke("-c", preset, "--seed", "20270312", "-s", "2027-03-12", "-q", *limits)
    assert outcome.status == 0, outcome.err
    return outcome.out


@cache
def records(preset: str, number: int = 2000, max_workers: int = 100) -> list[Record]:
    """Return the first records of a preset."""
    found: list[Record] = [
        json.loads(line) for line in records_of(preset, number, max_workers).splitlines()
    ]
    assert len(found) == number
    return found


def lives(found: list[Record], key: str) -> Iterator[list[Record]]:
    """Yield the records of each session, payment or sensor, in order."""
    for _, life in groupby(sorted(found, key=lambda record: str(record[key])), lambda r: r[key]):
        yield list(life)
