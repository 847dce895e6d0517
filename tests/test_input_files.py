"""Files that say what to do are regular and of a size that is known; anything else is refused at once."""

import io
import os
import threading
from pathlib import Path

import pytest

from datagen.input_files import (
    UnsuitableFileError,
    check_file,
    noting_files,
    read_file,
    read_stream,
)


@pytest.fixture
def fifo(tmp_path: Path) -> Path:
    """Return a pipe that nobody writes to."""
    path = tmp_path / "fifo"
    os.mkfifo(path)
    return path


def test_a_regular_file_is_read(tmp_path: Path) -> None:
    """Whole, through a link too."""
    (tmp_path / "file").write_bytes(b"abc")
    (tmp_path / "link").symlink_to("file")
    assert read_file(tmp_path / "link", limit=3) == b"abc"
    check_file(tmp_path / "link")


@pytest.mark.parametrize("read", [read_file, check_file])
def test_what_is_not_regular_is_refused(fifo: Path, read: object) -> None:
    """Without waiting for anyone, and before it is opened."""
    for path in (str(fifo), "/dev/zero", "/dev/null", str(fifo.parent)):
        with pytest.raises(UnsuitableFileError, match="is not a regular file"):
            read(path)  # type: ignore[operator] # either function


def test_a_pipe_is_read_where_it_may_be_one(fifo: Path) -> None:
    """To its end."""
    writer = threading.Thread(target=fifo.write_bytes, args=(b"abc",))
    writer.start()
    assert read_file(fifo, pipe=True) == b"abc"
    writer.join()


def test_sizes_are_limited(tmp_path: Path) -> None:
    """Of files, of pipes and devices, of stdin."""
    large = tmp_path / "large"
    large.touch()
    os.truncate(large, (1 << 20) + 1)
    for call in (
        lambda: read_file(large, limit=1 << 20),
        lambda: check_file(large, limit=1 << 20),
        lambda: read_file("/dev/zero", pipe=True, limit=1 << 20),
        lambda: read_stream(io.BytesIO(bytes(2 << 20)), limit=1 << 20),
    ):
        with pytest.raises(UnsuitableFileError, match="is larger than 1 MB"):
            call()


def test_what_is_not_there_is_an_error_of_the_system(tmp_path: Path) -> None:
    """With its reason."""
    with pytest.raises(FileNotFoundError):
        read_file(tmp_path / "none")


def test_files_that_are_read_are_noted(tmp_path: Path) -> None:
    """Each once, those too that cannot be read; nothing of what is read before or after, or elsewhere."""
    (tmp_path / "a").write_text("a")
    names = [str(tmp_path / name) for name in "abc"]
    read_file(names[0])
    with noting_files() as noted:
        assert noted == []
        thread = threading.Thread(target=read_file, args=(names[0],))
        thread.start()
        thread.join()
        for read in (read_file, check_file):
            with pytest.raises(FileNotFoundError):
                read(names[1])
        read_file(names[0], pipe=True)
    check_file(names[0])
    assert noted == [names[1], names[0]]
