"""Holds files of records that were made earlier against a model: their fields and how many records there are over time.

Files show no visits: what follows what, delays and arrivals are not tested, nor are variables, of which nobody can tell how often a record repeats one.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pyarrow as pa

from datagen.arrays import Ints, TextArray
from datagen.columns.json_text import of_value
from datagen.inspection.count_tests import RECORDS, count_tests
from datagen.inspection.draw_sample import DrawSample, words_of
from datagen.inspection.expected_values import (
    MISSING_TEXT,
    Expected,
    expected_of,
)
from datagen.inspection.field_figures import field_figures
from datagen.inspection.file_records import Record, has_cells, has_columns, records_of
from datagen.inspection.model_tests import LEAST, Finding, Model, judged_texts
from datagen.inspection.report_figures import Made, NotTested, Report, Test, in_family
from datagen.inspection.run_collector import Collected, Minutes
from datagen.instants import NAIVE, Instant
from datagen.spec.emitter import Emitter
from datagen.validation import quoted

_AT_ONCE = 4096  # records
_LISTS = "lengths of lists are tested in runs only"
_NOTES = ("files show no visits: fields and the number of records only",)


class FileCheck:
    """Collects the records of some files, and tells what fits. `begin` and `end` are those of the run that made them, as far as they are known."""

    def __init__(self, model: Model, begin: int | None, end: int | None) -> None:
        self._model, self._begin, self._end = model, begin, end
        self._emitters = {each.name: each for each in model.spec.emitters}
        self._samples = {name: DrawSample() for name in self._emitters}
        columns = model.spec.record_schema.columns
        self._kinds = {name: each.kind for name, each in columns.items()}
        self._times: list[Ints] = []
        self._count, self._unknown, self._cells, self._columns = 0, 0, False, False

    def add(self, path: str) -> None:
        """Read a file. Raises OperationError."""
        self._cells |= has_cells(path)
        self._columns |= has_columns(path)
        chunk: list[Record] = []
        for record in records_of(path):
            chunk.append(record)
            if len(chunk) == _AT_ONCE:
                self._take(chunk)
                chunk = []
        self._take(chunk)

    def report(self, file: str, seed: int | None) -> Report:
        """Return the report."""
        collected = self._collected()
        counts, rates = count_tests(collected, self._model)
        findings = [*self._field_findings(), *self._left_out()]
        if self._timed:
            findings += [each for each in counts if each.subject == RECORDS]
        return Report(
            made=_made_of_files(file, seed, collected, self._count),
            tests=in_family([each for each in findings if isinstance(each, Test)]),
            not_tested=tuple(each for each in findings if isinstance(each, NotTested)),
            rates=rates,
            fields=tuple(
                field_figures(emitter, name[1:], texts)
                for emitter, sample in self._samples.items()
                for name, texts in sample.columns().items()
            ),
            notes=_NOTES,
        )

    @property
    def _timed(self) -> bool:
        """Return whether it is known when the run began, and no cap may have held anything back."""
        return self._begin is not None and self._model.most is None and bool(self._times)

    def _take(self, records: list[Record]) -> None:
        """Take some records: to the sample of the emitter that may have made each."""
        numbers = np.arange(self._count, self._count + len(records))
        self._count += len(records)
        words = words_of(numbers.astype(np.uint64))
        of = [self._emitter_of(each) for each in records]
        self._unknown += of.count(None)
        for name, sample in self._samples.items():
            own = np.array([row for row, each in enumerate(of) if each == name], dtype=np.int64)
            rows = own[sample.admit(words[own])].tolist()
            fields = [str(each.name) for each in self._emitters[name].fields]
            columns = {
                f"={field}": pa.array(
                    [self._text(records[row], field) for row in rows], pa.string()
                )
                for field in fields
            }
            sample.add(words[rows], columns)
        times = [micros for each in records if (micros := micros_of(each.get("time"))) is not None]
        if times:
            self._times.append(np.array(times))

    def _emitter_of(self, record: Record) -> str | None:
        """Return the one emitter whose record this may be, None where it may be none or several."""
        if len(self._emitters) == 1:
            return next(iter(self._emitters))
        names = set(record)
        found = [name for name, each in self._emitters.items() if _may_make(each, names)]
        return found[0] if len(found) == 1 and not self._columns else None

    def _text(self, record: Record, field: str) -> str:
        """Return the JSON text of a field; of a cell its text."""
        if field not in record:
            return MISSING_TEXT
        value = record[field]
        if self._cells:
            return cell_text(value, self._kinds.get(field))
        if not self._columns:
            return of_value(value)
        if self._kinds.get(field) == "json" and isinstance(value, str):
            value = json.loads(value)
        return column_text(value)

    def _collected(self) -> Collected:
        """Return what is known of the run."""
        times = np.concatenate(self._times) if self._times else np.zeros(0, dtype=np.int64)
        begin = (
            self._begin
            if self._begin is not None
            else int(times.min(initial=2**62))
            if len(times)
            else 0
        )
        end = self._end or int(times.max(initial=begin)) + 1
        minutes = Minutes(begin)
        minutes.add(times[times >= begin])
        return Collected(begin, end, (), {}, {}, {}, {}, minutes.until(end), None)

    def _field_findings(self) -> Iterator[Finding]:
        """Yield the tests of all fields that have draws of their own."""
        for name, emitter in self._emitters.items():
            columns = self._samples[name].columns()
            for field in emitter.fields:
                subject = f"field {quoted(str(field.name))} of {quoted(name)}"
                texts = columns.get(f"={field.name}")
                path = ("emitters", name, "dimensions", str(field.name))
                if field.variable_shown() is not None:
                    yield NotTested(
                        subject, "files do not show how often a record repeats a variable"
                    )
                elif texts is None or len(texts) < LEAST:
                    yield NotTested(subject, "too few records that are surely of this emitter")
                else:
                    expected = expected_of(field, path, self._model.context)
                    if isinstance(expected, Expected) and expected.lengths:
                        expected = replace(
                            expected, shares=None, grid=None, why=_LISTS, lengths=False
                        )
                    yield from self._judged(subject, str(field.name), texts, expected)

    def _judged(
        self, subject: str, field: str, texts: TextArray, expected: Expected | str
    ) -> Iterator[Finding]:
        if isinstance(expected, str):
            yield NotTested(subject, expected)
            return
        if self._cells:
            expected = as_cells(expected, self._kinds.get(field))
        elif self._columns:
            expected = as_columns(expected)
        yield from judged_texts(subject, texts, expected)

    def _left_out(self) -> Iterator[Finding]:
        """Yield what is not looked at, and why."""
        if self._unknown:
            yield NotTested(
                f"{self._unknown:,} records", "no emitter, or more than one, may have made them"
            )
        if not self._timed:
            why = (
                "no record has a time"
                if not self._times
                else (
                    "-m may have held arrivals back; give -m none if it did not"
                    if self._begin is not None
                    else "it is not known when the run began; give -s"
                )
            )
            yield NotTested(RECORDS, why)


def as_cells(expected: Expected, kind: str | None) -> Expected:
    """Return what is expected of cells of a kind of column, which are texts, and empty where there is no value."""
    shares = None
    if expected.shares is not None:
        shares = {_plain(text, kind): each for text, each in expected.shares.items()}
    return Expected(0.0, _absent(expected), shares, expected.grid, expected.why, expected.open)


def cell_text(cell: str | None, kind: str | None) -> str:
    """Return a text for a cell: of a number the same, however it is written."""
    if cell and kind in ("int", "float"):
        try:
            return repr(float(cell))
        except ValueError:
            return cell
    return cell or MISSING_TEXT


def as_columns(expected: Expected) -> Expected:
    """Return what is expected of columns, which are null where there is no value, and hold one type of number."""
    shares = None
    if expected.shares is not None:
        shares = {column_text(json.loads(text)): each for text, each in expected.shares.items()}
    return Expected(_absent(expected), 0.0, shares, expected.grid, expected.why, expected.open)


def column_text(value: Any) -> str:
    """Return a text for a value of a column: of a number the same, whichever its type."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return repr(float(value))
    if value is None or isinstance(value, bool | str):
        return of_value(value)
    return repr(value)  # whole objects and lists, instants, bytes: they are not compared


def _absent(expected: Expected) -> float:
    return expected.null + expected.missing


def _plain(text: str, kind: str | None) -> str:
    """Return JSON text as a cell has it: where values are of several types, as it is."""
    value = json.loads(text)
    plain = value if isinstance(value, str) and kind != "json" else text
    return cell_text(plain, kind)


def _may_make(emitter: Emitter, names: set[str]) -> bool:
    """Return whether an emitter may make a record with these fields."""
    fields = {str(each.name): each.percent_missing for each in emitter.fields}
    sure = {name for name, missing in fields.items() if not missing}
    return sure <= names and names - {"time"} <= fields.keys()


def micros_of(value: Any) -> int | None:
    """Return an instant as microseconds since 1970: of an ISO 8601 text, in UTC unless it says otherwise, or a datetime."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    if not isinstance(value, datetime):
        return None
    instant = value if value.tzinfo else value.replace(tzinfo=UTC)
    whole = instant - datetime(1970, 1, 1, tzinfo=UTC)
    return (whole.days * 86_400 + whole.seconds) * 1_000_000 + whole.microseconds


def checked(
    paths: Sequence[str],
    model: Model,
    begin: int | None,
    end: int | None,
    file: str,
    seed: int | None,
) -> Report:
    """Return the report of some files, all of one run. Raises OperationError."""
    check = FileCheck(model, begin, end)
    for path in paths:
        check.add(path)
    return check.report(file, seed)


def _made_of_files(file: str, seed: int | None, collected: Collected, records: int) -> Made:
    """Return what is known of files of records that were made earlier."""
    begin, end = (str(Instant(each, NAIVE)) for each in (collected.begin, collected.horizon))
    return Made(file, seed, begin, end, records, records, bytes=0, workers=0, seconds=0.0)
