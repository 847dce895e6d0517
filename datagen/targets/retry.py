"""Waits between the attempts to reach a target that is away, and says when it is enough."""

import time
from collections.abc import Callable
from dataclasses import dataclass

FIRST_PAUSE = 0.25  # seconds before the second attempt; each further pause is twice as long
LONGEST_PAUSE = 8.0


@dataclass(frozen=True)
class Timing:
    """Where the time comes from, in seconds, and how it is spent; both can be replaced in tests."""

    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


class RetryBudget:
    """Pauses after failed attempts, from the moment it is made; nothing about it is random."""

    def __init__(self, timing: Timing) -> None:
        self._timing = timing
        self._began = timing.monotonic()
        self._pause = FIRST_PAUSE

    def left(self, within: float) -> float:
        """Return how many of `within` seconds are left."""
        return within - (self._timing.monotonic() - self._began)

    def wait(self, within: float, least: float = 0.0) -> bool:
        """Pause before the next attempt, `least` seconds or more.

        False, at once, where that attempt would come later than `within` seconds after the first.
        """
        left = self.left(within)
        if left <= 0 or least > left:
            return False
        self._timing.sleep(min(max(self._pause, least), left))
        self._pause = min(2 * self._pause, LONGEST_PAUSE)
        return True
