"""The source of a replay before a run: its first records, its fields and their types."""

import io
from typing import Any

from datagen.columns.column_type import INSTANT, INT, NOTHING, TEXT
from datagen.replay.checks import parse_replay
from datagen.replay.source import SAMPLE, ReplaySource
from datagen.sources.base import FILE_START
from tests.support.replays import rows_of, spec_of, write


def source_of(data: str, **keys: Any) -> ReplaySource:
    """Return the source of a replay of stdin, or of a file."""
    stdin = io.BytesIO(data.encode())
    return parse_replay(spec_of(loop=False, **keys), "test.json", stdin)[0]


def test_sample_is_the_first_records() -> None:
    """And no more, however large the blocks."""
    write(rows_of(3000))
    assert sum(map(len, source_of("").sample)) == SAMPLE


def test_sample_of_a_pipe_is_read_again() -> None:
    """What was looked at is not lost."""
    replay = source_of(rows_of(3000), source_file="-", source_format="csv")
    assert replay.fields == ("t", "n")
    assert sum(map(len, replay.sample)) == SAMPLE
    assert sum(map(len, replay.chunks(FILE_START, lambda: 1 << 16))) == 3000


def test_types_are_those_of_the_first_records() -> None:
    """A field that is declared but was not seen has the type declared."""
    write('{"t":"2020-01-01","a":1}\n{"t":"2020-01-02","b":null}\n', "x.ndjson")
    replay = source_of("", source_file="x.ndjson", types={"a": "int"})
    assert replay.column_types == {"t": INSTANT, "a": INT, "b": NOTHING}
    write("t,n\n1,2\n")
    texts = source_of("", time_format="seconds", types={"t": "text"})
    assert texts.column_types == {"t": TEXT, "n": TEXT}
