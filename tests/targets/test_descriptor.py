"""File descriptors, and the errors of the system."""

import os
from pathlib import Path

import numpy as np

from datagen.targets.descriptor import Descriptor, complete_records, open_error


def test_records_that_fit_are_counted() -> None:
    """A record counts with its last byte."""
    ends = np.array([2, 5, 5, 9])
    assert [complete_records(ends, taken) for taken in (0, 1, 2, 5, 8, 9)] == [0, 0, 1, 3, 3, 4]


def test_last_bytes_of_a_file_are_taken_back(tmp_path: Path) -> None:
    """But not from within it, where something follows."""
    path = tmp_path / "x"
    path.write_bytes(b"abcdef")
    with path.open("r+b", buffering=0) as file:
        descriptor = Descriptor(file.fileno())
        file.seek(3)
        assert not descriptor.take_back(1)
        file.seek(6)
        assert descriptor.take_back(2)
    assert path.read_bytes() == b"abcd"


def test_pipe_takes_nothing_back() -> None:
    """What went into it is gone."""
    reading, writing = os.pipe()
    taken = [0]
    descriptor = Descriptor(writing)
    descriptor.write(memoryview(b"abc"), taken)
    assert (taken, descriptor.take_back(1)) == ([3], False)
    os.close(reading)
    os.close(writing)


def test_missing_folder_is_named(tmp_path: Path) -> None:
    """Rather than the file, which cannot be there."""
    error = open_error(str(tmp_path / "no" / "x"), FileNotFoundError(2, "No such file"))
    assert f'there is no folder "{tmp_path}/no"; 0 records' in str(error)
    assert "No such file; 0" in str(
        open_error(str(tmp_path / "x"), FileNotFoundError(2, "No such file"))
    )
