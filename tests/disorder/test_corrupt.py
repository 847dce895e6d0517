"""What leaves corrupted is refused by a strict reader, or shows its fault; it is one line, and no other is touched."""

import csv
import io
import json
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from datagen.disorder.copies import Corruption
from datagen.disorder.corrupt import can_corrupt, corrupted
from datagen.disorder.effects import Corrupt
from datagen.errors import RunError
from datagen.formats import FORMATS
from datagen.formats.base import any_format
from datagen.formats.encoding import Encoding
from datagen.formats.rendered import RecordBytes
from tests.support.records import rendered

OBJECTS: list[dict[str, Any]] = [
    {"time": "2027-03-12T00:00:00.000", "client": 'größer, "a"', "n": 1, "tags": ["x", {"y": 1}]},
    {"time": "2027-03-12T00:00:01.000", "client": None, "n": -2.5, "ok": True},
    {"only": None},
    {},
    {"x": '}{\\"', "y": "\u20ac\u20ac"},
]  # fmt: skip
ROWS = [
    ["2027-03-12", 'a, "b"', "1"],
    ["", "x", ""],
    ['"', "größer", "-2.5"],
    ["a,b", "c,d", "e,f"],
]


def effect(how: str) -> Corrupt:
    """Return an effect that hits everything."""
    return Corrupt.model_validate({"type": "corrupt", "how": how})


def records(lines: list[bytes]) -> RecordBytes:
    """Return lines as records."""
    return rendered([line + b"\n" for line in lines]).as_bytes()


def every(how: str, size: int, seed: int) -> Corruption:
    """Return the corruption of all records."""
    bits = np.random.default_rng(seed).integers(0, 1 << 64, size, dtype=np.uint64)
    return Corruption(effect(how), np.arange(size), bits)


def broken(lines: list[bytes], how: str, form: Any, seed: int) -> list[bytes]:
    """Return lines, all of them corrupted."""
    found = corrupted(records(lines), [every(how, len(lines), seed)], any_format(form))
    begins = [0, *found.ends.tolist()]
    made = [bytes(found.data[a:b]) for a, b in pairwise(begins)]
    assert all(each.endswith(b"\n") and each.count(b"\n") == 1 for each in made)
    assert all(len(each.decode("latin-1").splitlines()) == 1 for each in made if each != b"\n")
    return [each[:-1] for each in made]


def json_fault(line: bytes, clean: dict[str, Any]) -> str:
    """Return what a strict reader says of a line, given the types that its members should have."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len({name for name, _ in pairs}) < len(pairs):
            raise KeyError
        return dict(pairs)

    try:
        text = line.decode()
    except UnicodeDecodeError:
        return "encoding"
    try:
        found = json.loads(text, object_pairs_hook=once)
    except KeyError:
        return "duplicate_key"
    except ValueError:
        control = any(character < " " for character in text)
        return "bytes" if control else "truncate"
    if type(found) is not dict or found.keys() != clean.keys():
        return "type"
    wrong = [name for name in found if type(found[name]) is not type(clean[name])]
    return "type" if len(wrong) == 1 else ""


@pytest.mark.parametrize("how", ["truncate", "bytes", "type", "duplicate_key", "encoding"])
@pytest.mark.parametrize("seed", range(20))
def test_a_strict_reader_of_json_sees_the_fault(how: str, seed: int) -> None:
    """Which is just that one."""
    lines = [
        json.dumps(each, ensure_ascii=False, separators=(",", ":")).encode() for each in OBJECTS
    ]
    found = broken(lines, how, "json", seed)
    faults = [json_fault(line, clean) for line, clean in zip(found, OBJECTS, strict=True)]
    if how == "bytes":  # which may have been a part of a character
        faults = ["bytes" if each == "encoding" else each for each in faults]
        assert all(any(byte < 32 for byte in line) for line in found)
    assert faults == [how] * len(OBJECTS)


def test_lines_without_a_fault_have_none() -> None:
    """The reader of the test above can say so."""
    assert [json_fault(json.dumps(each).encode(), each) for each in OBJECTS] == [""] * len(OBJECTS)


def cells_of(rows: list[list[str]], form: str) -> list[bytes]:
    """Return rows as lines of CSV or TSV."""
    if form == "tsv":
        return ["\t".join(row).encode() for row in rows]
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode().splitlines()


@pytest.mark.parametrize("form", ["csv", "tsv"])
@pytest.mark.parametrize("how", ["truncate", "bytes", "encoding"])
@pytest.mark.parametrize("seed", range(20))
def test_a_strict_reader_of_cells_sees_the_fault(how: str, form: str, seed: int) -> None:
    """A cell less, a control character, a byte that is no UTF-8; and the next line stays one."""
    for line in broken(cells_of(ROWS, form), how, form, seed):
        if how == "bytes":
            assert set(line) & {*range(9), *range(14, 28)}
        elif how == "encoding":
            with pytest.raises(UnicodeDecodeError):
                line.decode()
        else:
            text = line.decode("utf-8", "replace")
            if form == "csv":
                (row,) = list(csv.reader([text], strict=True)) or [[]]
            else:
                row = text.split("\t")
            assert len(row) < 3


@pytest.mark.parametrize("how", ["truncate", "bytes", "encoding"])
def test_lines_of_any_text_are_changed(how: str) -> None:
    """Also where nobody knows what they mean."""
    form = {"type": "pattern", "pattern": "{x}"}
    lines = [b"GET /a 200", b"x", b""]
    found = broken(lines, how, form, 1)
    assert found[:2] != lines[:2]
    assert len(found[0]) < len(lines[0]) or how != "truncate"


def test_others_are_left_alone() -> None:
    """Byte for byte, and their ends are where they are."""
    lines = [b'{"n":%d}' % number for number in range(50)]
    bits = np.arange(3, dtype=np.uint64)
    corruption = Corruption(effect("truncate"), np.array([0, 7, 49]), bits)
    found = corrupted(records(lines), [corruption], any_format("json"))
    ends = [0, *found.ends.tolist()]
    after = [bytes(found.data[a:b]) for a, b in pairwise(ends)]
    assert [place for place in range(50) if after[place] != lines[place] + b"\n"] == [0, 7, 49]
    assert len(found.data) == ends[-1]


def test_effects_come_one_after_the_other() -> None:
    """What cannot be taken apart any more stays as the first has left it."""
    lines = [b'{"a":1,"b":"x"}'] * 4
    first, second = every("truncate", 4, 1), every("duplicate_key", 4, 2)
    once = corrupted(records(lines), [first], any_format("json"))
    twice = corrupted(records(lines), [first, second], any_format("json"))
    assert bytes(once.data) == bytes(twice.data)
    both = corrupted(records(lines), [second, first], any_format("json"))
    assert bytes(both.data) != bytes(once.data)


def test_line_ends_of_two_characters_stay() -> None:
    """A record ends as before."""
    form = any_format({"type": "csv", "line_end": "crlf"})
    found = corrupted(rendered([b"a,b\r\n"]).as_bytes(), [every("truncate", 1, 0)], form)
    assert bytes(found.data).endswith(b"\r\n")
    assert b"," not in found.data.tobytes()


def test_records_that_were_not_written_are_not_looked_at() -> None:
    """From the first that could not be."""
    stopped = RecordBytes(memoryview(b"{}\n"), np.array([3, 3]), Encoding(), (1, RunError("x")))
    found = corrupted(stopped, [every("truncate", 2, 0)], any_format("json"))
    assert bytes(found.data) == b"{\n"


WITHOUT_KEYS = {"pattern": {"pattern": "{x}"}, "template": {"name": "t"}}


@pytest.mark.parametrize("kind", FORMATS)
def test_formats_of_text_can_be_corrupted(kind: str) -> None:
    """Names and types are in the lines of JSON only."""
    form = any_format({"type": kind, **WITHOUT_KEYS.get(kind, {})})
    is_text = kind not in ("parquet", "arrow", "arrow_stream", "avro")
    assert can_corrupt(effect("truncate"), form) is is_text
    assert can_corrupt(effect("type"), form) is (kind == "json")
    assert can_corrupt(effect("duplicate_key"), form) is (kind == "json")
