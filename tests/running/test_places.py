"""The scanner finds what the parser has read."""

import json

import pytest

from datagen.running.places import line_and_column, place_at, place_of_number, places_of_json

TEXT = (
    '{\n  "a": [1, {"b\\"": "x, }"}, []],\n\t"é": -2.5e3, "a b": {"c": null}, "c": 1, "c": true\n}'
)


@pytest.mark.parametrize(
    ("path", "value", "key"),
    [
        ((), "{\n", "{\n"),
        (("a",), "[1, ", '"a": '),
        (("a", 0), "1, ", "1, "),
        (("a", 1), "{", "{"),
        (("a", 1, 'b"'), '"x, }"', '"b\\""'),
        (("a", 2), "[]", "[]"),
        (("é",), "-2.5e3", '"é"'),
        (("a b", "c"), "null", '"c": null'),
        (("c",), "true", '"c": true'),
        (("a b", "d"), '{"c": null', '{"c": null'),
        (("a", 3), "[1, ", "[1, "),
        (("a", 0, "x", 1), "1, ", "1, "),
        (("nowhere", "x"), "{\n", "{\n"),
    ],
)  # fmt: skip
def test_place_of_a_path(path: tuple[str | int, ...], value: str, key: str) -> None:
    """Of the value, or of its key; where there is none, of what is around it."""
    assert json.loads(TEXT)["c"] is True
    places = places_of_json(TEXT)
    assert TEXT[place_at(places, path) :].startswith(value)
    assert TEXT[place_at(places, path, of_key=True) :].startswith(key)


@pytest.mark.parametrize("text", ["1", '"x"', " [ ] ", "{}", "\n\ttrue"])
def test_place_of_a_value_alone(text: str) -> None:
    """Where it begins."""
    assert places_of_json(text).start == len(text) - len(text.lstrip())


@pytest.mark.parametrize(
    ("text", "place"),
    [("[1, NaN]", 4), ('["NaN", -Infinity]', 8), ("[12, 12345, 1]", 5), ('["123456"]', 0)],
)
def test_place_of_what_is_no_number(text: str, place: int) -> None:
    """Not that of a text."""
    assert place_of_number(text, 4) == place


def test_lines_and_columns_count_from_one() -> None:
    """In characters, not in bytes."""
    text = "é\nab\n\nc"
    assert [line_and_column(text, place) for place in (0, 1, 2, 3, 5, 6)] == [
        (1, 1),
        (1, 2),
        (2, 1),
        (2, 2),
        (3, 1),
        (4, 1),
    ]
