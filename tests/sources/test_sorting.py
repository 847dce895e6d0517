"""Sorting on disk."""

import io
import random

import pytest

from datagen.instants import DAY
from datagen.replay.checks import parse_replay
from datagen.replay.passes import ReplayLoop
from datagen.sources import sorting
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
