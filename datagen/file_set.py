"""Sets of files by their purpose, which answer whether a path is one of them."""

import os
import re
import stat
from dataclasses import dataclass


@dataclass(frozen=True)
class FileSet:
    """Files, existing or not yet, of one purpose, `what`; `patterns` match complete real paths."""

    what: str
    paths: tuple[str, ...] = ()
    patterns: tuple[re.Pattern[str], ...] = ()

    def __contains__(self, path: str) -> bool:
        """Return whether a path leads to one of them; devices and pipes do not count."""
        try:
            if not is_plain(path):
                return False
        except OSError:
            return False
        real = os.path.realpath(path)
        named = (each for each in self.paths if "\0" not in each)
        return any(os.path.realpath(each) == real for each in named) or any(
            pattern.fullmatch(real) for pattern in self.patterns
        )


def is_plain(path: str) -> bool:
    """Return whether a path is a regular file, or nothing yet. Raises OSError."""
    try:
        return stat.S_ISREG(os.stat(path).st_mode)
    except FileNotFoundError:
        return True
