"""Files that have another name while they are written."""

from pathlib import Path

import pytest

from datagen.targets.delivered import Position
from datagen.targets.files.plain import FileSink
from datagen.targets.files.unfinished import UnfinishedFile, UnfinishedFileSink, restore_part
from tests.support.records import rendered


def open_plain(path: str, at: Position | None) -> FileSink:
    """Open a plain file."""
    return FileSink(path, "overwrite", at)


def names(folder: Path) -> list[str]:
    """Return what is there."""
    return sorted(each.name for each in folder.iterdir())


@pytest.mark.parametrize("durable", [True, False])
def test_finished_file_has_its_name(durable: bool, tmp_path: Path) -> None:
    """Folders on the way to it are made."""
    file = UnfinishedFile(str(tmp_path / "d" / "x"), open_plain)
    file.sink.write(rendered([b"a\n"]))
    assert names(tmp_path / "d") == [".x.lock", "x.part"]
    file.finish(durable)
    assert names(tmp_path / "d") == ["x"]


def test_file_belongs_to_one_run(tmp_path: Path) -> None:
    """Until it is closed; what is left of another run is seen."""
    file = UnfinishedFile(str(tmp_path / "x"), open_plain)
    with pytest.raises(OSError, match="it is already being written"):
        UnfinishedFile(str(tmp_path / "x"), open_plain)
    file.sink.write(rendered([b"a\n"]))
    file.leave_unfinished(durable=False)
    assert UnfinishedFile(str(tmp_path / "x"), open_plain).stale == 2


def test_file_of_no_writes_is_deleted(tmp_path: Path) -> None:
    """Nothing gets its name."""
    UnfinishedFileSink(str(tmp_path / "x"), open_plain).close()
    assert names(tmp_path) == []


def test_part_that_is_gone_cannot_be_resumed(tmp_path: Path) -> None:
    """A run that has written to it says so."""
    with pytest.raises(OSError, match=r"its .part file, written by the previous run, is missing"):
        UnfinishedFile(str(tmp_path / "x"), open_plain, Position(1, {"length": 2}))


def test_part_is_made_again_of_a_finished_file(tmp_path: Path) -> None:
    """For a run that was killed between the new name and the next checkpoint."""
    (tmp_path / "x").write_bytes(b"a\n")
    restore_part(str(tmp_path / "x"))
    assert names(tmp_path) == ["x", "x.part"]


def test_link_in_place_of_a_part_is_replaced(tmp_path: Path) -> None:
    """What it leads to is not opened, and is not what an unfinished run left."""
    (tmp_path / "theirs").write_bytes(b"secret")
    (tmp_path / "x.part").symlink_to(tmp_path / "theirs")
    file = UnfinishedFile(str(tmp_path / "x"), open_plain)
    file.sink.write(rendered([b"a\n"]))
    file.finish(durable=False)
    assert file.stale == 0
    assert ((tmp_path / "theirs").read_bytes(), (tmp_path / "x").read_bytes()) == (
        b"secret",
        b"a\n",
    )


def test_link_in_place_of_a_part_is_not_resumed(tmp_path: Path) -> None:
    """Nor cut to the length of the file that the previous run left."""
    (tmp_path / "theirs").write_bytes(b"a\nsecret")
    (tmp_path / "x.part").symlink_to(tmp_path / "theirs")
    with pytest.raises(OSError, match="is a symbolic link"):
        UnfinishedFile(str(tmp_path / "x"), open_plain, Position(1, {"length": 2}))
    assert names(tmp_path) == ["theirs", "x.part"]
    assert (tmp_path / "theirs").read_bytes() == b"a\nsecret"


def test_copy_is_not_made_through_a_link(tmp_path: Path) -> None:
    """Of a file that goes back under its `.part` name."""
    (tmp_path / "x").write_bytes(b"a\n")
    (tmp_path / "theirs").write_bytes(b"secret")
    (tmp_path / "x.part.copy").symlink_to(tmp_path / "theirs")
    restore_part(str(tmp_path / "x"))
    assert ((tmp_path / "theirs").read_bytes(), (tmp_path / "x.part").read_bytes()) == (
        b"secret",
        b"a\n",
    )
