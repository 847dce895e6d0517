"""Where the states of a process, or of a child, may lead."""

from typing import Any

import pytest

from datagen.spec.process_flows import child_alone, child_flow_problems, flow_problems
from tests.support.families import child, message
from tests.support.machines import Spec
from tests.support.processes import activity, end, start


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


@pytest.mark.parametrize(
    ("states", "said"),
    [
        (
            [message("a"), message("a"), end("a")],
            "only one event:start:message is allowed, and states[0] is one",
        ),
        (
            [activity("a", "b"), end("b")],
            "no event:start:message: expected one, where the child begins",
        ),
        (
            [message("a"), activity("a", "init"), end("b")],
            "is the event:start:message, to which no state may lead",
        ),
        ([message("a"), activity("a", "a")], "no event:end: expected at least one"),
    ],
)
def test_wrong_children(states: list[Spec], said: str) -> None:
    """One start, an end, and no way back to the start."""
    assert any(said in text for _, text in child_flow_problems(of(*states)))


def test_a_process_may_have_both_starts() -> None:
    """It needs that of its own; a child takes either."""
    both = of(message("b"), start("b"), end("b"))
    assert not list(flow_problems(both))
    assert not list(child_flow_problems(both))
    assert not list(child_flow_problems(of(start("b"), end("b"))))
    assert [text for _, text in flow_problems(of(end("b")))] == [
        "no event:start:timer: expected one, where every worker begins"
    ]
