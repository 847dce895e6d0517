"""Populations of both forms: their keys, their arrivals, what is wrong with them."""

import copy
from typing import Any

import pytest

from datagen.errors import SpecError
from datagen.spec.parsing import parse_spec
from tests.support.machines import Spec, constant, spec_of

ROUTES: dict[str, tuple[Spec, dict[str, float]]] = {
    "a": (constant(1), {"b": 1}),
    "b": (constant(1), {"stop": 1}),
}
PEOPLE: Spec = {"name": "people", "start": "b", "interarrival": constant(2)}


def spec_with(*populations: Any, **keys: Any) -> Spec:
    """Return a specification with populations."""
    spec = spec_of(copy.deepcopy(ROUTES), constant(1))
    del spec["interarrival"]
    return {**spec, "populations": list(populations), **keys}


def problems(spec: Spec) -> list[str]:
    """Return what is wrong."""
    try:
        parse_spec(spec, "test.json")
    except SpecError as error:
        return [str(each).removeprefix("test.json: ") for each in error.problems]
    return []


WRONG = [
    (spec_with(PEOPLE, interarrival=constant(1)), "interarrival: each of the populations has its own; leave it out here"),
    (spec_with(), "populations: expected at least one population"),
    (spec_with(PEOPLE | {"start": "bb"}), 'populations[0].start: no state "bb"; did you mean "b"?'),
    (spec_with(PEOPLE, PEOPLE), 'populations[1].name: "people" is the name of populations[0] already'),
    (spec_with(PEOPLE | {"max": 0}), 'populations[0].max: expected a whole number from 1 to 100,000,000 or "none", not 0'),
    (spec_with(PEOPLE | {"total": 0}), "populations[0].total: expected a whole number from 1 to 100,000,000, not 0"),
    (spec_with({"name": "x", "start": "a"}), 'populations[0].interarrival: missing; only with a "total" may all start at once'),
    (spec_with(PEOPLE | {"max": "none", "schedule": {"type": "constant", "value": 0.5, "applies_to": "workers"}}),
     'populations[0].max: the schedule lowers the limit of workers, which needs a number; with "applies_to": "arrivals" it would change how often they arrive'),
    (spec_with(PEOPLE | {"schedule": {"type": "constnt"}}), 'populations[0].schedule.type: no curve "constnt"; did you mean "constant"?'),
    (spec_with(PEOPLE | {"starts": "b"}), 'populations[0].starts: unknown key; did you mean "start"?'),
    (spec_with(PEOPLE | {"interarrival": {"type": "constant", "value": {"expr": "1"}}}), "populations[0].interarrival.value: the time between workers cannot depend on values"),
]  # fmt: skip


@pytest.mark.parametrize(("spec", "expected"), WRONG)
def test_wrong_population_is_refused(spec: Spec, expected: str) -> None:
    """With its place in the file, and a remedy."""
    assert problems(spec) == [expected]


def test_population_without_records_is_refused() -> None:
    """Nothing would come of it; one whose clock would not advance neither, unless it ends."""
    spec = spec_with(PEOPLE, PEOPLE | {"name": "silent", "start": "c"})
    spec["states"].append({"name": "c", "transitions": [{"next": "stop", "probability": 1}]})
    text = 'no state that a worker of "silent" can reach has an emitter: there would be no records'
    assert problems(spec) == [f"populations[1]: {text}"]
    spec["states"][2] |= {"emitter": "e"}
    spec["populations"][1]["interarrival"] = constant(0)
    text = 'is never above 0, and no state that a worker of "silent" can reach waits: the clock would not advance'
    assert problems(spec) == [f"populations[1].interarrival: {text}"]
    spec["populations"][1] |= {"total": 3}
    assert problems(spec) == []


def test_arrivals_of_the_classic_form() -> None:
    """Caps and curves are those of a population, or else those of the run."""
    curve = {"type": "constant", "value": 0.5}
    parsed, _ = parse_spec(
        spec_with(PEOPLE | {"max": 9}, {"name": "x", "start": "a", "total": 4, "schedule": curve}),
        "test.json",
    )
    people, few = parsed.arrivals
    assert [people.name, few.name] == ["people", "x"]
    assert list(parsed.firsts) == [1, 0]
    assert [people.cap(100), few.cap(100), few.cap(None)] == [9, 4, 4]
    assert few.all_at_once
    assert not people.all_at_once
    assert few.curve(None, "arrivals") is not None
    assert few.curve(None, "workers") is people.curve(None, "arrivals") is None


def process(*starts: Spec) -> Spec:
    """Return a process with several starts."""
    states: list[Spec] = [
        *starts,
        {"name": "a", "type": "activity", "emitter": "e", "next": "wait"},
        {"name": "wait", "type": "event:intermediate:timer", "cardinality_distribution": constant(1), "next": "b"},
        {"name": "b", "type": "activity", "emitter": "e", "next": "end"},
        {"name": "end", "type": "event:end"},
    ]  # fmt: skip
    return {"states": states, "emitters": [{"name": "e", "dimensions": []}]}


def start(name: str, following: str, **keys: Any) -> Spec:
    """Return a start."""
    return {"name": name, "type": "event:start:timer", "cardinality_distribution": constant(2), "next": following, **keys}  # fmt: skip


def test_each_further_start_of_a_process_is_a_population() -> None:
    """The first one is the unnamed population."""
    parsed, warnings = parse_spec(
        process(start("people", "a"), start("bots", "b", total=3, max=2)), "test.json"
    )
    assert not warnings
    unnamed, bots = parsed.arrivals
    assert (unnamed.name, unnamed.start, unnamed.cap(7)) == (None, "a", 7)
    assert (bots.name, bots.start, bots.cap(7), bots.limits.total) == ("bots", "b", 2, 3)
    assert [parsed.states[each].name for each in parsed.firsts] == ["a", "b"]


def test_wrong_start_of_a_process_is_refused() -> None:
    """With the words of the form."""
    wrong = start("bots", "b", max="many")
    del wrong["cardinality_distribution"]
    assert problems(process(start("people", "a"), wrong)) == [
        'states[1].max: expected a whole number from 1 to 100,000,000 or "none", not "many"',
    ]
    wrong["max"] = 3
    assert problems(process(start("people", "a"), wrong)) == [
        "states[1].cardinality_distribution: missing"
    ]
    both = process(start("people", "a")) | {"populations": [PEOPLE]}
    text = "belongs to the classic form; here each further event:start:timer is a population"
    assert problems(both) == [f"populations: {text}"]
