"""What all field generators share: draws, nesting, what a type says of itself."""

from dataclasses import replace

import numpy as np
import pytest
from pydantic import ValidationError

from datagen.fields import FIELDS, Context, Draw
from datagen.fields.base import parse_named_field
from datagen.randomness import mix, seed_word
from datagen.simulation.counters import CounterState
from datagen.validation import messages_of
from tests.support.machines import Spec, constant


def draw_of(size: int) -> Draw:
    """Return a draw of some visits."""
    rows = np.arange(size)
    return Draw(mix(rows.astype(np.uint64)), rows, rows, ("x",), Context(seed_word(1)))


@pytest.mark.parametrize("percent", [5, 90])
def test_values_do_not_depend_on_how_many_are_shown(percent: float) -> None:
    """Null, missing or neither: what is shown is as it would be without."""
    raw: Spec = {"type": "int", "distribution": {"type": "uniform", "min": 0, "max": 99}}
    draw = draw_of(2000)
    values = FIELDS.parse(raw).column(draw).to_python(None)
    absent = object()
    found = FIELDS.parse({**raw, "percent_nulls": percent}).column(draw).to_python(absent)
    assert {each for each, value in zip(found, values, strict=True) if each != value} == {None}
    found = FIELDS.parse({**raw, "percent_missing": percent}).column(draw).to_python(absent)
    assert {each for each, value in zip(found, values, strict=True) if each != value} == {absent}


@pytest.mark.parametrize("kind", ["null", "missing"])
def test_counters_number_what_is_shown(kind: str) -> None:
    """However few values are not."""
    counters = CounterState()
    draw = replace(draw_of(2000), context=Context(seed_word(1), counters=counters))
    key = "percent_nulls" if kind == "null" else "percent_missing"
    shown = FIELDS.parse({"type": "counter", key: 5}).column(draw).to_python(None)
    numbers = [each for each in shown if each is not None]
    assert numbers == list(range(len(numbers)))
    assert 0 < len(numbers) < 2000


def test_fixed_values_are_one_object() -> None:
    """So that their texts are made once a run."""
    field = FIELDS.parse({"type": "enum", "values": [1, 2], "percent_nulls": 50, "percent_missing": 20,
                          "cardinality_distribution": {"type": "uniform", "min": 0, "max": 1}})  # fmt: skip
    draw = draw_of(500)
    source = field.source(draw.path, draw.context)
    assert source is not None
    assert source is field.source(draw.path, draw.context)
    assert set(field.picks_or_none(draw).tolist()) == {-2, -1, 0, 1}
    assert source.take(field.picks_or_none(draw)).to_python(0) == field.column(draw).to_python(0)


def test_streams_differ_by_path_and_role() -> None:
    """A nested field generator has none of its parent's draws."""
    draw = draw_of(1)
    streams = [draw.stream("a"), draw.stream("b"), draw.child("y").stream("a")]
    assert len({int(each[0]) for each in streams}) == 3


def test_descendants_come_before_what_is_inside_them() -> None:
    """With their paths in the file and the names of their streams."""
    inner: Spec = {"type": "object", "name": "o", "dimensions": [{"type": "uuid", "name": "id"}]}
    outer = FIELDS.parse({"type": "list", "elements": [inner, {"type": "clock"}],
                          "length_distribution": constant(1), "selection_distribution": constant(0)})  # fmt: skip
    assert [(each.path, each.names) for each in outer.descendants()] == [
        (("elements", 0), ("elements", "o")),
        (("elements", 0, "dimensions", 0), ("elements", "o", "dimensions", "id")),
        (("elements", 1), ("elements", "1")),
    ]


def test_types_say_what_their_values_depend_on() -> None:
    """All but a few follow from their draws, and from what their expressions name; one of these counts, one shows a variable."""
    assert {kind for kind, field in FIELDS.items() if not field.pure} == {
        "clock",
        "counter",
        "variable",
        "variable:template",
        "entity",
    }
    assert {kind for kind, field in FIELDS.items() if field.counts is True} == {"counter"}
    assert {kind for kind, field in FIELDS.items() if field.shows_variable} == {"variable"}


def test_a_dimension_needs_a_name() -> None:
    """It is missing along with whatever else is wrong."""
    with pytest.raises(ValidationError) as caught:
        parse_named_field({"type": "counter", "start": "x"})
    assert [path for path, _ in messages_of(caught.value)] == [("name",), ("start",)]


def test_raw_parts_are_those_of_objects() -> None:
    """An enum has the parts of its objects, an object its dimensions, a text none."""
    enum = {"type": "enum", "values": [{"a": 1}, {"a": 2, "b": 3}, 4]}
    assert FIELDS["enum"].raw_parts(enum) == {
        "a": {"type": "enum", "values": [1, 2]},
        "b": {"type": "enum", "values": [3]},
    }
    assert list(FIELDS["object"].raw_parts({"dimensions": [{"name": "id"}, {}]}) or ()) == ["id"]
    assert FIELDS["string"].raw_parts({}) == {}
    assert FIELDS["object"].raw_parts({}) is FIELDS["enum"].raw_parts({"values": 1}) is None
