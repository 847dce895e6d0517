"""What --untrusted lets a specification take to load."""

import itertools
import signal
import threading

import pytest

from datagen.running.loading_budget import LoadingBudget, LoadingLimitError


def test_time_is_limited() -> None:
    """Whatever a step does; steps share the time."""
    budget = LoadingBudget(seconds=0.05)
    with pytest.raises(LoadingLimitError) as error, budget.step():
        for _ in itertools.count():
            pass
    assert str(error.value) == (
        "the specification takes more than 0.05 s to load; --untrusted allows no more"
    )
    with pytest.raises(LoadingLimitError), budget.step():
        for _ in itertools.count():
            pass


def test_what_catches_it_hears_it_again() -> None:
    """A step that goes on is ended later."""
    caught = 0
    with pytest.raises(LoadingLimitError), LoadingBudget(seconds=0.01).step():
        while True:
            try:
                for _ in itertools.count():
                    pass
            except LoadingLimitError:
                caught += 1
                if caught == 2:
                    raise


def test_memory_is_limited() -> None:
    """Afterwards there is as much as before."""
    budget = LoadingBudget(memory=64 << 20)
    with pytest.raises(LoadingLimitError, match="more than 64 MB of memory"), budget.step():
        bytearray(1 << 30)
    assert len(bytearray(256 << 20)) == 256 << 20


def test_a_step_that_is_small_is_as_without() -> None:
    """In any thread."""
    done = []

    def step() -> None:
        with LoadingBudget().step():
            done.append(1)

    step()
    thread = threading.Thread(target=step)
    thread.start()
    thread.join()
    assert done == [1, 1]


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="this system has no interval timers")
def test_error_that_a_library_makes_of_the_limit_is_the_limit() -> None:
    """As pydantic does of whatever comes while it builds a model; any other error stays what it is."""
    with pytest.raises(LoadingLimitError), LoadingBudget(seconds=60.0).step():
        try:
            signal.raise_signal(signal.SIGALRM)
        except LoadingLimitError as error:
            raise ValueError("a schema that cannot be built") from error
    with pytest.raises(ValueError, match="mine"), LoadingBudget(seconds=60.0).step():
        raise ValueError("mine")
