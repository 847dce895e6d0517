"""Which emitters a state has, and of which lists they make records."""

from typing import Any

import pytest
from pydantic import ValidationError
from pydantic_core import PydanticCustomError

from datagen.columns.column_type import FLOAT, INT, NOTHING, TEXT, list_type, union
from datagen.errors import SpecError
from datagen.spec.emissions import item_types, no_lists, parse_emitters
from datagen.spec.emitter import Emitter
from datagen.spec.parsing import parse_spec
from tests.support.machines import constant


def test_one_name_or_several() -> None:
    """In order; null is none."""
    assert parse_emitters(None) == ()
    assert parse_emitters("a") == ("a",)
    assert parse_emitters(["b", "a"]) == ("b", "a")


@pytest.mark.parametrize("data", [[], 5, {}, ["a", "a"], ["a", None], [["a"]]])
def test_anything_else_is_refused(data: Any) -> None:
    with pytest.raises((ValidationError, PydanticCustomError)):
        parse_emitters(data)


def each(name: str | None) -> Emitter:
    """Return an emitter for each element of a variable."""
    return Emitter(name="e", for_each=name, dimensions=[])


def test_elements_have_the_type_of_the_list() -> None:
    """And a number; without a list there are no such names."""
    assert item_types(each(None), {}) == {}
    found = item_types(each("l"), {"l": list_type(TEXT)})
    assert found == {"item": TEXT, "item_number": INT}
    assert item_types(each("l"), {"l": NOTHING})["item"] == NOTHING


def test_what_is_no_list_is_named() -> None:
    """By what the variable holds."""
    mixed = union((FLOAT, list_type(INT)))
    for kind, words in ((TEXT, "no list, but texts"), (mixed, "values of several types")):
        [(path, text)] = no_lists({("emitters", 3): each("v")}, {"v": kind})
        assert path == ("emitters", 3, "for_each")
        assert words in text
    assert not list(no_lists({(): each("v")}, {"v": list_type(INT)}))
    assert not list(no_lists({(): each(None)}, {}))


def spec(**changes: Any) -> dict[str, Any]:
    """Return a specification with an order and its lines; some keys of its state or its second emitter differ."""
    state = {
        "name": "s", "emitter": ["order", "line"], "transitions": [{"next": "stop", "probability": 1}],
        "variables": [
            {"name": "lines", "type": "list", "elements": [{"type": "uuid"}],
             "length_distribution": constant(2), "selection_distribution": constant(0)},
            {"name": "text", "type": "uuid"},
        ],
    }  # fmt: skip
    line = {"name": "line", "for_each": "lines", "dimensions": []}
    for key, value in changes.items():
        (line if key in ("for_each", "dimensions") else state)[key] = value
    return {
        "interarrival": constant(1),
        "states": [state],
        "emitters": [{"name": "order", "dimensions": []}, line],
    }


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"emitter": ["order", "lime"]}, 'states[0].emitter[1]: no emitter "lime"; did you mean "line"?'),
        ({"emitter": ["order", "order"]}, 'states[0].emitter[1]: "order" is named already: a visit has one record of each, or one for each element of a list'),
        ({"emitter": []}, "states[0].emitter: expected at least one name; leave the key out for no record"),
        ({"for_each": "line"}, 'emitters[1].for_each: no state sets a variable "line"; did you mean "lines"?'),
        ({"for_each": "text"}, 'emitters[1].for_each: the variable "text" holds no list, but texts; expected a list, such as a field of the type list'),
        ({"for_each": ""}, 'emitters[1].for_each: expected a name, not ""'),
    ],
)  # fmt: skip
def test_problems_name_the_place_and_the_remedy(changes: dict[str, Any], problem: str) -> None:
    """All on load."""
    parse_spec(spec(), "f")
    with pytest.raises(SpecError) as caught:
        parse_spec(spec(**changes), "f")
    assert str(caught.value) == f"f: {problem}"


def test_lists_that_may_be_unset_are_warned_of() -> None:
    """They are variables that the emitter shows."""
    raw = spec()
    first = {"name": "first", "transitions": [{"next": "s", "probability": 0.5}, {"next": "t", "probability": 0.5}]}  # fmt: skip
    raw["states"] = [first, *raw["states"], {**raw["states"][0], "name": "t", "variables": []}]
    _, warnings = parse_spec(raw, "f")
    assert ['the variable "lines"' in str(each) for each in warnings] == [True]
