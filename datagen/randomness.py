"""Turns names and counters into random bits: every draw is a pure function of its position.

A draw is `bits(stream, worker, visit, index)`. Nothing here carries state, so any draw can be
repeated, in any order and along with any others, and is the same. All arithmetic is modulo
2**64, on numpy arrays of uint64:

    G    = 0x9E3779B97F4A7C15                  the golden ratio's odd fraction
    S    = BLAKE2b-8("seed:" + seed)           K = BLAKE2b-8(JSON array of the stream's names)
    a    = mix(S + (worker + 1) G)             b = mix(a + (visit + 1) G)
    x[0] = mix(b xor K)                        x[i] = mix(x[0] + i G), i >= 1

`mix` is the finaliser of SplitMix64: Steele, Lea and Flood, "Fast splittable pseudorandom number
generators", OOPSLA 2014. Digests are read as little-endian words.
"""

import json
import math
from collections.abc import Iterator
from fractions import Fraction
from functools import lru_cache
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray

from datagen.arrays import Bits, Floats, Mask

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_LOW_WORD = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)
_LOW_11 = np.uint64(0x7FF)
_BLOCK = 8192  # words, with their scratch 128 KB
_FEW = 8


def seed_word(seed: int) -> np.uint64:
    """Return the 64-bit word S of a run's seed, any integer."""
    return _digest(f"seed:{seed}".encode())


@lru_cache(maxsize=65536)
def stream_key(*names: str) -> np.uint64:
    """Return the 64-bit key K of the stream with this path of names."""
    return _digest(json.dumps(names, separators=(",", ":")).encode())


def mix(z: Bits) -> Bits:
    """Return each word of `z` scrambled (the finaliser of SplitMix64)."""
    return _mix_in_place(z.copy())


def worker_bits(seed: np.uint64, workers: NDArray[Any]) -> Bits:
    """Return `a` of each worker: int64[n] -> uint64[n]."""
    return _after(seed, workers)


def visit_bits(of_workers: Bits, visits: NDArray[Any]) -> Bits:
    """Return `b` of each visit: `a` of its worker, uint64[n], and its number, int64[n]."""
    return _after(of_workers, visits)


def visit_bits_along(of_workers: Bits, visits: NDArray[Any], count: int) -> Bits:
    """Return `b` of `count` visits of each worker, from a number on: uint64[count, n]."""
    firsts = of_workers + (visits.astype(np.uint64) + np.uint64(1)) * GOLDEN
    return mix(firsts + (np.arange(count, dtype=np.uint64) * GOLDEN)[:, None])


def draw(of_visits: Bits, key: np.uint64) -> Bits:
    """Return x[0] of a stream at each visit."""
    return _mix_in_place(of_visits ^ key)


def redraw(first: Bits, index: int | NDArray[Any]) -> Bits:
    """Return x[index] of each draw whose x[0] is `first`; `index` is at least 1, or an array."""
    steps: Bits = np.asarray(index).astype(np.uint64) * GOLDEN
    return _mix_in_place(first + steps)


def redraws(first: Bits, count: int) -> Bits:
    """Return x[1] .. x[count] of each draw, draw after draw: uint64[n] -> uint64[n count]."""
    steps: Bits = np.arange(1, count + 1).astype(np.uint64) * GOLDEN
    words = np.empty((len(first), count), dtype=np.uint64)
    if count < _FEW:  # long columns are faster than short rows
        for place, step in enumerate(steps):
            np.add(first, step, out=words[:, place])
    else:
        np.add(first[:, None], steps, out=words)
    return _mix_in_place(words.reshape(-1))


def uniform(bits: Bits) -> Floats:
    """Return a double strictly inside (0, 1) from the 52 highest bits of each draw."""
    high: Floats = (bits >> np.uint64(12)).astype(np.float64)
    high += 0.5
    high *= 2.0**-52
    return high


def dither(bits: Bits) -> Floats:
    """Return a double inside (0, 1) from the 11 lowest bits, which `uniform` does not use."""
    low: Floats = (bits & _LOW_11).astype(np.float64)
    return (low + 0.5) / 2048.0


def is_below(bits: Bits, probability: float) -> Mask:
    """Return whether `uniform` of each draw is below a probability: uint64[n] -> bool[n]."""
    first_above = math.ceil(
        Fraction(probability) * 2**52 - Fraction(1, 2)
    )  # of the 52 highest bits
    if first_above >= 1 << 52:
        return np.ones(len(bits), dtype=bool)
    return bits < np.uint64(max(first_above, 0) << 12)


def below(bits: Bits, limit: int) -> Bits:
    """Return uniform integers in 0 .. limit - 1: the high words of bits x limit, 1 <= limit <= 2**64."""
    if limit == 1 << 64:
        return bits
    if limit > 1 and limit & (limit - 1) == 0:
        return bits >> np.uint64(65 - limit.bit_length())
    result = np.empty_like(bits)
    for rows in blocks(len(bits)):
        _high_words(bits[rows], limit, result[rows])
    return result


def below_each(bits: Bits, limits: Bits) -> Bits:
    """Return a uniform integer in 0 .. limit - 1 for each draw, as `below` does: uint64[n], a limit of 0 is 2**64."""
    (a, b), (c, d) = ((each >> _HALF, each & _LOW_WORD) for each in (bits, limits))
    middle = (b * d >> _HALF) + (a * d & _LOW_WORD) + (b * c & _LOW_WORD)
    high: Bits = a * c + (a * d >> _HALF) + (b * c >> _HALF) + (middle >> _HALF)
    return np.where(limits == 0, bits, high)


def below_wide(first: Bits, limit: int) -> list[int]:
    """Return uniform integers in 0 .. limit - 1 for limits up to 2**128, from x[0] and x[1]."""
    second = redraw(first, 1)
    pairs = zip(first.tolist(), second.tolist(), strict=True)
    return [((high << 64 | low) * limit) >> 128 for high, low in pairs]


def blocks(rows: int) -> Iterator[slice]:
    """Yield slices of rows, few enough for what is made of them to stay in the processor's cache."""
    for first in range(0, rows, _BLOCK):
        yield slice(first, first + _BLOCK)


def _after(before: Bits | np.uint64, numbers: NDArray[Any]) -> Bits:
    """Return mix(before + (number + 1) G)."""
    words: Bits = numbers.astype(np.uint64)
    words += np.uint64(1)
    words *= GOLDEN
    return _mix_in_place(before + words)


def _mix_in_place(words: Bits) -> Bits:
    words = np.ascontiguousarray(words)
    flat = words.reshape(-1)
    scratch = np.empty(min(len(flat), _BLOCK), dtype=np.uint64)
    for rows in blocks(len(flat)):
        block = flat[rows]
        shifted = scratch[: len(block)]
        np.right_shift(block, np.uint64(30), out=shifted)
        block ^= shifted
        block *= np.uint64(0xBF58476D1CE4E5B9)
        np.right_shift(block, np.uint64(27), out=shifted)
        block ^= shifted
        block *= np.uint64(0x94D049BB133111EB)
        np.right_shift(block, np.uint64(31), out=shifted)
        block ^= shifted
    return words


def _high_words(bits: Bits, limit: int, result: Bits) -> None:
    """Write the high words of bits x limit."""
    top, bottom = np.uint64(limit >> 32), np.uint64(limit & 0xFFFFFFFF)
    high, low = bits >> _HALF, bits & _LOW_WORD
    np.multiply(low, bottom, out=result)
    result >>= _HALF
    carry = high * bottom
    carry += result
    np.right_shift(carry, _HALF, out=result)
    if not top:
        return
    low *= top
    carry &= _LOW_WORD
    low += carry
    low >>= _HALF
    high *= top
    result += high
    result += low


def _digest(text: bytes) -> np.uint64:
    return np.uint64(int.from_bytes(blake2b(text, digest_size=8).digest(), "little"))
