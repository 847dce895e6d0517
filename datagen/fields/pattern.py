"""The field type `pattern`: texts that match a regular expression."""

from collections.abc import Iterator
from functools import cached_property
from itertools import pairwise
from typing import Annotated, Any, Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pydantic import AfterValidator

from datagen.arrays import Bits, Ints, Mask, TextArray
from datagen.columns.column import Column
from datagen.columns.scalar import TextColumn
from datagen.fields.base import FIELDS
from datagen.fields.draw import Draw
from datagen.fields.member_sets import LimitedField, PossibleValues
from datagen.fields.regular import (
    Alternatives,
    Chain,
    Characters,
    Node,
    RegularError,
    Repetition,
    parse_regular,
)
from datagen.fields.text import joined
from datagen.randomness import below, redraw
from datagen.validation import UnicodeText, invalid_value

_CHARACTERS_AT_ONCE = 500_000
_MOST_COUNTED = 100_000  # texts


def _regular(pattern: str) -> str:
    try:
        parse_regular(pattern)
    except RegularError as error:
        raise invalid_value(str(error)) from None
    return pattern


@FIELDS.register
class PatternField(LimitedField):
    """A text that matches a regular expression as a whole.

    Each character of a class, each alternative and each number of repetitions is as likely as the others.
    """

    type: Literal["pattern"] = "pattern"
    pattern: Annotated[UnicodeText, AfterValidator(_regular)]

    def values(self, draw: Draw) -> Column:
        first = draw.stream("value")
        at_once = max(1, _CHARACTERS_AT_ONCE // max(self._node.longest, 1))
        ends = [*range(0, len(first), at_once), len(first)]
        texts = [self._texts(first[a:b]) for a, b in pairwise(ends)]
        if len(texts) == 1:
            return TextColumn(texts[0])
        return TextColumn(pa.concat_arrays(texts) if texts else pa.array([], pa.string()))

    def _texts(self, first: Bits) -> TextArray:
        sheet = _Sheet(first, self._node.longest, self._alphabet)
        sheet.fill(self._node, 0, 1, None)
        return sheet.texts()

    def mean_characters(self) -> float:
        return 2 + self._node.mean

    def possible_values(self) -> PossibleValues | None:
        if self._node.ways > _MOST_COUNTED:
            return None
        texts = self._node.texts()
        weights = np.fromiter(texts.values(), np.float64, len(texts))
        return PossibleValues(len(texts), lambda: TextColumn(pa.array(list(texts))), weights)

    @cached_property
    def _node(self) -> Node:
        return parse_regular(self.pattern)

    @cached_property
    def _alphabet(self) -> "_Alphabet":
        return _Alphabet("".join(dict.fromkeys(_all_characters(self._node))))


class _Alphabet:
    """All characters of a pattern, each by a number: where all are ASCII, that of the character."""

    def __init__(self, characters: str) -> None:
        self.words = [char.encode() for char in characters or " "]
        if characters.isascii():
            self._numbers = {char: ord(char) for char in characters}
        else:
            self._numbers = {char: place for place, char in enumerate(characters)}
        self.dtype = np.min_scalar_type(max(self._numbers.values(), default=0))

    def numbers(self, characters: str) -> NDArray[Any]:
        """Return the number of each character."""
        return np.array([self._numbers[char] for char in characters], dtype=self.dtype)


class _Sheet:
    """The characters of n texts while they are made: a row for each place in a text, a column for each text."""

    def __init__(self, first: Bits, longest: int, alphabet: _Alphabet) -> None:
        self._first, self._alphabet = first, alphabet
        self._symbols = np.zeros((longest, len(first)), dtype=alphabet.dtype)
        self._written: Mask = np.zeros((longest, len(first)), dtype=bool)

    def fill(self, node: Node, place: int, step: int, texts: Ints | None) -> None:
        """Write a part of some texts, None for all, from a place and a number of draw on."""
        match node:
            case Characters():
                self._write(node, place, step, texts)
            case Chain():
                step += 1
                for part in node.parts:
                    self.fill(part, place, step, texts)
                    place, step = place + part.longest, step + part.steps
            case Alternatives():
                picks = self._picks(step, len(node.options), texts)
                for number, option in enumerate(node.options):
                    self.fill(option, place, step + 1, _some(texts, picks == number))
            case Repetition():
                self._repeat(node, place, step, texts)

    def _repeat(self, node: Repetition, place: int, step: int, texts: Ints | None) -> None:
        more = node.most - node.least
        times = self._picks(step, more + 1, texts) if more else None
        for number in range(node.most):
            here = texts
            if times is not None and number >= node.least:
                here = _some(texts, times > number - node.least)
            begin = place + number * node.part.longest
            self.fill(node.part, begin, step + 1 + number * node.part.steps, here)

    def _write(self, node: Characters, place: int, step: int, texts: Ints | None) -> None:
        numbers = self._alphabet.numbers(node.choices)
        where = slice(None) if texts is None else texts
        if len(numbers) > 1:
            numbers = numbers[self._picks(step, len(numbers), texts)]
        self._symbols[place, where] = numbers
        self._written[place, where] = True

    def _picks(self, step: int, count: int, texts: Ints | None) -> Ints:
        """Return which of several it is in each of some texts."""
        first = self._first if texts is None else self._first[texts]
        picks: Ints = below(redraw(first, step), count).view(np.int64)
        return picks

    def texts(self) -> TextArray:
        """Return the texts: what was written of each, from its first place to its last."""
        lengths = self._written.sum(axis=0, dtype=np.int64)
        symbols = self._symbols.T[self._written.T]
        return joined(self._alphabet.words, symbols, lengths)


def _some(texts: Ints | None, where: Mask) -> Ints:
    """Return those of some texts, None for all, where it is so."""
    return np.flatnonzero(where) if texts is None else texts[where]


def _all_characters(node: Node) -> Iterator[str]:
    match node:
        case Characters():
            yield from node.choices
        case Repetition():
            yield from _all_characters(node.part)
        case Chain():
            for part in node.parts:
                yield from _all_characters(part)
        case Alternatives():
            for option in node.options:
                yield from _all_characters(option)
