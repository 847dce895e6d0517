"""Sorting on disk."""

import io
import random
from typing import Any

import pytest

from datagen.instants import DAY
from datagen.replay.checks import parse_replay
from datagen.replay.passes import ReplayLoop
from datagen.sources import sorting
from datagen.sources.base import SourceError
from tests.support.replays import replayed, spec_of, write


@pytest.mark.parametrize("runs", [1, 7])
def test_sort_is_stable_and_on_disk(runs: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Records of one instant stay in the order of the file, however many runs were merged."""
    monkeypatch.setattr(sorting, "RUN_BYTES", 40_000 // runs)
    monkeypatch.setattr(sorting, "MAX_RUNS", 3)
    monkeypatch.setattr(sorting, "_BATCH_ROWS", 50)
    monkeypatch.setattr(sorting, "MAX_READ_BYTES", 2000)
    chance = random.Random(2)
    rows = [(chance.randint(0, 200), n) for n in range(2000)]
    write("t,n\n" + "".join(f"{time},{n}\n" for time, n in rows))
    found = [
        int(record["n"])
        for record in replayed(spec_of(time_format="seconds", loop=False, sort=True))
    ]
    assert found == [n for _, n in sorted(rows)]
    assert len(replayed(spec_of(time_format="seconds", sort=True), "-n", "5000")) == 5000


@pytest.mark.parametrize("pipe", [True, False])
def test_year_is_known_when_all_is_read(pipe: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """29 February comes last, and moves what was sorted before into its year; in a pipe too."""
    monkeypatch.setattr(sorting, "MAX_READ_BYTES", 40)
    monkeypatch.setattr(sorting, "RUN_BYTES", 200)
    days = ["Dec 31", "Jan 01", "Dec 30", "Jan 02", "Feb 28", "Feb 29", "Feb 28", "Mar 01"]
    data = "\n".join(["t", *days]).encode()
    write(data)
    spec = spec_of(
        "-" if pipe else "x.csv", source_format="csv", time_format="%b %d", sort=True, loop=False
    )
    replay, problems = parse_replay(spec, "r.json", io.BytesIO(data))
    assert problems == []
    stream = ReplayLoop(replay, 1, 0, 10**17)
    found = [each for window in stream.windows() for each in window.times.micros.tolist()]
    stream.close()
    assert [each // DAY for each in found] == [0, 1, 2, 3, 60, 60, 61, 62]


class Endless(io.RawIOBase):
    """A pipe without end: `record` again and again."""

    def __init__(self, record: bytes) -> None:
        super().__init__()
        self._data, self._reads = b"t\n" + record * 1000, 0

    def read(self, size: int = -1) -> bytes:
        self._reads += 1
        assert self._reads < 1000, "read without end"
        return self._data if self._reads == 1 else self._data[2:]


def test_pipe_without_end_is_sorted_up_to_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is sorted lies on the disk."""
    monkeypatch.setattr(sorting, "MAX_READ_BYTES", 4000)
    monkeypatch.setattr(sorting, "RUN_BYTES", 20_000)
    monkeypatch.setattr(sorting, "MAX_PIPE_BYTES", 200_000)
    spec = spec_of("-", source_format="csv", time_format="seconds", sort=True, loop=False)
    replay, problems = parse_replay(spec, "r.json", Endless(b"1\n"))  # type: ignore[arg-type]
    assert problems == []
    stream = ReplayLoop(replay, 1, 0, 10**17)
    with pytest.raises(SourceError, match="are not sorted of a pipe: sort a file"):
        list(stream.windows())
    stream.close()


@pytest.mark.parametrize("record", [b"1\n", b"\n"])
@pytest.mark.parametrize("sort", [True, False])
def test_signal_ends_the_reading_of_a_pipe_without_end(record: bytes, sort: bool) -> None:
    """Also of one that has no records."""
    spec = spec_of("-", source_format="csv", time_format="seconds", sort=sort, loop=False)
    replay, problems = parse_replay(spec, "r.json", Endless(record))  # type: ignore[arg-type]
    assert problems == []
    looks = iter(range(10**6))
    stream = ReplayLoop(replay, 1, 0, 10**17, stopped=lambda: next(looks) > 20)
    for _ in stream.windows():
        pass
    stream.close()


def test_merging_ends_when_nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """It can take minutes."""
    monkeypatch.setattr(sorting, "MAX_READ_BYTES", 400)
    monkeypatch.setattr(sorting, "RUN_BYTES", 400)
    monkeypatch.setattr(sorting, "MAX_RUNS", 2)
    write("t\n" + "".join(f"{n}\n" for n in range(2000)))
    merged: list[int] = []
    original = sorting._merged

    def counted(runs: list[sorting._Run]) -> Any:
        for batch in original(runs):
            merged.append(batch.num_rows)
            yield batch

    monkeypatch.setattr(sorting, "_merged", counted)
    spec = spec_of(time_format="seconds", sort=True, loop=False)
    replay, _ = parse_replay(spec, "r.json", io.BytesIO())
    stream = ReplayLoop(replay, 1, 0, 10**17, stopped=lambda: bool(merged))
    assert list(stream.windows()) == []
    assert len(merged) <= 2
    stream.close()
