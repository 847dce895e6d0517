"""What a program passes becomes the request of a command line, or an error in the names of arguments."""

import io
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from datagen.api.arguments import READERS, asked, is_stream
from datagen.errors import UsageError
from datagen.part import Part
from datagen.running.options import Request
from tests.support.bad_input import BASE

NOW = {"start": "now", "seed": 1}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"records": 10}, {"records": 10}),
        ({"duration": "1h30m"}, {"duration": 5_400_000_000}),
        ({"duration": timedelta(milliseconds=1)}, {"duration": 1000}),
        ({"until": date(2027, 3, 12)}, {"until": "2027-03-12"}),
        ({"start": datetime(2027, 3, 12, 1, tzinfo=UTC)}, {"start": "2027-03-12T01:00:00+00:00"}),
        ({"max_workers": 5}, {"max_workers": 5}),
        ({"max_workers": "none"}, {"max_workers": "none"}),
        ({"part": "1/3"}, {"part": Part(1, 3)}),
        ({"part": Part(1, 3), "resume": "x{part}"}, {"part": Part(1, 3), "resume": "x1"}),
        ({"memory": "2G"}, {"memory": 2_000_000_000}),
        ({"memory": 5_000}, {"memory": 5_000}),
        ({"format": "csv"}, {"kind": "csv"}),
        ({"format": "x.pattern"}, {"format": "x.pattern"}),
        ({"checkpoint_every": "5S", "resume": "x"}, {"checkpoint_every": 5.0, "resume": "x"}),
        ({"schedule": Path("a/b.json")}, {"schedule": "a/b.json"}),
        ({"bytes": "1.5MB"}, {"bytes": 1_500_000}),
        ({"bytes": 20_000}, {"bytes": 20_000}),
        ({"rate": "5000/s"}, {"rate": "5000/s"}),
        ({"max_rate": "120/M"}, {"max_rate": 2.0}),
        ({"max_rate": 2.5}, {"max_rate": 2.5}),
        ({"untrusted": True}, {"untrusted": True}),
        ({"records": None}, {}),
        ({"settings": {"a": "x", "b.c": [1]}}, {"settings": ('a="x"', "b.c=[1]")}),
    ],
)
def test_arguments_are_those_of_a_request(given: dict[str, Any], expected: dict[str, Any]) -> None:
    """None is the same as nothing."""
    found = asked("clickstream", {**given, "seed": 1}).request
    assert found == Request(config="clickstream", **{**NOW, **expected})


def test_seed_is_drawn_and_start_is_the_present() -> None:
    """With `live` it is the real clock."""
    one, other = asked("x", {}), asked("x", {}, live=True)
    assert isinstance(one.request.seed, int)
    assert one.request.seed != other.request.seed
    assert (one.request.start, other.request.start) == ("now", None)
    assert (one.limited, asked("x", {"duration": "0S"}).limited) == (False, True)
    assert asked("x", {"bytes": 0}).limited


def test_dicts_and_lists_are_handed_over_as_json() -> None:
    """In place of a file, or of a key of one."""
    found = asked(BASE, {"schedule": {"type": "daily"}, "disorder": ({"type": "drop"},)})
    assert found.request.config is None
    assert found.from_program.document is not None
    assert found.from_program.keys == {
        "schedule": {"type": "daily"},
        "disorder": [{"type": "drop"}],
    }


@pytest.mark.parametrize(
    ("spec", "given", "text"),
    [
        ("x", {"records": -1}, "records: expected a whole number of 0 or more, not '-1'"),
        ("x", {"records": 1.5}, "records: expected a whole number of 0 or more, not '1.5'"),
        ("x", {"records": True}, "records: expected a whole number of 0 or more, not 'True'"),
        ("x", {"duration": 5}, "duration 5: a number needs a unit: 5S, 5M (minutes), 5H, 5D or 5W"),
        ("x", {"duration": timedelta(-1)}, "duration -1 day, 0:00:00: a duration cannot be negative"),
        ("x", {"records": 1, "until": "now"}, "records and until: one of them says when the records end"),
        ("x", {"records": 1, "bytes": 5}, "records and bytes: one of them says when the records end"),
        ("x", {"bytes": "5 apples"}, "bytes: expected a size such as 50GB, 1.5MB or 20000, at most 1 EB, not '5 apples'"),
        ("x", {"rate": 5000}, "rate: a number needs a unit: 5000/s or 5000/D (records), or 5000 workers"),
        ("x", {"max_rate": "fast"}, "max_rate: fast: expected a rate such as 20000/s or 100/M"),
        ("x", {"max_rate": True}, "max_rate: True: expected a rate such as 20000/s or 100/M"),
        ("x", {"untrusted": 1}, "untrusted: expected True or False, not 1"),
        ("x", {"seed": "a"}, "seed: expected a whole number, not 'a'"),
        ("x", {"start": 5}, "start: expected an ISO 8601 text or a datetime, not int"),
        ("x", {"start": "2027-13-01"}, "start 2027-13-01: not an ISO 8601 instant"),
        ("x", {"max_workers": 0}, "max_workers: expected a whole number from 1 to 100,000,000, or none, not '0'"),
        ("x", {"part": "3/3"}, "part: expected I/K, part I of K"),
        ("x", {"settings": ["a=1"]}, "settings: expected a dict, not"),
        ("x", {"timezone": 5}, "timezone: expected a text, not 5"),
        ("x", {"then_live": 1}, "then_live: expected True or False, not 1"),
        ("x", {"format": "csv", "template": "t"}, "-f csv and --template t contradict each other"),
        ("x", {"catch_up": "skip"}, "--catch-up needs --resume"),
        ("x", {"schedule": 5}, "schedule: expected a path, a name or a dict, not int"),
        ("x", {"schedule": {"a": {1}}}, "arguments: is not JSON: there is no JSON of set"),
        ({"a": object}, {}, "spec: is not JSON: there is no JSON of type"),
        (5, {}, "spec: expected a path, a name or a dict, not int"),
        ("-", {}, 'spec: "-" is stdin, which only the command reads'),
    ],
)  # fmt: skip
def test_wrong_arguments_are_refused(spec: Any, given: dict[str, Any], text: str) -> None:
    """By the names that a program knows."""
    with pytest.raises(UsageError) as raised:
        asked(spec, given)
    assert str(raised.value).startswith(text)


def test_readers_are_of_fields_of_a_request() -> None:
    """None is read and dropped."""
    assert {*READERS} <= {*Request.__dataclass_fields__}


def test_streams_take_bytes() -> None:
    """A path, a name or a dict is no stream."""
    assert is_stream(io.BytesIO())
    assert not any(map(is_stream, (Path("x"), "x", {"type": "null"}, None)))
