"""One run at a time writes a file: the lock, how it ends, and what it never touches."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from datagen.locks import FileLock

HOLD = """
import sys
from datagen.locks import FileLock
lock = FileLock.beside(sys.argv[1])
print("held", flush=True)
sys.stdin.read()
"""


def test_second_lock_is_refused_until_the_first_is_released(tmp_path: Path) -> None:
    """Of one process too; nothing stays behind."""
    path = str(tmp_path / "data")
    lock = FileLock.beside(path)
    assert os.listdir(tmp_path) == [".data.lock"]
    with pytest.raises(BlockingIOError, match="is in use by another run"):
        FileLock.beside(path)
    lock.release()
    FileLock.beside(path).release()
    assert os.listdir(tmp_path) == []


def test_lock_ends_with_its_process(tmp_path: Path) -> None:
    """Also with one that is killed, whose file stays."""
    path = str(tmp_path / "data")
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(BlockingIOError):
            FileLock.beside(path)
        other.kill()
    FileLock.beside(path).release()
    assert os.listdir(tmp_path) == []


def test_link_in_its_place_is_not_followed(tmp_path: Path) -> None:
    """What it leads to is neither made nor changed."""
    os.symlink(tmp_path / "theirs", tmp_path / ".data.lock")
    with pytest.raises(OSError, match="symbolic links"):
        FileLock.beside(str(tmp_path / "data"))
    assert not (tmp_path / "theirs").exists()


def test_folder_is_not_made(tmp_path: Path) -> None:
    """Whoever writes the file says that it is missing."""
    with pytest.raises(FileNotFoundError):
        FileLock.beside(str(tmp_path / "none" / "data"))
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("name", ["x" * 255, "é" * 127, "x" * 201])
def test_longest_name_has_a_lock_too(name: str, tmp_path: Path) -> None:
    """Two names, two locks."""
    first, second = (FileLock.beside(str(tmp_path / each)) for each in (name, "y" + name[1:]))
    assert len(os.listdir(tmp_path)) == 2
    first.release()
    second.release()
