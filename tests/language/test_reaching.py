"""Parts of parts: members, elements, slices, and what has none."""

import pytest

from datagen.language import FAULT
from tests.support.expressions import kind_of, mistakes_of, value_of


def test_members_are_reached_by_name() -> None:
    """By a dot, in brackets, in objects of objects; a computed name too."""
    assert value_of("user.home.city") == value_of("user['home']['city']") == "Rome"
    assert value_of("user.home[name]", name="city") == "Rome"
    assert value_of("user.home[name]", name="street") is None
    assert value_of("field('user-agent')") == "curl"


def test_member_of_a_list_is_the_list_of_members() -> None:
    """Null where an element is."""
    assert value_of("lines.sku") == ["A1", "B2"]
    assert value_of("lines.qty", lines=[None, {"sku": "x"}]) == [None, None]


def test_elements_are_reached_from_both_ends() -> None:
    """Beyond the ends is null."""
    texts = ["tags[0]", "tags[-1]", "tags[3]", "tags[-4]", "name[1]", "name[9]", "lines[1].sku"]
    assert list(map(value_of, texts)) == ["b", "b", None, None, "n", None, "B2"]


def test_parts_of_mixed_values_are_found_where_there_are_some() -> None:
    """Others have no value."""
    assert value_of("mix.a", mix={"a": 1}) == 1
    assert value_of("mix.a", mix=[{"a": 1}, None]) == [1, None]
    assert value_of("mix[0]", mix="xy") == "x"
    assert value_of("mix[1:]", mix="xy") == "y"
    assert [value_of(text) for text in ("mix.a", "mix[0]", "mix[1:]")] == [FAULT] * 3
    assert kind_of("mix.a") == "json"


BAD = {
    "user.nane": 'column 5: the object has no "nane"; one of id, born, home',
    "lines.sky": 'column 6: the object has no "sky"; one of sku, qty',
    "name.a": 'column 5: a text has no part "a"',
    "tags.a": 'column 5: a list has no part "a"',
    "price[0]": "column 6: a number has no elements",
    "price[1:]": "column 6: a number has no slices",
    "tags[price]": "column 6: a place in a list or a text takes a whole number, not a number; int(...) leaves out its decimals",
    "user[1]": "column 6: the name of a part is a text, not a whole number",
}  # fmt: skip


@pytest.mark.parametrize("text", BAD)
def test_what_has_no_such_part_is_a_problem(text: str) -> None:
    """With the nearest name."""
    assert mistakes_of(text) == [BAD[text]]
