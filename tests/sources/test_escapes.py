"""Escapes of TSV: what stands for what, against a plain loop."""

import random

import pyarrow as pa
import pytest

from datagen.columns.column import Column
from datagen.columns.scalar import TextColumn
from datagen.formats.cells import TsvCell
from datagen.sources.escapes import unescaped

MEANT = {"\\": "\\", "t": "\t", "n": "\n", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0", "'": "'"}  # fmt: skip


def plain(cell: str) -> str | None:
    """Return the value of a cell, character by character."""
    if cell == r"\N":
        return None
    text, place = "", 0
    while place < len(cell):
        if cell[place] == "\\" and cell[place + 1 : place + 2] in {*MEANT}:
            text += MEANT[cell[place + 1]]
            place += 2
        else:
            text += cell[place]
            place += 1
    return text


@pytest.mark.parametrize("cell", [r"a\tb", r"\\t", r"\\\t", r"\N", r"\\N", r"\Na", "\\", "a\\", r"\d", r"C:\Docs", r"\'", "é\\n☃", ""])  # fmt: skip
def test_cell_alone_and_among_others(cell: str) -> None:
    """A backslash at the end of a cell does not reach into the next one."""
    cells = pa.array([cell, "n", cell, "\\", cell], pa.string())
    assert unescaped(cells).to_pylist() == [plain(each) for each in cells.to_pylist()]


def test_random_cells() -> None:
    """Runs of backslashes of any length; slices of longer arrays too."""
    chance = random.Random(1)
    for _ in range(300):
        drawn = ["".join(chance.choices("\\\\\\tnNdé'", k=chance.randint(0, 6))) for _ in range(9)]
        cells = pa.array(drawn, pa.string()).slice(2)
        assert unescaped(cells).to_pylist() == [plain(each) for each in drawn[2:]]


def test_writer_and_reader_are_inverse() -> None:
    """Every text comes back as it was."""
    chance = random.Random(2)
    texts = [
        "".join(chance.choices('\\tnrN\t\n\r\0"é ', k=chance.randint(0, 8))) for _ in range(500)
    ]
    column: Column = TextColumn(pa.array(texts, pa.string()))
    assert unescaped(TsvCell()(column)).to_pylist() == texts
