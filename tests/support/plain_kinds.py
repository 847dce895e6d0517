"""The kind of each part of an expression, over Jinja2's parse tree, before any value is known."""

from functools import singledispatchmethod
from typing import Any

from jinja2 import nodes

from tests.support.plain_functions import RESULTS
from tests.support.plain_values import Kind, meet, member_kind, still, united

KINDS_OF_CONSTANTS = {bool: "bool", int: "int", float: "float", str: "text", type(None): "null"}
COUNTED = {"bool": "int", "mixed": "float"}  # what becomes of these in arithmetic


class PlainKinds:
    """Finds the kinds of parts, given those of names."""

    def __init__(self, kinds: dict[str, Kind]) -> None:
        self.kinds = kinds

    @singledispatchmethod
    def kind(self, node: Any) -> Kind:
        """Return the kind of a part: of those without a rule of their own, arithmetic."""
        left, right = self.kind(node.left), self.kind(node.right)
        if "null" in (left, right):
            return "null"
        if isinstance(node, nodes.Add) and not {left, right} <= {"int", "float", "bool", "mixed"}:
            if "instant" in (left, right):
                return "instant"
            return "text" if "text" in (left, right) else united(still(left), still(right))
        if isinstance(node, nodes.Sub) and left == "instant":
            return "float" if right in ("instant", "mixed") else "instant"
        if isinstance(node, nodes.Add) and left == right == "mixed":
            return "mixed"
        whole = {left, right} <= {"int", "bool"} and not isinstance(node, nodes.Div | nodes.Pow)
        return "int" if whole else "float"

    @kind.register
    def _(self, node: nodes.Const) -> Kind:
        return KINDS_OF_CONSTANTS[type(node.value)]

    @kind.register
    def _(self, node: nodes.Name) -> Kind:
        return "null" if node.name == "null" else self.kinds[node.name]

    @kind.register
    def _(self, node: nodes.List) -> Kind:
        return "list", united(*(still(self.kind(each)) for each in node.items))

    @kind.register
    def _(self, node: nodes.Dict) -> Kind:
        pairs: list[Any] = node.items
        return "object", {pair.key.value: still(self.kind(pair.value)) for pair in pairs}

    @kind.register
    def _(self, node: nodes.Getattr) -> Kind:
        return member_kind(self.kind(node.node), node.attr)

    @kind.register
    def _(self, node: nodes.Getitem) -> Kind:
        kind = self.kind(node.node)
        if kind == "null" or isinstance(node.arg, nodes.Slice):
            return kind
        if isinstance(node.arg, nodes.Const) and isinstance(node.arg.value, str):
            return member_kind(kind, node.arg.value)
        return kind[1] if kind[0] == "list" else kind

    @kind.register
    def _(self, node: nodes.Compare) -> Kind:
        kinds = [self.kind(each) for each in (node.expr, *(each.expr for each in node.ops))]
        ordered = node.ops[0].op not in ("eq", "ne", "in", "notin")
        return "null" if len(kinds) == 2 and ordered and "null" in kinds else "bool"

    @kind.register(nodes.Not)
    @kind.register(nodes.Test)
    def _(self, node: Any) -> Kind:
        return "bool"

    @kind.register
    def _(self, node: nodes.Concat) -> Kind:
        return "text"

    @kind.register(nodes.Neg)
    @kind.register(nodes.Pos)
    def _(self, node: Any) -> Kind:
        return COUNTED.get(self.kind(node.node), self.kind(node.node))

    @kind.register
    def _(self, node: nodes.And) -> Kind:
        left = self.kind(node.left)
        return left if left == "null" else united(left, self.kind(node.right))

    @kind.register
    def _(self, node: nodes.Or) -> Kind:
        return united(self.kind(node.left), self.kind(node.right))

    @kind.register
    def _(self, node: nodes.CondExpr) -> Kind:
        other = self.kind(node.expr2) if node.expr2 else "null"
        return other if self.kind(node.test) == "null" else united(self.kind(node.expr1), other)

    @kind.register(nodes.Call)
    @kind.register(nodes.Filter)
    def _(self, node: Any) -> Kind:
        name, arguments = called(node)
        kinds = [self.kind(each) for each in arguments]
        if name == "default":
            return united(*kinds)
        return "null" if "null" in kinds else RESULTS.get(name) or _kind_of_call(name, kinds)


def _kind_of_call(name: str, kinds: list[Kind]) -> Kind:
    if name in ("abs", "round"):
        return COUNTED.get(kinds[0], kinds[0])
    if name in ("min", "max") and len(kinds) > 1:
        return meet(*(COUNTED.get(each, each) for each in kinds))
    if name == "unique":
        return kinds[0]
    elements = kinds[0][1] if kinds[0][0] == "list" else "mixed"
    if name == "sum":
        return "int" if elements in ("int", "bool", "null") else "float"
    return elements


def called(node: Any) -> tuple[str, list[Any]]:
    """Return the name of a function and its arguments, whether it is written as a call or as a filter."""
    if isinstance(node, nodes.Filter):
        return node.name, [node.node, *node.args]
    return node.node.name, list(node.args)
