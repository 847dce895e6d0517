"""What can go wrong, as a tree; `str()` of each leaf is a text for the person at the terminal.

DatagenError                     exit status
|-- UsageError                   2   the command line contradicts itself
|-- SpecError                    1   a file has problems (all of them, in one go)
|-- RunError                     1   the model cannot continue
|   |-- StuckClockError              too much happens at one instant
|   |-- ClockLimitError              the clock would pass the year 9999
|   |-- NowhereError                 a worker can go nowhere from its state
|   `-- RendererError                a process that makes text for it is gone
|-- TargetError                  1   records could not be delivered
|   |-- SeveralTargetsError          by several targets of a run
|   `-- ReaderGoneError          0   whoever read our output went away
|-- OperationError               1   a checkpoint, summary or metrics cannot be had as asked
`-- SignalError            128 + n   signal n ended the run

Whoever calls the functions of `datagen` gets all of them as one `Error`, with its problems.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from datagen.one_line import plural, printable, were

Path = tuple[str | int, ...]


class DatagenError(Exception):
    """Anything that a user can cause; `str()` of it is shown as it is."""

    exit_status = 1

    @property
    def texts(self) -> tuple[str, ...]:
        """Return what went wrong: one text for each failure that the error reports."""
        return (str(self),)


class UsageError(DatagenError):
    """The command line contradicts itself or holds a value that means nothing."""

    exit_status = 2


@dataclass(frozen=True)
class Problem:
    """One mistake in a file: where it is, and what to do about it.

    A `minor` one, of a file that is right, is shown by `--validate -v` alone.
    """

    path: Path
    text: str
    file: str = ""
    minor: bool = False

    def __str__(self) -> str:
        """Return one line: file, path inside the file, sentence."""
        return ": ".join(part for part in (self.file, dotted(self.path), self.text) if part)


class SpecError(DatagenError):
    """A specification, target or format file has problems."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(problems)
        self.problems = tuple(problems)

    @property
    def texts(self) -> tuple[str, ...]:
        return tuple(map(str, self.problems))

    def __str__(self) -> str:
        return "\n".join(self.texts)


class MisfitError(DatagenError):
    """Files of records do not fit the model that they are held against."""


class RunError(DatagenError):
    """The model cannot continue."""


class StuckClockError(RunError):
    """Too many visits or starts happen at one instant: time would never pass."""


class ClockLimitError(RunError):
    """The clock would pass the year 9999."""


class NowhereError(RunError):
    """A worker can go nowhere from a state; `why` is the reason, `values` are what it depends on, as JSON."""

    def __init__(self, state: str, why: str, values: Mapping[str, str]) -> None:
        super().__init__(state, why, values)
        self.state, self.why, self.values = state, why, values

    def __str__(self) -> str:
        values = ", ".join(f"{name} = {printable(text, 60)}" for name, text in self.values.items())
        return f'state "{printable(self.state, 60)}": {self.why}' + (
            f": {values}" if values else ""
        )


class RendererError(RunError):
    """A renderer, a process that makes text for a run, ended, hangs, or cannot hand over what it made."""


class TargetError(DatagenError):
    """Records could not be delivered.

    `what` is the target, or its file; `why` is the reason. `delivered` counts the records that it got
    before, and is None where that does not matter; `failed` counts those that it refused.
    """

    def __init__(
        self, what: str, why: str = "", delivered: int | None = None, failed: int = 0
    ) -> None:
        super().__init__(what, why, delivered, failed)
        self.what, self.why, self.delivered, self.failed = what, why, delivered, failed

    @classmethod
    def of_system(cls, what: str, error: OSError, delivered: int) -> Self:
        """Return the error for what the operating system refuses."""
        return cls(what, error.strerror or str(error), delivered)

    def recounted(self, delivered: int) -> Self:
        """Return the same error with another count, for a sink that writes through one of its own."""
        return type(self)(self.what, self.why, delivered, self.failed)

    def __str__(self) -> str:
        text = f"{self.what}: {self.why}" if self.why else self.what
        if self.delivered is not None:
            records = plural("record", self.delivered)
            text += f"; {self.delivered} {records} {were(self.delivered)} delivered"
        return text + (f", {self.failed} failed" if self.failed else "")


class SeveralTargetsError(TargetError):
    """Several targets of a run failed, each in its own way; or a target, and then the checkpoint."""

    def __init__(self, errors: Sequence[DatagenError]) -> None:
        super().__init__("several targets")
        self.errors = tuple(errors)

    def recounted(self, delivered: int) -> Self:
        """Return the error itself: each target has its own count."""
        del delivered
        return self

    @property
    def texts(self) -> tuple[str, ...]:
        return tuple(text for error in self.errors for text in error.texts)

    def __str__(self) -> str:
        return "\n".join(self.texts)


class ReaderGoneError(TargetError):
    """Whoever read our output went away: nothing is wrong, and nobody is left to report to."""

    exit_status = 0


class OperationError(DatagenError):
    """A checkpoint, the summary or metrics cannot be had as asked; `what` is a file or flag, `why` the reason."""

    def __init__(self, what: str, why: str = "") -> None:
        super().__init__(what, why)
        self.what, self.why = what, why

    def __str__(self) -> str:
        return f"{self.what}: {self.why}" if self.why else self.what


class Error(ValueError):
    """What the functions of `datagen` raise: `problems` are all that is wrong; `str()` of it has a line for each."""

    __module__ = "datagen"

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(problems)
        self.problems = tuple(problems)

    def __str__(self) -> str:
        return "\n".join(map(str, self.problems))


class Interrupted(KeyboardInterrupt):
    """A signal ends the program on the spot, wherever it is; no step of it catches this."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


class SignalError(DatagenError):
    """A signal ended the run; the texts, if any, say what else went wrong then."""

    def __init__(self, number: int, *texts: str) -> None:
        super().__init__(number, *texts)
        self.number = number
        self.exit_status = 128 + number

    @property
    def texts(self) -> tuple[str, ...]:
        return tuple(map(str, self.args[1:]))

    def __str__(self) -> str:
        return "\n".join(self.texts)


def dotted(path: Path) -> str:
    """Return a path inside a JSON document: `states[2].transitions[0].next`."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{_key(step)}" if text else _key(step)
    return text


def _key(text: str) -> str:
    return printable(text, 60)  # on one line
