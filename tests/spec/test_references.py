"""Names in raw JSON: twice the same, or nobody's, however wrong the rest is."""

from typing import Any

import pytest

from datagen.spec.process_flows import PROCESS
from datagen.spec.references import CLASSIC, FormRules, duplicate_names, reference_problems
from tests.support.machines import Spec

OBJECT: Spec = {"name": "v", "type": "object", "dimensions": [{"name": "id", "type": "uuid"}]}
TWINS: Spec = {"name": "l", "type": "list", "elements": [OBJECT, OBJECT]}
SHOWN: Spec = {"name": "d", "type": "variable", "variable": "v"}


def problems(states: Any, dimensions: Any = (), rules: FormRules = CLASSIC) -> dict[str, str]:
    """Return what is wrong with the names of a specification: a sentence for each path."""
    raw = {"states": states, "emitters": [{"name": "e", "dimensions": list(dimensions)}]}
    found = reference_problems(raw, rules)
    return {".".join(map(str, path)): text for path, text in found}


def state(*nexts: tuple[str, float], **keys: Any) -> Spec:
    """Return a state `a` with transitions."""
    transitions = [{"next": name, "probability": chance} for name, chance in nexts]
    return {"name": "a", "emitter": "e", "transitions": transitions, **keys}


def test_right_names_are_no_problem() -> None:
    """Also of variables and their parts."""
    raw = [state(("a", 0.5), ("stop", 0.5), variables=[OBJECT])]
    assert problems(raw, [SHOWN, {**SHOWN, "name": "id", "field": "id"}]) == {}


@pytest.mark.parametrize(
    ("keys", "path", "text"),
    [
        ({"emitter": "f"}, "states.0.emitter", 'no emitter "f"; one of e'),
        ({"variables": [TWINS]}, "states.0.variables.0.elements.1.name",
         '"v" is the name of states[0].variables[0].elements[0] already'),
        ({"variables_on_entry": [SHOWN]}, "states.0.variables_on_entry.0.variable", 'no state sets a variable "v"; one of d'),
        ({"variables": [SHOWN]}, "states.0.variables.0.variable", 'no state sets a variable "v"; one of d'),
    ],
)  # fmt: skip
def test_names_of_a_state_are_checked(keys: Spec, path: str, text: str) -> None:
    """Its emitter and its variables."""
    assert problems([state(("stop", 1), **keys)]) == {path: text}


def test_next_states_exist() -> None:
    """Or they stop, in upper case or lower."""
    assert problems([state(("Stop", 0.5), ("b", 0.5))]) == {
        "states.0.transitions.1.next": 'no state "b"; one of a, stop'
    }


def test_probabilities_add_up_to_one_as_near_as_the_form_wants() -> None:
    """A thousandth off in the classic form, a hundredth in the other."""
    off = [state(("a", 0.5), ("a", 0.505))]
    assert problems(off) == {"states.0.transitions": "the probabilities add up to 1.005, not 1"}
    assert "states.0.transitions" not in problems(off, rules=PROCESS)


@pytest.mark.parametrize(
    ("keys", "path", "text"),
    [
        ({"variable": "w"}, "variable", 'no state sets a variable "w"; one of v'),
        (
            {"field": "ip"},
            "field",
            'no value of the variable "v" has a part "ip"; one of id',
        ),
        ({"field": "id.x"}, "field", 'no value of the variable "v" has a part "id.x"'),
    ],
)
def test_shown_variables_and_their_parts_exist(keys: Spec, path: str, text: str) -> None:
    """At any depth."""
    found = problems([state(("stop", 1), variables=[OBJECT])], [{**SHOWN, **keys}])
    assert found == {f"emitters.0.dimensions.0.{path}": text}


def test_parts_of_what_is_wrong_are_not_judged() -> None:
    """An unknown type could have any."""
    wrong = {"name": "v", "type": "objekt"}
    assert problems([state(("stop", 1), variables=[wrong])], [{**SHOWN, "field": "x"}]) == {}


@pytest.mark.parametrize(
    "raw", [None, 3, [], {"states": 3}, {"states": [None, {"transitions": {}}]}]
)
def test_anything_can_be_asked(raw: Any) -> None:
    """JSON of any shape has no names that are wrong, and raises nothing."""
    for rules in (CLASSIC, PROCESS):
        assert all(path == ("states",) for path, _ in reference_problems(raw, rules))


def test_a_name_is_taken_by_the_first() -> None:
    """Objects without one are passed over."""
    listed = [((place,), {"name": name}) for place, name in enumerate(["x", None, "x", "x"])]
    assert [path for path, _ in duplicate_names(listed)] == [(2, "name"), (3, "name")]
