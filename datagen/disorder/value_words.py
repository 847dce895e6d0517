"""Turns the values of an expression into random words: one for all records of a value."""

from hashlib import blake2b

import numpy as np

from datagen.arrays import Bits
from datagen.columns.column import Column
from datagen.randomness import mix

_MAX_KNOWN = 65_536  # texts whose words are kept


class ValueWords:
    """The words of values by their JSON text: mix(S + BLAKE2b-8(text)), as `randomness` has S."""

    def __init__(self, seed: np.uint64) -> None:
        """Take the word S of a seed."""
        self._seed = seed
        self._known: dict[str, int] = {}

    def of(self, column: Column) -> Bits:
        """Return the word of each of n values, of null where there is none: uint64[n]."""
        source, index = column.origin
        words: Bits = source.kept((ValueWords, int(self._seed)), lambda: self._of_source(source))
        return words[:-1] if index is None else words[np.where(index < 0, len(source), index)]

    def _of_source(self, source: Column) -> Bits:
        """Return the word of each value, then that of null: uint64[n + 1]."""
        texts = source.json_text.dictionary_encode()
        words = self._words_of([*texts.dictionary.to_pylist(), "null"])
        codes = np.append(texts.indices.to_numpy(zero_copy_only=False), len(words) - 1)
        if source.present is not None:
            codes[:-1][~source.present] = len(words) - 1
        found: Bits = words[codes]
        return found

    def _words_of(self, texts: list[str]) -> Bits:
        """Return the word of each text; those of the latest texts are kept."""
        if len(self._known) + len(texts) > _MAX_KNOWN:
            self._known.clear()
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        digests = b"".join(blake2b(text.encode(), digest_size=8).digest() for text in new)
        words = mix(np.frombuffer(digests, dtype="<u8").astype(np.uint64) + self._seed)
        self._known.update(zip(new, words.tolist(), strict=True))
        return np.array([self._known[text] for text in texts], dtype=np.uint64)
