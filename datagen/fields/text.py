"""Random text and identifiers."""

from collections.abc import Iterator
from itertools import chain, pairwise, product
from typing import Annotated, Literal

import numpy as np
import pyarrow as pa

from datagen.arrays import Bits, Ints
from datagen.columns.column import Column, TextColumn, UuidColumn
from datagen.columns.json_text import Text
from datagen.distributions.base import AnyDistribution, Distribution
from datagen.errors import Path
from datagen.fields.base import FIELDS, Draw, LimitedField, Support
from datagen.randomness import below, redraw
from datagen.validation import UnicodeText as Characters
from datagen.validation import at_least_one

PRINTABLE = "".join(map(chr, range(32, 127)))
LONGEST = 1_000_000
GRID = (np.arange(1024, dtype=np.uint64) << np.uint64(54)) + np.uint64(1 << 53)
_AT_ONCE = 2_000_000  # characters


def lengths(distribution: Distribution, bits: Bits, most: int) -> Ints:
    """Return a length for each draw: the nearest whole number, held within 0 .. most."""
    return np.clip(distribution.sample_rounded(bits), 0, most)


def mean_length(distribution: Distribution, most: int) -> float:
    """Return the mean length, about."""
    return float(lengths(distribution, GRID, most).mean())


def length_mistakes(distribution: Distribution, most: int) -> Iterator[tuple[Path, str]]:
    """Yield what is wrong when a length is never below the most that is allowed."""
    if distribution.bounds()[0] > most:
        yield ("length_distribution",), f"expected lengths of at most {most}"


@FIELDS.register
class StringField(LimitedField):
    """Text of random characters: `length_distribution` of them, each from `chars`."""

    type: Literal["string"] = "string"
    length_distribution: AnyDistribution
    chars: Annotated[Characters, at_least_one("character")] = PRINTABLE

    def validate_keys(self) -> Iterator[tuple[Path, str]]:
        yield from super().validate_keys()
        yield from length_mistakes(self.length_distribution, LONGEST)

    def values(self, draw: Draw) -> Column:
        sizes = lengths(self.length_distribution, draw.stream("length"), LONGEST)
        bits, cuts = draw.stream("value"), _cuts(sizes)
        texts = [self._texts(bits[a:b], sizes[a:b]) for a, b in pairwise(cuts)]
        return TextColumn(texts[0] if len(texts) == 1 else pa.concat_arrays(texts))

    def _texts(self, first: Bits, sizes: Ints) -> Text:
        longest = int(sizes.max(initial=0))
        if longest == sizes.min(initial=longest):
            bits = redraw(first[:, None], np.arange(1, longest + 1)).ravel()
        else:
            places = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
            bits = redraw(np.repeat(first, sizes), places + 1)
        return _spelled(self.chars, below(bits, len(self.chars)).view(np.int64), sizes)

    def size(self) -> float:
        return 2 + mean_length(self.length_distribution, LONGEST)

    def support(self) -> Support | None:
        wholes, chars = self.length_distribution.possible_integers(), sorted(set(self.chars))
        if wholes is None:
            return None
        if isinstance(wholes, range):  # cut first: it may be too long to walk
            wholes = range(_held(wholes[0]), _held(wholes[-1]) + 1)
        sizes = sorted({_held(size) for size in wholes})
        if sizes[-1] > 64 and len(chars) > 1:
            return None
        count = sum(len(chars) ** size for size in sizes)

        def listed() -> Column:
            texts = [product(chars, repeat=size) for size in sizes]
            return TextColumn(pa.array(["".join(text) for text in chain(*texts)]))

        return Support(count, listed)


def _held(size: int) -> int:
    return min(max(size, 0), LONGEST)


def _cuts(sizes: Ints) -> list[int]:
    """Cut rows into slices that hold a limited number of characters each."""
    slices = (np.cumsum(sizes) - sizes) // _AT_ONCE
    return [0, *(np.flatnonzero(np.diff(slices)) + 1).tolist(), len(sizes)]


def _spelled(chars: str, picks: Ints, sizes: Ints) -> Text:
    """Join characters into texts of these sizes: picks, int64[sum of sizes] -> [n]."""
    encoded = [character.encode() for character in chars]
    offsets = np.concatenate([[0], np.cumsum(sizes)])
    widths = np.array([len(each) for each in encoded])
    if widths.max() > 1:
        ends = np.concatenate([[0], np.cumsum(widths[picks])])
        starts = np.concatenate([[0], np.cumsum(widths)[:-1]])[picks]
        shift = np.repeat(starts - ends[:-1], widths[picks])
        picks, offsets = np.arange(ends[-1]) + shift, ends[offsets]
    data = np.frombuffer(b"".join(encoded), dtype=np.uint8)[picks]
    buffers = pa.py_buffer(offsets.astype(np.int32)), pa.py_buffer(data)
    return pa.StringArray.from_buffers(len(sizes), *buffers)


@FIELDS.register
class UuidField(LimitedField):
    """A version 4 UUID, from the run's own randomness."""

    type: Literal["uuid"] = "uuid"

    def values(self, draw: Draw) -> Column:
        high = draw.stream("value")
        return UuidColumn(high, redraw(high, 1))
