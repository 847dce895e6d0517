"""The field types `string`, random text, and `uuid`."""

from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import chain, pairwise, product
from typing import Annotated, Any, Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pydantic import PlainValidator

from datagen.arrays import Bits, Ints, Mask, TextArray
from datagen.columns.column import Column
from datagen.columns.scalar import TextColumn, UuidColumn
from datagen.distributions.base import Distribution
from datagen.distributions.parsing import AnyDistribution
from datagen.errors import Path
from datagen.fields.base import FIELDS
from datagen.fields.draw import Draw
from datagen.fields.member_sets import LimitedField, PossibleValues
from datagen.randomness import below, redraw, redraws
from datagen.validation import invalid_value, quoted, unicode_text

PRINTABLE = "".join(map(chr, range(32, 127)))
MAX_STRING_LENGTH = 1_000_000
MAX_WORD_LENGTH = 1000  # of what counts as a character
# 1024 draws, evenly spaced: the mean over them is about the integral of a quantile function.
QUANTILE_GRID = (np.arange(1024, dtype=np.uint64) << np.uint64(54)) + np.uint64(1 << 53)
_GUESSED_LENGTH = 20.0
_CHARACTERS_AT_ONCE, _CHARACTERS_IN_CACHE = 2_000_000, 8192


def sample_lengths(distribution: Distribution, bits: Bits, most: int) -> Ints:
    """Return a length for each draw: the nearest integer, clipped to 0 .. most."""
    return np.clip(distribution.sample_rounded(bits), 0, most)


def sampled_lengths(distribution: Distribution, draw: Draw, most: int) -> tuple[Ints, Mask | None]:
    """Return a length for each visit, 0 where there is none, and where that is: int64[n], bool[n]."""
    lengths, absent = draw.sampled(
        "length", distribution, lambda d, bits: sample_lengths(d, bits, most)
    )
    if absent is not None:
        lengths[absent] = 0
    return lengths, absent


def mean_length(distribution: Distribution, most: int) -> float:
    """Return about the mean of `sample_lengths`, or a guess where it is known at a visit only."""
    if distribution.varies:
        return _GUESSED_LENGTH
    return float(sample_lengths(distribution, QUANTILE_GRID, most).mean())


def validate_length(
    distribution: Distribution, most: int, key: str = "length_distribution"
) -> Iterator[tuple[Path, str]]:
    """Yield what is wrong when all lengths, which a key gives, are above the most that is allowed."""
    if distribution.bounds()[0] > most:
        yield (key,), f"expected lengths of at most {most}"


def _chars(value: Any) -> str | list[str]:
    """Check a text, or a list of texts, of which none is empty."""
    if not isinstance(value, str | list):
        raise invalid_value(f"expected a text, not {quoted(value)}")
    if not value:
        raise invalid_value("expected at least one character")
    for each in value:
        if not isinstance(each, str) or not 0 < len(each) <= MAX_WORD_LENGTH:
            raise invalid_value(
                f"expected texts of 1 to {MAX_WORD_LENGTH} characters, not {quoted(each)}"
            )
    unicode_text("".join(value))
    return value


@FIELDS.register
class StringField(LimitedField):
    """Text of random characters: `length_distribution` of them, each from `chars`.

    `chars` may be a list of texts, each of which counts as one character.
    """

    type: Literal["string"] = "string"
    length_distribution: AnyDistribution
    chars: Annotated[str | list[str], PlainValidator(_chars)] = PRINTABLE

    def validate_keys(self) -> Iterator[tuple[Path, str]]:
        yield from super().validate_keys()
        yield from validate_length(self.length_distribution, self._longest)

    def values(self, draw: Draw) -> Column:
        lengths, absent = sampled_lengths(self.length_distribution, draw, self._longest)
        bits, ends = draw.stream("value"), slice_ends(lengths * self._widest, _CHARACTERS_AT_ONCE)
        texts = [self._texts(bits[a:b], lengths[a:b]) for a, b in pairwise(ends)]
        column = TextColumn(texts[0] if len(texts) == 1 else pa.concat_arrays(texts))
        return column.with_nulls(absent)

    def _texts(self, first: Bits, lengths: Ints) -> TextArray:
        """Return texts of these lengths, whose characters follow from a draw for each of them."""
        symbols = np.empty(int(lengths.sum()), dtype=self._symbols.dtype)
        begin = 0
        for a, b in pairwise(slice_ends(lengths, _CHARACTERS_IN_CACHE)):
            bits = draws_of_characters(first[a:b], lengths[a:b])
            picks = below(bits, len(self.chars)).view(np.int64)
            self._symbols.take(picks, out=symbols[begin : begin + len(picks)], mode="clip")
            begin += len(picks)
        return joined(self._words, symbols, lengths)

    def mean_characters(self) -> float:
        width = sum(map(len, self.chars)) / len(self.chars)
        return 2 + width * mean_length(self.length_distribution, self._longest)

    @cached_property
    def _words(self) -> list[bytes]:
        """Return what counts as a character, in UTF-8."""
        return [each.encode() for each in self.chars]

    @cached_property
    def _symbols(self) -> NDArray[Any]:
        """Return a number for each character: where each is one byte, that byte, else its place."""
        if all(len(word) == 1 for word in self._words):
            return np.frombuffer(b"".join(self._words), dtype=np.uint8)
        count = len(self._words)
        return np.arange(count, dtype=np.min_scalar_type(count))

    @property
    def _longest(self) -> int:
        """Return the most characters that a value may be made of, so that it is not too long."""
        return MAX_STRING_LENGTH // self._widest

    @property
    def _widest(self) -> int:
        return max(map(len, self.chars))

    def possible_values(self) -> PossibleValues | None:
        integers, chars = self.length_distribution.possible_integers(), sorted(set(self.chars))
        if integers is None or self._widest > 1:
            return None
        if isinstance(integers, range):  # clipped first: it may be too long to walk
            integers = range(_clip_length(integers[0]), _clip_length(integers[-1]) + 1)
        lengths = sorted({_clip_length(length) for length in integers})
        if lengths[-1] > 64 and len(chars) > 1:
            return None
        count = sum(len(chars) ** length for length in lengths)

        def every_text() -> Column:
            texts = [product(chars, repeat=length) for length in lengths]
            return TextColumn(pa.array(["".join(text) for text in chain(*texts)]))

        return PossibleValues(count, every_text)


def _clip_length(length: int) -> int:
    return min(max(length, 0), MAX_STRING_LENGTH)


def slice_ends(lengths: Ints, most: int) -> list[int]:
    """Return the ends of slices of rows that hold a limited number of characters each, if not one row more."""
    slices = (np.cumsum(lengths) - lengths) // most
    return [0, *(np.flatnonzero(np.diff(slices)) + 1).tolist(), len(lengths)]


def draws_of_characters(first: Bits, lengths: Ints) -> Bits:
    """Return a draw for each character, text after text: uint64[n], int64[n] -> uint64[sum of lengths]."""
    longest = int(lengths.max(initial=0))
    if longest == lengths.min(initial=longest):
        return redraws(first, longest)
    begins = np.cumsum(lengths) - lengths
    places = np.arange(1, int(lengths.sum()) + 1) - np.repeat(begins, lengths)
    return redraw(np.repeat(first, lengths), places)


def joined(words: Sequence[bytes], symbols: NDArray[Any], lengths: Ints) -> TextArray:
    """Join characters into texts of these lengths, int64[n].

    `symbols`, one for each of the sum of lengths, are the bytes themselves, or places among longer words.
    """
    offsets, data = np.concatenate([[0], np.cumsum(lengths)]), pa.py_buffer(symbols)
    if len(symbols) and max(map(len, words)) > 1:
        _, ends, data = pa.array(words, pa.binary()).take(pa.array(symbols)).buffers()
        offsets = np.frombuffer(ends, dtype=np.int32)[offsets]
    return pa.StringArray.from_buffers(len(lengths), pa.py_buffer(offsets.astype(np.int32)), data)


@FIELDS.register
class UuidField(LimitedField):
    """A version 4 UUID, from the run's own randomness."""

    type: Literal["uuid"] = "uuid"

    def values(self, draw: Draw) -> Column:
        high = draw.stream("value")
        return UuidColumn(high, redraw(high, 1))
