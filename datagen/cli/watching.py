"""Makes something again whenever one of the files that it is made of is saved."""

import os
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

POLL_SECONDS = 0.2
FileState = (
    tuple[int, int] | None
)  # when it was written, nanoseconds, and its size; None: there is no such file


@dataclass(frozen=True)
class Attempt:
    """What came of making a text: it, or None where there are `problems`; the files that were read."""

    text: str | None
    problems: tuple[str, ...]
    files: tuple[str, ...]


class Screen(Protocol):
    """Where what is watched is shown."""

    def show(self, text: str, problems: Iterable[str], files: int) -> None:
        """Show a text, and below it problems that are newer; so many files are watched."""


def file_state(path: str) -> FileState:
    """Return when a file was written, and its size."""
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return None
    return found.st_mtime_ns, found.st_size


def watch(
    make: Callable[[], Attempt],
    screen: Screen,
    sleep: Callable[[float], object] = time.sleep,
    state_of: Callable[[str], FileState] = file_state,
) -> None:
    """Make a text and show it, again after each change of its files; where it cannot be made, the last one stays.

    It goes on until something raises, such as a signal in `sleep`.
    """
    text = ""
    before: Mapping[str, FileState] = {}
    while True:
        attempt = make()
        text = text if attempt.text is None else attempt.text
        screen.show(text, attempt.problems, len(attempt.files))
        # the states of before it was read: what is saved meanwhile is a change
        seen = {each: before[each] if each in before else state_of(each) for each in attempt.files}
        before = seen
        while before == seen:
            sleep(POLL_SECONDS)
            before = {each: state_of(each) for each in seen}
