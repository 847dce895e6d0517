"""Backoff between the attempts to reach a target that does not answer, within a limit of time."""

import time
from collections.abc import Callable
from dataclasses import dataclass

FIRST_PAUSE = 0.25  # seconds before the second attempt; each further pause is twice as long
LONGEST_PAUSE = 8.0


@dataclass(frozen=True)
class Timing:
    """A clock, in seconds, and a way to sleep; tests replace both."""

    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


class RetryBudget:
    """Exponential backoff after failed attempts, counted from the moment it is made; without jitter."""

    def __init__(self, timing: Timing) -> None:
        self._timing = timing
        self._began = timing.monotonic()
        self._pause = FIRST_PAUSE

    def left(self, within: float) -> float:
        """Return how many of `within` seconds are left."""
        return within - (self._timing.monotonic() - self._began)

    def wait(self, within: float, least: float = 0.0) -> bool:
        """Sleep before the next attempt, `least` seconds or more, and return True.

        Return False at once where that attempt would come later than `within` seconds after the first.
        """
        left = self.left(within)
        if left <= 0 or least > left:
            return False
        self._timing.sleep(min(max(self._pause, least), left))
        self._pause = min(2 * self._pause, LONGEST_PAUSE)
        return True
