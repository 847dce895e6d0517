"""Writes records into tables of PostgreSQL, SQLite, DuckDB, or any database that has a driver of ADBC."""

import os
from collections.abc import Iterator
from typing import Annotated, Any, BinaryIO, ClassVar, Literal
from urllib.parse import parse_qsl, unquote, urlsplit

from pydantic import AfterValidator
from pydantic import Field as Key

from datagen.errors import Path, TargetError
from datagen.file_set import FileSet
from datagen.formats.base import Format
from datagen.formats.database_rows import DatabaseRows, flat_columns
from datagen.formats.encoding import Output
from datagen.part import Part
from datagen.spec.record_schema import Specification
from datagen.targets.base import TARGETS, Target
from datagen.targets.compatibility import Accepted
from datagen.targets.delivered import Position
from datagen.targets.sink import Sink
from datagen.targets.sql.database import Address
from datagen.targets.sql.dialects import DIALECTS, OTHER, Dialect, SqlTable
from datagen.targets.sql.sink import SqlOptions, SqlSink
from datagen.targets.sql.tables import TableNames, name_problems
from datagen.validation import (
    Integer,
    Name,
    NonNegative,
    Secret,
    UnicodeText,
    invalid_value,
    quoted,
)

_SCHEMES = {"postgresql": "postgresql", "postgres": "postgresql", "sqlite": "sqlite", "duckdb": "duckdb"}  # fmt: skip
_OF_FILES = ("sqlite", "duckdb")
_MAX_BATCH = 10_000_000
_EMITTER = "{emitter}"


def _record_count(value: int) -> int:
    if not 1 <= value <= _MAX_BATCH:
        raise invalid_value(
            f"expected a number of records from 1 to {_MAX_BATCH:,}, not {quoted(value)}"
        )
    return value


@TARGETS.register
class SqlTarget(Target):
    """Writes the records of each emitter into a table of its own, in transactions."""

    type: Literal["sql"] = "sql"
    uri: Secret
    driver: Name | None = None
    table: UnicodeText = _EMITTER
    schema_: Name | None = Key(default=None, alias="schema")
    create: bool = True
    batch_records: Annotated[Integer, AfterValidator(_record_count)] = 100_000
    retry_seconds: NonNegative = 60.0
    options: dict[str, str] = Key(default_factory=dict, repr=False)
    part_keys: ClassVar[tuple[str, ...]] = ("table",)

    def validate_keys(self) -> Iterator[tuple[Path, str]]:
        if self.format is not None:
            yield ("format",), "a database gets columns, in no format; leave it out"
        yield from self._address_problems() if self.driver is None else self._driver_problems()
        if "\0" in self._uri:
            yield ("uri",), "contains a NUL character"
        rest = self.table.replace(_EMITTER, "").replace("{part}", "")
        if "{" in rest or "}" in rest or not self.table:
            text = "expected the name of a table; {emitter} in it is that of the emitter"
            yield ("table",), text
        if self.schema_ is not None and self.database == "sqlite":
            yield ("schema",), "SQLite has no schemas"

    def _address_problems(self) -> Iterator[tuple[Path, str]]:
        scheme, _, rest = self._uri.partition("://")
        kind = _SCHEMES.get(scheme.lower())
        if kind is None:
            known = "postgresql://USER@HOST/DATABASE, sqlite:///FILE or duckdb:///FILE"
            text = f'expected {known}; of any other database, "driver" names the driver of ADBC'
            yield ("uri",), text
        elif kind in _OF_FILES and not rest[1:]:
            yield ("uri",), f"expected {kind}:///FILE; an absolute path makes it four slashes"
        elif kind in _OF_FILES and not rest.startswith("/"):
            yield ("uri",), f"expected {kind}:///FILE, with three slashes: there is no host"
        if self.options:
            yield ("options",), 'these are for a driver that "driver" names'

    def _driver_problems(self) -> Iterator[tuple[Path, str]]:
        if not self.create:
            yield ("create",), "a driver that is named creates missing tables itself"

    @property
    def _uri(self) -> str:
        return self.uri.get_secret_value()

    @property
    def database(self) -> str:
        """Return the kind of the database, or the name of its driver."""
        scheme = self._uri.partition("://")[0].lower()
        return self.driver or _SCHEMES.get(scheme, scheme)

    @property
    def dialect(self) -> Dialect:
        """Return how the database writes names and types."""
        return OTHER if self.driver is not None else DIALECTS.get(self.database, OTHER)

    @property
    def path(self) -> str | None:
        """Return the path of the file of a database that is one."""
        if self.driver is not None or self.database not in _OF_FILES:
            return None
        return self._uri.partition("://")[2][1:]

    @property
    def name(self) -> str:
        """Return the address without what may be secret."""
        if self.driver is not None:
            return f"sql {self.driver}"
        if self.path is not None:
            return f"{self.database} {self.path}"
        try:
            parts = urlsplit(self._uri)
            return f"{self.database} {parts.netloc.rpartition('@')[2]}{parts.path}"
        except ValueError:
            return self.database

    @property
    def names(self) -> TableNames:
        """Return how the tables are called."""
        return TableNames(self.table, self.schema_)

    @property
    def identity(self) -> str:
        of = "" if self.schema_ is None else f"{self.schema_}."
        return f"sql {of}{self.table}"

    def formats(self, default: Format | None, override: Format | None = None) -> tuple[Format, ...]:
        del default  # it is for other targets
        return (override or DatabaseRows(keeps_nul=self.dialect.keeps_nul),)

    def accepted(self) -> Accepted:
        return Accepted(Output.TABLES)

    def check(self, spec: Specification) -> Iterator[tuple[Path, str]]:
        yield from super().check(spec)
        (rows,) = self.formats(None)
        yield from rows.check(spec)
        for text in name_problems(self.dialect, self.tables(spec)):
            yield (), text

    def tables(self, spec: Specification, dialect: Dialect | None = None) -> list[SqlTable]:
        """Return the tables of the records of a specification, as its database or another one has them."""
        return self.names.tables(dialect or self.dialect, flat_columns(spec))

    def exclusive_outputs(self) -> Iterator[tuple[str, str]]:
        if self.path is not None:
            yield f"the file {quoted(self.path)}", os.path.realpath(self.path)

    def part_mistakes(self) -> Iterator[tuple[Path, str]]:
        if self.database == "duckdb" and not Part.is_in_name(self._uri):
            yield (
                ("uri",),
                "one process at a time has a file of DuckDB; with {part} in it each part has its own",
            )

    def of_part(self, part: Part, fields: Any = ()) -> "SqlTarget":
        found = super().of_part(part, fields)
        if self.path is None:
            return found
        return found.model_copy(update={"uri": type(self.uri)(part.in_name(self._uri))})

    def files(self) -> FileSet:
        return FileSet("records", () if self.path is None else (self.path,))

    def open(self, stdout: BinaryIO) -> Sink:
        del stdout
        return self._sink(None)

    def reopen(self, stdout: BinaryIO, at: Position) -> Sink:
        del stdout
        return self._sink(at)

    def _sink(self, at: Position | None) -> Sink:
        folder = os.path.dirname(self.path or "")
        if folder and not os.path.isdir(folder):
            raise TargetError(self.name, f'there is no folder "{folder}"', 0)
        return SqlSink(self.sink_options, at)

    @property
    def sink_options(self) -> SqlOptions:
        """Return what the sink is told."""
        return SqlOptions(
            self._address,
            self.dialect,
            self.names,
            self.create,
            self.batch_records,
            self.retry_seconds,
        )

    @property
    def _address(self) -> Address:
        options = {"uri": self._uri} | self.options
        if self.path is not None:
            key = "path" if self.database == "duckdb" else "uri"
            options = {key: os.path.abspath(self.path)}
        return Address(self.database, self.name, options, self.dialect.session, self._secrets)

    @property
    def _secrets(self) -> tuple[str, ...]:
        """Return the texts that no message may show."""
        found = list(self.options.values())
        if self.path is None:
            try:
                parts = urlsplit(self._uri)
            except ValueError:
                return (*found, self._uri)
            password = parts.password or ""
            found += [self._uri, password, unquote(password)]
            found += [text for key, text in parse_qsl(parts.query) if "pass" in key.lower()]
        return tuple(each for each in found if len(each) > 3)
