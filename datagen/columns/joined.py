"""Columns of texts that are made of parts, which are joined only where somebody wants the whole."""

from collections.abc import Sequence
from typing import Any

from datagen.arrays import TextArray
from datagen.columns import json_text
from datagen.columns.column import Column
from datagen.columns.lazy import lazy_property
from datagen.columns.pieces import Part, Piece, joined


class JoinedColumn(Column):
    """The texts of n rows: each is that of all parts, one after the other."""

    def __init__(self, parts: Sequence[Part], rows: int) -> None:
        self.parts = tuple(parts)
        self.rows = rows

    def __len__(self) -> int:
        return self.rows

    @property
    def vector(self) -> Any:
        return self.text

    @lazy_property
    def json_text(self) -> TextArray:
        return joined(self.json_parts(), self.rows)

    def json_parts(self) -> list[Part]:
        return ['"', *map(_escaped, self.parts), '"']

    @lazy_property
    def text(self) -> TextArray:
        return joined(self.parts, self.rows)


def _escaped(part: Part) -> Part:
    """Return a part of the text within quotes."""
    if isinstance(part, str):
        return json_text.of_value(part)[1:-1]
    if not json_text.needs_escapes(part.texts):
        return part
    return Piece(json_text.unquote(json_text.of_strings(part.texts)), part.index)
