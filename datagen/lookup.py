"""Turns a path or a bare name on the command line into a file.

A bare name (without `/`) is looked up in the current folder, then in `./conf`, then in the `conf`
that came with the program. There is a folder in `conf` for each kind of file.
"""

import os
from pathlib import Path as FilePath

_DOCUMENTS = (".json", ".yaml", ".yml")
_ENDINGS = {
    "gen": _DOCUMENTS,
    "tar": _DOCUMENTS,
    "form": (".txt", ".pattern", ".json"),
    "sched": _DOCUMENTS,
    "disorder": _DOCUMENTS,
}


def find_file(name: str, kind: str) -> FilePath | None:
    """Return the file of a path or bare name, or None if there is none.

    `kind` is the name of a folder in `conf`: `gen`, `tar`, `form`, `sched` or `disorder`.
    """
    if os.path.isfile(name) or (os.path.exists(name) and not os.path.isdir(name)):
        return FilePath(name)
    if "/" in name or not name:
        return None
    for folder in _folders(kind):
        for ending in ("", *_ENDINGS[kind]):
            path = folder / (name + ending)
            if os.path.isfile(path):  # unlike Path.is_file, False for names that no file can have
                return path
    return None


def is_shipped(name: str, kind: str) -> bool:
    """Return whether a bare name leads to a file that came with the program, and to no other."""
    path = find_file(name, kind) if "/" not in name else None
    shipped = [folder.resolve() for folder in _folders(kind)[1:]]
    return path is not None and path.resolve().parent in shipped


def bare_names(kind: str) -> list[str]:
    """Return the bare names of the files of a kind, sorted."""
    files = [file for folder in _folders(kind) if folder.is_dir() for file in folder.iterdir()]
    return sorted({file.stem for file in files if file.suffix in _ENDINGS[kind]})


def _folders(kind: str) -> list[FilePath]:
    """Return where files of a kind may be: here, in a checkout, in an installed package."""
    here = FilePath(__file__).parent
    return [root / kind for root in (FilePath("conf"), here.parent / "conf", here / "conf")]
