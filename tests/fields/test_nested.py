"""Objects and lists: their keys, lengths, elements and counters within."""

from collections import Counter

from tests.support.fields import (
    columns,
    enum,
    firsts,
    lists,
    objects,
    refusal,
    run,
    uniform,
    values,
)
from tests.support.machines import constant


def test_missing_elements_shorten_the_list() -> None:
    """An element that is missing leaves no gap."""
    halves = lists({"type": "counter", "percent_missing": 50}, length=constant(4))
    found = values(halves)
    assert set(map(len, found)) == {0, 1, 2, 3, 4}
    joined = [number for value in found for number in value]
    assert joined == list(range(len(joined)))


def test_counters_in_a_list_count_by_place() -> None:
    """Elements of a list are numbered from left to right, each generator by itself."""
    one, two = columns(
        lists({"type": "counter"}),
        lists({"type": "counter", "name": "a"}, {"type": "counter", "start": 1000}),
        n=100,
    )
    assert one == [[3 * row, 3 * row + 1, 3 * row + 2] for row in range(100)]
    numbers = [number for row in two for number in row]
    low = [number for number in numbers if number < 1000]
    assert low == list(range(len(low)))
    assert [number for number in numbers if number >= 1000] == list(range(1000, 1300 - len(low)))


def test_elements_have_names_of_their_own() -> None:
    """A name that is another, nameless element's place is refused: they would share a sequence."""
    said = refusal(lists({"type": "counter", "name": "1"}, {"type": "counter"}))
    assert (
        '.elements[0].name: the name "1" is reserved for the unnamed element at that position'
        in said
    )
    own = values(lists({"type": "counter"}, {"type": "counter", "name": "1"}, pick=constant(1)), 2)
    assert own == [[0, 1, 2], [3, 4, 5]]


def test_objects_nest() -> None:
    """Objects within objects, their keys in order, null or missing at any depth."""
    inner = objects(
        {"name": "z", "type": "counter"}, {"name": "a", **enum(1), "percent_nulls": 100}
    )
    middle = objects(
        {"name": "gone", **enum(1), "percent_missing": 100}, {"name": "inner", **inner}
    )
    outer = objects(
        {"name": "middle", **middle}, {"name": "id", **enum("x")}, {"name": "e", **objects()}
    )
    outcome = run([{"name": "outer", **outer}], 2)
    assert [line.split('000",', 1)[1] for line in outcome.out.decode().splitlines()] == [
        f'"outer":{{"middle":{{"inner":{{"z":{row},"a":null}}}},"id":"x","e":{{}}}}}}'
        for row in range(2)
    ]


def test_lists_have_the_sampled_length() -> None:
    """The nearest whole number, never below 0."""
    sizes = [0, 1, 2.5, -2, 500]
    found = firsts(*(lists({"type": "uuid"}, length=constant(size)) for size in sizes))
    assert [len(value) for value in found] == [0, 1, 3, 0, 500]
    assert set(map(len, values(lists({"type": "uuid"}, length=uniform(0, 2))))) == {0, 1, 2}


def test_each_place_of_a_list_picks_an_element() -> None:
    """Named or not, elements mix within one list, as often as the selection says."""
    field = lists(enum("a"), {"name": "b", **enum("b")}, enum("c"),
                  pick={"type": "choice", "values": [0, 1, 2], "weights": [1, 2, 1]}, length=constant(10))  # fmt: skip
    found = values(field)
    assert any(len(set(value)) == 3 for value in found)
    counts = Counter(each for value in found for each in value)
    assert abs(counts["b"] - 1000) < 100
    assert abs(counts["a"] - 500) < 80


def test_places_of_a_list_are_drawn_apart() -> None:
    """The same generator gives another value at each place, in nested lists too."""
    nested = lists(lists({"type": "uuid"}, length=constant(4)), length=constant(5))
    found = [each for value in values(nested) for inner in value for each in inner]
    assert len(set(found)) == len(found) == 4000
