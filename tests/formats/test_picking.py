"""Records picked out of blocks of bytes: of any length, in any order, in memory of their own."""

import numpy as np
import pytest

from datagen.formats.picking import Block, joined, picked

LONG = [b"a line of more than twelve bytes, %d\n" % number for number in range(40)]
SHORT = [b"%d\n" % number for number in range(10)]
SLICED = memoryview(b"before" + b"".join(LONG))[6:]


def block(texts: list[bytes]) -> Block:
    """Return texts as a block."""
    ends = np.cumsum([len(each) for each in texts], dtype=np.int64)
    return memoryview(bytearray(b"".join(texts))), ends


def texts_of(some: Block) -> list[bytes]:
    """Return each record of a block."""
    data, ends = some
    assert len(data) == (ends[-1] if len(ends) else 0)
    return [bytes(data[a:b]) for a, b in zip([0, *ends.tolist()], ends.tolist(), strict=False)]


@pytest.mark.parametrize("blocks", [
    [LONG], [SHORT], [LONG[:9], LONG[9:]], [LONG, SHORT], [[], LONG, [], LONG[3:5], []], [SHORT, SHORT],
    [[b"", b"twelve bytes", b"thirteen byte"], LONG], [[], []],
])  # fmt: skip
def test_rows_are_those_of_all_blocks(blocks: list[list[bytes]]) -> None:
    """In any order, also one twice, or none."""
    texts = [each for own in blocks for each in own]
    made = [block(each) for each in blocks]
    chance = np.random.default_rng(1)
    for count in (0, 1, len(texts), 3 * len(texts)):
        rows = chance.integers(0, len(texts), count if texts else 0)
        found = picked(made, rows)
        assert texts_of(found) == [texts[row] for row in rows.tolist()]
    assert texts_of(joined(made)) == texts


def test_what_is_picked_has_memory_of_its_own() -> None:
    """Nothing of it changes with the blocks."""
    made = [block(LONG[:20]), block(LONG[20:])]
    found = picked(made, np.arange(39, -1, -1))
    for data, _ in made:
        data[:] = bytes(len(data))
    assert texts_of(found) == LONG[::-1]


def test_a_block_may_begin_anywhere_in_its_memory() -> None:
    """A slice is one."""
    made = [(SLICED, block(LONG)[1]), block(LONG)]
    assert texts_of(picked(made, np.array([41, 1, 0]))) == [LONG[1], LONG[1], LONG[0]]
