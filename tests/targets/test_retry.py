"""Backoff between attempts."""

from datagen.targets.retry import RetryBudget, Timing


class Clock:
    """A time that passes only while someone sleeps."""

    def __init__(self) -> None:
        self.now, self.pauses = 0.0, list[float]()
        self.timing = Timing(lambda: self.now, self.sleep)

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.pauses.append(seconds)


def test_pauses_double_up_to_the_longest() -> None:
    """The last one ends with the budget; then there is no further attempt."""
    clock = Clock()
    retries = RetryBudget(clock.timing)
    while retries.wait(within=30.0):
        pass
    assert clock.pauses == [0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 8.0, 6.25]


def test_wait_that_is_asked_for_is_the_least() -> None:
    """As by a server; one beyond the budget is not begun."""
    clock = Clock()
    retries = RetryBudget(clock.timing)
    assert retries.wait(within=10.0, least=3.0)
    assert not retries.wait(within=10.0, least=7.5)
    assert clock.pauses == [3.0]


def test_time_since_the_first_failure_counts() -> None:
    """Whoever needs long for an attempt has less left."""
    clock = Clock()
    retries = RetryBudget(clock.timing)
    clock.now = 4.0
    assert retries.left(within=10.0) == 6.0
