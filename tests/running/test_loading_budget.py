"""What --untrusted lets a specification take to load."""

import itertools
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
