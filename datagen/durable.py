"""Makes files and the names in folders safe on disk."""

import contextlib
import os


def sync_file(path: str) -> None:
    """Make a file that is closed, or the names in a folder, safe on disk. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(path: str) -> None:
    """Make the names in the folder of a path safe on disk, where the file system can."""
    with contextlib.suppress(OSError):
        sync_file(os.path.dirname(path) or ".")
