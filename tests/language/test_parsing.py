"""Reading expressions: their places, their names, and what is no expression."""

import pytest

from datagen.language.parsing import field_name, names_in, parsed
from datagen.language.problems import ExpressionError


def test_lines_of_nodes_are_numbers_of_tokens() -> None:
    """Also in a text of several lines, with texts that have newlines in them."""
    read = parsed("a +\n  'x\ny' ~ (b)")
    assert [token.text for token in read.tokens] == ["a", "+", "'x\ny'", "~", "(", "b", ")"]
    assert [read.column(number) for number in range(1, 8)] == [1, 3, 7, 13, 15, 16, 17]
    text = read.tree.right.nodes[0]  # type: ignore[attr-defined]
    assert (text.value, read.column(text.lineno)) == ("x\ny", 7)


def test_escapes_in_texts_stay_what_they_are() -> None:
    """A backslash at the end of a line joins it with the next, as in Python."""
    assert parsed("'a\\\nb\\\\\nc\\n'").tree.value == "ab\\\nc\n"  # type: ignore[attr-defined]


def test_operator_follows_its_left_side() -> None:
    """Whatever closes in between."""
    read = parsed("f(a, b * c)[1] * d")
    assert read.operator_after(read.tree.left, "*") == 12  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("text", "enclosed"),
    [("a * b|c", False), ("a * (b|c)", True), ("a * (b)|c", False), ("a * (b + 1)|c", False),
     ("a * ((b + 1)|c)", True), ("a * f(b)|c", False), ("(a * b|c)", False), ("a * (f(b)|c)", True)],
)  # fmt: skip
def test_parentheses_around_a_part_are_seen(text: str, enclosed: bool) -> None:
    """Those of a call, or around a part of it, are none."""
    read = parsed(text)
    factor = read.tree.right  # type: ignore[attr-defined]
    assert read.is_enclosed(factor, factor.lineno) is enclosed


def test_names_are_in_order_of_appearance() -> None:
    """A name before a parenthesis is none, a filter neither; `field` reads any."""
    assert names_in(parsed("c + f(a)|g(b) + field('x y') + a.d + null").tree) == (
        "c",
        "a",
        "b",
        "x y",
    )
    assert names_in(parsed("a").tree) == ("a",)


@pytest.mark.parametrize("text", ["field(a)", "field('a', 'b')", "field()", "other('a')", "a"])
def test_only_a_constant_names_a_field(text: str) -> None:
    """Anything else is not known before the run."""
    assert field_name(parsed(text).tree) is None


BAD = {
    "": "column 1: is empty",
    " \n ": "column 1: is empty",
    "a" * 100_001: "column 1: is longer than 100,000 characters",
    "(1": "column 3: ends too early",
    "1 +": "column 4: ends too early",
    "a b": 'column 3: unexpected "b"',
    "a, b": 'column 2: unexpected ","',
    "a ? 1 : 2": 'column 3: unexpected "?"; write "x if condition else y"',
    "a && b": 'column 3: unexpected "&"; write "and"',
    "!a": 'column 1: unexpected "!"; write "not"',
    "a || b": 'column 4: unexpected "|"; "or" joins conditions, and the name of a function follows "|"',
    "a = 5": 'column 3: unexpected "="; "==" compares',
    "$a": 'column 1: unexpected "$"; names have no sign before them',
    "'abc": "column 1: the text that begins here has no end",
    "a)": 'column 2: unexpected ")"',
    "{{ a }}": 'column 1: unexpected "{{"; what stands here is already an expression, without {{ and }}',
    "a }}": 'column 3: unexpected "}}"; what stands here is already an expression, without {{ and }}',
    "a }} x {{ b": 'column 3: unexpected "}}"; what stands here is already an expression, without {{ and }}',
    "a..b": "column 3: expected name or number",
    "{% if a %}": "column 2: unexpected '%'",
    "(" * 300 + "a" + ")" * 300: "column 1: is nested too deeply",
    "a" + "[0]" * 200: "column 1: is nested too deeply",
    "1" * 5000: "column 1: a number is too large",
    "a + 1e999": "column 5: a number is too large",
}  # fmt: skip


@pytest.mark.parametrize("text", BAD, ids=range(len(BAD)))
def test_what_is_no_expression_is_told_with_its_column(text: str) -> None:
    """And what to write in its place, where that is clear."""
    with pytest.raises(ExpressionError) as caught:
        parsed(text)
    assert caught.value.texts == [BAD[text]]
