"""Makes files and the names in folders safe on disk, and replaces a file in one step."""

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


def delete_if_there(path: str) -> None:
    """Delete a file, or a link and not what it leads to. Raises OSError."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)


def move_into_place(source: str, path: str, *, sync: bool = True) -> None:
    """Rename a file, in place of another, in one step; with `sync`, safe on disk. Raises OSError."""
    os.replace(source, path)
    if sync:
        sync_folder(path)


def replace_file(
    path: str, data: bytes, beside: str, *, replace_beside: bool = False, sync: bool = True
) -> None:
    """Write a file under another name beside it, make it safe on disk, and move it into place.

    Whoever reads `path` finds all of the data, or what was there before. `beside` is the other name; what
    is there already is refused, or deleted first with `replace_beside`, but never written to: it may be a
    link. With `sync` the new name is safe on disk, too. Nothing is left beside after a failure. Raises OSError.
    """
    ours = False
    try:
        if replace_beside:
            delete_if_there(beside)
        with open(beside, "xb") as file:
            ours = True
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        move_into_place(beside, path, sync=sync)
    except BaseException:
        if ours:
            with contextlib.suppress(OSError):
                os.unlink(beside)
        raise
