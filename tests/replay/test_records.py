"""The fields of replayed records: nulls and missing values."""

import numpy as np
import pytest

from tests.support.replays import (
    replayed,
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
