"""Changes the tree of a template so that whatever takes time leads through the meter of the sandbox."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from jinja2 import nodes

from datagen.templating.meter import NODE, STEP
from datagen.templating.sandbox import CONCAT, LOOP, READ, SPEND


def with_limits(tree: Any) -> Any:
    """Return a tree as it is compiled: what is repeated is charged, what is read as a whole measured."""

    def change(node: nodes.Node) -> nodes.Node:
        if type(node) in _METERED:
            _METERED[type(node)](node)
        if isinstance(node, nodes.Concat):
            return _filtered(nodes.List(node.nodes, lineno=node.lineno), CONCAT)
        return node

    return map_tree(tree, change)


def _meter_for(node: nodes.For) -> None:
    node.iter = _filtered(node.iter, LOOP)
    node.body = [_charged(node, node.body), *node.body]
    if node.test is not None:
        node.test = nodes.And(_charge(node, [node.test]), node.test, lineno=node.lineno)


def _meter_macro(node: nodes.Macro | nodes.CallBlock) -> None:
    node.body = [_charged(node, [*node.defaults, *node.body]), *node.body]


def _meter_compare(node: nodes.Compare) -> None:
    """Have all sides read, unless one of two is a constant, whose size is the most that it takes."""
    has_constant = any(isinstance(each, nodes.Const) for each in (node.expr, node.ops[0].expr))
    if len(node.ops) == 1 and node.ops[0].op not in ("in", "notin") and has_constant:
        return
    node.expr = _read(node.expr)
    for each in node.ops:
        each.expr = _read(each.expr)


def _meter_key(node: nodes.Getitem | nodes.Pair) -> None:
    """Have a key read: its hash takes all of it."""
    if isinstance(node, nodes.Pair):
        node.key = _read(node.key)
    elif not isinstance(node.arg, nodes.Slice):
        node.arg = _read(node.arg)


_METERED: Mapping[type[nodes.Node], Callable[[Any], None]] = {
    nodes.For: _meter_for,
    nodes.Macro: _meter_macro,
    nodes.CallBlock: _meter_macro,
    nodes.Compare: _meter_compare,
    nodes.Getitem: _meter_key,
    nodes.Pair: _meter_key,
}


def _read(node: nodes.Expr) -> nodes.Expr:
    return node if isinstance(node, nodes.Const) else _filtered(node, READ)


def _filtered(node: Any, name: str) -> nodes.Filter:
    return nodes.Filter(node, name, [], [], None, None, lineno=node.lineno)


def _charged(node: nodes.Node, repeated: Sequence[nodes.Node]) -> nodes.ExprStmt:
    return nodes.ExprStmt(_charge(node, repeated), lineno=node.lineno)


def _charge(node: nodes.Node, repeated: Sequence[nodes.Node]) -> nodes.Filter:
    """Return what charges for passing once through parts of a node; it is true."""
    units = STEP + sum(map(_units, repeated))
    return _filtered(nodes.Const(units, lineno=node.lineno), SPEND)


def _units(node: nodes.Node) -> int:
    own = STEP if isinstance(node, nodes.Call | nodes.Filter | nodes.Test) else NODE
    text = len(node.data) if isinstance(node, nodes.TemplateData) else 0
    return own + text + sum(map(_units, node.iter_child_nodes()))


def map_tree(tree: Any, change: Callable[[nodes.Node], nodes.Node]) -> Any:
    """Return a copy of a tree, each node changed, from the leaves up."""
    if isinstance(tree, list | tuple):
        return type(tree)(map_tree(each, change) for each in tree)
    if not isinstance(tree, nodes.Node):
        return tree
    parts = [map_tree(getattr(tree, name), change) for name in tree.fields]
    attributes = {name: getattr(tree, name) for name in tree.attributes if hasattr(tree, name)}
    changed = change(type(tree)(*parts, **attributes))
    changed.environment = tree.environment
    return changed
