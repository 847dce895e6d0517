"""What is said of the parts of templates that are no columns."""

import pytest
from jinja2 import Environment, nodes

from datagen.templating.obstacles import NotTranslatableError, described, obstacle

TREE = Environment(autoescape=True).parse(
    "\n{% for a in b %}{{ a|title if a is even else -a.c }}{% endfor %}"
)


@pytest.mark.parametrize(
    ("kind", "what"),
    [
        (nodes.For, "a loop"),
        (nodes.Filter, "the filter title"),
        (nodes.Test, "the test even"),
        (nodes.Getattr, "a part of a value"),
        (nodes.Neg, "what Jinja2 calls Neg"),
    ],
)
def test_obstacles(kind: type[nodes.Node], what: str) -> None:
    """In the words of templates where there are some; the error has the line."""
    (node,) = TREE.find_all(kind)
    assert obstacle(node) == what
    assert str(NotTranslatableError(node, what)) == f"line 2: {what}"


def test_functions() -> None:
    """A call is told as what it was in the template."""
    call = nodes.Filter(nodes.Const(1), "sqrt()", [], [], None, None, lineno=2)
    assert obstacle(call) == "the function sqrt"


def test_kinds() -> None:
    """Of columns of values."""
    assert [*map(described, ("int", "float", "text", "instant", "json"))] == [
        "a number", "a number", "a text", "an instant", "a value of an unsuitable type",
    ]  # fmt: skip
