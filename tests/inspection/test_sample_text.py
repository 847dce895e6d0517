"""Samples as lines."""

import json
import re
from dataclasses import replace

import pytest

from datagen.inspection.display import Display
from datagen.inspection.sample_text import members_of, record_lines, sample_lines
from datagen.inspection.sampling import ENDED, RARE, UNREACHABLE, EmitterSample, Samples
from datagen.instants import parse_instant

RECORDS = (
    '{"a":1,"long":"x, y","z":null}',
    '{"a":1000,"extra":[1,{"b":2}],"z":true}',
    '{"z":-2.5}',
)
PLAIN = Display()
NOON = parse_instant("2027-03-12T12:00:00Z")


def test_members_lie_below_each_other() -> None:
    """One that some records do not have leaves its place blank, and each line is JSON still."""
    lines = list(record_lines(RECORDS, PLAIN))
    assert lines == [
        '{"a":1,                         "long":"x, y", "z":null}',
        '{"a":1000, "extra":[1,{"b":2}],                "z":true}',
        '{                                              "z":-2.5}',
    ]
    assert [json.loads(each) for each in lines] == [json.loads(each) for each in RECORDS]


def test_records_that_are_wider_than_the_terminal_have_a_member_a_line() -> None:
    """One that is just as wide has not."""
    width = 2 + len(next(record_lines(RECORDS, PLAIN)))
    assert len(list(record_lines(RECORDS, Display(width=width)))) == 3
    lines = list(record_lines(RECORDS[:2], Display(width=width - 1)))
    assert lines[:3] == ['{"a":    1,', ' "long": "x, y",', ' "z":    null}']
    assert json.loads("".join(lines[3:])) == json.loads(RECORDS[1])


@pytest.mark.parametrize("width", [None, 20])
def test_colours_change_nothing_else(width: int | None) -> None:
    """Without them the text is the same."""
    colored = "\n".join(record_lines(RECORDS, Display(width, color=True)))
    assert colored.count("\033[34m") == 7
    assert re.sub(r"\033\[\d+m", "", colored) == "\n".join(record_lines(RECORDS, Display(width)))


def test_what_is_no_object_is_shown_as_it_is() -> None:
    """All of an emitter's records, if some are no objects; lines within a record too."""
    assert list(record_lines(['{"a":1}', "b\nc\td"], PLAIN)) == ['{"a":1}', "b", "c\td"]


@pytest.mark.parametrize(
    "text", ["", "1", "{", '{"a"', '{"a":1', '{"a":1}}', '{"a" 1}', '{"a":1 "b":2}', "{1}", "{1:2}", '{"a":}',
             '{"a":1,}', '{"n":' + "9" * 5000 + "}"]
)  # fmt: skip
def test_what_is_no_object(text: str) -> None:
    """A number that Python refuses makes one that is not taken apart."""
    assert members_of(text) is None


def test_members_are_as_they_are_written() -> None:
    """Blanks after marks are left out, what does not print is escaped."""
    assert members_of('{"a": 1e3, "b":"\\u00e9"}') == {'"a"': "1e3", '"b"': '"\\u00e9"'}
    assert members_of('{"a":"\x9b"}') == {'"a"': '"\\x9b"'}
    assert members_of("{}") == {}
    assert list(record_lines(["{}"], Display(width=1))) == ["{}"]


def test_emitters_have_titles_and_reasons() -> None:
    """Why there are fewer records than asked for."""
    some = (
        EmitterSample("a", ["x"]),
        EmitterSample("b\n", ["y"], RARE),
        EmitterSample("c", [], ENDED),
        EmitterSample("d", [], UNREACHABLE),
    )
    samples = Samples(some, 2, "head", None, 1200, NOON, 10.01)
    assert list(sample_lines(samples, PLAIN)) == [
        "a",
        "  head",
        "  x",
        "",
        "b\\n: 1 of 2 records; it is rare: looked at 1,200 records up to 2027-03-12T12:00:00.000000Z in 10 s",
        "  head",
        "  y",
        "",
        "c: 0 of 2 records: the run ends after 1,200 records up to 2027-03-12T12:00:00.000000Z",
        "",
        "d: no worker can come to a state that makes it",
    ]
    nothing = replace(samples, emitters=some[2:3], looked_at=0, reached=None)
    assert list(sample_lines(nothing, PLAIN)) == ["c: 0 of 2 records: the run ends after 0 records"]


def test_another_format_is_said() -> None:
    """Before all else."""
    lines = list(sample_lines(Samples((), 1, instead_of="avro"), PLAIN))
    assert lines == ["records are shown as JSON: avro is no text", ""]
