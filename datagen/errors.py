"""What can go wrong, as a tree; every leaf is a sentence for the person at the terminal.

DatagenError                     exit status
|-- UsageError                   2   the command line contradicts itself
|-- SpecError                    1   a file has problems (all of them, in one go)
|-- RunError                     1   the model cannot go on
|   |-- StuckClockError              too much happens at one instant
|   `-- ClockLimitError              the clock would pass the year 9999
|-- TargetError                  1   records could not be delivered
|   `-- ReaderGoneError          0   whoever read our output went away
|-- OperationError               1   the run cannot be watched or told of as was asked
`-- SignalError            128 + n   signal n ended the run
"""

from collections.abc import Sequence
from dataclasses import dataclass

Path = tuple[str | int, ...]


class DatagenError(Exception):
    """Anything that a user can cause; `str()` of it is shown as it is."""

    exit_status = 1


class UsageError(DatagenError):
    """The command line contradicts itself or holds a value that means nothing."""

    exit_status = 2


@dataclass(frozen=True)
class Problem:
    """One mistake in a file: where it is, and what to do about it."""

    path: Path
    text: str
    file: str = ""

    def __str__(self) -> str:
        """Return one line: file, path inside the file, sentence."""
        return ": ".join(part for part in (self.file, dotted(self.path), self.text) if part)


class SpecError(DatagenError):
    """A specification, target or format file has problems."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)


class RunError(DatagenError):
    """The model cannot go on."""


class StuckClockError(RunError):
    """Too many visits or starts happen at one instant: time would never pass."""


class ClockLimitError(RunError):
    """The clock would pass the year 9999."""


class TargetError(DatagenError):
    """Records could not be delivered."""


class ReaderGoneError(TargetError):
    """Whoever read our output went away: nothing is wrong, and nobody is left to tell."""

    exit_status = 0


class OperationError(DatagenError):
    """The run cannot be watched, or told of, as was asked."""


class SignalError(DatagenError):
    """A signal ended the run; the text, if any, tells what else went wrong then."""

    def __init__(self, number: int, text: str = "") -> None:
        super().__init__(text)
        self.number = number
        self.exit_status = 128 + number


def dotted(path: Path) -> str:
    """Write a path inside a JSON document: `states[2].transitions[0].next`."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{_key(step)}" if text else _key(step)
    return text


def _key(text: str) -> str:
    """Write a key on one line, shortened."""
    text = text if text.isprintable() else text.encode("unicode_escape").decode()
    return text if len(text) <= 60 else text[:57] + "..."
