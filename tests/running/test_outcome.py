"""Exit status, reason and sentence of everything that can end a run."""

import signal

import pytest

from datagen.errors import (
    Interrupted,
    OperationError,
    ReaderGoneError,
    RunError,
    SignalError,
    UsageError,
)
from datagen.running.outcome import Outcome, outcome_of


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (None, Outcome()),
        (ReaderGoneError("gone"), Outcome(0, "reader gone")),
        (SignalError(signal.SIGTERM, "late"), Outcome(143, "signal", ("late",), "SIGTERM")),
        (KeyboardInterrupt(), Outcome(130, "signal", signal="SIGINT")),
        (Interrupted(signal.SIGTERM), Outcome(143, "signal", signal="SIGTERM")),
        (UsageError("two"), Outcome(2, "error", ("two",), prefix="generator.py: error: ")),
        (RunError("stuck"), Outcome(1, "error", ("stuck",))),
        (OperationError("full"), Outcome(1, "error", ("full",))),
        (MemoryError(), Outcome(1, "error", ("out of memory",), prefix="generator.py: ")),
    ],
    ids=lambda value: type(value).__name__,
)
def test_each_error_has_its_outcome(error: BaseException | None, outcome: Outcome) -> None:
    """A signal ends with its number, a mistake of the user with 1 or 2."""
    assert outcome_of(error) == outcome


def test_mistake_of_the_program_is_one_line_that_says_so() -> None:
    """However many its message has."""
    outcome = outcome_of(ZeroDivisionError("a/0\nand more"))
    assert outcome.internal
    assert outcome.lines == (
        "generator.py: internal error: ZeroDivisionError: a/0 (-v shows where)",
    )


def test_notes_are_lines_of_their_own() -> None:
    """What failed after the error is told too; an outcome without a text has no line."""
    error = RunError("stuck")
    error.add_note("--summary s: no room")
    assert outcome_of(error).lines == ("stuck", "--summary s: no room")
    assert outcome_of(None).lines == ()
