"""What is too large to be remembered."""

from typing import Any

import pytest

from datagen.columns.column_type import FLOAT, JSON, TEXT
from datagen.simulation.setting import MAX_CHARACTERS, MAX_ELEMENTS, is_bounded, is_too_large
from tests.simulation.test_variables import records, shown, spec_of, state
from tests.support.helpers import invoke


def nested(depth: int) -> list[Any]:
    """Return lists in lists."""
    made: list[Any] = []
    for _ in range(depth):
        made = [made]
    return made


@pytest.mark.parametrize(
    ("value", "large"),
    [
        ("x" * MAX_CHARACTERS, False),
        ("x" * (MAX_CHARACTERS + 1), True),
        ([0] * MAX_ELEMENTS, False),
        ([0] * (MAX_ELEMENTS + 1), True),
        ({"a": [["x" * (MAX_CHARACTERS + 1)]]}, True),
        ({"a": [{"b": [0] * (MAX_ELEMENTS + 1)}]}, True),
        ([[0] * MAX_ELEMENTS] * 99, False),
        ([[0] * MAX_ELEMENTS] * 101, True),
        (nested(20), False),
        (nested(40), True),
        (None, False),
        (1 << 62, False),
    ],
)
def test_texts_lists_and_all_in_them_have_limits(value: Any, large: bool) -> None:
    """4,096 characters, 1,000 elements; and no value holds more than 100,000, or 32 in each other."""
    assert is_too_large(value) is large


def test_numbers_have_none() -> None:
    """They need no look."""
    assert is_bounded(FLOAT)
    assert not is_bounded(TEXT)
    assert not is_bounded(JSON)


@pytest.mark.parametrize("workers", [1, 300])
def test_what_is_too_large_is_null(workers: int) -> None:
    """Also what grows at each visit; what was null begins anew where the expression says so."""
    thousand, hundreds = "x" * 1000, [0] * 300
    grows = {"type": "expression", "expr": f"default(text, '') ~ '{thousand}'"}
    many = {"type": "expression", "initial": [], "expr": f"many + {hundreds}"}
    spec = spec_of([state("a", {"a": 1}, text=grows, many=many)], a=[shown("text"), shown("many")])
    found = records(spec, 12 * workers, workers)
    lengths = {None if each["text"] is None else len(each["text"]) for each in found}
    assert lengths == {1000, 2000, 3000, 4000, None}
    assert {None if each["many"] is None else len(each["many"]) for each in found} == {
        300,
        600,
        900,
        None,
    }


def deciding(variable: dict[str, Any], other: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return a machine that goes to a state by whether a variable is null; there another may set it."""
    small = {"name": "n", "type": "int", "distribution": {"type": "uniform", "min": 0, "max": 4}}
    back = [{"next": "a", "probability": 0.95}, {"next": "stop", "probability": 0.05}]
    then = [
        {"next": "null", "when": "v is none", "probability": 1},
        {"next": "held", "when": "else", "probability": 1},
    ]
    second = {"type": "constant", "value": 1}
    shown_there = [
        {"name": "worker", "type": "expression", "expr": "worker"},
        {"name": "state", "type": "expression", "expr": "state"},
        {"name": "is_null", "type": "expression", "expr": "v is none"},
    ]
    return {
        "interarrival": {"type": "exponential", "mean": 1},
        "states": [
            {"name": "a", "emitter": "e", "variables": [small, {"name": "v", **variable}], "delay": second,
             "transitions": then},
            {"name": "held", "emitter": "e", "delay": second, "transitions": back,
             **({"variables": [{"name": "v", **other}]} if other else {})},
            {"name": "null", "emitter": "e", "delay": second, "transitions": back},
        ],
        "emitters": [{"name": "e", "dimensions": shown_there}],
    }  # fmt: skip


ALMOST, FEW = "x" * (MAX_CHARACTERS - 2), [0] * (MAX_ELEMENTS - 2)  # two more are as many as may be
AROUND: dict[str, dict[str, Any]] = {
    "text": {"type": "expression", "expr": f"'{ALMOST}' ~ 'é𝄞ab'[:n]"},
    "list": {"type": "expression", "expr": f"{FEW} + [1, 2, 3, 4][:n]"},
    "object": {"type": "object", "dimensions": [{"name": "t", "type": "expression", "expr": f"'{ALMOST}' ~ 'abcd'[:n]"}]},
    "drawn list": {"type": "list", "length_distribution": {"type": "uniform", "min": 998, "max": 1003},
                   "elements": [{"type": "expression", "expr": "n"}],
                   "selection_distribution": {"type": "constant", "value": 0}},
    "switch": {"type": "switch", "on": "n", "cases": {
        "1": {"type": "enum", "values": ["z" * (MAX_CHARACTERS + 1)]},
        "2": {"type": "enum", "values": ["z" * MAX_CHARACTERS]}}, "default": {"type": "enum", "values": ["k"]}},
    "growing text": {"type": "expression", "initial": "", "expr": f"default(v, '') ~ '{'y' * 1024}'"},
    "growing list": {"type": "expression", "initial": [], "expr": f"default(v, []) + {[1] * 250}"},
}  # fmt: skip


@pytest.mark.parametrize("workers", [1, 300])
@pytest.mark.parametrize("variable", AROUND.values(), ids=AROUND)
@pytest.mark.parametrize("drawn", [None, {"type": "enum", "values": ["l" * (MAX_CHARACTERS + 1)]}])
def test_path_takes_the_branch_that_records_show(
    variable: dict[str, Any], workers: int, drawn: dict[str, Any] | None
) -> None:
    """Walked one by one and by arrays, what is too large is null as in records; what is drawn again may be large."""
    run = ("-s", "2027-03-12", "--seed", "3", "-q", "-n", "1500", "-m", str(workers))
    made = invoke(*run, spec=deciding(variable, drawn))
    assert (made.status, made.err) == (0, "")
    was_null: dict[int, bool] = {}
    taken: set[bool] = set()
    for each in made.records:
        if each["state"] == "a":
            was_null[each["worker"]] = each["is_null"]
        else:
            assert (each["state"] == "null") is was_null[each["worker"]]
            taken.add(was_null[each["worker"]])
    assert taken == {False, True}
