"""What stands in braces: where a field ends and an expression begins."""

from typing import Any

import pytest

from datagen.columns.column_type import FLOAT, INT, TEXT
from datagen.formats.placeholders import Computed, Known, Named, PatternError, braces
from datagen.language import ExpressionError
from datagen.spec.record_schema import RecordSchema

SCHEMA = RecordSchema({"a": INT, "b": FLOAT, "a b": TEXT}, {"e": {"a": INT, "a b": TEXT}})
NAMES = tuple(SCHEMA.columns)


def content(text: str) -> Any:
    """Return what stands in braces, for the records above."""
    return braces(text, 1).content(NAMES)


@pytest.mark.parametrize(
    ("text", "name", "default", "spec"),
    [
        ("a", "a", "", None),
        ("a b|x:>8", "a b", "x", ">8"),
        ("a|b * 2", "a", "b * 2", None),
        (r"\x61|\x3a", "a", ":", None),
        ("zz", "zz", "", None),
        ("zz|none", "zz", "none", None),
        ("z z", "z z", "", None),
    ],
)
def test_fields(text: str, name: str, default: str, spec: str | None) -> None:
    """Whatever begins with the name of one, and names that none has."""
    found = content(text)
    assert isinstance(found, Named)
    assert (found.name, found.written.default, found.written.spec) == (name, default, spec)


@pytest.mark.parametrize(
    ("text", "expression", "conversion", "spec"),
    [
        ("a * b", "a * b", None, None),
        (" a ", " a ", None, None),
        ("a * b:.2f", "a * b", None, ".2f"),
        ("a if b else 'x:y':>3", "a if b else 'x:y'", None, ">3"),
        (r"'\'' ~ a[1:2]:>3", r"'\'' ~ a[1:2]", None, ">3"),
        ("a ~ b!json", "a ~ b", "json", None),
        ("(a != b)!csv", "(a != b)", "csv", None),
        ("a != b", "a != b", None, None),
        ("zz|round(2)", "zz|round(2)", None, None),
    ],
)
def test_expressions(text: str, expression: str, conversion: str | None, spec: str | None) -> None:
    """Up to the first colon outside quotes and brackets; a conversion may end them."""
    found = content(text)
    assert isinstance(found, Computed)
    assert found.expression.text == expression
    assert (found.written.conversion, found.written.spec) == (conversion, spec)


@pytest.mark.parametrize("text", ["", "|x", "a!xml", "a!json:>3", r"a|\q", "!", "a * b!json:>3"])
def test_neither(text: str) -> None:
    """What cannot be an expression is told as it was before there were any."""
    with pytest.raises(PatternError, match=r"^line 3: "):
        braces(text, 3)


def test_wrong_expression() -> None:
    """Where it is no name either."""
    with pytest.raises(ExpressionError, match="column 4: ends too early"):
        content("a *")


def test_problems_are_of_an_emitter() -> None:
    """The types are those of its fields; what it lacks is null."""
    columns = SCHEMA.emitters["e"]
    assert content("a + 1").problem(columns, Known(SCHEMA)) is None
    assert content("b + 1:.1f").problem(columns, Known(SCHEMA)) is None
    assert content("a + 'x'").problem(columns, Known(SCHEMA)).startswith("{a + 'x'}: column 3: ")
    assert content("a + 1:%Y").problem(columns, Known(SCHEMA)) == (
        '{a + 1}: "%Y" is not a format spec'
    )
