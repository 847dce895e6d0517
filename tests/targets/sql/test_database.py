"""Connections: transactions, rows, and what drivers say, on one line."""

from pathlib import Path

import pyarrow as pa
import pytest

from datagen.errors import TargetError
from datagen.targets.sql.database import Address, Database, DatabaseError


def address(path: Path, **keys: object) -> Address:
    return Address("sqlite", f"sqlite {path}", {"uri": str(path)}, **keys)  # type: ignore[arg-type]


def test_what_is_not_committed_is_taken_back(tmp_path: Path) -> None:
    """By a rollback, and by closing."""
    base = address(tmp_path / "a.db").connect()
    base.run("create table t (x integer)")
    base.commit()
    rows = pa.table({"x": [1, 2]})
    base.ingest("t", rows)
    base.rollback()
    base.ingest("t", rows)
    base.commit()
    base.ingest("t", rows)
    base.close()
    assert not base.is_alive()
    again = address(tmp_path / "a.db").connect()
    assert again.ask("select x from t") == [(1,), (2,)]
    again.close()


def test_error_is_one_line_without_secrets(tmp_path: Path) -> None:
    """It says whether another attempt may succeed."""
    base = address(tmp_path / "a.db", secrets=("hunter2",)).connect()
    with pytest.raises(DatabaseError, match=r"no such table: \*\*\*$") as refused:
        base.ask("select 1 from hunter2")
    assert not refused.value.temporary
    assert base.is_alive()
    base.close()


def test_locked_file_is_temporary(tmp_path: Path) -> None:
    """The statement may be tried again."""
    bases: list[Database] = [address(tmp_path / "a.db").connect() for _ in range(2)]
    bases[0].run("create table t (x integer)")
    with pytest.raises(DatabaseError, match="database is locked") as refused:
        bases[1].run("create table u (x integer)")
    assert refused.value.temporary
    for each in bases:
        each.close()


def test_session_that_fails_closes(tmp_path: Path) -> None:
    """Its statements are the first."""
    with pytest.raises(DatabaseError, match="no such table"):
        address(tmp_path / "a.db", session=("select * from nowhere",)).connect()


def test_driver_that_is_not_there(tmp_path: Path) -> None:
    """The manager says where it has looked for it."""
    with pytest.raises((DatabaseError, TargetError), match="no_such_driver"):
        Address("no_such_driver", "x", {"uri": "x"}).connect()
