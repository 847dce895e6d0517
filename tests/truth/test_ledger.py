"""Events are settled once all their copies are delivered, and written in order."""

import json
from collections.abc import Iterable
from typing import Any

import numpy as np
import pyarrow as pa

from datagen.disorder.copies import Copies
from datagen.formats.rendered import Rendered
from datagen.instants import NAIVE
from datagen.part import Part
from datagen.truth.ledger import Ledger

SECOND = 1_000_000


def copies(*rows: tuple[int, int, bool, int]) -> Copies:
    """Return copies by their rows, arrivals, whether they leave, and effects."""
    columns = [np.array(each) for each in zip(*rows, strict=True)]
    numbers = np.arange(len(rows))
    skews = np.zeros(len(rows), dtype=np.int64)
    return Copies(columns[0], numbers, columns[1], skews, columns[2].astype(bool), columns[3].astype(np.uint64))  # fmt: skip


def lines(found: Iterable[Rendered]) -> list[dict[str, Any]]:
    """Return the lines."""
    return [json.loads(line) for each in found for line in bytes(each.as_bytes().data).splitlines()]


def ledger(start: int = 0, part: Part | None = None) -> Ledger:
    """Return a ledger with two events: one of two copies, of which one is late, and one that is dropped; then a third."""
    made = Ledger(("late", "drop"), NAIVE, start, part or Part())
    times, texts = np.array([1, 2]) * SECOND, pa.array(['"x":1', '"x":2'])
    first = copies((0, SECOND, True, 0), (0, 9 * SECOND, True, 1), (1, 2 * SECOND, False, 2))
    assert made.add(times, texts, first, first.arrivals) == 0
    second = copies((0, 3 * SECOND, True, 0))
    assert made.add(np.array([3 * SECOND]), pa.array(['"x":3']), second, second.arrivals) == 3
    return made


def test_an_event_waits_for_its_last_copy_and_for_those_before_it() -> None:
    """Then all that can be written is."""
    made = ledger()
    made.leave(np.array([0, 3]), np.array([1, 3]) * SECOND)
    assert lines(made.settled(2)) == []
    made.leave(np.array([1]), np.array([9]) * SECOND)
    assert lines(made.settled(2)) == []
    first, dropped, third = lines(made.settled(3))
    assert (first["event"], first["x"], first["records"], first["late_by"]) == (
        0,
        1,
        [0, 2],
        [0.0, 8.0],
    )
    assert first["arrivals"] == ["1970-01-01T00:00:01.000", "1970-01-01T00:00:09.000"]
    assert first["effects"] == ["late"]
    assert (dropped["event"], dropped["arrivals"], dropped["effects"]) == (1, [], ["drop"])
    assert (third["event"], third["records"]) == (2, [1])
    assert lines(made.settled(3)) == lines(made.rest(3, None)) == []


def test_the_rest_has_no_numbers_for_what_has_not_been_delivered() -> None:
    """It goes up to an instant."""
    made = ledger()
    made.leave(np.array([0, 3]), np.array([1, 3]) * SECOND)
    first, _ = lines(made.rest(1, 2 * SECOND))
    assert (len(first["arrivals"]), first["records"]) == (2, [0])
    [third] = lines(made.rest(1, None))
    assert (len(third["arrivals"]), third["records"]) == (1, [])


def test_nothing_counts_before_the_start() -> None:
    """Events of which nothing arrives after it have no line."""
    made = ledger(start=3 * SECOND)
    made.leave(np.array([0, 3, 1]), np.array([1, 3, 9]) * SECOND)
    first, third = lines(made.settled(2))
    assert (first["event"], first["records"]) == (0, [1])
    assert (third["event"], third["records"]) == (2, [0])


def test_events_of_a_part_are_numbered_by_it() -> None:
    """The j-th of part I of K is I + jK."""
    made = ledger(part=Part(2, 5))
    made.leave(np.array([0, 3, 1]), np.array([1, 3, 9]) * SECOND)
    assert [each["event"] for each in lines(made.settled(3))] == [2, 7, 12]
