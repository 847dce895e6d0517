"""The line that shows how far sets of values are."""

import io

from datagen.cli.console import Console
from datagen.cli.preparation import Preparation


def shown(shown: bool, *times: float) -> str:
    """Return what is written where a set has 10, 20, ... members at some times after the beginning."""
    clock = iter([0.0, *times])
    err = io.StringIO()
    with Preparation(Console(err), shown, lambda: next(clock)) as preparation:
        for number, _ in enumerate(times, 1):
            preparation.update(("emitters", "e\x1b", "x"), 10 * number, 1000)
    return err.getvalue()


def test_short_wait_shows_nothing() -> None:
    """Nor does a run that nobody watches."""
    assert shown(True, 0.5, 0.9) == ""
    assert shown(False, 5.0, 9.0) == ""


def test_long_wait_shows_a_line_that_goes_away() -> None:
    """It is written over itself, and what is in a name is no control sequence."""
    text = shown(True, 0.5, 1.0, 1.1, 3.0)
    lines = text.split("\r")
    assert [line.strip() for line in lines] == [
        "", "20 of 1,000 values of emitters.e\\x1b.x", "40 of 1,000 values of emitters.e\\x1b.x", "", "",
    ]  # fmt: skip
    assert "\n" not in text
