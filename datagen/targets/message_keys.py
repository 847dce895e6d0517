"""Turns the columns of a batch into the short texts that go with its records: keys, topics, headers.

They come from the columns, whatever the format of the records is.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

import pyarrow as pa
import pyarrow.compute as pc

from datagen.arrays import TextArray
from datagen.batch import EMITTER, EVENT, POPULATION, RUN, Batch, Group
from datagen.columns import json_text
from datagen.columns.column_type import INSTANT
from datagen.formats.base import in_order
from datagen.spec.record_schema import Specification
from datagen.validation import did_you_mean, quoted

_LARGEST = float(1 << 62)  # microseconds: no instant is so late
_TOKEN = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")


class Label(Protocol):
    """Makes a text for each record, or null."""

    def fields(self) -> Iterable[str]:
        """Return the fields that the text is made of."""

    def texts(self, group: Group) -> TextArray:
        """Return the texts of the records of one emitter: a string array of n, null where none."""


class LabelTemplate:
    """A text with fields in braces; `{{` and `}}` are braces, `{emitter}` is the emitter's name.

    A field without a value is an empty text; where the template is that field alone, nothing.
    Raises ValueError for a brace that stands alone.
    """

    def __init__(self, text: str) -> None:
        self.pieces: list[tuple[bool, str]] = []  # is it a field, text
        end = 0
        for token in _TOKEN.finditer(text):
            self.pieces.append((False, text[end : token.start()]))
            end = token.end()
            if token[0] in ("{{", "}}"):
                self.pieces.append((False, token[0][0]))
            elif not token[1]:
                raise ValueError(
                    f'"{token[0]}" names no field; a brace is written "{token[0][0] * 2}"'
                )
            else:
                self.pieces.append((True, token[1]))
        self.pieces.append((False, text[end:]))
        self.pieces = [piece for piece in self.pieces if piece[1]]

    def fields(self) -> Iterable[str]:
        return [text for is_field, text in self.pieces if is_field]

    @property
    def constant(self) -> str | None:
        """Return the text, its braces single, where it has no fields."""
        return None if self.fields() else "".join(text for _, text in self.pieces)

    def texts(self, group: Group) -> TextArray:
        rows = len(group.rows)
        pieces = [_text(group, text, rows) if is_field else text for is_field, text in self.pieces]
        if len(pieces) == 1 and not isinstance(pieces[0], str):
            return pieces[0]
        return json_text.join(
            [
                "",
                *(piece if isinstance(piece, str) else pc.fill_null(piece, "") for piece in pieces),
            ],
            rows,
        )


class Key:
    """The key of a message: the text of one field, or a JSON array of the values of several."""

    def __init__(self, fields: Sequence[str]) -> None:
        self._fields = fields

    def fields(self) -> Iterable[str]:
        return self._fields

    def texts(self, group: Group) -> TextArray:
        rows = len(group.rows)
        if len(self._fields) == 1:
            return _text(group, self._fields[0], rows)
        pieces: list[TextArray | str] = []
        for name in self._fields:
            pieces += [",", _json(group, name, rows)]
        return json_text.join(["[", *pieces[1:], "]"], rows)


class Micros:
    """The instant of a field, microseconds since 1970 as decimal digits; a number is one in milliseconds."""

    def __init__(self, field: str) -> None:
        self._field = field

    def fields(self) -> Iterable[str]:
        return [self._field]

    def texts(self, group: Group) -> TextArray:
        column = group.column(self._field)
        if column is None:
            return pa.nulls(len(group.rows), pa.string())
        texts = _where_present(column.text, column.present)
        known = texts.drop_null()
        if len(known) and ":" not in known[0].as_py():  # in an instant there are some
            return _micros_of_numbers(texts)
        instants = column.to_arrow(INSTANT)
        return _where_present(instants.cast(pa.int64()).cast(pa.string()), column.present)


def _micros_of_numbers(texts: TextArray) -> TextArray:
    """Return the microseconds of milliseconds; those that no instant can be stay far away."""
    whole = pc.floor(pc.multiply(texts.cast(pa.float64()), 1000.0))
    far = pc.multiply(pc.sign(whole), _LARGEST)
    near = pc.if_else(pc.less(pc.abs(whole), _LARGEST), whole, far)
    return near.cast(pa.int64()).cast(pa.string())


def name_in_braces(text: str) -> str | None:
    """Return the first name in braces, with these, of a text in which names stand for nothing yet."""
    found = re.search(r"(?<!\$)\{[^{}]+\}", text)
    return found[0] if found else None


def label_texts(label: Label, batch: Batch) -> list[str | None]:
    """Return the text of a label for each record of a batch, in order."""
    if not batch.groups:
        return []
    if {POPULATION, EVENT, RUN} & {*label.fields()}:
        batch = batch.with_names([*label.fields()])
    texts: list[str | None] = in_order(
        batch, [label.texts(each) for each in batch.groups]
    ).to_pylist()
    return texts


def unknown_fields(label: Label, spec: Specification) -> Iterator[str]:
    """Yield a sentence for each field of a label that no emitter has."""
    known = sorted({EMITTER, POPULATION, EVENT, RUN, *spec.fields})
    for name in label.fields():
        if name not in known:
            yield f"no emitter has a field {quoted(name)}{did_you_mean(name, known)}"


def _text(group: Group, name: str, rows: int) -> TextArray:
    column = group.column(name)
    if column is None:
        value = group.emitter if name == EMITTER else None
        return pa.array([value] * rows, pa.string())
    return _where_present(column.text, column.present)


def _json(group: Group, name: str, rows: int) -> TextArray:
    column = group.column(name)
    if column is None:
        return pa.array(["null"] * rows, pa.string())
    return pc.fill_null(_where_present(column.json_text, column.present), "null")


def _where_present(texts: TextArray, present: object) -> TextArray:
    return texts if present is None else pc.if_else(pa.array(present), texts, None)
