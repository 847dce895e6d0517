"""What is made again whenever a file is saved; no clock is waited for."""

import os
from collections.abc import Iterable
from pathlib import Path

import pytest

from datagen.cli.watching import POLL_SECONDS, Attempt, FileState, file_state, watch


class OverError(Exception):
    """Nobody looks any more."""


class Watched:
    """Files whose states change as a script says, one step a poll, and what is shown of them."""

    def __init__(self, polls: list[dict[str, FileState]], attempts: list[Attempt]) -> None:
        self.states, self._polls, self._attempts = polls[0], polls[1:], attempts
        self.shown: list[tuple[str, tuple[str, ...], int]] = []
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        """Go on to the next states."""
        self.slept.append(seconds)
        if not self._polls:
            raise OverError
        self.states = self._polls.pop(0)

    def state_of(self, name: str) -> FileState:
        """Return the state of a file as of the last poll."""
        return self.states.get(name)

    def make(self) -> Attempt:
        """Return the next attempt."""
        return self._attempts.pop(0)

    def show(self, text: str, problems: Iterable[str], files: int) -> None:
        """Keep what is shown."""
        self.shown.append((text, tuple(problems), files))

    def run(self) -> "Watched":
        """Watch until nobody looks any more."""
        with pytest.raises(OverError):
            watch(self.make, self, self.sleep, self.state_of)
        assert not self._attempts
        return self


def good(text: str, *files: str) -> Attempt:
    """Return an attempt that came to something."""
    return Attempt(text, (), files or ("a",))


def test_nothing_is_made_again_while_nothing_is_saved() -> None:
    """Files are looked at five times a second."""
    watched = Watched([{"a": (1, 1)}] * 4, [good("one")]).run()
    assert watched.shown == [("one", (), 1)]
    assert watched.slept == [POLL_SECONDS] * 4
    assert POLL_SECONDS == 0.2


@pytest.mark.parametrize("after", [(2, 1), (1, 2), None])
def test_a_file_that_is_saved_is_a_change(after: FileState) -> None:
    """By its time, by its size, or as it is gone."""
    watched = Watched([{"a": (1, 1)}, {"a": after}, {"a": after}], [good("one"), good("two")]).run()
    assert [text for text, _, _ in watched.shown] == ["one", "two"]


def test_a_mistake_leaves_what_was_there() -> None:
    """It is shown below, and goes with the next change."""
    states: list[dict[str, FileState]] = [{"a": (each, 1)} for each in range(3)]
    attempts = [good("one"), Attempt(None, ("a: is empty",), ("a",)), good("three")]
    watched = Watched(states, attempts).run()
    assert watched.shown == [("one", (), 1), ("one", ("a: is empty",), 1), ("three", (), 1)]


def test_a_mistake_may_come_first() -> None:
    """There is nothing above it then."""
    watched = Watched([{}, {"a": (1, 1)}], [Attempt(None, ("no a",), ("a",)), good("one")]).run()
    assert watched.shown == [("", ("no a",), 1), ("one", (), 1)]


def test_files_that_are_read_later_are_watched_too() -> None:
    """And those that are not read any more are not."""
    states: list[dict[str, FileState]] = [
        {"a": (1, 1), "b": (1, 1)},
        {"a": (1, 1), "b": (2, 1)},
        {"a": (2, 1), "b": (2, 1)},
        {"a": (2, 1), "b": (3, 1)},
    ]
    attempts = [good("one"), good("two", "a", "b"), good("three", "b")]
    watched = Watched(states, attempts).run()
    assert [files for _, _, files in watched.shown] == [1, 2, 1]


def test_a_file_that_is_saved_while_it_is_read_is_a_change() -> None:
    """What was read may be the file of before."""
    states: list[dict[str, FileState]] = [{"a": (1, 1)}, {"a": (2, 1)}, {"a": (3, 1)}]
    watched = Watched(states, [good("one"), good("two"), good("three")])
    make = watched.make

    def slow() -> Attempt:
        made = make()
        if made.text == "two":
            watched.states = {"a": (3, 1)}
        return made

    watched.make = slow  # type: ignore[method-assign]
    assert [text for text, _, _ in watched.run().shown] == ["one", "two", "three"]


def test_state_of_a_file(tmp_path: Path) -> None:
    """None where there is none, or none can be."""
    path = tmp_path / "a"
    path.write_text("abc")
    os.utime(path, ns=(5, 7))
    assert file_state(str(path)) == (7, 3)
    assert file_state(str(tmp_path / "b")) is None
    assert file_state("a\0") is None
