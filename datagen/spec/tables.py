"""The tables of a specification: which keys they have, and how their rows are read."""

import hashlib
import os
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, TypeVar

from pydantic import Field as Key
from pydantic import PlainValidator, ValidationError

from datagen.columns.column import Column
from datagen.columns.column_type import FLOAT
from datagen.errors import Path
from datagen.fields.tables import Table
from datagen.input_files import UnsuitableFileError, check_file
from datagen.spec.document import Document
from datagen.validation import (
    Delimiter,
    Model,
    Name,
    at_least_one,
    did_you_mean,
    invalid_value,
    invalid_values,
    is_comment,
    messages_of,
    quoted,
)

MAX_BYTES = 1 << 32  # of a file


class TableModel(Model):
    """A table: the rows of `file`, or `rows`; picked by the column `weight`, looked up by the column `key`."""

    file: Name | None = None
    rows: Annotated[list[dict[str, Any]], at_least_one("row")] | None = None
    weight: Name | None = None
    key: Name | None = None
    delimiter: Delimiter = ","
    types: dict[str, str] = Key(default_factory=dict)

    def validate_keys(self) -> Iterator[tuple[Path, str]]:
        if (self.file is None) == (self.rows is None):
            yield (
                (),
                "expected either a file or rows" if self.file is None else "has a file and rows",
            )
        if self.file is not None and not (kinds := _kinds_of(self.file))[0]:
            yield (
                ("file",),
                f"{quoted(self.file)} has no known extension; one of {', '.join(kinds[1])}",
            )
        for name, kind in self.types.items():
            if kind not in _TYPES:
                yield ("types", name), f"no type {quoted(kind)}{did_you_mean(kind, _TYPES)}"
        if self.types and self.file is None:
            yield ("types",), "is for the cells of a file; rows have types of their own"
        if "delimiter" in self.model_fields_set and self.file is None:
            yield ("delimiter",), "is for the cells of a file; rows have none"

    def path(self, folder: str) -> str:
        """Return where its file is: relative to the folder of the specification."""
        return os.path.join(folder, self.file or "")


_TYPES = ("int", "float", "bool", "text")


def _kinds_of(file: str) -> tuple[str, tuple[str, ...]]:
    """Return the format of a file by its name, "" where that shows none, and all formats."""
    from datagen.sources.file_names import SOURCE_FORMATS, split_file_name  # noqa: PLC0415 - as below

    return split_file_name(file)[1], SOURCE_FORMATS


def parse_tables(data: Any) -> dict[str, TableModel]:
    """Return the checked models of tables, by name. Raises ValidationError."""
    if not isinstance(data, dict):
        raise invalid_value(f"expected an object with a table for each name, not {quoted(data)}")
    models: dict[str, TableModel] = {}
    problems: list[tuple[Path, str]] = []
    if "" in data:
        raise invalid_value('expected names of tables, not ""')
    for name, each in data.items():
        if not is_comment(name):
            try:
                models[name] = TableModel.model_validate(each)
            except ValidationError as error:
                problems += [((name, *path), text) for path, text in messages_of(error)]
    if problems:
        raise invalid_values(problems)
    return models


AnyTables = Annotated[Any, PlainValidator(parse_tables)]  # models, and once they are read Tables


class Tables(Mapping[str, Table]):
    """The tables of a specification, read once. `files` are theirs, and `digests` the hashes of these, by name."""

    def __init__(
        self, tables: Mapping[str, Table], files: Mapping[str, str], digests: Mapping[str, str]
    ) -> None:
        self._tables, self.files, self.digests = tables, files, digests

    def __getitem__(self, name: str) -> Table:
        return self._tables[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._tables)

    def __len__(self) -> int:
        return len(self._tables)


NO_TABLES = Tables({}, {}, {})


D = TypeVar("D", bound=Document)


def with_tables(document: D, models: Any, path: str | None) -> tuple[D, list[tuple[Path, str]]]:
    """Return a document whose tables, of these models, are read, and what is wrong with them.

    `path` is that of its file, if there is one.
    """
    if not models:
        return document, []
    tables, problems = read_tables(models, os.path.dirname(path or ""))
    return document.model_copy(update={"tables": tables}), problems


def read_tables(
    models: Mapping[str, TableModel], folder: str
) -> tuple[Tables, list[tuple[Path, str]]]:
    """Read all tables; return them, and the paths and mistakes of those that cannot be."""
    problems: list[tuple[Path, str]] = []
    tables: dict[str, Table] = {}
    digests: dict[str, str] = {}
    for name, model in models.items():
        try:
            tables[name], found = _table(model, folder)
            if model.file is not None:
                digests[name] = _digest(model.path(folder))
        except (UnsuitableFileError, OSError, _ReadError) as error:
            text = getattr(error, "strerror", None) or str(error)
            problems.append((("tables", name, "file"), f"{quoted(model.file)}: {text}"))
            continue
        problems += [(("tables", name, *path), text) for path, text in found]
    files = {name: model.path(folder) for name, model in models.items() if model.file is not None}
    return Tables(tables, files, digests), problems


class _ReadError(Exception):
    """A file cannot be read as a table: `str()` says why."""


def _table(model: TableModel, folder: str) -> tuple[Table, list[tuple[Path, str]]]:
    from datagen.sources.base import SourceError  # noqa: PLC0415 - most specifications have no table
    from datagen.spec.table_files import read_table, rows_of  # noqa: PLC0415

    if model.rows is not None:
        read = rows_of(model.rows)
    else:
        path = model.path(folder)
        check_file(path, MAX_BYTES)
        try:
            read = read_table(path, _kinds_of(path)[0], model.delimiter, model.types)
        except SourceError as error:
            raise _ReadError(error.text) from error
    problems: list[tuple[Path, str]] = []
    weights = None
    for key in ("key", "weight"):
        column = getattr(model, key)
        if column is not None and column not in read.columns:
            hint = did_you_mean(column, read.columns)
            problems.append(((key,), f"no column {quoted(column)}{hint}"))
    if model.weight is not None and model.weight in read.columns:
        weights, problem = _weights(read.columns[model.weight])
        problems += [] if problem is None else [(("weight",), problem)]
    known = model.key if model.key in read.columns else None
    table = Table(read.columns, read.types, read.rows, known, weights)
    if known is not None and (twice := table.repeated_key()) is not None:
        problems.append((("key",), f"two rows have the {known} {quoted(twice)}"))
    return table, problems


def _weights(column: Column) -> tuple[Any, str | None]:
    """Return the weights of rows, float64[n], or what is wrong with them."""
    values = column.to_arrow(FLOAT) if _is_numeric(column) else None
    if values is None or values.null_count:
        return None, "expected a number in each row"
    weights = values.to_numpy()
    if (weights < 0).any():
        return None, "a weight is below 0"
    return (weights, None) if weights.any() else (None, "expected at least one weight above 0")


def _is_numeric(column: Column) -> bool:
    return all(
        isinstance(value, int | float) and not isinstance(value, bool)
        for value in column.to_python(None)
    )


def _digest(path: str) -> str:
    """Return the hash of a file."""
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while data := file.read(1 << 20):
            digest.update(data)
    return digest.hexdigest()
