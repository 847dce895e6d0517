"""Databases of the tests' own, and what is in them, as clients that are not ours see it."""

import json
import sqlite3
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import duckdb

from tests.support.machines import Spec, exponential
from tests.support.postgres import program

Rows = list[tuple[Any, ...]]
LONG = "a name of more than sixty-three bytes, which PostgreSQL would have cut off here: 1"


@dataclass(frozen=True)
class Base:
    """A database: the kind, the address that a target has, and what answers a query."""

    kind: str
    uri: str
    ask: Callable[[str], Rows]

    def target(self, **keys: Any) -> Spec:
        """Return a target that writes there."""
        return {"type": "sql", "uri": self.uri, **keys}

    def count(self, table: str) -> int:
        """Return how many rows a table has."""
        return int(self.ask(f'select count(*) from "{table}"')[0][0])

    def do(self, statement: str) -> None:
        """Run a statement that gives no rows."""
        self.ask(statement)


def sqlite_base(path: str) -> Base:
    """Return the database of a file of SQLite."""

    def ask(query: str) -> Rows:
        base = sqlite3.connect(path)
        try:
            found = base.execute(query).fetchall()
            base.commit()
            return found
        finally:
            base.close()

    return Base("sqlite", f"sqlite:///{path}", ask)


def duckdb_base(path: str) -> Base:
    """Return the database of a file of DuckDB."""

    def ask(query: str) -> Rows:
        with duckdb.connect(path) as base:
            base.execute("set timezone = 'UTC'")
            found = base.execute(query)
            return [tuple(row) for row in found.fetchall()] if found.description else []

    return Base("duckdb", f"duckdb:///{path}", ask)


def postgres_base(url: str) -> Base:
    """Return a database of a server, asked by psql: each value as JSON has it."""

    def ask(query: str) -> Rows:
        selects = query.lstrip().lower().startswith("select")
        text = f"select row_to_json(found_row) from ({query}) as found_row;" if selects else query
        done = subprocess.run(
            [program("psql"), "-XqAt", "-v", "ON_ERROR_STOP=1", url],
            input=f"set timezone to 'UTC';\n{text}", capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        lines = done.stdout.splitlines() if selects else []
        return [
            tuple(value for _, value in json.loads(line, object_pairs_hook=list)) for line in lines
        ]

    return Base("postgresql", url, ask)


def enum(name: str, *values: Any) -> Spec:
    """Return a field that has each of some values as often as the others."""
    return {"name": name, "type": "enum", "values": list(values)}


TYPES: Spec = {  # a field of each type of column, and names that statements have to quote
    "interarrival": exponential(1),
    "states": [
        {"name": "s", "emitter": ["every", "it's \"a\"; b"], "transitions": [{"next": "stop", "probability": 1}]}
    ],
    "emitters": [
        {"name": "every", "dimensions": [
            {"name": "n", "type": "counter"},
            enum("whole", 1, -(1 << 63), (1 << 63) - 1, None),
            enum("half", 0.5, -1e300, 5e-324, None),
            enum("true", True, False, None),
            enum("text", "", "it's", 'a"b\\', "tab\tand\nline", "ü😀", "null", None),
            enum("nul", "a\0b", "\0"),
            enum("nothing", None),
            {"name": "object", "type": "object", "dimensions": [enum("x", 1, None), enum("y", "\0é")]},
            {"name": "list", "type": "list", "elements": [enum("x", 1, 2)], "length_distribution": {"type": "constant", "value": 2},
             "selection_distribution": {"type": "constant", "value": 0}},
            enum("several", 1, "x", True, [1], None),
        ]},
        {"name": "it's \"a\"; b", "dimensions": [
            {"name": "n", "type": "counter"},
            *(enum(name, "x") for name in ("select", 'a"b', "'; drop table every; --", "ü 😀", "%s{x}$1?", "nul\0", LONG, LONG[:-1] + "2")),
        ]},
    ],
}  # fmt: skip
