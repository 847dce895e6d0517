"""Databases for the tests of this folder: one server for all of them, and a schema of its own for each."""

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from tests.support.databases import Base, duckdb_base, postgres_base, sqlite_base
from tests.support.postgres import PostgresServer, postgres_server

_NUMBERS = count()


@pytest.fixture(scope="session")
def server() -> Iterator[PostgresServer]:
    """Run a server until the tests are over."""
    with postgres_server() as running:
        yield running


def _of_server(server: PostgresServer) -> Base:
    schema = f"test_{next(_NUMBERS)}"
    server.sql(f"create schema {schema}")
    return postgres_base(f"{server.url}?options=-csearch_path%3D{schema}")


@pytest.fixture
def postgres(server: PostgresServer) -> Base:
    """Return an empty schema of the server."""
    return _of_server(server)


MAKERS: dict[str, Callable[[Path], Base]] = {
    "sqlite": lambda folder: sqlite_base(str(folder / "a.db")),
    "duckdb": lambda folder: duckdb_base(str(folder / "a.duck")),
}


@pytest.fixture(params=["sqlite", "duckdb", "postgresql"])
def base(request: pytest.FixtureRequest, tmp_path: Path) -> Base:
    """Return an empty database of each kind."""
    if request.param == "postgresql":
        return _of_server(request.getfixturevalue("server"))
    return MAKERS[request.param](tmp_path)


@pytest.fixture(params=["sqlite", "duckdb"])
def file_base(request: pytest.FixtureRequest, tmp_path: Path) -> Base:
    """Return an empty database of each kind that is a file."""
    return MAKERS[request.param](tmp_path)
