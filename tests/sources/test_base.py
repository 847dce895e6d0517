"""Chunks of records: their parts, slices and locations."""

import io

import numpy as np

from datagen.sources import JsonLines
from datagen.sources.base import Chunk, ReadOptions, RecordPosition, why_unreadable
from datagen.sources.jsonlines import ObjectRows
from datagen.sources.moving import TimeField
from datagen.sources.time_parsing import time_parser

OPTIONS = ReadOptions(TimeField("t", time_parser("seconds")), {})
ROWS = ObjectRows([{"t": n} for n in range(5)], OPTIONS)
LINES = np.array([3, 4, 6, 7, 8])
CHUNK = Chunk(ROWS, RecordPosition(10, 0, 3), lambda: LINES, "is not JSON", 9)


def test_part_begins_at_its_first_record() -> None:
    """With its lines, and without the mistake after the last."""
    part = CHUNK.part(2, 4)
    assert (len(part), part.begin.record, part.problem) == (2, 12, "")
    assert part.lines()[:2].tolist() == [6, 7]


def test_slices_are_of_about_one_size() -> None:
    """The mistake is after the last."""
    slices = list(CHUNK.slices(2))
    assert [len(each) for each in slices] == [1, 2, 2]
    assert [each.problem for each in slices] == ["", "", "is not JSON"]


def test_location_is_a_line_of_the_file() -> None:
    """That of what cannot be read too."""
    assert (CHUNK.location(2), CHUNK.location(5)) == ("line 6", "line 9")


def test_rows_come_back_from_arrow() -> None:
    """As sorting on disk needs it."""
    source = JsonLines("-", OPTIONS, io.BytesIO())
    assert source.from_arrow(ROWS.to_arrow()) == ROWS


def test_reason_why_a_file_is_unreadable_is_one_line() -> None:
    """Without the number of the system's error, and the first line of a longer text."""
    assert why_unreadable(OSError(5, "Input/output error")) == "Input/output error"
    assert why_unreadable(ValueError("no magic bytes\nat 7")) == "no magic bytes"
