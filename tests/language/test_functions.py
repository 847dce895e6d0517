"""The functions of the language: what the documentation says of each, and what is wrong with calls of them."""

import json
import re
from pathlib import Path

import pytest

from datagen.instants import NAIVE
from datagen.language import FAULT, bounds, maker, parsing, text_functions, translator
from datagen.language.functions import FUNCTIONS
from datagen.language.values import instant_text
from tests.support.expressions import compiled, kind_of, mistakes_of, value_of

PAGE = Path(__file__).parents[2] / "docs" / "expressions.md"
ROW = re.compile(
    r"^\| `(\w+\([^`]*\))` \| .* \| (?:`([^`]+)`)? \| (?:`([^`]+)`)? \|$", re.MULTILINE
)
ROWS = ROW.findall(PAGE.read_text(encoding="utf-8"))


def test_page_has_all_functions_and_no_others() -> None:
    """As each is written in messages."""
    assert [
        usage for usage, _, _ in ROWS if FUNCTIONS[usage.partition("(")[0]].usage != usage
    ] == []
    assert {usage.partition("(")[0] for usage, _, _ in ROWS} == set(FUNCTIONS)


@pytest.mark.parametrize(("example", "result"), [row[1:] for row in ROWS if row[1]])
def test_example_has_the_result_that_the_page_shows(example: str, result: str) -> None:
    """Of each function of docs/expressions.md."""
    text = example.replace("\\|", "|")
    found = value_of(text)
    if kind_of(text) == "instant":
        found = instant_text(found, NAIVE)
    expected = json.loads(result)
    assert (found, type(found)) == (expected, type(expected))


def test_page_tells_the_limits_of_the_code() -> None:
    """Of texts, lists, parts, comparisons and characters."""
    page = PAGE.read_text(encoding="utf-8").replace("\n", " ")
    for sentence in (
        f"a text of more than {bounds.MAX_CHARACTERS:,} characters, a list of more than {bounds.MAX_ELEMENTS:,} elements",
        f"at most {maker._MAX_PARTS:,} parts, {translator._MAX_COMPARISONS} comparisons in a row and {parsing._MAX_CHARACTERS:,} characters",
        f"at most {text_functions._MAX_WIDTH:,} wide",
    ):
        assert sentence in page


def test_calls_and_filters_are_the_same() -> None:
    """The left side of a filter is the first value."""
    assert (
        value_of("name|replace('n', 'm')|upper")
        == value_of("upper(replace(name, 'n', 'm'))")
        == "AMMA"
    )


BAD = {
    "rond(price)": 'column 1: no function "rond"; did you mean "round"?',
    "name|uper": 'column 6: no filter "uper"; did you mean "upper"?',
    "len(name)": 'column 1: no function "len"; use length',
    "concat(name, 'x')": 'column 1: no function "concat"; use "~"',
    "round()": "column 1: round(x, decimals) takes 1 to 2 values, not 0",
    "abs(1, 2)": "column 1: abs(x) takes 1 value, not 2",
    "default(note)": "column 1: default(x, y) takes 2 values, not 1",
    "min()": "column 1: min(x, y, ...) takes 1 value or more, not 0",
    "min(price)": "column 5: min of one value takes a list, not a number",
    "min(price, name)": "column 12: min takes a number, not a text; float(...) reads a text",
    "min(lines)": "column 5: min takes a list of numbers, not one of objects",
    "sum(tags)": "column 5: sum takes a list of numbers, not one of texts",
    "sqrt(name)": "column 6: sqrt takes a number, not a text; float(...) reads a text",
    "sqrt(time)": "column 6: sqrt takes a number, not an instant; epoch(...) is its seconds since 1970",
    "upper(lines)": "column 7: upper takes a text, not a list; string(...) makes it one",
    "length(price)": "column 8: length takes a text, a list or an object, not a number; string(...) makes it a text",
    "round(price, 1.5)": "column 14: round takes a whole number, not a number; int(...) leaves out its decimals",
    "bucket(name, 0)": "column 14: bucket takes 1 or more buckets, not 0",
    "int(time)": "column 5: int takes a number or a text, not an instant; epoch(...) is its seconds since 1970",
    "count(name)": "column 7: count takes a list, not a text",
    "'%d'|format(name)": 'column 13: "%d" takes a number, not a text; float(...) reads a text',
    "'%d'|format()": 'column 6: format: "%d" takes 1 value, not 0',
    "'%x'|format(price)": 'column 13: "%x" takes a whole number, not a number; int(...) leaves out its decimals',
    "'%q'|format(1)": 'column 1: format: "%q" is not known; "%d", "%.2f" and "%s" are',
    "'%*d'|format(1, 2)": 'column 1: format: "%*d" is not known; values stand in their order',
    "'%99999d'|format(1)": "column 1: format: a width of more than 1,000 characters",
    "format(name, 1)": "column 8: format takes a text such as 'P%05d' first, not a computed one",
    "hour(name)": "column 6: hour takes an instant, not a text; instant(...) reads a text",
    "lookup('cities', name, 'lat')": 'column 8: no table "cities"',
    "lookup(name, name, 'lat')": "column 8: lookup takes the name of a table as a text, not a computed one",
}  # fmt: skip


@pytest.mark.parametrize("text", BAD)
def test_wrong_call_is_a_problem(text: str) -> None:
    """With its column, and what to do."""
    assert mistakes_of(text) == [BAD[text]]


def test_types_of_results_follow_those_of_values() -> None:
    """Integers stay integers; where they meet doubles, all are doubles."""
    texts = ["abs(quantity)", "abs(price)", "round(quantity)", "round(price)", "min(quantity, 1)", "min(quantity, price)"]  # fmt: skip
    kinds = [*map(kind_of, texts), *map(kind_of, ("sum([1])", "sum([1.5])", "first(tags)", "default(mix, 1)"))]  # fmt: skip
    assert kinds == ["int", "float", "int", "float", "int", "float", "int", "float", "text", "json"]


def test_mixed_values_count_where_they_fit() -> None:
    """Others have no value."""
    assert value_of("abs(mix)", mix=-5) == 5.0
    assert value_of("abs(mix)", mix="x") is FAULT
    assert value_of("upper(mix)", mix="x") == "X"
    assert value_of("hour(mix)", mix="2027-03-12T10:30:00") == 10
    assert value_of("count(mix)", mix="x") is FAULT


def test_null_gives_null() -> None:
    """Of all functions but default, whatever the other values are."""
    texts = (
        "upper(note)",
        "round(price, none)",
        "max(1, none)",
        "split(note)",
        "format('%s', note)",
    )
    assert [value_of(text) for text in texts] == [None] * 5
    assert value_of("default(note, price)") == 2.5
    assert compiled("default(none, price)").column_type.kind == "float"
