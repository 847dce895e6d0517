"""Errors: what they carry, and the texts that they make of it."""

import pytest

from datagen.errors import (
    OperationError,
    Problem,
    ReaderGoneError,
    SeveralTargetsError,
    TargetError,
    dotted,
)


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (TargetError("x"), "x"),
        (TargetError("x", "is full"), "x: is full"),
        (TargetError("x", "is full", 0), "x: is full; 0 records were delivered"),
        (TargetError("x", "no", 7, 2), "x: no; 7 records were delivered, 2 failed"),
        (OperationError("--summary x", "is a folder"), "--summary x: is a folder"),
    ],
)
def test_text_is_made_of_what_the_error_carries(error: Exception, text: str) -> None:
    """Counts are shown where they are known."""
    assert str(error) == text


def test_recounted_error_differs_in_its_count_only() -> None:
    """Its kind, and a semicolon in its reason, stay."""
    error = TargetError("x", "no; not today", 7, 2).recounted(9)
    assert str(error) == "x: no; not today; 9 records were delivered, 2 failed"
    assert isinstance(ReaderGoneError("gone").recounted(1), ReaderGoneError)


def test_several_failures_are_a_line_each() -> None:
    """And each can be found again."""
    inner = SeveralTargetsError([TargetError("b", "no", 1), OperationError("ck", "full")])
    error = SeveralTargetsError([TargetError("a", "no", 0), inner])
    assert error.texts == (
        "a: no; 0 records were delivered", "b: no; 1 record was delivered", "ck: full",
    )  # fmt: skip
    assert str(error.recounted(3)) == "\n".join(error.texts)


def test_system_says_why() -> None:
    """Without the number of its error, or in its own words where it has none."""
    assert str(TargetError.of_system("x", OSError(28, "full"), 1)).startswith("x: full; 1 ")
    assert str(TargetError.of_system("x", OSError("odd"), 1)).startswith("x: odd; 1 ")


def test_path_is_written_as_in_javascript() -> None:
    """Long keys are shortened, and what cannot be shown is escaped."""
    assert dotted(("states", 2, "a\n", "x" * 80)) == "states[2].a\\n." + "x" * 57 + "..."


@pytest.mark.parametrize(
    ("problem", "text"),
    [
        (Problem((), "wrong"), "wrong"),
        (Problem(("a", 1), "wrong", "f"), "f: a[1]: wrong"),
        (Problem(("a", 1), "wrong", "f", position=(3, 5)), "f:3:5: a[1]: wrong"),
        (Problem((), "wrong", "f", position=(1, 1)), "f:1:1: wrong"),
    ],
)
def test_problem_is_shown_where_it_is(problem: Problem, text: str) -> None:
    """As editors read it."""
    assert str(problem) == text
