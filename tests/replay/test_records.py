"""The fields of replayed records: nulls and missing values."""

import io

import numpy as np
import pytest

from datagen.randomness import seed_word, visit_bits, worker_bits
from datagen.replay.checks import parse_replay
from tests.support.disorder import SEED, batches_of
from tests.support.replays import (
    replayed,
    rows_of,
    spec_of,
    write,
)


def test_nulls_are_drawn_for_each_field_and_record() -> None:
    """With their chances, independent of each other, and other fields are what they were."""
    write("t,a,b,c\n" + "".join(f"{n},a,b,{n}\n" for n in range(20_000)))
    injected = [{"field": "a", "null_probability": 0.3}, {"field": "b", "null_probability": 0.5}]
    spec = spec_of(time_format="seconds", loop=False, null_injection=injected)
    found = replayed(spec)
    a, b = (np.array([record[name] is None for record in found]) for name in "ab")
    assert a.mean() == pytest.approx(0.3, abs=0.01)
    assert b.mean() == pytest.approx(0.5, abs=0.012)
    assert (a & b).mean() == pytest.approx(0.15, abs=0.01)
    assert [record["c"] for record in found] == [str(n) for n in range(20_000)]
    only_a = replayed({**spec, "null_injection": injected[:1]})
    assert [record["a"] for record in only_a] == [record["a"] for record in found]


def test_what_is_missing_stays_missing() -> None:
    """Null is for values."""
    write('{"t":1}\n{"t":2,"a":1}\n', "x.ndjson")
    injected = [{"field": "a", "null_probability": 1}]
    spec = spec_of("x.ndjson", time_format="seconds", loop=False, null_injection=injected)
    assert [list(record) for record in replayed(spec)] == [["t"], ["t", "a"]]


def test_origins_of_records_are_passes_and_numbers() -> None:
    """As if a pass were a worker, and a record its visit."""
    write(rows_of(7, gap=1))
    replay, _ = parse_replay(spec_of(), "test.json", io.BytesIO())
    found: list[tuple[int, ...]] = []
    for batch in batches_of(replay, 5):
        assert batch.origins is not None
        made = batch.origins.made
        assert not made.places.any()
        assert np.array_equal(made.workers, batch.workers)
        found += zip(made.workers.tolist(), made.visits.tolist(), made.bits.tolist(), strict=True)
    places = [(worker, visit) for worker, visit, *_ in found]
    assert places[:14] == [(worker, visit) for worker in (0, 1) for visit in range(7)]
    workers, visits = np.array(places).T
    bits = np.array([each[2] for each in found], dtype=np.uint64)
    assert np.array_equal(bits, visit_bits(worker_bits(seed_word(SEED), workers), visits))
