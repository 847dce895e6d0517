"""Files that are replaced in one step."""

import os
from pathlib import Path

import pytest

from datagen.durable import move_into_place, replace_file, sync_folder


def test_replaced_file_holds_the_new_data_alone(tmp_path: Path) -> None:
    """Nothing is left beside it, whatever was there."""
    path, beside = tmp_path / "x", tmp_path / "x.part"
    path.write_bytes(b"old, and longer")
    beside.write_bytes(b"of a run that was killed")
    replace_file(str(path), b"new", str(beside), replace_beside=True)
    assert {each.name: each.read_bytes() for each in tmp_path.iterdir()} == {"x": b"new"}


def test_exclusive_name_is_not_taken_from_another(tmp_path: Path) -> None:
    """Both files stay as they are."""
    path, beside = tmp_path / "x", tmp_path / "x.part"
    beside.write_bytes(b"theirs")
    with pytest.raises(FileExistsError):
        replace_file(str(path), b"new", str(beside))
    assert (path.exists(), beside.read_bytes()) == (False, b"theirs")


def test_failure_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And nothing beside it."""
    path = tmp_path / "x"
    path.write_bytes(b"old")

    def refuse(_: int) -> None:
        raise OSError("full")

    monkeypatch.setattr("datagen.durable.os.fsync", refuse)
    with pytest.raises(OSError, match="full"):
        replace_file(str(path), b"new", str(tmp_path / "x.part"))
    assert {each.name: each.read_bytes() for each in tmp_path.iterdir()} == {"x": b"old"}


@pytest.mark.parametrize("sync", [True, False])
def test_new_name_is_synced_if_asked(
    sync: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder is what holds a name."""
    synced: list[int] = []
    monkeypatch.setattr("datagen.durable.os.fsync", synced.append)
    (tmp_path / "a").touch()
    move_into_place(str(tmp_path / "a"), str(tmp_path / "b"), sync=sync)
    assert (os.listdir(tmp_path), len(synced)) == (["b"], sync)


def test_folder_that_cannot_be_synced_is_no_failure(tmp_path: Path) -> None:
    """Some file systems cannot."""
    sync_folder(str(tmp_path / "missing" / "x"))
