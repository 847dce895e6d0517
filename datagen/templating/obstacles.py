"""Says what in a template cannot be columns, line by line."""

from collections.abc import Mapping

from jinja2 import nodes


class NotTranslatableError(Exception):
    """A template cannot be a column plan: the line, and what prevents it."""

    def __init__(self, node: nodes.Node, what: str) -> None:
        super().__init__(f"line {node.lineno}: {what}")


def obstacle(node: nodes.Node) -> str:
    """Return what a node is called in a NotTranslatableError."""
    if isinstance(node, nodes.Filter) and node.name.endswith("()"):
        return f"the function {node.name.removesuffix('()')}"
    if isinstance(node, nodes.Filter | nodes.Test):
        return f"the {type(node).__name__.lower()} {node.name}"
    return _OBSTACLES.get(type(node), f"what Jinja2 calls {type(node).__name__}")


_OBSTACLES: Mapping[type[nodes.Node], str] = {
    nodes.For: "a loop",
    nodes.Assign: "a local variable (set)",
    nodes.AssignBlock: "a local variable (set)",
    nodes.With: "a local variable (with)",
    nodes.Macro: "a macro",
    nodes.CallBlock: "a call of a macro",
    nodes.FilterBlock: "a block with a filter",
    nodes.Getattr: "a part of a value",
    nodes.Getitem: "a part of a value",
    nodes.Call: "a call",
    nodes.Slice: "a part of a value",
}


def described(kind: str) -> str:
    """Return what values of a kind of column type are called in a NotTranslatableError."""
    return {"int": "a number", "float": "a number", "text": "a text", "instant": "an instant"}.get(
        kind, "a value of an unsuitable type"
    )
