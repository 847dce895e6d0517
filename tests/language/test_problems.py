"""What is told of mistakes."""

from datagen.columns.column_type import JSON, list_type
from datagen.language.problems import ExpressionError, MistakeError, described


def test_mistakes_are_told_in_order_and_once() -> None:
    """By their columns; the first is the sentence of the error."""
    error = ExpressionError([(7, "b"), (3, "a"), (7, "b")])
    assert error.problems == [(3, "a"), (7, "b")]
    assert error.texts == ["column 3: a", "column 7: b"]
    assert str(error) == "column 3: a"


def test_mistake_knows_its_column() -> None:
    """And its sentence."""
    mistake = MistakeError(4, "is wrong")
    assert (mistake.at, mistake.text, str(mistake)) == (4, "is wrong", "is wrong")


def test_types_are_described_in_words() -> None:
    """As in a sentence."""
    assert [described(each) for each in (JSON, list_type(JSON))] == [
        "a value of several types",
        "a list",
    ]
