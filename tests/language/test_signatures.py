"""Parameters make arguments fit; definitions count them."""

import pytest

from datagen.columns.column_type import (
    BOOL,
    FLOAT,
    INSTANT,
    INT,
    JSON,
    NOTHING,
    TEXT,
    ColumnType,
    list_type,
)
from datagen.language import Scope, signatures
from datagen.language.maker import Maker
from datagen.language.number_functions import NUMBER_FUNCTIONS
from datagen.language.problems import MistakeError
from datagen.language.tree import Call, NameRef, Node

X = NameRef(INT, 1, "x")


def fit(parameter: signatures.Parameter, column_type: ColumnType) -> Node:
    """Return a name of a type as a parameter takes it."""
    return parameter.fit(Maker(Scope({})), NameRef(column_type, 3, "x"), "f")


@pytest.mark.parametrize(
    ("parameter", "given", "expected"),
    [(signatures.NUMBER, INT, INT), (signatures.NUMBER, BOOL, INT), (signatures.NUMBER, JSON, FLOAT), (signatures.DOUBLE, INT, FLOAT),
     (signatures.WHOLE, JSON, INT), (signatures.PLAIN_TEXT, JSON, TEXT), (signatures.WRITTEN, FLOAT, TEXT), (signatures.WRITTEN, INSTANT, TEXT),
     (signatures.LIST, JSON, list_type(JSON)), (signatures.MOMENT, JSON, INSTANT), (signatures.MOMENT, NOTHING, NOTHING), (signatures.READABLE, JSON, JSON)],
)  # fmt: skip
def test_argument_is_made_fit(
    parameter: signatures.Parameter, given: ColumnType, expected: ColumnType
) -> None:
    """What fits stays; null fits everywhere."""
    found = fit(parameter, given)
    assert found.column_type == expected
    assert isinstance(found, Call) is (given.kind == "json" or given != expected)


def test_argument_that_cannot_fit_is_a_mistake() -> None:
    """At its column, with the name of the function and the remedy."""
    with pytest.raises(MistakeError) as caught:
        fit(signatures.NUMBER, TEXT)
    assert (caught.value.at, caught.value.text) == (
        3,
        "f takes a number, not a text; float(...) reads a text",
    )


def test_arguments_are_counted() -> None:
    """As many as the definition says, the last ones may be left out."""
    definition = signatures.regular(
        "round(x, decimals)",
        NUMBER_FUNCTIONS["round"],
        signatures.same,
        signatures.NUMBER,
        signatures.WHOLE,
        optional=1,
    )
    assert (definition.name, definition.fewest, definition.most) == ("round", 1, 2)
    assert definition.part(Maker(Scope({})), [X], 1).column_type == INT
    with pytest.raises(MistakeError, match=r"round\(x, decimals\) takes 1 to 2 values, not 3"):
        definition.part(Maker(Scope({})), [X, X, X], 1)
