"""NDJSON: an object a line, whose values keep their types, their order and what is missing."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from datagen.arrays import Ints
from datagen.columns.column import MISSING, NULL, Column, concat_columns
from datagen.columns.column_type import NOTHING, ColumnType, type_of_value, union
from datagen.columns.literal import LiteralColumn
from datagen.columns.scalar import FloatColumn, IntColumn, TextColumn
from datagen.sources.base import KINDS, Chunk, Place, Rows, Section, Wanted, counted
from datagen.sources.texts import TextSource, last_line
from datagen.sources.time_parsing import Flaw, Read, of_values
from datagen.validation import quoted

_ABSENT = object()
_BOM = b"\xef\xbb\xbf"


class JsonLines(TextSource):
    """A file of JSON objects, one a line."""

    @property
    def names(self) -> None:
        return None

    def column_types(self, rows: Rows) -> dict[str, ColumnType]:
        values: dict[str, list[Any]] = {}
        for record in rows.records if isinstance(rows, ObjectRows) else ():
            for name, value in record.items():
                values.setdefault(name, []).append(value)
        column_types = {name: union(map(type_of_value, each)) for name, each in values.items()}
        column_types |= {name: KINDS[kind] for name, kind in self.wanted.types.items()}
        return {
            name: column_type
            for name, column_type in column_types.items()
            if name != self.wanted.time_field
        }

    def chunks(self, begin: Place, size: Callable[[], int]) -> Iterator[Chunk]:
        record, line = begin.record, begin.line
        for byte, data in self.input.blocks(begin.byte, size, last_line):
            text = data.removeprefix(_BOM) if byte == 0 else data
            texts = text.split(b"\n")
            if not texts[-1]:
                texts.pop()
            held, lines, flaw = _objects(texts, line)
            chunk = Chunk(
                ObjectRows(held, self.wanted),
                Place(record, byte, line),
                lines,
                *(flaw or ()),
            )
            record, line = record + len(chunk), line + len(texts)
            if len(chunk) or chunk.flaw or not data:
                yield chunk

    def misfit(self, rows: Rows, column_types: Mapping[str, ColumnType]) -> Flaw | None:
        """Find the first record with a field that is not in a table, or of another type there."""
        if not isinstance(rows, ObjectRows) or _fits(column_types, self.column_types(rows)) is None:
            return None
        for row in range(len(rows)):
            name = _fits(column_types, self.column_types(rows.slice(row, row + 1)))
            if name is not None:
                return Flaw(row, name)
        return None

    def restored(self, stored: Any) -> Rows:
        texts = stored.column(0).to_pylist()
        return ObjectRows(list(map(_loads, texts)), self.wanted)


def _objects(
    texts: list[bytes], first: int
) -> tuple[list[dict[str, Any]], Callable[[], Ints], tuple[str, int] | None]:
    """Read lines; give the objects, their lines, and what is wrong with the first that is none."""
    try:
        found = _loads(b"[" + b",".join(texts) + b"]")
        if len(found) == len(texts) and set(map(type, found)) <= {dict}:
            return found, counted(first, len(found)), None
    except (ValueError, RecursionError):
        pass
    objects: list[dict[str, Any]] = []
    lines: list[int] = []
    flaw = None
    for place, text in enumerate(texts):
        if not text.strip():
            continue
        try:
            value = _loads(text)
        except UnicodeDecodeError:
            flaw = "is not UTF-8 text"
        except json.JSONDecodeError as error:
            flaw = f"is not JSON: {error.msg} at column {error.colno}"
        except (ValueError, RecursionError) as error:
            flaw = f"is not JSON: {error}"
        else:
            flaw = None if isinstance(value, dict) else f"expected an object, not {quoted(value)}"
        if flaw is not None:
            return objects, lambda: np.array(lines, dtype=np.int64), (flaw, first + place)
        objects.append(value)
        lines.append(first + place)
    return objects, lambda: np.array(lines, dtype=np.int64), None


@dataclass(frozen=True)
class ObjectRows:
    """Records as Python holds JSON objects."""

    records: list[dict[str, Any]]
    wanted: Wanted

    def __len__(self) -> int:
        return len(self.records)

    def slice(self, first: int, last: int) -> "ObjectRows":
        return ObjectRows(self.records[first:last], self.wanted)

    def take(self, rows: Ints) -> "ObjectRows":
        return ObjectRows([self.records[row] for row in rows.tolist()], self.wanted)

    def times(self) -> Read:
        field = self.wanted.time_field
        values = [record.get(field, _ABSENT) for record in self.records]
        if _ABSENT in values:
            size = next(row for row, value in enumerate(values) if value is _ABSENT)
            stamps, flaw = of_values(self.wanted.time_format, values[:size])
            return stamps, flaw or Flaw(size, f"has no field {quoted(field)}")
        return of_values(self.wanted.time_format, values)

    def sections(self) -> tuple[tuple[Section, ...], Flaw | None]:
        flaws: list[Flaw] = []
        sections = []
        for order, rows in _orders(self.records):
            records = self.records if rows is None else [self.records[n] for n in rows.tolist()]
            columns = {}
            for name in order:
                if name == self.wanted.time_field:
                    continue
                values = [record.get(name, _ABSENT) for record in records]
                columns[name], row = column_of(values)
                flaw = self._flaw(name, values, row)
                if flaw is not None:
                    place = flaw.row if rows is None else int(rows[flaw.row])
                    flaws.append(Flaw(place, flaw.text))
            sections.append(Section(rows, order, columns))
        return tuple(sections), min(flaws, key=lambda flaw: flaw.row) if flaws else None

    def stored(self) -> Any:
        texts = [json.dumps(record).encode() for record in self.records]
        return pa.record_batch([pa.array(texts, pa.large_binary())], ["record"])

    def _flaw(self, name: str, values: list[Any], endless: int | None) -> Flaw | None:
        """Say what is wrong with a value: it is no finite number, or not of the type declared."""
        kind = self.wanted.types.get(name)
        if kind is not None:
            for row, value in enumerate(values):
                if value is not None and value is not _ABSENT and not _is(value, kind):
                    return Flaw(row, f"{name}: {quoted(value)} is not of the type {kind}")
        return None if endless is None else Flaw(endless, f"{name}: holds a number out of range")


def _fits(table: Mapping[str, ColumnType], found: Mapping[str, ColumnType]) -> str | None:
    """Name a field that a table does not hold, or not with such values."""
    return next((name for name in found if not _within(table.get(name), found[name])), None)


def _within(table: ColumnType | None, found: ColumnType) -> bool:
    if table is None:
        return False
    if found.kind == "nothing" or table.kind == "json":
        return True
    if table.elements is not None and found.elements is not None:
        return _within(table.elements, found.elements)
    members = dict(table.members)
    inside = all(_within(members.get(name), column_type) for name, column_type in found.members)
    return inside and (table.kind == found.kind or (table.kind, found.kind) == ("float", "int"))


def column_of(values: Sequence[Any]) -> tuple[Column, int | None]:
    """Return the column of JSON values, and the row of the first that holds no finite number."""
    kinds = set(map(type, values))
    if len(kinds) == 1:
        return _of_kind(next(iter(kinds)), values)
    index = np.empty(len(values), dtype=np.int64)
    parts: list[Column] = []
    before, flaws = 0, []
    for kind in sorted(kinds, key=lambda kind: kind.__name__):
        rows = [row for row, value in enumerate(values) if type(value) is kind]
        if kind in (type(None), object):
            index[rows] = NULL if kind is type(None) else MISSING
            continue
        column, row = _of_kind(kind, [values[row] for row in rows])
        flaws += [] if row is None else [rows[row]]
        index[rows] = np.arange(before, before + len(rows))
        before += len(rows)
        parts.append(column)
    return concat_columns(parts or [LiteralColumn([])]).take(index), min(flaws, default=None)


def _of_kind(kind: type, values: Sequence[Any]) -> tuple[Column, int | None]:  # noqa: PLR0911
    """Return the column of values of one type."""
    if kind in (type(None), object):
        return LiteralColumn([]).take(
            np.full(len(values), NULL if kind is not object else MISSING)
        ), None
    if kind is bool:
        return LiteralColumn([False, True]).take(np.array(values, dtype=np.int64)), None
    if kind is int:
        try:
            return IntColumn(np.array(values, dtype=np.int64)), None
        except OverflowError:
            return LiteralColumn(values), None
    if kind is float:
        floats = np.array(values, dtype=np.float64)
        bad = np.flatnonzero(~np.isfinite(floats))
        return FloatColumn(floats), int(bad[0]) if len(bad) else None
    if kind is str:
        try:
            return TextColumn(pa.array(values, pa.string())), None
        except UnicodeEncodeError:
            return LiteralColumn(values), None
    endless = (row for row, value in enumerate(values) if _endless(value))
    return LiteralColumn(values), next(endless, None)


def _endless(value: Any) -> bool:
    """Return whether a value holds a number beyond the largest double."""
    if isinstance(value, float):
        return not np.isfinite(value)
    below = value.values() if isinstance(value, dict) else value
    return isinstance(value, dict | list) and any(map(_endless, below))


def _is(value: Any, kind: str) -> bool:
    column_type = type_of_value(value)
    return union([column_type, KINDS[kind]]) == KINDS[kind] and column_type != NOTHING


def _orders(records: list[dict[str, Any]]) -> Iterator[tuple[tuple[str, ...], Ints | None]]:
    """Yield orders of keys, and the rows whose keys stand in them (None: all)."""
    keys = list(map(tuple, records))
    different = list(dict.fromkeys(keys))
    orders: list[list[str]] = []
    of_keys = {}
    for each in different:
        for number, order in enumerate(orders):
            if _merged(order, each):
                of_keys[each] = number
                break
        else:
            of_keys[each] = len(orders)
            orders.append(list(each))
    if len(orders) == 1:
        yield tuple(orders[0]), None
        return
    which = np.array([of_keys[each] for each in keys], dtype=np.int64)
    for number, order in enumerate(orders):
        yield tuple(order), np.flatnonzero(which == number)


def _merged(order: list[str], keys: tuple[str, ...]) -> bool:
    """Put keys into an order, if it has those it knows in the same order."""
    places = {name: place for place, name in enumerate(order)}
    known = [places[key] for key in keys if key in places]
    if known != sorted(known):
        return False
    after = len(order)
    for key in reversed(keys):  # what is new goes as late as it can
        if key in places:
            after = places[key]
        else:
            order.insert(after, key)
    return True


def _loads(text: bytes) -> Any:
    return json.loads(text, parse_constant=_no_constant)


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no number")
