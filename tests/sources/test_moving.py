"""Fields with times that move together with the clock."""

import numpy as np
import pyarrow as pa
import pytest

from datagen.columns.column_type import INT
from datagen.columns.scalar import TextColumn
from datagen.errors import ClockLimitError
from datagen.sources.moving import (
    Move,
    MovingTimes,
    TimeField,
    TimeMember,
    moving_fields,
    read_moving,
)
from datagen.sources.time_parsing import time_parser
from datagen.sources.times import SourceTimes

SECONDS = TimeField("u", time_parser("seconds"))


def read(index: list[int], texts: list[str], filler: str | None = None) -> MovingTimes:
    """Return the times of a field, whose rows are as the index says."""
    times, problem = read_moving(
        SECONDS,
        np.array(index),
        lambda around: SECONDS.parser.read_texts(pa.array(texts), as_texts=False, around=around),
        None,
        None if filler is None else TextColumn(pa.array([filler])),
    )
    assert problem is None
    return times


def move(seconds: list[int], rows: list[int] | None = None) -> Move:
    """Return a move by so many seconds."""
    micros = np.array(seconds, dtype=np.int64) * 1_000_000
    clock = SourceTimes(micros, None, ())
    picked = None if rows is None else np.array(rows)
    return Move(picked, clock, micros, np.zeros_like(micros))


def test_each_row_moves_by_its_own_span() -> None:
    """Null, missing and filled rows stay; rows that are picked move as those."""
    times = read([0, -1, -2, 1, 0], ["1", "5"], filler="none")
    assert times.column_type == INT
    column = times.moved(move([10, 20, 30, 40, 50]))
    assert column.json_text.to_pylist() == ["11", "null", "", '"none"', "55"]
    assert times.moved(move([7, 8], [4, 1])).json_text.to_pylist() == ["12", "null"]
    assert times.take(np.array([4])).moved(move([1])).json_text.to_pylist() == ["6"]


def test_first_value_that_is_no_time_is_told() -> None:
    """By its row among all, with the name of the field; the rows from there on have no times."""
    texts = pa.array(["1", "x"])
    times, problem = read_moving(
        SECONDS,
        np.array([0, -1, 0]),
        lambda around: SECONDS.parser.read_texts(texts, as_texts=False, around=around),
        None,
    )
    assert problem is not None
    assert (problem.row, problem.text[:11]) == (2, 'u: time "x"')
    assert times.has_time(None).tolist() == [True, False, False]


def test_time_beyond_the_calendar_ends_the_run() -> None:
    """With the name of its field."""
    times = read([0], ["253402300799"])
    with pytest.raises(ClockLimitError, match="u: a time would be outside of the years 1 to 9999"):
        times.moved(move([1]))


def test_fields_are_found_by_name_or_by_path() -> None:
    """A name with a dot that records have is no path; the clock inside of an object moves it."""
    assert SECONDS.path(()) == ("u",)
    assert TimeField("a.b", SECONDS.parser).path({"a"}) == ("a", "b")
    assert TimeField("a.b", SECONDS.parser).path({"a.b"}) == ("a.b",)
    fields = [TimeField(name, SECONDS.parser) for name in ("o.clock", "u", "o.p.v")]
    some = read([0], ["1"])
    holders = {}

    def hold(name: str, members: tuple[TimeMember, ...]) -> MovingTimes:
        holders[name] = members
        return some

    moving, problems = moving_fields(fields, {"o", "u"}, lambda *_: (some, None), hold)
    assert (list(moving), problems) == (["u", "o"], [])
    assert holders["o"] == (TimeMember(("clock",), None), TimeMember(("p", "v"), some))
