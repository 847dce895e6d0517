"""What a run calls to report how far it is."""

from collections.abc import Callable
from dataclasses import dataclass

from datagen.running.summary import Summary


def _ignore(_: object) -> None:
    """Do nothing."""


@dataclass(frozen=True)
class Observer:
    """Functions: `progress` gets the summary after each slice of records, `warn` a sentence."""

    progress: Callable[[Summary], None] = _ignore
    warn: Callable[[str], None] = _ignore
