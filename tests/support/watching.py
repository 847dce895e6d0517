"""A small run, watched: streams and clocks that a test controls."""

import io
import json
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import generator
from datagen.instants import SECOND, parse_instant
from datagen.running.summary import Summary
from tests.support.machines import ENDING

ROOT = Path(__file__).parents[2]


START = parse_instant("2027-03-12")


LIMITS = ("-s", "2027-03-12", "--seed", "1", "-n", "500")


BIG = ("-s", "2027-03-12", "--seed", "1", "-n", "20000")


def main(*arguments: str, stdout: BinaryIO | None = None, stderr: Any = None) -> int:
    """Run the small machine with streams of the test's own."""
    spec = io.BytesIO(json.dumps(ENDING).encode())
    return generator.main(list(arguments), spec, stdout or io.BytesIO(), stderr or io.StringIO())


class Acting(io.BytesIO):
    """A stdout that lets the test do something whenever records come, before it has them."""

    def __init__(self, act: Callable[[], object]) -> None:
        super().__init__()
        self._act = act

    def write(self, data: Any, /) -> int:
        self._act()
        return super().write(data)


class Screen(io.StringIO):
    """A terminal, as far as anyone can see."""

    def isatty(self) -> bool:
        return True

    def lines(self) -> list[str]:
        """Return what stands on it: a carriage return leads back, and what follows covers."""
        shown = []
        for line in self.getvalue().split("\n"):
            cells: list[str] = []
            for piece in line.split("\r"):
                cells[: len(piece)] = piece
            shown.append("".join(cells).rstrip())
        return shown


class Time:
    """A clock that the test moves on."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def at(instant: float, /, **figures: Any) -> Summary:
    """Return the summary of a run whose last record is so many seconds after its start."""
    last = parse_instant("2027-03-12T00:00:00")
    return Summary(start=START, last=type(last)(last.micros + int(instant * SECOND)), **figures)


def fail(error: BaseException) -> Callable[[], None]:
    """Make something that raises an error."""

    def act() -> None:
        raise error

    return act


def ask(number: int) -> Callable[[], None]:
    """Make something that sends a signal to the run."""
    return lambda: signal.raise_signal(number)
