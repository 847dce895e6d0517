"""Which of the two forms a specification is written in."""

from typing import Any

import pytest

from datagen.spec.forms import child_alone, is_process
from tests.support.families import child, message
from tests.support.machines import Spec
from tests.support.processes import end, start


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        ({"states": [{"type": "x"}, {"type": "y"}, {}]}, True),
        ({"states": [{"type": "x"}, {}, {}]}, False),
        ({"states": [{"type": "x"}, {}]}, True),
        ({"states": [{"type": "x"}, {}], "interarrival": {}}, False),
        ({"states": []}, False),
        ({"states": 1}, False),
        ([], False),
    ],
)
def test_form(raw: Any, found: bool) -> None:
    """Most states say it; where half of them do, only the classic form has an interarrival time."""
    assert is_process(raw) is found


def of(*states: Spec) -> Any:
    """Return raw JSON with these states."""
    return {"states": list(states)}


def test_a_child_alone_says_so() -> None:
    """It begins with a message, and nothing else starts it."""
    [(path, text)] = child_alone(child(message("done")))
    assert path == ("states",)
    assert text.startswith(
        "begins with an event:start:message, not an event:start:timer: it is a child"
    )
    assert not list(child_alone(of(message("a"), start("a"), end("a"))))
