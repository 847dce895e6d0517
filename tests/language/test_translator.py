"""Jinja2's trees become parts with types: names, members, powers, filters of products, mistakes."""

import pytest

from datagen.columns.column_type import FLOAT, INT, JSON, TEXT, list_type
from datagen.language import FAULT, Scope
from tests.support.expressions import compiled, kind_of, mistakes_of, value_of


def test_literals_are_values() -> None:
    """Of lists and objects too; null is none."""
    assert value_of("[1, 2.5, none, null]") == [1.0, 2.5, None, None]
    assert value_of("{'a': quantity, 'b': [true]}") == {"a": 3, "b": [True]}
    assert value_of("(1, 2)") == [1, 2]
    assert value_of("'a' 'b'") == "ab"
    assert compiled("[quantity, price]").column_type == list_type(FLOAT)
    assert compiled("[quantity, name]").column_type.elements == JSON.__class__("json", clash=True)


def test_instants_within_others_are_texts() -> None:
    """In lists and objects, also those that an object of the specification holds."""
    assert value_of("[time]") == ["2027-03-12T10:30:00.000"]
    assert value_of("user") == {
        "id": 7,
        "born": "1970-01-01T00:00:00.000",
        "home": {"city": "Rome"},
    }
    assert kind_of("user.born") == "instant"


def test_operators_without_a_second_branch_give_null() -> None:
    """A choice without else; a null condition is not true."""
    assert value_of("1 if price > 2") == 1
    assert value_of("1 if price > 3") is None
    assert value_of("1 if note else 2") == 2


def test_and_and_or_give_an_operand() -> None:
    """By Python's rules; an instant is always true, and what is not evaluated has no faults."""
    assert value_of("note or name") == "Anna"
    assert value_of("quantity and price") == 2.5
    assert value_of("0 and 1 / (quantity - 3)") == 0.0
    assert value_of("user.born or time") == 0
    assert value_of("user.born and 'x'") == "x"
    assert value_of("not user.born") is False


def test_comparisons_in_a_row_are_all_true() -> None:
    """As in Python."""
    assert value_of("1 < quantity < 5") is True
    assert value_of("1 < quantity < 3 < 1 / 0.5") is False
    assert value_of("1 < quantity < 3", quantity=None) is None


def test_a_filter_on_the_last_factor_of_a_product_is_a_warning() -> None:
    """Of all products, without parentheses only."""
    text = '"|round" is of what stands right before it only, not of the product; write (a * b)|round, or a * (b|round)'
    assert compiled("price * quantity|round(2)").warnings == [f"column 18: {text}"]
    assert compiled("(price * quantity)|round(2)").warnings == []
    assert compiled("price * (quantity|round(2))").warnings == []
    assert len(compiled("price / (quantity + 1)|round").warnings) == 1


@pytest.mark.parametrize(
    "text", ["quantity ** 2 ** 3", "-quantity ** 2", "+quantity ** 2", "(2) ** 3 ** 2"]
)
def test_powers_that_read_two_ways_need_parentheses(text: str) -> None:
    """A chain, and a base with a sign: languages differ."""
    (problem,) = mistakes_of(text)
    assert "needs parentheses: (a ** b) ** c, -(a ** b)" in problem


def test_powers_in_parentheses_are_computed() -> None:
    """As doubles."""
    texts = ["(2 ** 3) ** 2", "2 ** (3 ** 2)", "-(2 ** 2)", "(-2) ** 2", "2 ** -1", "((-2) ** 3)"]
    assert list(map(value_of, texts)) == [64.0, 512.0, -4.0, 4.0, 0.5, -8.0]


BAD = {
    "prise": 'column 1: no value "prise"; did you mean "price"?',
    "field('user-agnt')": 'column 7: no value "user-agnt"; did you mean "user-agent"?',
    "field(name)": 'column 1: field takes one name as a text: field("user-agent")',
    "round": 'column 1: "round" is a function: round(x, decimals)',
    "name.upper()": "column 5: there are no methods; write upper(text)",
    "name.strip()": 'column 5: there are no methods; no function "strip"; use trim',
    "tags[0]()": "column 8: only a name can be called",
    "round(price, decimals=1)": "column 6: values of functions have no names: f(x, y)",
    "round(*tags)": "column 6: values of functions have no names: f(x, y)",
    "{price: 1}": "column 2: the names of an object are constant texts",
    "name is strnig": 'column 6: no test "strnig"; did you mean "string"?',
    "'\\ud800'": "column 1: a lone surrogate is not a character",
    "9223372036854775808": "column 1: a whole number that does not fit in 64 bits",
    "'" + "x" * 20_000 + "'": "column 1: a text of more than 16,384 characters",
    "1 / 0": "column 3: never has a value: division by zero",
    "10 ** 400": "column 4: never has a value: is too large for a double",
    "price" + " < price" * 21: "column 1: more than 20 comparisons in a row",
    "~".join(["name"] * 1001): "column 1: has more than 1,000 parts",
}  # fmt: skip


@pytest.mark.parametrize("text", BAD, ids=range(len(BAD)))
def test_mistake_is_a_problem(text: str) -> None:
    """With its column and the remedy."""
    assert mistakes_of(text) == [BAD[text]]


def test_parts_that_are_made_twice_are_counted() -> None:
    """A comparison in a row has its middle in two; one in the other, they would be without end."""
    nested = "price < " + "(price < " * 20 + "price" + " < price)" * 20 + " < price"
    assert mistakes_of(nested) == ["column 1: has more than 1,000 parts"]


def test_what_follows_from_a_mistake_is_not_told() -> None:
    """The mistakes that are, are all of the others."""
    assert mistakes_of("round(prise, 'a') + nane") == [
        'column 7: no value "prise"; did you mean "price"?', 'column 21: no value "nane"; did you mean "name"?',
    ]  # fmt: skip


def test_slices_take_what_they_are_given() -> None:
    """Literal nulls are open ends; a computed null gives null."""
    assert [value_of(text) for text in ("name[1:]", "name[none:2]", "name[::-1]", "tags[-1:]")] == ["nna", "An", "annA", ["b"]]  # fmt: skip
    assert value_of("name[1:length(note)]") is None
    assert mistakes_of("name[::0]") == ["column 8: the step of a slice is not 0"]
    assert value_of("name[::quantity]", quantity=0) is FAULT


def test_type_of_what_is_always_null_is_nothing() -> None:
    """So that a variable that needs a first value is found."""
    scope = Scope({"x": TEXT.__class__("nothing"), "y": INT})
    texts = ["x + y", "x * 2 + y", "x > 1", "upper(x)", "x.a[0]", "1 if x > 0", "x and y"]
    assert [kind_of(text, scope) for text in texts] == ["nothing"] * 7
    assert [kind_of(text, scope) for text in ("default(x, y)", "x or y", "[x]", "x == 1")] == ["int", "int", "list", "bool"]  # fmt: skip
