"""Turns columns into the members of JSON objects, as parts that are joined row by row.

A name is joined with the texts of its values before these are gathered where there are fewer of them;
so are neighbours that gather by one index from columns that last.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datagen.arrays import TextArray
from datagen.columns import json_text
from datagen.columns.column import MISSING, Column
from datagen.columns.pieces import Part, Piece, joined

_FEW = 1024
_Keyed = tuple[str, Column]


def object_parts(members: Sequence[Part], rows: int, *, commas: bool) -> list[Part]:
    """Return the parts of objects of n rows; `commas` says that each member has a comma before it."""
    if not commas:
        return ["{", *members, "}"]
    return ["{", Piece(pc.utf8_slice_codeunits(joined(members, rows), 1)), "}"]


def member_parts(
    names: Sequence[str], columns: Sequence[Column], *, first_comma: bool
) -> Iterator[Part]:
    """Yield the parts of members, each but the first with a comma before it, and that too if wanted.

    Members are left out where they are missing.
    """
    keys = [f",{json_text.of_value(name)}:" for name in names]
    if keys and not first_comma:
        keys[0] = keys[0][1:]
    for shared, run in groupby(zip(keys, columns, strict=True), _shared_index):
        if shared is None:
            for key, column in run:
                yield from _member(key, column)
        else:
            yield _neighbours(list(run))


def _shared_index(keyed: _Keyed) -> tuple[int, int] | None:
    """Return what columns have in common that gather by one index from small ones that last."""
    source, index = keyed[1].origin
    if index is None or not source.lasting or len(source) > _FEW:
        return None
    return id(index), len(source)


def _neighbours(run: Sequence[_Keyed]) -> Part:
    """Return members that gather by one index from columns that last."""
    sources = tuple((key, column.origin[0]) for key, column in run)
    key, first = sources[0]
    alone = len(sources) == 1
    texts = first.member_text(key) if alone else first.kept(sources, lambda: _texts(sources))
    index = run[0][1].origin[1]
    assert index is not None
    if len(texts) == 1 and index.min(initial=0) == 0:
        constant: str = texts[0].as_py()
        return constant
    return Piece(texts, index, "".join(f"{key}null" for key, _ in run))


def _texts(sources: tuple[_Keyed, ...]) -> TextArray:
    texts = [Piece(source.member_text(key)) for key, source in sources]
    return joined(texts, len(sources[0][1]))


def _member(key: str, column: Column) -> Iterator[Part]:
    """Yield the parts of a member: its key and its value, or none of them where it is missing."""
    source, index = column.origin
    if index is not None and 2 * len(source) <= len(index):
        yield Piece(source.member_text(key), index, f"{key}null")
        return
    present = column.present
    if present is None:
        yield key
    else:
        yield Piece(pa.array([key], pa.string()), np.where(present, 0, MISSING))
    yield from column.json_parts()
