"""Sorting on disk."""

import random

import pytest

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
