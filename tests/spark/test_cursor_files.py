"""Cursors are found by part and instant; what is damaged or cannot be written costs time only."""

from dataclasses import replace
from pathlib import Path

import pytest

from datagen.errors import OperationError
from datagen.instants import Instant
from datagen.part import Part
from datagen.replay.cursor import ReplayCursor
from datagen.running.checkpoint import Checkpoint
from datagen.spark.cursor_files import CursorFiles
from datagen.targets.delivered import Position

CHECKPOINT = Checkpoint(
    seed=1, start=Instant(0), fingerprint={}, target="columns", reached=0,
    position=Position(), cursor=ReplayCursor(0), skip=0, written=0,
)  # fmt: skip
FIRST, SECOND = Part(0, 2), Part(1, 2)


@pytest.fixture
def files(tmp_path: Path) -> CursorFiles:
    """Return the cursors of a stream, none yet."""
    made = CursorFiles(str(tmp_path / "a" / "state"), "abc")
    made.create()
    return made


def write(files: CursorFiles, part: Part, *instants: int) -> None:
    """Write cursors that are of their instants."""
    for each in instants:
        files.write(part, replace(CHECKPOINT, reached=each, cursor=ReplayCursor(each)))


def names(files: CursorFiles) -> list[str]:
    """Return the names of all files."""
    return sorted(path.name for path in Path(files.folder).iterdir())


def latest(files: CursorFiles, part: Part, instant: int) -> int | None:
    """Return the instant of the cursor that is found."""
    cursor = files.latest(part, instant)
    return None if cursor is None else cursor.since


def test_the_last_cursor_until_an_instant_is_found(files: CursorFiles) -> None:
    """Of this part, also before 1970."""
    write(files, FIRST, -50, 100, 300)
    write(files, SECOND, 200)
    found = [latest(files, FIRST, instant) for instant in (-51, -50, 99, 100, 299, 1000)]
    assert found == [None, -50, -50, 100, 100, 300]
    assert latest(files, SECOND, 1000) == 200
    assert latest(files, Part(0, 3), 1000) is None


def test_streams_share_a_folder(files: CursorFiles) -> None:
    """A cursor of another one is none."""
    write(CursorFiles(files.folder, "other"), FIRST, 100)
    write(CursorFiles(files.folder, "abcd"), FIRST, 100)
    assert latest(files, FIRST, 1000) is None
    files.prune(1000)
    assert len(names(files)) == 2


@pytest.mark.parametrize(
    "data", [b"", b"{", b"{}", b"no JSON", b'{"checkpoint":1,"sum":"","run":{}}\n']
)
def test_damaged_file_is_passed_over(files: CursorFiles, data: bytes) -> None:
    """The one before it is taken."""
    write(files, FIRST, 100, 200)
    Path(files.folder, "abc-0-2-200.cursor").write_bytes(data)
    assert latest(files, FIRST, 1000) == 100


def test_file_that_is_being_written_is_none(files: CursorFiles) -> None:
    Path(files.folder, "abc-0-2-200.cursor.0123abcd").write_bytes(b"")
    assert latest(files, FIRST, 1000) is None


def test_a_task_that_runs_again_writes_the_same_file(files: CursorFiles) -> None:
    """Nothing is left beside it."""
    write(files, FIRST, 100, 100)
    assert names(files) == ["abc-0-2-100.cursor"]


def test_what_nobody_needs_any_more_is_deleted(files: CursorFiles) -> None:
    """Of each part the last until then stays, and all later ones; so do files of others."""
    write(files, FIRST, 100, 200, 300, 400)
    write(files, SECOND, 100, 200)
    for name in ("abc-0-2-200.cursor.0123abcd", "abc-0-2-400.cursor.4567abcd", "notes.txt"):
        Path(files.folder, name).write_bytes(b"")
    files.prune(300)
    assert names(files) == [
        "abc-0-2-300.cursor",
        "abc-0-2-400.cursor",
        "abc-0-2-400.cursor.4567abcd",
        "abc-1-2-200.cursor",
        "notes.txt",
    ]


def test_folder_that_is_gone_is_no_error(
    files: CursorFiles, capsys: pytest.CaptureFixture[str]
) -> None:
    """The rows are right without: a line on stderr says why it takes long."""
    Path(files.folder).rmdir()
    write(files, FIRST, 100)
    assert latest(files, FIRST, 1000) is None
    files.prune(100)
    assert "abc-0-2-100.cursor: cannot be written: No such file" in capsys.readouterr().err


def test_folder_that_cannot_be_made_is_told_at_once(tmp_path: Path) -> None:
    """Before anything runs, on the driver."""
    (tmp_path / "file").write_bytes(b"")
    folder = str(tmp_path / "file" / "state")
    with pytest.raises(OperationError, match="no file can be made there: Not a directory"):
        CursorFiles(folder, "abc").create()
