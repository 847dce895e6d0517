"""Which copies leave, and when: compared with the rules copy by copy, whatever batches are cut into."""

from itertools import pairwise
from random import Random
from typing import Any

import numpy as np
import pytest

from tests.support.disorder import (
    PLAIN,
    SECOND,
    START,
    as_plain,
    batch_of,
    disorder_of,
    plain_copies,
    tuples_of,
)
from tests.support.fields import spec_with
from tests.support.helpers import invoke

UNIFORM = {"type": "uniform", "min": 0, "max": 20}
WHENS = [
    "client == 'ann'",
    "size > 50",
    "emitter == 'job' or state == 'cart'",
    "time > instant('2027-01-15T08:00:30')",
]
PERS = ["client", "worker % 5", "[tag, visit % 2]"]


def random_effect(chance: Random) -> dict[str, Any]:
    """Return an effect of any type with any keys."""
    delays = [UNIFORM, {"type": "exponential", "mean": 3, "max": 9}, "1.5S", 0]
    effect: dict[str, Any] = chance.choice(
        [
            {"type": "late", "delay": chance.choice(delays)},
            {"type": "duplicate", "delay": chance.choice(delays)},
            {"type": "duplicate", "copies": {"type": "uniform", "min": 0, "max": 3}},
            {"type": "drop"},
            {"type": "skew", "offset": chance.choice(["-90S", {"type": "normal", "mean": 0, "stddev": 5}])},
            {"type": "skew", "drift": chance.choice([250, {"type": "uniform", "min": -900, "max": 900}])},
            {"type": "outage", "period": chance.choice(["outage", "nightly"]), "then": "drop"},
            {"type": "outage", "period": "nightly", "then": "flush", "over": chance.choice([0, "2S", 7])},
            {"type": "corrupt", "how": chance.choice(["truncate", "bytes", "type"])},
        ]
    )  # fmt: skip
    effect |= {"share": chance.choice([0, 0.3, 0.8, 1])} if chance.random() < 0.8 else {}
    effect |= {"when": chance.choice(WHENS)} if chance.random() < 0.4 else {}
    return effect | ({"per": chance.choice(PERS)} if chance.random() < 0.4 else {})


@pytest.mark.parametrize("seed", range(40))
def test_copies_are_those_of_the_rules(seed: int) -> None:
    """An effect after the other, a copy after the other, in plain Python."""
    chance = Random(seed)
    raw = [random_effect(chance) for _ in range(chance.randint(1, 6))]
    batch = batch_of(chance.choice([0, 1, 60]))
    copies = disorder_of(*raw).copies(batch)
    assert as_plain(copies) == tuples_of(plain_copies(batch, raw))
    assert len(copies) == len(batch) or any(each["type"] == "duplicate" for each in raw)


def test_the_effects_of_the_comparison_do_something() -> None:
    """All of them: none is compared with nothing."""
    chance = Random(0)
    raw = [random_effect(chance) for _ in range(60)]
    copies = disorder_of(*[each for each in raw if each["type"] != "duplicate"]).copies(
        batch_of(500)
    )
    assert {each["when"] for each in raw if "when" in each} | {
        each["per"] for each in raw if "per" in each
    } == {*PLAIN}
    assert (~copies.left).any()
    assert copies.skews.any()


EVERYTHING: list[dict[str, Any]] = [
    {"type": "late", "share": 0.3, "delay": UNIFORM, "when": "size > 50"},
    {"type": "duplicate", "share": 0.2, "copies": {"type": "uniform", "min": 1, "max": 3}, "delay": 2},
    {"type": "outage", "period": "outage", "then": "flush", "over": 5, "share": 0.9},
    {"type": "skew", "offset": {"type": "normal", "mean": 0, "stddev": 5}, "drift": 30, "per": "client"},
    {"type": "duplicate", "share": 0.2, "delay": UNIFORM},
    {"type": "corrupt", "how": "truncate", "share": 0.1},
    {"type": "drop", "share": 0.1},
]  # fmt: skip


@pytest.mark.parametrize("cuts", [[400], [1, 2, 3, 200, 201], list(range(0, 700, 7))])
def test_any_cut_of_a_batch_gives_the_same(cuts: list[int]) -> None:
    """What becomes of a record depends on the record alone, also where a visit is cut."""
    batch, disorder = batch_of(700), disorder_of(*EVERYTHING)
    whole = as_plain(disorder.copies(batch))
    found = []
    for first, last in pairwise([0, *[cut for cut in cuts if cut], 700]):
        part = disorder_of(*EVERYTHING).copies(batch.rows(first, last))
        found += [(row + first, *rest) for row, *rest in as_plain(part)]
    assert found == whole


def test_an_effect_that_is_inserted_redraws_no_other() -> None:
    """Names decide, and one with a name takes part in no rank."""
    late = {"type": "late", "share": 0.3, "delay": UNIFORM}
    many = {"type": "duplicate", "share": 0.5, "delay": 1}
    batch = batch_of(600)
    before = disorder_of(many, late).copies(batch)
    first = {"type": "duplicate", "name": "again", "share": 0.5, "delay": 3}
    after = disorder_of(first, many, late).copies(batch)
    known = {key: value for key, value in _delays(after).items() if key in _delays(before)}
    assert known == _delays(before)
    assert len(after) > len(before)


def _delays(copies: Any) -> dict[tuple[int, int], int]:
    """Return when each copy arrives, by row and copy."""
    keys = zip(copies.rows.tolist(), copies.copies.tolist(), strict=True)
    return dict(zip(keys, copies.arrivals.tolist(), strict=True))


def test_a_source_is_hit_with_all_its_records() -> None:
    """Null is a source too; its delays stay those of records."""
    late = {"type": "late", "per": "worker % 5", "share": 0.6, "name": "slow", "delay": UNIFORM}
    batch = batch_of(2000)
    copies = disorder_of(late).copies(batch)
    sources = batch.workers % 5
    hit = {int(each) for each in sources[copies.effects > 0]}
    assert 0 < len(hit) < 5
    assert hit.isdisjoint(sources[copies.effects == 0])
    for each in hit:
        assert len(set((copies.arrivals - batch.times)[sources == each].tolist())) > 100


def test_a_clock_is_off_by_the_same_for_a_source() -> None:
    """And drifts with the time since the first start."""
    skew = {"type": "skew", "per": "client", "offset": {"type": "normal", "mean": 0, "stddev": 9}}
    batch = batch_of(2000)
    skews = disorder_of(skew).copies(batch).skews
    assert len(set(skews.tolist())) == 4  # three clients, and none
    drift = disorder_of({"type": "skew", "drift": 100}).copies(batch).skews
    assert np.abs(drift - (batch.times - START) / 10_000).max() <= 0.5


@pytest.mark.parametrize("over", [0, "1S", "2M"])
def test_flush_keeps_the_order(over: Any) -> None:
    """Each leaves after the period, none before one that would have left earlier."""
    outage = {"type": "outage", "period": "outage", "then": "flush", "over": over}
    batch = batch_of(3000)
    arrivals = disorder_of(outage).copies(batch).arrivals
    within = (batch.times >= START + 20 * SECOND) & (batch.times < START + 30 * SECOND)
    assert within.any()
    assert (arrivals[within] >= START + 30 * SECOND).all()
    assert (np.diff(arrivals[within]) >= 0).all()
    assert np.array_equal(arrivals[~within], batch.times[~within])


def test_an_outage_hits_what_would_leave_then() -> None:
    """At its place of the list: what is late comes later, and so does what is late after it."""
    late = {"type": "late", "delay": "20S"}
    outage = {"type": "outage", "period": "outage", "then": "drop"}
    batch = batch_of(3000)
    for raw, shift in (((late, outage), 20), ((outage, late), 0)):
        left = disorder_of(*raw).copies(batch).left
        after = (batch.times - START) // SECOND + shift
        assert np.array_equal(left, (after < 20) | (after >= 30))


def test_what_is_dropped_is_seen_by_no_later_effect() -> None:
    """It has left the network: no copy of it is made."""
    copies = disorder_of({"type": "drop", "share": 0.5}, {"type": "duplicate"}).copies(
        batch_of(500)
    )
    assert 0 < (~copies.left).sum() < 500
    assert len(copies) == 500 + copies.left[copies.copies == 0].sum()


def test_a_copy_of_what_is_corrupted_is_corrupted_alike() -> None:
    """And one that is corrupted later is not."""
    corrupt, twice = {"type": "corrupt", "how": "bytes", "share": 0.3}, {"type": "duplicate"}
    (before,) = disorder_of(corrupt, twice).copies(batch_of(300)).corruptions
    assert np.array_equal(before.bits[::2], before.bits[1::2])
    (after,) = disorder_of(twice, corrupt).copies(batch_of(300)).corruptions
    assert len(set(after.bits.tolist())) == len(after.bits)


def test_faults_are_those_of_clean_records() -> None:
    """A condition without a value is not true, and is told with its place."""
    batch = batch_of(300)
    copies = disorder_of({"type": "drop", "when": "1 / (worker % 2) > 0"}).copies(batch)
    ((place, rows),) = copies.faults.items()
    assert str(place) == 'disorder.drop.when: "1 / (worker % 2) > 0"'
    assert np.array_equal(rows, np.flatnonzero(batch.workers % 2 == 0))
    assert np.array_equal(copies.left, batch.workers % 2 == 0)


def test_records_from_nowhere_are_refused() -> None:
    """Draws follow from visits."""
    batch = batch_of(3)
    with pytest.raises(TypeError, match="nowhere"):
        disorder_of({"type": "drop"}).copies(batch.written({}))


def test_conditions_without_a_value_are_told_in_the_summary() -> None:
    """Once a record that has one, with the place."""
    spec = spec_with([{"name": "n", "type": "counter"}], [])
    spec["disorder"] = [{"type": "late", "delay": 0, "when": "1 / (n % 2) > 0"}]
    told = invoke("-n", "10", "-s", "2027-03-12", "--seed", "1", spec=spec).err
    assert 'disorder.late.when: "1 / (n % 2) > 0"' in told
    assert "5 records" in told
