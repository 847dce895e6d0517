"""Objects of JSON that hold times."""

import numpy as np
import pyarrow as pa

from datagen.columns.column import ABSENT
from datagen.sources.json_times import MovingObjects
from datagen.sources.moving import Move, TimeField, TimeMember, read_moving
from datagen.sources.time_parsing import time_parser

ISO, MILLIS = time_parser("iso"), time_parser("millis")


def test_members_move_and_the_rest_stays() -> None:
    """In their order; what is no object, has no such member or none at all is as it was."""
    clock, _ = ISO.read_texts(pa.array(["2020-01-01T00:00:00Z"] * 5), as_texts=True)
    inner, _ = read_moving(
        TimeField("o.p.t", MILLIS),
        np.array([0, -1, -2, -2, -2]),
        lambda _: MILLIS.read_numbers([5]),
        None,
    )
    values = [
        {"x": 1, "p": {"t": 5, "y": []}, "c": "?"},
        {"p": {"t": None}, "c": "?"},
        7,
        ABSENT,
        None,
    ]
    objects = MovingObjects(values, (TimeMember(("p", "t"), inner),))
    micros, nanos = np.full(5, 1_000_000), np.zeros(5, dtype=np.int64)
    column = objects.moved(Move(None, clock, micros, nanos))
    assert column.json_text.to_pylist() == [
        '{"x":1,"p":{"t":1005,"y":[]},"c":"?"}', '{"p":{"t":null},"c":"?"}', "7", "", "null",
    ]  # fmt: skip
    assert values[0] == {"x": 1, "p": {"t": 5, "y": []}, "c": "?"}
    with_clock = MovingObjects(
        values[:2], (TimeMember(("c",), None), TimeMember(("p", "t"), inner))
    )
    move = Move(None, clock.take(slice(0, 2)), micros[:2], nanos[:2])
    assert with_clock.moved(move).json_text.to_pylist() == [
        '{"x":1,"p":{"t":1005,"y":[]},"c":"2020-01-01T00:00:00Z"}',
        '{"p":{"t":null},"c":"2020-01-01T00:00:00Z"}',
    ]
    assert [name for name, _ in with_clock.times_of()] == ["o.p.t"]
    one = objects.take(np.array([2])).moved(
        Move(None, clock.take(slice(0, 1)), micros[:1], nanos[:1])
    )
    assert one.json_text.to_pylist() == ["7"]
