"""What is wrong with an expression: a sentence for each mistake, at its column in the text."""

from datagen.columns.column_type import ColumnType

FAULT = object()  # what a function gives where there is no value
_WORDS = {
    "int": "a whole number", "float": "a number", "bool": "true or false", "text": "a text",
    "instant": "an instant", "object": "an object", "list": "a list",
    "json": "a value of several types", "nothing": "null",
}  # fmt: skip


class ExpressionError(ValueError):
    """An expression has mistakes: for each the column in the text, from 1, and a sentence."""

    def __init__(self, problems: list[tuple[int, str]]) -> None:
        self.problems = sorted(dict.fromkeys(problems))
        self.texts = [f"column {column}: {text}" for column, text in self.problems]
        super().__init__(self.texts[0])


class MistakeError(Exception):
    """A part of an expression is wrong."""

    def __init__(self, at: int, text: str) -> None:
        self.at, self.text = at, text
        super().__init__(text)


def described(column_type: ColumnType) -> str:
    """Return what values of a type are called."""
    return _WORDS[column_type.kind]
