"""What is called while a run goes on."""

from collections.abc import Callable
from dataclasses import dataclass

from datagen.running.summary import Summary


def _ignore(_: object) -> None:
    """Do nothing."""


@dataclass(frozen=True)
class Observer:
    """Functions for the summary after each slice of records, and for a sentence to a person."""

    progress: Callable[[Summary], None] = _ignore
    warn: Callable[[str], None] = _ignore
