"""Checked models: all problems at once, registries by type, and the words of messages."""

from collections.abc import Iterator
from typing import Any, ClassVar, Literal

import pytest
from pydantic import ValidationError
from pydantic_core import PydanticCustomError

from datagen.errors import Path, Problem
from datagen.validation import (
    Family,
    Model,
    Number,
    PositiveProbability,
    Probability,
    at_least_one,
    did_you_mean,
    in_document_order,
    integer,
    messages_of,
    objects_at,
    problems_of,
    quoted,
    value_at,
)


class Interval(Model):
    """A model with a check between keys, and a key that has moved."""

    low: Number
    high: Number
    MOVED_KEYS: ClassVar = {"top": ("high", "is called high here")}

    def validate_keys(self) -> Iterator[tuple[Path, str]]:
        if self.low > self.high:
            yield ("low",), "is above high"


class Chances(Model):
    """Both kinds of probability."""

    any: Probability
    positive: PositiveProbability


def problems(data: Any, model: type[Model] = Interval) -> list[tuple[Path, str]]:
    """Return what is wrong with data for a model."""
    with pytest.raises(ValidationError) as caught:
        model.model_validate(data)
    return messages_of(caught.value)


def test_comments_are_left_out() -> None:
    """Keys that begin with _ or $ say nothing."""
    model = Interval.model_validate({"low": 1, "high": 2, "_note": "x", "$schema": 3})
    assert (model.low, model.high) == (1, 2)


def test_all_problems_come_at_once() -> None:
    """Unknown keys, wrong values and missing ones, by one error."""
    assert problems({"low": "x", "width": 3}) == [
        (("width",), "unknown key; one of high, low"),
        (("low",), 'expected a number, not "x"'),
        (("high",), "missing"),
    ]


@pytest.mark.parametrize(
    ("key", "text"), [("hihg", 'unknown key; did you mean "high"?'), ("top", "is called high here")]
)
def test_a_key_by_another_name_is_not_missing_as_well(key: str, text: str) -> None:
    """Misspelt or moved, it is one problem."""
    assert problems({"low": 1, key: 2}) == [((key,), text)]


def test_keys_are_compared_when_each_is_right() -> None:
    """What is wrong between keys comes with a path below the model."""
    assert problems({"low": 2, "high": 1}) == [(("low",), "is above high")]


def test_an_object_is_expected() -> None:
    """Anything else is named."""
    assert problems([1]) == [((), "expected an object, not a list")]


def test_probabilities_differ_in_zero_only() -> None:
    """One may be 0, the other not."""
    assert Chances.model_validate({"any": 0, "positive": 1}).any == 0
    assert problems({"any": 1.5, "positive": 0}, Chances) == [
        (("any",), "expected a probability from 0 to 1, not 1.5"),
        (("positive",), "expected a probability above 0 and at most 1, not 0"),
    ]


class Shape(Model):
    """The base of a family."""

    type: str


class Circle(Shape):
    """A member of it."""

    type: Literal["circle"] = "circle"


SHAPES: Family[Shape] = Family("shape", "circle")
SHAPES.register(Circle)


@pytest.mark.parametrize(
    ("data", "path", "text"),
    [
        ({"type": "circel"}, ("type",), 'no shape "circel"; did you mean "circle"?'),
        ({}, ("type",), "missing; one of circle"),
        ({"type": 3}, ("type",), "no shape 3; one of circle"),
    ],
)
def test_unknown_types_are_refused(data: Any, path: Path, text: str) -> None:
    """The registry knows what there is."""
    with pytest.raises(ValidationError) as caught:
        SHAPES.parse(data)
    assert messages_of(caught.value) == [(path, text)]


def test_a_type_chooses_its_model() -> None:
    """By the default of the key `type`."""
    assert isinstance(SHAPES.parse({"type": "circle"}), Circle)
    with pytest.raises(PydanticCustomError, match="expected an object such as"):
        SHAPES.parse("circle")


def test_problems_are_sorted_by_the_document() -> None:
    """What is missing comes last; what comes twice, once."""
    raw = {"b": [1, {"c": 2}], "a": 3}
    paths: list[Path] = [("a",), ("z",), ("b", 1, "c"), ("b", 0), ("a",)]
    ordered = in_document_order([Problem(path, "text", "file") for path in paths], raw)
    assert [each.path for each in ordered] == [("b", 0), ("b", 1, "c"), ("a",), ("z",)]


def test_problems_of_an_error_name_the_file() -> None:
    """Each message becomes a problem of that file."""
    with pytest.raises(ValidationError) as caught:
        Interval.model_validate({"low": 1})
    assert problems_of(caught.value, "f.json") == [Problem(("high",), "missing", "f.json")]


def test_raw_json_is_walked_without_errors() -> None:
    """Paths that lead nowhere lead to nothing."""
    raw = {"a": [{"b": 1}, 2, {"b": 3}]}
    assert value_at(raw, "a", 2, "b") == 3
    assert value_at(raw, "a", 7, "b") is value_at(raw, "a", "b") is None
    assert list(objects_at(raw, "a")) == [(("a", 0), {"b": 1}), (("a", 2), {"b": 3})]
    assert list(objects_at(raw, "b")) == []


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "null"), (True, "true"), ({}, "an object"), ([], "a list"), ("a\n", r'"a\n"'),
     (1.5, "1.5"), ("x" * 99, '"' + "x" * 56 + "...")],
)  # fmt: skip
def test_values_are_quoted_as_in_the_file(value: Any, text: str) -> None:
    """Short, printable, and never an error."""
    assert quoted(value) == text


def test_huge_integers_are_quoted_without_their_digits() -> None:
    """Python refuses to write them."""
    assert quoted(1 << 20_000) == "a number of thousands of digits"


def test_the_closest_name_is_meant() -> None:
    """Upper and lower case are alike; what is unlike all names gets the list of them."""
    assert did_you_mean("SERCH", ["search", "cart"]) == '; did you mean "search"?'
    assert did_you_mean("zzz", ["a", "b", "a"]) == "; one of a, b"
    assert did_you_mean("zzz", map(str, range(60))).endswith("46, 47, ...")


@pytest.mark.parametrize("value", [True, 1.5, "1", None])
def test_an_integer_is_no_text_and_no_fraction(value: Any) -> None:
    """Though 3.0 is one, as JSON knows one kind of number only."""
    assert integer(3.0) == 3
    with pytest.raises(PydanticCustomError, match="expected a whole number"):
        integer(value)


def test_an_empty_list_is_refused_by_what_it_lacks() -> None:
    """The message names it."""
    with pytest.raises(PydanticCustomError, match="at least one state"):
        at_least_one("state").func([])  # type: ignore[call-arg]
