"""What a picture of a machine shows."""

import pytest

from datagen.distributions.parsing import parse_timer
from datagen.errors import UsageError
from datagen.inspection.diagram import delay_text, diagram_of, percent, span_text
from datagen.spec.state_graph import STOP
from tests.inspection.drawn import drawn, machine, plan_of, preset
from tests.support.machines import constant


def test_arrows_have_the_probabilities_of_the_specification() -> None:
    """One arrow for all transitions between two states; the end is STOP."""
    diagram = diagram_of(preset("clickstream"))
    names = [each.name for each in diagram.states]
    home = {
        "stop" if each.target == STOP else names[each.target]: each.label
        for each in diagram.arrows
        if names[each.source] == "home"
    }
    assert home == {
        "search": "47 %", "category": "30 %", "product": "15 %", "logout": "4 %", "stop": "4 %",
    }  # fmt: skip
    assert diagram.ends


def test_transitions_to_one_state_are_one_arrow() -> None:
    """Their probabilities are added."""
    spec = machine(["a"], leads=0)
    spec["states"][0]["transitions"] = [
        {"next": "a", "probability": 0.25}, {"next": "stop", "probability": 0.5}, {"next": "a", "probability": 0.25},
    ]  # fmt: skip
    assert [(each.target, each.label) for each in drawn(spec).arrows] == [
        (0, "50 %"),
        (STOP, "50 %"),
    ]


def test_conditions_are_shown_as_they_are_written() -> None:
    """With weights where they differ, as those of all that may be taken count."""
    diagram = diagram_of(preset("shop"))
    names = [each.name for each in diagram.states]
    labels = {(names[each.source], each.target): each.label for each in diagram.arrows}
    assert labels["cart", STOP] == "weight 0.1"
    assert labels["cart", names.index("more")] == "weight 0.75 if length(lines) < 10"
    assert labels["order", names.index("review")] == "if total > 400 and user.tier != 'gold'"
    assert labels["order", names.index("payment")] == "else"


def test_boxes_say_what_a_state_emits_and_how_long_it_waits() -> None:
    """Nothing is said of what is not there."""
    spec = machine(["a", "b"], leads=0)
    spec["states"][1] |= {"emitter": None, "delay": constant(0)}
    del spec["states"][1]["emitter"]
    first, second = drawn(spec).states
    assert first.notes == ("emits e", "waits 1 s (exponential)")
    assert second.notes == ()


def test_populations_begin_where_they_do() -> None:
    """With how often they come, and how many."""
    spec = machine(["a", "b"])
    del spec["interarrival"]
    spec["populations"] = [
        {"name": "people", "start": "a", "interarrival": constant(90)},
        {"name": "robots", "start": "b", "total": 3},
    ]
    found = [(each.first, each.text) for each in drawn(spec).beginnings]
    assert found == [(0, "people: one every 1.5 min"), (1, "robots: 3 in all, all at once")]


def test_unreached_states_are_known() -> None:
    """They are drawn otherwise."""
    spec = machine(["a", "b"], leads=0)
    spec["states"][0]["transitions"] = [{"next": "stop", "probability": 1}]
    assert [each.reached for each in drawn(spec).states] == [True, False]


def test_process_form_is_drawn_as_the_states_it_becomes() -> None:
    """Gateways are no boxes."""
    diagram = diagram_of(preset("support_tickets"))
    assert {"opened", "reminded", "closed"} <= {each.name for each in diagram.states}


def test_replay_has_no_machine() -> None:
    """That is said."""
    made = plan_of(machine(["a"]))
    object.__setattr__(made, "spec", object())
    with pytest.raises(UsageError, match=r"a replay has no states"):
        diagram_of(made)


@pytest.mark.parametrize(
    ("share", "text"),
    [(0, "0 %"), (1, "100 %"), (0.5, "50 %"), (0.125, "12 %"), (0.9993, "99.93 %"), (0.00123, "0.12 %"), (1e-9, "1e-07 %")],
)  # fmt: skip
def test_percent(share: float, text: str) -> None:
    """Two digits, or more near 100."""
    assert percent(share) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (270, "4.5 min"), (0.02, "20 ms"), (864_000_000, "10,000 d"), (float("inf"), "without end"), (5e-6, "5 \N{GREEK SMALL LETTER MU}s")],
)  # fmt: skip
def test_spans_have_a_unit(seconds: float, text: str) -> None:
    """The largest that is not too large."""
    assert span_text(seconds) == text


def test_delays_by_values_are_said_to_be() -> None:
    """Their mean is not known."""
    assert (
        delay_text(parse_timer({"type": "exponential", "mean": {"expr": "amount"}}))
        == "waits by values"
    )
