"""The source of all randomness: its construction to the bit, then a battery of figures.

Every figure of the battery is a p-value at a fixed seed, two-sided, so that too even is as bad as
too uneven; each must exceed 1e-5 (|z| < 4.42). A perfect source fails one of the about 700 figures
with a chance of 0.7 %. The battery makes 10 million draws: 2 million along each of workers,
visits, streams' names, indices and seeds, every axis as 100 rows of 20,000 neighbours, plus the
flipped counters of the avalanche. It is proved to have teeth on two poor constructions.
"""

from collections.abc import Callable, Iterator
from hashlib import blake2b
from typing import Any

import numpy as np
import pytest

from datagen.arrays import Bits, Ints
from datagen.randomness import (
    below,
    below_each,
    below_wide,
    blocks,
    dither,
    draw,
    is_below,
    mix,
    redraw,
    redraws,
    seed_word,
    stream_key,
    uniform,
    visit_bits,
    worker_bits,
)
from tests.support.stats import even, from_statistic, of_z, table_of

WORD = 1 << 64
GOLDEN = 0x9E3779B97F4A7C15
LEAST_P = 1e-5
EDGES = [0, 1, 2, 0x7FF, 0x800, 0xFFF, 0x1000, 1 << 32, (1 << 63) - 1, 1 << 63, WORD - 2, WORD - 1]


def plain_mix(z: int) -> int:
    """Scramble a word as SplitMix64 does, in whole numbers."""
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 % WORD
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB % WORD
    return z ^ (z >> 31)


def digest(text: str) -> int:
    """Read the 8-byte BLAKE2b digest of a text as a little-endian word."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "little")


def plain_bits(seed: int, names: str, worker: int, visit: int, index: int) -> int:
    """Make one draw as the design gives it; `names` is the JSON array of the stream's names."""
    a = plain_mix((digest(f"seed:{seed}") + (worker + 1) * GOLDEN) % WORD)
    b = plain_mix((a + (visit + 1) * GOLDEN) % WORD)
    first = plain_mix(b ^ digest(names))
    return plain_mix((first + index * GOLDEN) % WORD) if index else first


def bits_at(seed: int, names: tuple[str, ...], worker: int, visit: int, index: int) -> int:
    """Make one draw with the engine."""
    of_worker = worker_bits(seed_word(seed), np.array([worker]))
    first = draw(visit_bits(of_worker, np.array([visit])), stream_key(*names))
    return int((redraw(first, index) if index else first)[0])


@pytest.mark.parametrize("seed", [0, 1, -1, 2**53, -(10**30)])
@pytest.mark.parametrize(
    ("names", "written"),
    [
        (("delay",), '["delay"]'),
        (("a", "b"), '["a","b"]'),
        (("a,b",), '["a,b"]'),
        (('é"',), r'["\u00e9\""]'),
        ((), "[]"),
    ],
)
def test_draws_are_those_of_the_design(seed: int, names: tuple[str, ...], written: str) -> None:
    """The vectorised construction equals whole-number arithmetic, up to the largest counters."""
    for worker in (0, 1, 99, 2**32, 2**63 - 1):
        for visit in (0, 1, 2**40, 2**63 - 1):
            for index in (0, 1, 2, 2**63 - 1):
                expected = plain_bits(seed, written, worker, visit, index)
                assert bits_at(seed, names, worker, visit, index) == expected


GOLDEN_DRAWS = [
    (0, ("delay",), 0, 0, 0, 0x2CEA9E3F328C6FF4),
    (1, ("emitters", "e", "user", "value"), 0, 0, 1, 0x299211866A52867B),
    (7, ("transition",), 123456789, 987654321, 0, 0xB67781BA3196232C),
    (-1, ("interarrival",), 1099511627776, 0, 3, 0x8AC277163F489BA4),
]


@pytest.mark.parametrize(
    ("seed", "names", "worker", "visit", "index", "bits"),
    GOLDEN_DRAWS,
)
def test_draws_never_change(
    seed: int, names: tuple[str, ...], worker: int, visit: int, index: int, bits: int
) -> None:
    """Frozen draws: a seed gives tomorrow what it gives today."""
    assert bits_at(seed, names, worker, visit, index) == bits


def test_mix_is_the_finaliser_of_splitmix64() -> None:
    """The first outputs of SplitMix64 seeded with 0, as published with its reference code."""
    counters = np.arange(1, 4).astype(np.uint64) * np.uint64(GOLDEN)
    published = [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F]
    assert mix(counters).tolist() == published


def test_arrays_and_single_draws_agree() -> None:
    """A draw does not depend on the company in which it is made."""
    workers, visits, indices = np.arange(50), np.arange(50)[::-1], np.arange(1, 51)
    of_visits = visit_bits(worker_bits(seed_word(3), workers), visits)
    together = redraw(draw(of_visits, stream_key("x")), indices).tolist()
    rows = zip(workers.tolist(), visits.tolist(), indices.tolist(), strict=True)
    assert together == [bits_at(3, ("x",), *row) for row in rows]


def test_many_draws_are_those_of_few() -> None:
    """Blocks and the order of arrays in memory make no difference."""
    numbers = np.arange(3 * 8192 + 5)
    first = worker_bits(seed_word(3), numbers)
    parts = [worker_bits(seed_word(3), numbers[rows]) for rows in blocks(len(numbers))]
    assert np.array_equal(first, np.concatenate(parts))
    wide = np.asfortranarray(np.tile(numbers[:, None], 3))
    assert np.array_equal(visit_bits(first[:, None], wide)[:, 1], visit_bits(first, numbers))


@pytest.mark.parametrize("count", [0, 1, 3, 7, 8, 30])
def test_draws_in_a_row_are_those_by_index(count: int) -> None:
    """One draw after the other, few and many of each."""
    first = mix(np.arange(5, dtype=np.uint64))
    expected = [redraw(first, index).tolist() for index in range(1, count + 1)]
    assert redraws(first, count).tolist() == [row[n] for n in range(5) for row in expected]


@pytest.mark.parametrize(
    "probability", [0, 1e-300, 2.0**-53, 0.005, 0.01, 0.5, 0.7, 1 - 2.0**-53, 1]
)
def test_chance_is_that_of_the_uniform(probability: float) -> None:
    """Also of the draws next to where the answer changes, whatever their other bits."""
    middle = int(probability * 2**52)
    high = np.clip(np.arange(middle - 50, middle + 50), 0, 2**52 - 1).astype(
        np.uint64
    ) << np.uint64(12)
    bits = np.concatenate([high, high + np.uint64(0xFFF), mix(np.arange(1000, dtype=np.uint64))])
    assert np.array_equal(is_below(bits, probability), uniform(bits) < probability)


def test_uniform_is_strictly_inside_0_and_1() -> None:
    """The ends are half a step from 0 and from 1, and the steps are exact."""
    u = uniform(np.array(EDGES, dtype=np.uint64))
    assert u.tolist() == [((bits >> 12) + 0.5) / 2**52 for bits in EDGES]
    assert (u.min(), u.max()) == (2.0**-53, 1 - 2.0**-53)


def test_dither_is_strictly_inside_0_and_1() -> None:
    """The 11 lowest bits, in the middle of their step."""
    d = dither(np.array(EDGES, dtype=np.uint64))
    assert d.tolist() == [((bits % 2048) + 0.5) / 2048 for bits in EDGES]
    assert (d.min(), d.max()) == (1 / 4096, 1 - 1 / 4096)


def test_dither_and_uniform_share_no_bit() -> None:
    """Changing what one reads leaves the other as it was."""
    bits, other = mix(np.arange(1000, dtype=np.uint64)), mix(np.arange(1000, 2000, dtype=np.uint64))
    low = np.uint64(0x7FF)
    mingled = (bits & ~low) | (other & low)
    assert np.array_equal(uniform(mingled), uniform(bits))
    assert np.array_equal(dither(mingled), dither(other))


LIMITS = [1, 2, 3, 10, 2**31, 2**32 - 1, 2**32, 2**32 + 1, 3 * 2**40, 2**63, WORD - 1, WORD]


@pytest.mark.parametrize("limit", LIMITS)
def test_below_is_the_high_word_of_the_product(limit: int) -> None:
    """Exact against whole numbers, on random words and on the ends of each value's share."""
    shares = [-(-k * WORD // limit) for k in (1, 2, limit // 2, limit - 1) if 0 < k < limit]
    words = [
        *EDGES,
        *shares,
        *(share - 1 for share in shares),
        *mix(np.arange(999).astype(np.uint64)).tolist(),
    ]
    expected = [word * limit >> 64 for word in words]
    assert below(np.array(words, dtype=np.uint64), limit).tolist() == expected


@pytest.mark.parametrize("limit", [2, 3, 10, 2**32, 2**32 + 1, 2**63, WORD])
def test_below_is_even(limit: int) -> None:
    """A million choices, in at most 60 cells of equal size as near as can be."""
    chosen = below(sample_bits(1_000_000), limit).tolist()
    cells = min(limit, 60)
    counts = np.bincount([choice * cells // limit for choice in chosen], minlength=cells)
    assert even(counts, two_sided=True) > LEAST_P


@pytest.mark.parametrize("limit", [1, 3, WORD, WORD + 1, 2**100 - 3, 2**128])
def test_below_wide_is_the_high_part_of_the_product(limit: int) -> None:
    """Two words make one of 128 bits, exact against whole numbers."""
    first = sample_bits(1000)
    wide = [word << 64 | plain_mix((word + GOLDEN) % WORD) for word in first.tolist()]
    assert below_wide(first, limit) == [each * limit >> 128 for each in wide]


def test_below_wide_reaches_both_ends() -> None:
    """Also beyond 64 bits the choices are even: 16 cells of a range of 2**65 + 1."""
    limit = 2 * WORD + 1
    counts = np.bincount([16 * each // limit for each in below_wide(sample_bits(100_000), limit)])
    assert len(counts) == 16
    assert even(counts, two_sided=True) > LEAST_P


def sample_bits(size: int) -> Bits:
    """Make draws for tests of what is done with them."""
    of_visits = visit_bits(worker_bits(seed_word(2), np.arange(size)), np.zeros(size, np.int64))
    return draw(of_visits, stream_key("sample"))


# The battery. A construction maps (seed word, worker, visit, key, index), which broadcast, to bits.

Word = int | np.uint64 | Bits | Ints
Construction = Callable[[Word, Word, Word, Word, Word], Bits]
Figures = Iterator[tuple[str, float]]
ROWS, LENGTH = 100, 20_000


def ours(seed: Word, worker: Word, visit: Word, key: Word, index: Word) -> Bits:
    """Return the engine's own draws."""
    of_visits = visit_bits(worker_bits(as_words(seed), as_words(worker)), as_words(visit))
    first = draw(of_visits, as_words(key))
    drawn: Bits = np.where(as_words(index) == 0, first, redraw(first, as_words(index)))
    return drawn


def twins(seed: Word, worker: Word, visit: Word, key: Word, index: Word) -> Bits:
    """Return poor draws: (w, v + 1) is the twin of (w + 1, v)."""
    counter = as_words(seed) + (as_words(worker) + as_words(visit)) * np.uint64(GOLDEN)
    return mix(mix(mix(counter) ^ as_words(key)) + as_words(index) * np.uint64(GOLDEN))


def unmixed(seed: Word, worker: Word, visit: Word, key: Word, index: Word) -> Bits:
    """Return poor draws: one round of multiplication only."""
    counters = as_words(worker) + as_words(visit) * np.uint64(1 << 20) + as_words(index)
    z = (as_words(seed) ^ as_words(key)) + counters * np.uint64(GOLDEN)
    drawn: Bits = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    return drawn


def as_words(value: Word) -> Any:
    """Return counters, seeds or keys as an array of words."""
    return np.atleast_1d(np.asarray(value).astype(np.uint64))


def axis(name: str, made_by: Construction) -> Bits:
    """Draw ROWS x LENGTH words whose neighbours in a row differ by one in one counter."""
    rows, line = np.arange(ROWS)[:, None], np.arange(LENGTH)[None, :]
    seed, key = seed_word(11), stream_key(name)
    if name == "workers":
        return made_by(seed, line, rows, key, 0)
    if name == "visits":
        return made_by(seed, rows, line, key, 0)
    if name == "indices":
        return made_by(seed, 0, rows, key, line)
    if name == "streams":
        keys = [stream_key("emitters", f"field{number}") for number in range(LENGTH)]
        return made_by(seed, rows, 0, np.array(keys)[None, :], 0)
    seeds = [seed_word(number) for number in range(LENGTH)]
    return made_by(np.array(seeds)[None, :], rows, 0, key, 0)


AXES = ["workers", "visits", "streams", "indices", "seeds"]
NEIGHBOURS = [(0, 1), (0, 2), (0, 3), (0, 4), (0, 5), (1, 0), (1, 1), (1, -1)]  # (row, column) on


def figures_of(grid: Bits) -> Figures:
    """Yield the figures of one axis."""
    for shift in (52, 26, 0):
        cells = (grid >> np.uint64(shift)).astype(np.int64).ravel() & 0xFFF
        yield f"bits from {shift} up", even(np.bincount(cells, minlength=4096), two_sided=True)
    ones = [int((grid >> np.uint64(bit) & np.uint64(1)).sum()) for bit in range(64)]
    statistic = float((((np.array(ones) - grid.size / 2) ** 2) / (grid.size / 4)).sum())
    yield "ones of each bit", from_statistic(statistic, 64, two_sided=True)
    yield "duplicates", float(len(np.unique(grid)) == grid.size)
    for down, right in NEIGHBOURS:
        one, other = neighbours(grid, down, right)
        for name, p in figures_of_pairs(one, other):
            yield f"{name} {down, right} on", p


def neighbours(grid: Bits, down: int, right: int) -> tuple[Bits, Bits]:
    """Return the draws that have a neighbour so many rows and columns on, and those neighbours."""
    if right < 0:
        return grid[: ROWS - down, -right:].ravel(), grid[down:, :right].ravel()
    return grid[: ROWS - down, : LENGTH - right].ravel(), grid[down:, right:].ravel()


def figures_of_pairs(one: Bits, other: Bits) -> Figures:
    """Yield how far pairs of draws are from independent."""
    product = (uniform(one) - 0.5) * (uniform(other) - 0.5)
    yield "correlation", of_z(float(product.sum()) * 12 / len(one) ** 0.5)
    flipped = np.bitwise_count(one ^ other).sum(dtype=np.int64) - 32 * len(one)
    yield "bits in common", of_z(float(flipped) / (4 * len(one) ** 0.5))
    for name, shift in (("high pairs", 58), ("low pairs", 0)):
        cells = [(each >> np.uint64(shift)).astype(np.int64) & 63 for each in (one, other)]
        yield name, even(table_of(cells[0], cells[1], 64), two_sided=True)


def avalanche(counter: str, made_by: Construction, size: int = 5000) -> Figures:
    """Yield, for each bit of a counter, how evenly flipping it flips the output's bits."""
    base = mix(np.arange(4 * size, dtype=np.uint64)).reshape(4, size) >> np.uint64(1)
    words: dict[str, Word] = {"worker": base[0], "visit": base[1], "index": base[2]}
    for bit in range(63):
        changed = dict(words)
        if counter == "seed":
            seeds = [seed_word(int(each) ^ (on << bit)) for on in (0, 1) for each in base[3][:500]]
            before, after = np.array(seeds).reshape(2, -1).repeat(size // 500, axis=1)
        else:
            before = after = np.repeat(seed_word(12), size)
            changed[counter] = np.asarray(words[counter]) ^ np.uint64(1 << bit)
        key = stream_key("avalanche")
        one = made_by(before, words["worker"], words["visit"], key, words["index"])
        other = made_by(after, changed["worker"], changed["visit"], key, changed["index"])
        flips = np.unpackbits((one ^ other).view(np.uint8).reshape(-1, 8), axis=1).sum(axis=0)
        mean = float(flips.sum(dtype=np.int64) - 32 * size)
        yield f"{counter} bit {bit}: flipped bits", of_z(mean / (4 * size**0.5))
        statistic = float(((flips - size / 2) ** 2 / (size / 4)).sum())
        yield f"{counter} bit {bit}: each bit", from_statistic(statistic, 64, two_sided=True)


def failures(figures: Figures) -> list[str]:
    """Name the figures that are too bad to be chance."""
    return [f"{name}: p = {p:.1e}" for name, p in figures if p <= LEAST_P]


@pytest.mark.long
@pytest.mark.statistical
@pytest.mark.parametrize("name", AXES)
def test_neighbours_along_an_axis_are_independent(name: str) -> None:
    """Uniform, no duplicates, no correlation and no dependence at lags 1 to 5 and diagonally."""
    assert failures(figures_of(axis(name, ours))) == []


@pytest.mark.statistical
@pytest.mark.parametrize("counter", ["worker", "visit", "index", "seed"])
def test_flipping_one_bit_of_a_counter_flips_half_of_the_output(counter: str) -> None:
    """For each of 63 bits: 32 bits flip on average, and each output bit half of the time."""
    assert failures(avalanche(counter, ours)) == []


@pytest.mark.statistical
def test_no_draw_comes_twice() -> None:
    """10 million draws along all axes are distinct (a chance of 3 in a million for a repetition)."""
    draws = np.concatenate([axis(name, ours).ravel() for name in AXES])
    draws.sort()
    assert len(draws) == 10_000_000
    assert (draws[1:] != draws[:-1]).all()


@pytest.mark.statistical
def test_battery_finds_twins() -> None:
    """It refuses `mix(mix(seed + wG + vG) ^ K)`, where (w, v + 1) repeats (w + 1, v)."""
    for name in ("workers", "visits"):
        found = failures(figures_of(axis(name, twins)))
        assert any(text.startswith("duplicates") for text in found)
        assert any("correlation (1, -1)" in text for text in found)


@pytest.mark.long
@pytest.mark.statistical
def test_battery_finds_missing_rounds() -> None:
    """One round of multiplication is too little: neighbours correlate and flips do not spread."""
    found = failures(figures_of(axis("workers", unmixed)))
    assert any("pairs" in text for text in found)
    assert failures(avalanche("worker", unmixed))


def test_each_draw_has_its_own_limit() -> None:
    """The same as all with that limit; 0 stands for 2**64, which a word does not hold."""
    bits = mix(np.arange(64, dtype=np.uint64))
    limits = [1, 2, 3, 10, 2**32 - 1, 2**32, 2**32 + 5, 2**63, 2**64 - 1, 2**64]
    of_each = [limits[row % len(limits)] for row in range(len(bits))]
    found = below_each(bits, np.array([limit % 2**64 for limit in of_each], dtype=np.uint64))
    expected = [int(below(bits[row : row + 1], limit)[0]) for row, limit in enumerate(of_each)]
    assert found.tolist() == expected
