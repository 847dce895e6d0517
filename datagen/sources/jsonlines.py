"""Turns NDJSON, an object a line, into records.

Values keep their types, records their order of fields, and what is missing stays missing.
"""

import json
from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa

from datagen.arrays import Ints
from datagen.columns.column import ABSENT, MISSING, NULL
from datagen.columns.column_type import ColumnType, type_of_value, union
from datagen.sources.base import (
    DECLARABLE_TYPES,
    Chunk,
    FieldGroup,
    ReadOptions,
    RecordPosition,
    Rows,
    SchemaMismatch,
    consecutive_lines,
)
from datagen.sources.json_columns import has_type, includes, json_column
from datagen.sources.json_times import MovingObjects
from datagen.sources.moving import (
    EMPTY_TEXT,
    MovingField,
    MovingRead,
    TimeField,
    TimeMember,
    moving_fields,
    read_moving,
)
from datagen.sources.texts import BOM, TextSource, last_line_end
from datagen.sources.time_parsing import read_values
from datagen.sources.times import FIRST, Around, RowProblem, TimesRead, first_problem
from datagen.validation import quoted


class JsonLines(TextSource):
    """A file of JSON objects, one a line."""

    @property
    def names(self) -> None:
        return None

    def chunks(self, begin: RecordPosition, size: Callable[[], int]) -> Iterator[Chunk]:
        record, line = begin.record, begin.line
        for byte, data in self.input.blocks(begin.byte, size, last_line_end):
            text = data.removeprefix(BOM) if byte == 0 else data
            texts = text.split(b"\n")
            if not texts[-1]:
                texts.pop()
            records, lines, problem = _parse_lines(texts, line)
            chunk = Chunk(
                ObjectRows(records, self.options),
                RecordPosition(record, byte, line),
                lines,
                *(problem or ()),
            )
            record, line = record + len(chunk), line + len(texts)
            if len(chunk) or chunk.problem or not data:
                yield chunk

    def from_arrow(self, batch: Any) -> Rows:
        texts = batch.column(0).to_pylist()
        return ObjectRows(list(map(_loads, texts)), self.options)


Objects = list[dict[str, Any]]


def _parse_lines(
    texts: list[bytes], first: int
) -> tuple[Objects, Callable[[], Ints], tuple[str, int] | None]:
    """Return the objects, their lines, and the first line that is no object: what is wrong, and its number.

    `first` is the line of the first text; blank ones are no records.
    """
    try:
        values = _loads(b"[" + b",".join(texts) + b"]")
        if len(values) == len(texts) and set(map(type, values)) <= {dict}:
            return values, consecutive_lines(first, len(values)), None
    except (ValueError, RecursionError):
        pass
    objects: Objects = []
    lines: list[int] = []
    problem = None
    for line, text in enumerate(texts, first):
        if not text.strip():
            continue
        value, mistake = _parse_object(text)
        if mistake:
            problem = mistake, line
            break
        objects.append(value)
        lines.append(line)
    return objects, lambda: np.array(lines, dtype=np.int64), problem


def _parse_object(text: bytes) -> tuple[Any, str]:
    """Return the object of a line, or what is wrong with it."""
    try:
        value = _loads(text)
    except UnicodeDecodeError:
        return None, "is not UTF-8 text"
    except json.JSONDecodeError as error:
        return None, f"is not JSON: {error.msg} at column {error.colno}"
    except (ValueError, RecursionError) as error:
        return None, f"is not JSON: {error}"
    return value, "" if isinstance(value, dict) else f"expected an object, not {quoted(value)}"


@dataclass(frozen=True)
class ObjectRows(Rows):
    """Records as Python holds JSON objects."""

    records: Objects
    options: ReadOptions

    def __len__(self) -> int:
        return len(self.records)

    def slice(self, first: int, last: int) -> "ObjectRows":
        return ObjectRows(self.records[first:last], self.options)

    def take(self, rows: Ints) -> "ObjectRows":
        return ObjectRows([self.records[row] for row in rows.tolist()], self.options)

    def read_as(self, options: ReadOptions) -> "ObjectRows":
        return replace(self, options=options)

    def times(self, around: Around = FIRST) -> TimesRead:
        field = self.options.clock
        values = self._values(field.path(self._names))
        if ABSENT in values:
            size = next(row for row, value in enumerate(values) if value is ABSENT)
            times, problem = read_values(field.parser, values[:size], around.part(size))
            return times, problem or RowProblem(size, f"has no field {quoted(field.name)}")
        return read_values(field.parser, values, around)

    def field_groups(
        self, clock: Ints | None = None
    ) -> tuple[tuple[FieldGroup, ...], RowProblem | None]:
        moving, problems = self._moving(clock)
        groups = []
        for names, rows in _key_orders(self.records):
            records = self.records if rows is None else [self.records[n] for n in rows.tolist()]
            columns = {}
            for name in names:
                if name == self.options.clock.name or name in moving:
                    continue
                values = [record.get(name, ABSENT) for record in records]
                columns[name], infinite = json_column(values)
                problem = self._problem(name, values, infinite)
                if problem is not None:
                    row = problem.row if rows is None else int(rows[problem.row])
                    problems.append(RowProblem(row, problem.text))
            of_group = {name: moving[name] for name in names if name in moving}
            if rows is not None:
                of_group = {name: each.take(rows) for name, each in of_group.items()}
            groups.append(FieldGroup(rows, names, columns, of_group))
        return tuple(groups), first_problem(problems)

    def _moving(self, clock: Ints | None) -> tuple[dict[str, MovingField], list[RowProblem]]:
        """Return the fields that hold times besides the clock, and objects that hold times."""

        def read(field: TimeField, path: tuple[str, ...]) -> MovingRead:
            values = self._values(path)
            kinds = list(map(_index_of, values))
            some = [value for value, kind in zip(values, kinds, strict=True) if not kind]
            index = np.array(kinds, dtype=np.int64)
            read_some = partial(read_values, field.parser, some)
            return read_moving(field, index, read_some, clock, EMPTY_TEXT)

        def objects(name: str, members: tuple[TimeMember, ...]) -> MovingField:
            return MovingObjects([record.get(name, ABSENT) for record in self.records], members)

        return moving_fields(self.options.times, self._names, read, objects)

    @property
    def _names(self) -> Container[str]:
        return self.records[0] if self.records else ()

    def _values(self, path: tuple[str, ...]) -> list[Any]:
        """Return the values at a path: ABSENT where there is none."""
        name, *inner = path
        values = [record.get(name, ABSENT) for record in self.records]
        for step in inner:
            values = [
                value.get(step, ABSENT) if isinstance(value, dict) else ABSENT for value in values
            ]
        return values

    def column_types(self) -> dict[str, ColumnType]:
        values: dict[str, list[Any]] = {}
        for record in self.records:
            for name, value in record.items():
                values.setdefault(name, []).append(value)
        column_types = {name: union(map(type_of_value, each)) for name, each in values.items()}
        column_types |= {name: DECLARABLE_TYPES[kind] for name, kind in self.options.types.items()}
        times = {each.name for each in self.options.times}
        return {name: each for name, each in column_types.items() if name not in times}

    def schema_mismatch(self, column_types: Mapping[str, ColumnType]) -> SchemaMismatch | None:
        if _field_outside(column_types, self.column_types()) is None:
            return None
        for row in range(len(self)):
            field = _field_outside(column_types, self.slice(row, row + 1).column_types())
            if field is not None:
                return SchemaMismatch(row, field)
        return None

    def to_arrow(self) -> Any:
        texts = [json.dumps(record).encode() for record in self.records]
        return pa.record_batch([pa.array(texts, pa.large_binary())], ["record"])

    def _problem(self, name: str, values: list[Any], infinite: int | None) -> RowProblem | None:
        """Return the first value that is not of the declared type, else the row with an infinite number."""
        kind = self.options.types.get(name)
        if kind is not None:
            for row, value in enumerate(values):
                if value is not None and value is not ABSENT and not has_type(value, kind):
                    return RowProblem(row, f"{name}: {quoted(value)} is not of the type {kind}")
        if infinite is None:
            return None
        return RowProblem(infinite, f"{name}: contains a number out of range")


def _index_of(value: Any) -> int:
    """Return 0 for what should be a time, else what stands for it in `read_moving`."""
    return {None: NULL, ABSENT: MISSING, "": 1}.get(value, 0) if value.__hash__ else 0


def _field_outside(
    known: Mapping[str, ColumnType], column_types: Mapping[str, ColumnType]
) -> str | None:
    """Return the first field that is not among the known ones, or not of such a type."""
    outside = (name for name in column_types if not includes(known.get(name), column_types[name]))
    return next(outside, None)


def _key_orders(records: Objects) -> Iterator[tuple[tuple[str, ...], Ints | None]]:
    """Yield orders of keys, and the rows whose keys are in this order (None: all)."""
    keys = list(map(tuple, records))
    orders: list[list[str]] = []
    order_of = {each: _order_number(orders, each) for each in dict.fromkeys(keys)}
    if len(orders) == 1:
        yield tuple(orders[0]), None
        return
    numbers = np.array([order_of[each] for each in keys], dtype=np.int64)
    for number, order in enumerate(orders):
        yield tuple(order), np.flatnonzero(numbers == number)


def _order_number(orders: list[list[str]], keys: tuple[str, ...]) -> int:
    """Return the first order that keys can be merged into; a new one is added where none is."""
    for number, order in enumerate(orders):
        if _merge_keys(order, keys):
            return number
    orders.append(list(keys))
    return len(orders) - 1


def _merge_keys(order: list[str], keys: tuple[str, ...]) -> bool:
    """Merge keys into an order, and return True, if those that it knows are in the same order there."""
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
    raise ValueError(f"{name} is not a number")
