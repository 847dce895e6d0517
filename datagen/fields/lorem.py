"""The field type `lorem`: words and sentences that look like text and mean nothing."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Literal, NamedTuple

import numpy as np
import pyarrow as pa

from datagen.arrays import Bits, Ints, TextArray
from datagen.columns.column import Column
from datagen.columns.scalar import TextColumn
from datagen.distributions.base import Distribution
from datagen.distributions.parsing import AnyDistribution
from datagen.errors import Path
from datagen.fields.base import FIELDS
from datagen.fields.draw import Draw
from datagen.fields.member_sets import LimitedField
from datagen.fields.text import (
    draws_of_characters,
    joined,
    mean_length,
    sampled_lengths,
    slice_ends,
    validate_length,
)
from datagen.randomness import below, redraw

# of Cicero, "De finibus bonorum et malorum", as typesetters have used it since
_WORDS = """
    a ab accusamus accusantium ad adipisci alias aliquam amet animi aperiam architecto asperiores aspernatur assumenda at atque aut autem
    beatae blanditiis commodi consectetur consequatur consequuntur corporis corrupti culpa cum cumque cupiditate debitis delectus deleniti
    deserunt dicta dignissimos distinctio dolor dolore dolorem doloremque dolores doloribus dolorum ducimus ea eaque earum eius eligendi enim
    eos error esse est et eum eveniet ex excepturi exercitationem expedita explicabo facere facilis fuga fugiat fugit harum hic id illo illum
    impedit in incidunt inventore ipsa ipsam ipsum iste itaque iure iusto labore laboriosam laborum laudantium libero lorem magnam magni maiores
    maxime minima minus modi molestiae molestias mollitia nam natus necessitatibus nemo neque nesciunt nihil nisi nobis non nostrum nulla
    numquam occaecati odio odit officia officiis omnis optio pariatur perferendis perspiciatis placeat porro possimus praesentium provident
    quae quaerat quam quas quasi qui quia quibusdam quidem quis quisquam quo quod quos ratione recusandae reiciendis rem repellat repellendus
    reprehenderit repudiandae rerum saepe sapiente sed sequi similique sint sit soluta sunt suscipit tempora tempore temporibus tenetur totam
    ullam unde ut vel velit veniam veritatis vero vitae voluptas voluptate voluptatem voluptates voluptatibus voluptatum
""".split()  # noqa: SIM905 - words
_COUNT = len(_WORDS)
_MEAN_WIDTH = sum(map(len, _WORDS)) / _COUNT
_SHORTEST, _LONGEST = 4, 14  # words of a sentence
_COMMAS = 10  # one word of so many within a sentence has a comma behind it
MAX_WORDS, MAX_SENTENCES = 50_000, 4_000  # of a text: fewer than a million characters
_WORDS_AT_ONCE = 200_000

# each word in all forms, one form after the other
_INNER, _LAST, _FIRST, _COMMA, _STOP, _END = range(6)
_FORMS = [
    form.encode()
    for forms in (
        (f"{word} " for word in _WORDS),
        _WORDS,
        (f"{word.capitalize()} " for word in _WORDS),
        (f"{word}, " for word in _WORDS),
        (f"{word}. " for word in _WORDS),
        (f"{word}." for word in _WORDS),
    )
    for form in forms
]


@FIELDS.register
class LoremField(LimitedField):
    """Latin without a meaning: so many `words`, or so many `sentences`; one sentence unless told."""

    type: Literal["lorem"] = "lorem"
    words: AnyDistribution | None = None
    sentences: AnyDistribution | None = None

    def validate_keys(self) -> Iterator[tuple[Path, str]]:
        yield from super().validate_keys()
        if self.words is not None and self.sentences is not None:
            yield ("sentences",), 'not with "words": give one of them'
        for key, most in (("words", MAX_WORDS), ("sentences", MAX_SENTENCES)):
            distribution = getattr(self, key)
            if distribution is not None:
                yield from validate_length(distribution, most, key)

    def values(self, draw: Draw) -> Column:
        length = self._length
        first = draw.stream("value")
        counts, absent = np.ones(len(draw), dtype=np.int64), None
        if length.distribution is not None:
            counts, absent = sampled_lengths(length.distribution, draw, length.most)
        make = _words if self.words is not None else _sentences
        ends = slice_ends(counts * length.words, _WORDS_AT_ONCE)
        texts = [make(first[a:b], counts[a:b]) for a, b in pairwise(ends)]
        column = TextColumn(texts[0] if len(texts) == 1 else pa.concat_arrays(texts))
        return column.with_nulls(absent)

    def mean_characters(self) -> float:
        length = self._length
        mean = 1.0
        if length.distribution is not None:
            mean = mean_length(length.distribution, length.most)
        return 2 + mean * length.words * (_MEAN_WIDTH + 1)

    @property
    def _length(self) -> "_Length":
        if self.words is not None:
            return _Length(self.words, MAX_WORDS, 1)
        return _Length(self.sentences, MAX_SENTENCES, (_SHORTEST + _LONGEST) // 2)


class _Length(NamedTuple):
    """How long a text is: None is 1; the most that is possible, and the words of each."""

    distribution: Distribution | None
    most: int
    words: int


def _words(first: Bits, counts: Ints) -> TextArray:
    """Return texts of so many words, given a draw for each text: uint64[n], int64[n] -> n."""
    words = below(draws_of_characters(first, counts), _COUNT).view(np.int64)
    ends = np.cumsum(counts)
    words[ends[counts > 0] - 1] += _LAST * _COUNT
    return joined(_FORMS, words, counts)


def _sentences(first: Bits, counts: Ints) -> TextArray:
    """Return texts of so many sentences, given a draw for each text: uint64[n], int64[n] -> n."""
    of_sentences = draws_of_characters(first, counts)
    lengths = _SHORTEST + below(of_sentences, _LONGEST - _SHORTEST + 1).view(np.int64)
    bits = draws_of_characters(of_sentences, lengths)
    words = below(bits, _COUNT).view(np.int64)
    forms = np.where(below(redraw(bits, 1), _COMMAS) == 0, _COMMA, _INNER)
    ends = np.cumsum(lengths)
    forms[ends - lengths] = _FIRST
    forms[ends - 1] = _STOP
    last = np.cumsum(counts)[counts > 0] - 1  # sentences of texts
    forms[ends[last] - 1] = _END
    of_texts = np.concatenate([[0], ends])
    bounds = of_texts[np.concatenate([[0], np.cumsum(counts)])]
    return joined(_FORMS, words + forms * _COUNT, np.diff(bounds))
