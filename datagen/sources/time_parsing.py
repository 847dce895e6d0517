"""Turns the time_format of a source into a parser, and its JSON values or timestamps into instants."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datagen.arrays import Ints
from datagen.columns.column_type import TEXT, ColumnType
from datagen.sources.completion import LocalTimes, in_order, near_clock
from datagen.sources.number_times import (
    OUTSIDE_YEARS,
    UNITS,
    NumberTimeParser,
    max_units,
    times_of_units,
)
from datagen.sources.text_times import TextTimeParser
from datagen.sources.time_forms import DEFAULT_FORMAT, ArrowInstantFormat
from datagen.sources.time_patterns import text_pattern
from datagen.sources.times import (
    FIRST,
    Around,
    InstantFormat,
    RowProblem,
    SourceTimes,
    TimeParser,
    TimesRead,
    first_problem,
)
from datagen.spelling import closest_name
from datagen.validation import did_you_mean, quoted


def time_parser(text: str, zone: str | None = None) -> TimeParser:
    """Return the parser of a time_format, a name or a strptime pattern. Raises ValueError for anything else.

    `zone` is the time zone of times without an offset, None: UTC.
    """
    if text in UNITS:
        return NumberTimeParser(UNITS[text])
    if text == "iso":
        return TextTimeParser(None, zone)
    if "%" not in text:
        names = [*UNITS, "iso"]
        more = " or a pattern of strptime such as %d/%b/%Y:%H:%M:%S"
        more = "" if closest_name(text, names) else more
        raise ValueError(f"no time format {quoted(text)}{did_you_mean(text, names)}{more}")
    text_pattern(text)
    return TextTimeParser(text, zone)


def time_column_type(
    time_parser: TimeParser, kind: str | None, sample: SourceTimes | None
) -> ColumnType:
    """Return the type of the column of times: of `kind`, else as the first time of a sample has it."""
    if kind == "text":
        return TEXT
    return sample.format_of(0).column_type if sample else time_parser.column_type


def read_values(
    time_parser: TimeParser, values: Sequence[Any], around: Around = FIRST
) -> TimesRead:
    """Return the instants of JSON values, texts and numbers, up to the first that is no time."""
    kinds = {type(value) for value in values}
    if not values or kinds == {str}:
        try:
            return time_parser.read_texts(pa.array(values, pa.string()), True, around)
        except UnicodeEncodeError:  # half a surrogate pair
            return _read_mixed(time_parser, values, around)
    if kinds <= {int, float}:
        return time_parser.read_numbers(values)
    return _read_mixed(time_parser, values, around)


def read_timestamps(values: Any, zone: str | None = None, around: Around = FIRST) -> TimesRead:
    """Return the instants of an Arrow array of timestamps, up to the first that is null or out of range.

    `zone` is the time zone of those without one, None: UTC.
    """
    if values.null_count:
        row = int(np.flatnonzero(values.is_null().to_numpy(zero_copy_only=False))[0])
        times, problem = read_timestamps(values.slice(0, row), zone, around.part(row))
        return times, problem or RowProblem(row, "has no time")
    digits = {"s": 0, "ms": 3, "us": 6, "ns": 9}[values.type.unit]
    unit = 10 ** (9 - digits)
    numbers = pc.cast(values.cast(pa.timestamp(values.type.unit)), pa.int64()).to_numpy()
    bad = np.flatnonzero((numbers >= max_units(unit)) | (numbers <= -max_units(unit)))
    size = int(bad[0]) if len(bad) else len(numbers)
    times = times_of_units(numbers[:size], np.zeros(size, dtype=np.int64), unit)
    if values.type.tz:
        zone = None
    if zone is not None:
        zeros = np.zeros(size, dtype=np.int64)
        local = LocalTimes(times.micros, zeros, zone, np.ones(size, dtype=bool))
        clock = around.clock
        read = (
            in_order(local, None, None, around.before)
            if clock is None
            else near_clock(local, None, clock[:size])
        )
        times = replace(times, micros=read.micros)
    suffix = "Z" if values.type.tz else ""
    times = replace(times, formats=(ArrowInstantFormat(digits, suffix, zone),))
    return times, RowProblem(size, f"time {OUTSIDE_YEARS}") if len(bad) else None


def _read_mixed(time_parser: TimeParser, values: Sequence[Any], around: Around) -> TimesRead:
    """Read texts and numbers separately, and combine them in their order."""
    parts, problems = [], []
    neither = [row for row, value in enumerate(values) if _kind(value) is None]
    problems += [
        RowProblem(row, f"time {quoted(values[row])} is not a time") for row in neither[:1]
    ]
    for kind in (str, int):
        rows = [row for row, value in enumerate(values) if _kind(value) is kind]
        if len(rows) == len(values):  # texts that are none to Arrow
            problems.append(RowProblem(0, f"time {quoted(values[0])} is not a time"))
        elif rows:
            some = [values[row] for row in rows]
            times, problem = read_values(time_parser, some, around.take(rows))
            parts.append((np.array(rows[: len(times)], dtype=np.int64), times))
            problems += [replace(problem, row=rows[problem.row])] if problem else []
    first = first_problem(problems)
    return _combined(parts, len(values) if first is None else first.row), first


def _kind(value: Any) -> type | None:
    """Return the kind of a JSON value that may be a time: str, or int for any number."""
    if isinstance(value, str):
        return str
    return int if isinstance(value, int | float) and not isinstance(value, bool) else None


def _combined(parts: Sequence[tuple[Ints, SourceTimes]], size: int) -> SourceTimes:
    """Return the times of the rows below `size`, from parts that hold some of these rows."""
    micros, rest, format_index = np.zeros((3, size), dtype=np.int64)
    formats: tuple[InstantFormat, ...] = ()
    for rows, times in parts:
        below = rows < size
        micros[rows[below]] = times.micros[below]
        rest[rows[below]] = 0 if times.rest is None else times.rest[below]
        index = np.zeros(len(rows), np.int64) if times.format_index is None else times.format_index
        format_index[rows[below]] = index[below] + len(formats)
        formats += times.formats
    nanos = rest if rest.any() else None
    return SourceTimes(micros, nanos, formats or (DEFAULT_FORMAT,), format_index)
