"""Turns a path or a bare name on the command line into a file.

A bare name (without `/`) is looked for as it is, then in `./conf`, then in the `conf` that came with
the program.
"""

import os
from pathlib import Path as FilePath

_ENDINGS = {
    "gen": (".json",),
    "tar": (".json",),
    "form": (".txt", ".pattern", ".json"),
    "sched": (".json",),
}


def find_file(name: str, folder: str) -> FilePath | None:
    """Return the file that a path or bare name of a kind (`gen`, `tar`, `form`, `sched`) means."""
    if os.path.isfile(name) or (os.path.exists(name) and not os.path.isdir(name)):
        return FilePath(name)
    if "/" in name or not name:
        return None
    for place in _places(folder):
        for ending in ("", *_ENDINGS[folder]):
            path = place / (name + ending)
            if os.path.isfile(path):  # also of a name that no file can have
                return path
    return None


def bare_names(folder: str) -> list[str]:
    """List the bare names of a kind."""
    files = [file for place in _places(folder) if place.is_dir() for file in place.iterdir()]
    return sorted({file.stem for file in files if file.suffix in _ENDINGS[folder]})


def _places(folder: str) -> list[FilePath]:
    here = FilePath(__file__).parent
    return [root / folder for root in (FilePath("conf"), here.parent / "conf", here / "conf")]
