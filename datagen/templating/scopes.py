"""Turns the tree of a template into the names that it reads where nothing in it can have set them."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from jinja2 import nodes


class _Parts(NamedTuple):
    """The parts of a node in the order in which they are rendered; `inner` has a scope of its own."""

    before: tuple[str, ...] = ()
    inner: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


_PARTS: Mapping[type[nodes.Node], _Parts] = {
    nodes.Assign: _Parts(("node",), (), ("target",)),
    nodes.AssignBlock: _Parts((), ("filter", "body"), ("target",)),
    nodes.CallBlock: _Parts(("call",), ("args", "defaults", "body")),
    nodes.FilterBlock: _Parts((), ("body", "filter")),
    nodes.For: _Parts(("iter",), ("target", "test", "body", "else_")),
    nodes.Macro: _Parts((), ("args", "defaults", "body")),
    nodes.With: _Parts(("values",), ("targets", "body")),
}


def unset_names(tree: nodes.Template) -> Iterator[nodes.Name]:
    """Yield the nodes that read a name that nothing before them sets, in their scope or around it.

    Branches have no scope: what one of them sets may be set after them.
    """
    yield from _unset(tree, set())


def _unset(node: Any, known: set[str]) -> Iterator[nodes.Name]:
    if isinstance(node, list):
        for each in node:
            yield from _unset(each, known)
    elif isinstance(node, nodes.Name):
        if node.ctx == "load" and node.name not in known:
            yield node
        else:
            known.add(node.name)
    elif isinstance(node, nodes.Node):
        known |= {node.name} if isinstance(node, nodes.Macro) else set()
        before, inner, after = _PARTS.get(type(node), _Parts(node.fields))
        within = {*known}
        for names, scope in ((before, known), (inner, within), (after, known)):
            if scope is within:
                within |= known
            for name in names:
                yield from _unset(getattr(node, name), scope)
