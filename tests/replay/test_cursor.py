"""The cursor of a replay as JSON."""

import json

from datagen.part import Part
from datagen.replay.cursor import ReplayCursor, replay_cursor
from datagen.sources.base import RecordPosition

CURSOR = ReplayCursor(
    since=9, pass_number=2, record=5, position=RecordPosition(4, 100, 6), shift=7000, first=1, last=8,
    size=30, gap=11, until=12, source=(100, 200),
)  # fmt: skip


def test_cursor_comes_back_from_json() -> None:
    """All of it."""
    assert replay_cursor(json.loads(json.dumps(CURSOR.to_json()))) == CURSOR


def test_keys_are_those_of_earlier_versions() -> None:
    """A checkpoint of an earlier version goes on."""
    assert list(CURSOR.to_json()) == [
        "since", "turn", "record", "place", "shift", "first", "last", "size", "gap", "until", "source",
    ]  # fmt: skip
    assert CURSOR.to_json()["place"] == {"record": 4, "byte": 100, "line": 6}


def test_moved_cursor_moves_what_is_to_come() -> None:
    """Shifts are nanoseconds, instants of the run microseconds."""
    moved = CURSOR.moved(by=3, since=20)
    assert (moved.shift, moved.until, moved.since) == (10_000, 15, 20)
    assert ReplayCursor(0).moved(by=3, since=20).shift is None


def test_cursor_may_belong_to_any_part() -> None:
    """Each goes through all records; the checkpoint says whose it is."""
    assert CURSOR.belongs_to(Part(2, 3))
