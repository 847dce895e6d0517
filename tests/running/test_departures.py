"""Copies leave in order of their arrivals, whatever the windows, from wherever an earlier run stopped."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from datagen.batch import Batch, FaultPlace
from datagen.disorder.copies import Copies
from datagen.errors import RunError, TargetError
from datagen.formats.rendered import RecordBytes, Rendered
from datagen.instants import NAIVE
from datagen.part import Part
from datagen.position import Jump
from datagen.running.departure_cursor import DepartureCursor, departure_cursor
from datagen.running.departures import Departures
from datagen.running.rendering import Written

BUDGET = 1_000_000
PLACE = FaultPlace(("a",), "x")
Event = tuple[
    int, list[int | None]
]  # its instant, and the arrival of each copy: None where it is dropped


@dataclass(frozen=True)
class At:
    """The position before an event, by its number: all that the source of this test needs."""

    event: int
    has_workers = True
    source = ()

    @property
    def since(self) -> int:
        """Return any instant."""
        return 0

    def fits(self, spec: Any) -> bool:
        """Return that all fit."""
        return spec is not None

    def belongs_to(self, part: Part) -> bool:
        """Return that it belongs to all."""
        return part is not None

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {"event": self.event}


def events(seed: int, count: int = 300) -> list[Event]:
    """Return some events with copies that leave at once, late, or never; many at one instant."""
    chance, instant, made = random.Random(seed), 1000, []
    for _ in range(count):
        instant += chance.choice([0, 0, 1, 5])
        copies: list[int | None] = []
        for _ in range(chance.choice([1, 1, 1, 2, 3])):
            late = chance.choice([0, 0, 0, 3, 40, chance.randrange(200)])
            copies.append(None if chance.random() < 0.1 else instant + late)
        made.append((instant, copies))
    return made


def written(some: list[Event], begin: int, size: int) -> Iterator[Written]:
    """Yield batches of events from a number on; the text of a copy is its event and its number."""
    for first in range(begin, len(some), size):
        part = some[first : first + size]
        rows, numbers, arrivals, left = [], [], [], []
        for row, (instant, copies) in enumerate(part):
            for number, arrival in enumerate(copies):
                rows.append(row)
                numbers.append(number)
                arrivals.append(instant if arrival is None else arrival)
                left.append(arrival is not None)
        copied = Copies(
            np.array(rows), np.array(numbers), np.array(arrivals), np.zeros(len(rows), dtype=np.int64),
            np.array(left), np.zeros(len(rows), dtype=np.uint64),
        )  # fmt: skip
        leaving = copied.leaving()
        texts = [
            b"%d.%d\n" % (first + row, number)
            for row, number in zip(leaving.rows.tolist(), leaving.copies.tolist(), strict=True)
        ]
        times = np.array([part[row][0] for row in leaving.rows.tolist()], dtype=np.int64)
        payload = RecordBytes(
            memoryview(b"".join(texts)), np.cumsum([len(each) for each in texts], dtype=np.int64)
        )
        odd = np.flatnonzero((leaving.rows + first) % 7 == 0)
        batch = Batch(
            times, leaving.rows + first, 1, NAIVE, (), cursor=At(first),
            faults={PLACE: odd} if len(odd) else {},
        )  # fmt: skip
        labels = {"key": [each.decode().strip() for each in texts]}
        rendered = Rendered((payload,), leaving.arrivals, labels, told=times)
        yield Written(batch, rendered, copied)


def plain(some: list[Event]) -> list[tuple[int, int, int]]:
    """Return the arrival, event and number of each copy that leaves, in order."""
    return sorted(
        (arrival, event, number)
        for event, (_, copies) in enumerate(some)
        for number, arrival in enumerate(copies)
        if arrival is not None
    )


def texts_of(rendered: Rendered) -> list[str]:
    """Return the records."""
    return bytes(rendered.as_bytes().data).decode().splitlines()


def left(found: Iterator[tuple[Batch, Rendered]]) -> list[tuple[int, int, int]]:
    """Return what left, and check that all that is known of a copy is its own."""
    made = []
    for batch, rendered in found:
        names = texts_of(rendered)
        assert batch.times.tolist() == rendered.times.tolist()
        assert rendered.labels["key"] == names
        odd = batch.faults.get(PLACE, np.array([])).tolist()
        for row, (arrival, name) in enumerate(zip(batch.times.tolist(), names, strict=True)):
            event, number = map(int, name.split("."))
            assert batch.workers[row] == event
            assert (row in odd) == (event % 7 == 0)
            made.append((arrival, event, number))
    return made


def never() -> bool:
    """Return that the run goes on."""
    return False


@pytest.mark.parametrize("size", [1, 7, 50, 1000])
@pytest.mark.parametrize("seed", range(3))
def test_copies_leave_in_order_of_arrival(seed: int, size: int) -> None:
    """Those of one instant in order of events, then of copies."""
    some = events(seed)
    departures = Departures(None, (), None, BUDGET)
    assert left(departures.batches(written(some, 0, size), never)) == plain(some)
    assert departures.under_way.copies == 0


@pytest.mark.parametrize("size", [1, 7, 50])
@pytest.mark.parametrize("seed", range(3))
def test_any_cursor_goes_on_where_it_stands(seed: int, size: int) -> None:
    """Nothing leaves twice, nothing gets lost; cursors are JSON in between, and windows others."""
    some = events(seed)
    expected, count = plain(some), 0
    for batch, rendered in Departures(None, (), None, BUDGET).batches(
        written(some, 0, size), never
    ):
        cursor = batch.cursor
        assert isinstance(cursor, DepartureCursor)
        source = cursor.source_cursor
        assert isinstance(source, At)
        assert source.event == cursor.event
        again = departure_cursor(source, cursor.to_json())
        assert again == cursor
        rest = Departures(again, (), None, BUDGET).batches(written(some, source.event, 13), never)
        assert left(rest) == expected[count:]
        count += len(rendered)


def test_what_leaves_after_the_end_stays_under_way() -> None:
    """The run that goes on from the position at the end has it."""
    some = events(5)
    end = some[150][0]
    early, late = [each for each in some if each[0] < end], plain(some)
    first = Departures(None, (), end, BUDGET)
    before = left(first.batches(written(early, 0, 20), never))
    assert before == [each for each in late if each[0] < end]
    assert first.under_way.last == max(arrival for arrival, event, _ in late if event < len(early))
    cursor = first.cursor(At(len(early)))
    assert isinstance(cursor.source_cursor, At)
    second = Departures(cursor, (), None, BUDGET)
    assert left(second.batches(written(some, cursor.event, 20), never)) == late[len(before) :]


def test_nothing_under_way_leaves_when_a_run_is_stopped() -> None:
    """It is for the run that goes on."""
    some: list[Event] = [(0, [5]), (1, [100])]
    assert left(Departures(None, (), None, BUDGET).batches(written(some, 0, 9), lambda: True)) == []


def test_a_jump_moves_what_is_under_way() -> None:
    """Not what has left before it, nor what happens after it."""
    some: list[Event] = [(10, [10, 60]), (20, [90]), (1050, [1050, 1060])]
    found = left(
        Departures(None, [Jump(50, 1000)], None, BUDGET).batches(written(some, 0, 2), never)
    )
    assert found == [(10, 0, 0), (1050, 2, 0), (1060, 0, 1), (1060, 2, 1), (1090, 1, 0)]


def test_too_much_under_way_ends_the_run() -> None:
    """It says how much it is, and what to do."""
    some: list[Event] = [(instant, [instant + 10**6]) for instant in range(1000)]
    text = "copies of records are under way, which take 0 MB; at most 0 MB are held: use shorter delays"
    with pytest.raises(RunError, match=text):
        left(Departures(None, (), None, 1000).batches(written(some, 0, 100), never))


def test_a_record_that_cannot_be_written_ends_the_stream() -> None:
    """What arrives up to the last event before it leaves first."""
    some: list[Event] = [(0, [0]), (5, [5, 9]), (8, [8]), (9, [9])]
    [whole] = written(some, 0, 9)
    payload = replace(whole.rendered.as_bytes(), stopped=(3, TargetError("no")))
    stopped = whole._replace(rendered=replace(whole.rendered, payloads=(payload,)).rows(0, 3))
    [(batch, rendered), *_] = Departures(None, (), None, BUDGET).batches(
        iter([stopped]), lambda: True
    )
    assert texts_of(rendered) == ["0.0", "1.0"]
    assert str(batch.failure) == "no"
