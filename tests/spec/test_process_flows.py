"""Where the states of a process, or of a child, may lead."""

from typing import Any

import pytest

from datagen.spec.process_flows import child_flow_problems, flow_problems
from tests.support.families import message
from tests.support.machines import Spec
from tests.support.processes import activity, end, start


def of(*states: Spec) -> Any:
    """Return raw JSON with these states."""
    return {"states": list(states)}


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
        "no event:start:timer: expected one, where workers begin"
    ]
