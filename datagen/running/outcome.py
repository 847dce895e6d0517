"""Turns what ended a run into an exit status, a reason and a sentence."""

import signal
from dataclasses import dataclass, replace

from datagen.errors import DatagenError, Interrupted, ReaderGoneError, SignalError, UsageError
from datagen.one_line import first_line


@dataclass(frozen=True)
class Outcome:
    """How a run ended: `texts` are for a person, one for each failure; none where there is nothing to say."""

    status: int = 0
    reason: str = "done"  # or "reader gone", "signal", "error"
    texts: tuple[str, ...] = ()
    signal: str | None = None
    prefix: str = ""  # of the first text, at the terminal
    internal: bool = False  # the program's own mistake

    @property
    def text(self) -> str:
        """Return all texts, each on a line."""
        return "\n".join(self.texts)

    @property
    def lines(self) -> tuple[str, ...]:
        """Return the lines that are written to stderr."""
        return (self.prefix + self.texts[0], *self.texts[1:]) if self.texts else ()


def outcome_of(error: BaseException | None) -> Outcome:
    """Return how a run ended that raised an error, or none."""
    outcome = _outcome(error)
    notes = getattr(error, "__notes__", [])
    return replace(outcome, texts=(*outcome.texts, *notes))


def _outcome(error: BaseException | None) -> Outcome:  # noqa: PLR0911 - one line a kind
    match error:
        case None:
            return Outcome()
        case ReaderGoneError():
            return Outcome(0, "reader gone")
        case SignalError():
            name = signal.Signals(error.number).name
            return Outcome(error.exit_status, "signal", error.texts, name)
        case KeyboardInterrupt():
            number = error.number if isinstance(error, Interrupted) else signal.SIGINT
            return Outcome(128 + number, "signal", signal=signal.Signals(number).name)
        case UsageError():
            return Outcome(error.exit_status, "error", error.texts, prefix="generator.py: error: ")
        case DatagenError():
            return Outcome(error.exit_status, "error", error.texts)
        case MemoryError():
            return Outcome(1, "error", ("out of memory",), prefix="generator.py: ")
    what = first_line(f"{type(error).__name__}: {error}")
    text = f"internal error: {what} (-v shows where)"
    return Outcome(1, "error", (text,), prefix="generator.py: ", internal=True)
