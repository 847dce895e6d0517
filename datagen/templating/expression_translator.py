"""Translates the parts of a template that read one field, or none, to expressions."""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar

from jinja2 import nodes

from datagen.columns.column_type import ColumnType
from datagen.columns.strftime import TimePattern
from datagen.expressions import nodes as ex
from datagen.expressions.vectors import EXACT
from datagen.templating.checking import constant_argument
from datagen.templating.rendering import constant_text, constant_truth
from datagen.templating.sandbox import Sandbox
from datagen.validation import quoted

Typed = tuple[ex.Expression, str]  # an expression, and the kind of column type of its values
_NUMBERS = ("int", "float")
_OPERATORS: Mapping[type[nodes.BinExpr], str] = {
    nodes.Add: "+", nodes.Sub: "-", nodes.Mul: "*", nodes.Div: "/", nodes.FloorDiv: "//",
    nodes.Mod: "%",
}  # fmt: skip
_ORDERS = ("lt", "lteq", "gt", "gteq")
_SWAPPED = {"lt": "gt", "lteq": "gteq", "gt": "lt", "gteq": "lteq", "eq": "eq", "ne": "ne"}
_TESTS_OF_VALUES = {"defined": True, "undefined": False, "none": False}  # of what has a value


class NotTranslatableError(Exception):
    """A template cannot be a column plan: the line, and what prevents it."""

    def __init__(self, node: nodes.Node, what: str) -> None:
        super().__init__(f"line {node.lineno}: {what}")


class ExpressionTranslator:
    """Translates over fields of these column types; `fixed` are values that are always the same.

    Whatever is not surely the same as in Jinja2 raises NotTranslatableError.
    """

    def __init__(
        self, columns: Mapping[str, ColumnType], sandbox: Sandbox, fixed: Mapping[str, Any]
    ) -> None:
        self._columns, self._sandbox, self._fixed = columns, sandbox, fixed
        self._fields: dict[nodes.Node, list[str]] = {}

    def fields(self, node: nodes.Node) -> list[str]:
        """Return the fields that a part of a template reads."""
        if node not in self._fields:
            names = [name for each in node.iter_child_nodes() for name in self.fields(each)]
            names += [node.name] if isinstance(node, nodes.Name) else []
            self._fields[node] = [name for name in dict.fromkeys(names) if name in self._columns]
        return self._fields[node]

    # texts

    def text(self, node: nodes.Node) -> ex.Expression:  # noqa: PLR0911 - one line a kind
        """Return the expression of the text of a part of a template."""
        if not self.fields(node):
            return self._constant_text(node)
        match node:
            case nodes.Output() | nodes.Concat():
                return self._concat(node.nodes)
            case nodes.If():
                rest = [without_first_branch(node)] if node.elif_ else node.else_
                then = self._concat(node.body)
                return ex.IfElse(self.truth(node.test), then, self._concat(rest))
            case nodes.CondExpr():
                other = ex.Literal("") if node.expr2 is None else self.text(node.expr2)
                return ex.IfElse(self.truth(node.test), self.text(node.expr1), other)
            case nodes.Or():
                return ex.IfElse(self.truth(node.left), self.text(node.left), self.text(node.right))
            case nodes.And():
                return ex.IfElse(self.truth(node.left), self.text(node.right), self.text(node.left))
            case nodes.Filter(name="default" | "d") if len(node.args) == 2:
                self._check_default(node)
                inner = _input(node)
                return ex.IfElse(self.truth(inner), self.text(inner), self.text(node.args[0]))
            case nodes.Not() | nodes.Compare() | nodes.Test():
                return ex.Concat((self.truth(node),))
        return ex.Concat((self._value(node)[0],))

    def _concat(self, parts: Iterable[nodes.Node]) -> ex.Expression:
        return ex.Concat(tuple(self.text(part) for part in parts))

    def _constant_text(self, node: nodes.Node) -> ex.Expression:
        text = constant_text(node, self._sandbox, self._fixed)
        if text is None:
            raise NotTranslatableError(node, "an error")
        return ex.Literal(text)

    # truths

    def truth(self, node: nodes.Node) -> ex.Expression:
        """Return the expression of whether something is true."""
        if not self.fields(node):
            return self._constant_truth(node)
        match node:
            case nodes.Not():
                return ex.Not(self.truth(node.node))
            case nodes.And() | nodes.Or():
                parts = (self.truth(node.left), self.truth(node.right))
                return ex.AnyAll(parts, every=isinstance(node, nodes.And))
            case nodes.Compare():
                return self._comparison(node)
            case nodes.Test(node=nodes.Name()) if node.name in _TESTS_OF_VALUES:
                return ex.Literal(_TESTS_OF_VALUES[node.name])
        value, kind = self._value(node)
        return ex.Literal(value=True) if kind == "instant" else ex.Truth(value)

    def _constant_truth(self, node: nodes.Node) -> ex.Expression:
        is_true = constant_truth(node, self._sandbox, self._fixed)
        if is_true is None:
            raise NotTranslatableError(node, "an error")
        return ex.Literal(is_true)

    def _comparison(self, node: nodes.Compare) -> ex.Expression:
        if len(node.ops) != 1:
            raise NotTranslatableError(node, "several comparisons in one")
        (operand,) = node.ops
        if operand.op in ("in", "notin"):
            contained = self._containment(node, operand)
            return contained if operand.op == "in" else ex.Not(contained)
        swapped = not self.fields(node.expr)
        left, right = (operand.expr, node.expr) if swapped else (node.expr, operand.expr)
        constant = self._constant(right)
        inner, kind = self._comparable(left)
        if operand.op in _ORDERS and not _is_ordered(kind, constant):
            raise NotTranslatableError(node, f"an order of {_described(kind)}")
        return ex.Compare(_SWAPPED[operand.op] if swapped else operand.op, inner, constant)

    def _containment(self, node: nodes.Compare, operand: nodes.Operand) -> ex.Expression:
        """Translate `x in (...)` and `"..." in x`."""
        if not self.fields(node.expr):
            part, (inner, kind) = self._constant(node.expr), self._value(operand.expr)
            if kind != "text" or not isinstance(part, str):
                raise NotTranslatableError(node, f'"in" {_described(kind)}')
            return ex.Contains(inner, part)
        values = self._constant(operand.expr)
        if not isinstance(values, list) or not values:
            raise NotTranslatableError(node, '"in" without a list of constants')
        inner, _ = self._comparable(node.expr)
        return ex.AnyAll(tuple(ex.Compare("eq", inner, each) for each in values), every=False)

    def _comparable(self, node: nodes.Node) -> Typed:
        value, kind = self._value(node)
        if kind == "instant":
            raise NotTranslatableError(node, "a comparison of an instant")
        return value, kind

    # values

    def _value(self, node: nodes.Node) -> Typed:
        match node:
            case nodes.Name() if node.name in self._columns:
                kind, name = self._columns[node.name].kind, node.name
                return (ex.InstantText(name) if kind == "instant" else ex.FieldRef(name)), kind
            case nodes.Filter() if node.node is not None and node.name in self._FILTERS:
                return self._FILTERS[node.name](self, node)
            case nodes.Call():
                return self._method_call(node)
            case nodes.BinExpr() if type(node) in _OPERATORS:
                return self._arithmetic(node)
            case nodes.Neg():
                value, kind = self._number(node.node)
                return ex.Arithmetic("*", value, -1), kind
        raise NotTranslatableError(node, obstacle(node))

    def _number(self, node: nodes.Node) -> Typed:
        value, kind = self._value(node)
        if kind not in _NUMBERS:
            raise NotTranslatableError(node, f"arithmetic with {_described(kind)}")
        return value, kind

    def _arithmetic(self, node: nodes.BinExpr) -> Typed:
        swapped = not self.fields(node.left)
        field, other = (node.right, node.left) if swapped else (node.left, node.right)
        constant, (value, kind) = self._constant(other), self._number(field)
        if isinstance(constant, bool) or not isinstance(constant, int | float):
            raise NotTranslatableError(node, "arithmetic with a value that is not a number")
        if not abs(constant) < EXACT:
            raise NotTranslatableError(node, "a number that is too large")
        sign = _OPERATORS[type(node)]
        is_int = kind == "int" and isinstance(constant, int) and sign != "/"
        return ex.Arithmetic(sign, value, constant, swapped), "int" if is_int else "float"

    def _method_call(self, node: nodes.Call) -> Typed:
        """Translate the methods of instants."""
        method = node.node
        if not isinstance(method, nodes.Getattr) or not self._is_instant(method.node):
            raise NotTranslatableError(node, obstacle(node))
        name, pattern = self.fields(method.node)[0], constant_argument(node, "strftime")
        if pattern is not None:
            return ex.InstantText(name, TimePattern(pattern)), "text"
        if not (node.args or node.kwargs or node.dyn_args or node.dyn_kwargs):
            if method.attr == "timestamp":
                return ex.EpochSeconds(name), "float"
            if method.attr == "isoformat":
                return ex.InstantText(name), "text"
        raise NotTranslatableError(node, f"the method {quoted(method.attr)}")

    def _is_instant(self, node: nodes.Node) -> bool:
        if not isinstance(node, nodes.Name) or node.name not in self._columns:
            return False
        return self._columns[node.name].kind == "instant"

    def _constant(self, node: nodes.Node) -> Any:
        """Return the value of a part that reads no field. Raises NotTranslatableError for others."""
        if self.fields(node):
            raise NotTranslatableError(node, "two fields in one expression")
        as_json = nodes.Filter(node, "tojson", [], [], None, None, lineno=node.lineno)
        as_json.environment = node.environment
        text = constant_text(as_json, self._sandbox, self._fixed)
        if text is None:
            raise NotTranslatableError(node, obstacle(node))
        return json.loads(text)

    # filters

    def check_arguments(self, node: nodes.Filter, *counts: int) -> None:
        """Raise NotTranslatableError unless a filter has so many plain arguments, none by default."""
        starred = node.kwargs or node.dyn_args or node.dyn_kwargs
        if starred or len(node.args) not in (counts or (0,)):
            raise NotTranslatableError(node, f"the filter {node.name} with these arguments")

    def _check_default(self, node: nodes.Filter) -> None:
        self.check_arguments(node, 1, 2)
        if len(node.args) == 2 and self._constant(node.args[1]) is not True:
            raise NotTranslatableError(node, "the filter default with these arguments")
        self._constant(node.args[0])

    def _default(self, node: nodes.Filter) -> Typed:
        self.check_arguments(node, 1)
        self._check_default(node)
        return self._value(_input(node))  # a value that there is needs no default

    def _int(self, node: nodes.Filter) -> Typed:
        self.check_arguments(node)
        value, kind = self._value(_input(node))
        if kind not in (*_NUMBERS, "text"):
            raise NotTranslatableError(node, f"the filter int of {_described(kind)}")
        return ex.ToInt(value), "int"

    def _float(self, node: nodes.Filter) -> Typed:
        self.check_arguments(node)
        value, kind = self._value(_input(node))
        if kind not in (*_NUMBERS, "text"):
            raise NotTranslatableError(node, f"the filter float of {_described(kind)}")
        return ex.ToFloat(value), "float"

    def _round(self, node: nodes.Filter) -> Typed:
        self.check_arguments(node, 0, 1)
        decimals = self._constant(node.args[0]) if node.args else 0
        if isinstance(decimals, bool) or decimals not in range(16):
            raise NotTranslatableError(node, "the filter round with these arguments")
        value, kind = self._number(_input(node))
        return ex.Round(value, decimals), kind

    def _string(self, node: nodes.Filter) -> Typed:
        self.check_arguments(node)
        return self.text(_input(node)), "text"

    def _change_case(self, node: nodes.Filter) -> Typed:
        self.check_arguments(node)
        return ex.ChangeCase(self.text(_input(node)), upper=node.name == "upper"), "text"

    def _replace(self, node: nodes.Filter) -> Typed:
        self.check_arguments(node, 2)
        old, new = map(self._constant, node.args)
        if not isinstance(old, str) or not isinstance(new, str) or not old:
            raise NotTranslatableError(node, "the filter replace with these arguments")
        return ex.Replace(self.text(_input(node)), old, new), "text"

    def _tojson(self, node: nodes.Filter) -> Typed:
        self.check_arguments(node)
        value, kind = self._value(_input(node))
        return ex.ToJson(value), "text" if kind != "instant" else "json text"

    def _length(self, node: nodes.Filter) -> Typed:
        self.check_arguments(node)
        value, kind = self._value(_input(node))
        if kind != "text":
            raise NotTranslatableError(node, f"the length of {_described(kind)}")
        return ex.Length(value), "int"

    _FILTERS: ClassVar[Mapping[str, Callable[["ExpressionTranslator", nodes.Filter], Typed]]] = {
        "d": _default,
        "default": _default,
        "float": _float,
        "int": _int,
        "length": _length,
        "lower": _change_case,
        "replace": _replace,
        "round": _round,
        "string": _string,
        "tojson": _tojson,
        "upper": _change_case,
    }


def without_first_branch(node: nodes.If) -> nodes.If:
    """Return what follows the first branch of a condition as a condition of its own."""
    first, *others = node.elif_
    rest = nodes.If(first.test, first.body, others, node.else_, lineno=first.lineno)
    rest.environment = node.environment
    return rest


def obstacle(node: nodes.Node, *, several: bool = False) -> str:
    """Return what a node is called in a NotTranslatableError; `several`: it reads several fields."""
    if isinstance(node, nodes.Filter | nodes.Test):
        return f"the {type(node).__name__.lower()} {node.name}"
    if type(node) in _OBSTACLES:
        return _OBSTACLES[type(node)]
    if isinstance(node, nodes.Expr) and several:
        return "two fields in one expression"
    return f"what Jinja2 calls {type(node).__name__}"


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


def _is_ordered(kind: str, constant: Any) -> bool:
    """Return whether Python orders values of a kind and a constant."""
    if kind in _NUMBERS:
        return isinstance(constant, int | float)
    return kind == "text" and isinstance(constant, str)


def _described(kind: str) -> str:
    return {"int": "a number", "float": "a number", "text": "a text", "instant": "an instant"}.get(
        kind, "a value of an unsuitable type"
    )


def _input(node: nodes.Filter) -> nodes.Node:
    return node.node if node.node is not None else node
