"""What may come after a state: keys, conditions, what is said of them."""

from copy import deepcopy
from typing import Any

import pytest

from datagen.spec.transitions import ELSE, MAX_CONDITIONS, Transition
from tests.support.conditions import Spec, spec_of_values
from tests.support.helpers import invoke

RUN = ("-n", "5", "-s", "2027-03-12", "--seed", "1", "-q")
SPEC = spec_of_values("n > 3")


def with_transitions(*ways: Any) -> Spec:
    """Return a specification whose first state leads on like this."""
    spec = deepcopy(SPEC)
    spec["states"][0]["transitions"] = list(ways)
    return spec


def process_of(*ways: Any) -> Spec:
    """Return a process with a gateway that leads on like this."""
    return {
        "states": [
            {"name": "begin", "type": "event:start:timer", "next": "a",
             "cardinality_distribution": {"type": "constant", "value": 1}},
            {"name": "a", "type": "activity", "emitter": "e", "next": "which",
             "variables": SPEC["states"][0]["variables"]},
            {"name": "which", "type": "gateway:exclusive", "transitions": list(ways)},
            {"name": "b", "type": "activity", "emitter": "e", "next": "stop"},
            {"name": "stop", "type": "event:end"},
        ],
        "emitters": SPEC["emitters"],
    }  # fmt: skip


B, STOP = {"next": "b"}, {"next": "stop"}
OPEN = 'where no "when" is true nothing can be taken, and the run ends; add a transition with "when": "else"'
MISTAKES = [
    ([{**B, "when": 5}, {**STOP, "when": ELSE}], "transitions[0].when: expected an expression, a text, not 5"),
    ([{**B, "when": "n >"}, STOP | {"when": ELSE}], "transitions[0].when: column 4: "),
    ([{**B, "when": "m > 3"}, {**STOP, "when": ELSE}], 'transitions[0].when: column 1: no value "m"'),
    ([B, {**STOP, "when": ELSE}], "transitions[0].probability: missing"),
    ([{**B, "when": "n", "probability": 0}, STOP | {"when": ELSE}],
     "transitions[0].probability: expected a probability above 0 and at most 1, not 0"),
    ([{**B, "whem": "n", "probability": 1}], 'transitions[0].whem: unknown key; did you mean "when"?'),
    ([{**B, "when": "n > 3"}] * (MAX_CONDITIONS + 1), "transitions: 61 conditions; at most 60 are possible"),
]  # fmt: skip


@pytest.mark.parametrize(("ways", "text"), MISTAKES)
@pytest.mark.parametrize(("form", "place"), [(with_transitions, 0), (process_of, 2)])
def test_wrong_transition_is_refused(form: Any, place: int, ways: list[Spec], text: str) -> None:
    """In both forms: the place, the fault, the remedy."""
    outcome = invoke(*RUN, spec=form(*ways))
    assert (outcome.status, outcome.out) == (1, b"")
    assert f"stdin: states[{place}].{text}" in outcome.err


@pytest.mark.parametrize("form", [with_transitions, process_of])
def test_probabilities_beside_conditions_need_no_sum(form: Any) -> None:
    """The rule is for states without any condition."""
    ways = [{**B, "probability": 0.9, "when": "n > 3"}, {**STOP, "probability": 0.9}]
    outcome = invoke(*RUN, spec=form(*ways))
    assert (outcome.status, outcome.err) == (0, "")


@pytest.mark.parametrize(
    ("ways", "warned"),
    [
        ([{**B, "when": "n > 3"}, {**STOP, "when": "n < 3"}], True),
        ([{**B, "when": "n > 3"}, {**STOP, "when": ELSE}], False),
        ([{**B, "when": "n > 3"}, {**STOP, "probability": 1}], False),
        ([{**STOP, "when": ELSE}], False),
    ],
)
@pytest.mark.parametrize("form", [with_transitions, process_of])
def test_a_choice_that_may_fail_is_warned_of(form: Any, ways: list[Spec], warned: bool) -> None:
    """Unless there is an else, or a transition that always stands."""
    assert (OPEN in invoke("--validate", spec=form(*ways)).err) is warned


def test_variables_that_may_be_unset_are_warned_of() -> None:
    """Conditions that look at what some path has not set: null is not true there."""
    spec = deepcopy(SPEC)
    spec["states"][1]["variables"] = [{"name": "late", "type": "int:static", "value": 1}]
    spec["states"][0]["transitions"][0]["when"] = "late == 1"
    text = 'states[0].transitions: decides by the variable "late", which may be unset on some path'
    assert text in invoke("--validate", spec=spec).err


def test_condition_is_an_expression_or_else() -> None:
    """Else is no expression."""
    either = Transition.model_validate({"next": "b", "when": "n"})
    other = Transition.model_validate({"next": "b", "when": ELSE})
    assert either.condition is not None
    assert (either.probability, other.condition, other.when) == (1, None, ELSE)
