"""Turns what a template makes of one field into an expression."""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from jinja2 import nodes

from datagen.columns.column_type import ColumnType
from datagen.columns.strftime import TimePattern
from datagen.expressions import arrays as ex
from datagen.templating.checking import constant_call
from datagen.templating.rendering import folded
from datagen.templating.sandbox import Sandbox
from datagen.validation import quoted

_NUMBERS = ("int", "float")
_MOST = 1 << 53
_SIGNS: Mapping[type[nodes.BinExpr], str] = {
    nodes.Add: "+", nodes.Sub: "-", nodes.Mul: "*", nodes.Div: "/", nodes.FloorDiv: "//",
    nodes.Mod: "%",
}  # fmt: skip
_ORDERS = ("lt", "lteq", "gt", "gteq")
_TURNED = {"lt": "gt", "lteq": "gteq", "gt": "lt", "gteq": "lteq", "eq": "eq", "ne": "ne"}


class NoColumnsError(Exception):
    """A template cannot be a plan of columns: where, and what stands in the way."""

    def __init__(self, node: nodes.Node, what: str) -> None:
        super().__init__(f"line {node.lineno}: {what}")


class OneField:
    """Translates parts of a template that read one field, of one of these column types, or none."""

    def __init__(
        self, columns: Mapping[str, ColumnType], sandbox: Sandbox, fixed: Mapping[str, Any]
    ) -> None:
        self._columns, self._sandbox, self._fixed = columns, sandbox, fixed
        self._names: dict[nodes.Node, list[str]] = {}  # of the parts that were asked for

    def names(self, node: nodes.Node) -> list[str]:
        """Return the fields that a part of a template reads."""
        if node not in self._names:
            found = [name for each in node.iter_child_nodes() for name in self.names(each)]
            found += [node.name] if isinstance(node, nodes.Name) else []
            known = [name for name in dict.fromkeys(found) if name in self._columns]
            self._names[node] = known
        return self._names[node]

    def folded(self, node: nodes.Node) -> str | None:
        """Return the text of a part that reads none; None where it raises an error."""
        return folded(body_of(node), self._sandbox, self._fixed)

    def asked(self, node: nodes.Node) -> bool | None:
        """Return whether a part that reads none holds; None where it raises an error."""
        return truth_of(folded(question(node), self._sandbox, self._fixed))

    # texts and truths of one field

    def text(self, node: nodes.Node) -> ex.Expression:  # noqa: PLR0911 - one line a kind
        """Translate what becomes text."""
        if not self.names(node):
            return self._folded(node)
        match node:
            case nodes.Output():
                return self._sentence(node.nodes)
            case nodes.If():
                rest = [without_first(node)] if node.elif_ else node.else_
                then = self._sentence(node.body)
                return ex.IfElse(self.truth(node.test), then, self._sentence(rest))
            case nodes.CondExpr():
                other = ex.Literal("") if node.expr2 is None else self.text(node.expr2)
                return ex.IfElse(self.truth(node.test), self.text(node.expr1), other)
            case nodes.Or():
                return ex.IfElse(self.truth(node.left), self.text(node.left), self.text(node.right))
            case nodes.And():
                return ex.IfElse(self.truth(node.left), self.text(node.right), self.text(node.left))
            case nodes.Concat():
                return self._sentence(node.nodes)
            case nodes.Filter(name="default" | "d") if len(node.args) == 2:
                self._default(node)
                inner = node.node or node
                return ex.IfElse(self.truth(inner), self.text(inner), self.text(node.args[0]))
            case nodes.Not() | nodes.Compare() | nodes.Test():
                return ex.Concat((self.truth(node),))
        return ex.Concat((self._value(node)[0],))

    def _sentence(self, parts: Iterable[nodes.Node]) -> ex.Expression:
        return ex.Concat(tuple(self.text(part) for part in parts))

    def _folded(self, node: nodes.Node) -> ex.Expression:
        text = self.folded(node)
        if text is None:
            raise NoColumnsError(node, "an error")
        return ex.Literal(text)

    def truth(self, node: nodes.Node) -> ex.Expression:
        """Translate what is asked."""
        if not self.names(node):
            found = self.asked(node)
            if found is None:
                raise NoColumnsError(node, "an error")
            return ex.Literal(found)
        match node:
            case nodes.Not():
                return ex.Not(self.truth(node.node))
            case nodes.And() | nodes.Or():
                parts = (self.truth(node.left), self.truth(node.right))
                return ex.AnyAll(parts, every=isinstance(node, nodes.And))
            case nodes.Compare():
                return self._compared(node)
            case nodes.Test(node=nodes.Name()) if node.name in _FULL:
                return ex.Literal(_FULL[node.name])
        value, kind = self._value(node)
        return ex.Literal(value=True) if kind == "instant" else ex.Truth(value)

    def _compared(self, node: nodes.Compare) -> ex.Expression:
        if len(node.ops) != 1:
            raise NoColumnsError(node, "several comparisons in one")
        (operand,) = node.ops
        if operand.op in ("in", "notin"):
            found = self._held(node, operand)
            return found if operand.op == "in" else ex.Not(found)
        turned = not self.names(node.expr)
        left, right = (operand.expr, node.expr) if turned else (node.expr, operand.expr)
        constant = self._value_of(right)
        inner, kind = self._compared_kind(left)
        if operand.op in _ORDERS and not (
            (kind in _NUMBERS and isinstance(constant, int | float))
            or (kind == "text" and isinstance(constant, str))
        ):
            raise NoColumnsError(node, f"an order of {_of_kind(kind)}")
        return ex.Compare(_TURNED[operand.op] if turned else operand.op, inner, constant)

    def _held(self, node: nodes.Compare, operand: nodes.Operand) -> ex.Expression:
        """Translate `x in (...)` and `"..." in x`."""
        if not self.names(node.expr):
            part, (inner, kind) = self._value_of(node.expr), self._value(operand.expr)
            if kind != "text" or not isinstance(part, str):
                raise NoColumnsError(node, f'"in" {_of_kind(kind)}')
            return ex.Contains(inner, part)
        values = self._value_of(operand.expr)
        if not isinstance(values, list) or not values:
            raise NoColumnsError(node, '"in" what is no list of constants')
        inner, _ = self._compared_kind(node.expr)
        return ex.AnyAll(tuple(ex.Compare("eq", inner, each) for each in values), every=False)

    def _compared_kind(self, node: nodes.Node) -> tuple[ex.Expression, str]:
        value, kind = self._value(node)
        if kind == "instant":
            raise NoColumnsError(node, "a comparison of an instant")
        return value, kind

    # values of one field

    def _value(self, node: nodes.Node) -> tuple[ex.Expression, str]:
        """Translate what is computed with; give its kind besides."""
        match node:
            case nodes.Name() if node.name in self._columns:
                kind = self._columns[node.name].kind
                return (ex.DefaultText() if kind == "instant" else ex.FieldRef()), kind
            case nodes.Filter() if node.node is not None and node.name in _FILTERS:
                return _FILTERS[node.name](self, node)
            case nodes.Call():
                return self._called(node)
            case nodes.BinExpr() if type(node) in _SIGNS:
                return self._calculated(node)
            case nodes.Neg():
                value, kind = self._number(node.node)
                return ex.Arithmetic("*", value, -1), kind
        raise NoColumnsError(node, named(node))

    def _number(self, node: nodes.Node) -> tuple[ex.Expression, str]:
        value, kind = self._value(node)
        if kind not in _NUMBERS:
            raise NoColumnsError(node, f"arithmetic with {_of_kind(kind)}")
        return value, kind

    def _calculated(self, node: nodes.BinExpr) -> tuple[ex.Expression, str]:
        swapped = not self.names(node.left)
        field, other = (node.right, node.left) if swapped else (node.left, node.right)
        constant, (value, kind) = self._value_of(other), self._number(field)
        if isinstance(constant, bool) or not isinstance(constant, int | float):
            raise NoColumnsError(node, "arithmetic with what is no number")
        if not abs(constant) < _MOST:
            raise NoColumnsError(node, "a number that is too large")
        sign = _SIGNS[type(node)]
        whole = kind == "int" and isinstance(constant, int) and sign != "/"
        return ex.Arithmetic(sign, value, constant, swapped), "int" if whole else "float"

    def _called(self, node: nodes.Call) -> tuple[ex.Expression, str]:
        """Translate the methods of instants."""
        pattern, target = constant_call(node, "strftime"), node.node
        if not isinstance(target, nodes.Getattr) or not self._is_instant(target.node):
            raise NoColumnsError(node, named(node))
        if pattern is not None:
            return ex.DefaultText(TimePattern(pattern)), "text"
        if target.attr in _METHODS and not (
            node.args or node.kwargs or node.dyn_args or node.dyn_kwargs
        ):
            return _METHODS[target.attr]
        raise NoColumnsError(node, f"the method {quoted(target.attr)}")

    def _is_instant(self, node: nodes.Node) -> bool:
        if not isinstance(node, nodes.Name) or node.name not in self._columns:
            return False
        return self._columns[node.name].kind == "instant"

    def _value_of(self, node: nodes.Node) -> Any:
        """Return the value of what is constant. Raises NoColumnsError for all else."""
        if self.names(node):
            raise NoColumnsError(node, "two fields in one expression")
        asked = nodes.Filter(node, "tojson", [], [], None, None, lineno=node.lineno)
        asked.environment = node.environment
        text = self.folded(asked)
        if text is None:
            raise NoColumnsError(node, named(node))
        return json.loads(text)

    # filters

    def _default(self, node: nodes.Filter) -> None:
        """Check the arguments of `default`."""
        self.plain(node, 1, 2)
        if len(node.args) == 2 and self._value_of(node.args[1]) is not True:
            raise NoColumnsError(node, "the filter default with these arguments")
        self._value_of(node.args[0])

    def plain(self, node: nodes.Filter, *counts: int) -> None:
        if (
            node.kwargs
            or node.dyn_args
            or node.dyn_kwargs
            or len(node.args) not in (counts or (0,))
        ):
            raise NoColumnsError(node, f"the filter {node.name} with these arguments")

    def _defaulted(self, node: nodes.Filter) -> tuple[ex.Expression, str]:
        self.plain(node, 1)
        self._default(node)
        return self._value(_inner(node))

    def _whole(self, node: nodes.Filter) -> tuple[ex.Expression, str]:
        self.plain(node)
        value, kind = self._value(_inner(node))
        if kind not in (*_NUMBERS, "text"):
            raise NoColumnsError(node, f"the filter int of {_of_kind(kind)}")
        return ex.ToInt(value), "int"

    def _float(self, node: nodes.Filter) -> tuple[ex.Expression, str]:
        self.plain(node)
        value, kind = self._value(_inner(node))
        if kind not in (*_NUMBERS, "text"):
            raise NoColumnsError(node, f"the filter float of {_of_kind(kind)}")
        return ex.ToFloat(value), "float"

    def _rounded(self, node: nodes.Filter) -> tuple[ex.Expression, str]:
        self.plain(node, 0, 1)
        decimals = self._value_of(node.args[0]) if node.args else 0
        if isinstance(decimals, bool) or decimals not in range(16):
            raise NoColumnsError(node, "the filter round with these arguments")
        value, kind = self._number(_inner(node))
        return ex.Round(value, decimals), kind

    def _string(self, node: nodes.Filter) -> tuple[ex.Expression, str]:
        self.plain(node)
        return self.text(_inner(node)), "text"

    def _cased(self, node: nodes.Filter) -> tuple[ex.Expression, str]:
        self.plain(node)
        return ex.ChangeCase(self.text(_inner(node)), upper=node.name == "upper"), "text"

    def _replaced(self, node: nodes.Filter) -> tuple[ex.Expression, str]:
        self.plain(node, 2)
        old, new = map(self._value_of, node.args)
        if not isinstance(old, str) or not isinstance(new, str) or not old:
            raise NoColumnsError(node, "the filter replace with these arguments")
        return ex.Replace(self.text(_inner(node)), old, new), "text"

    def _jsoned(self, node: nodes.Filter) -> tuple[ex.Expression, str]:
        self.plain(node)
        value, kind = self._value(_inner(node))
        return ex.ToJson(value), "text" if kind != "instant" else "json text"

    def _measured(self, node: nodes.Filter) -> tuple[ex.Expression, str]:
        self.plain(node)
        value, kind = self._value(_inner(node))
        if kind != "text":
            raise NoColumnsError(node, f"the length of {_of_kind(kind)}")
        return ex.Length(value), "int"


_FULL = {"defined": True, "undefined": False, "none": False}  # of a field that has a value
_METHODS: Mapping[str, tuple[ex.Expression, str]] = {
    "timestamp": (ex.Seconds(), "float"),
    "isoformat": (ex.DefaultText(), "text"),
}
_FILTERS: Mapping[str, Callable[[OneField, nodes.Filter], tuple[ex.Expression, str]]] = {
    "d": OneField._defaulted,  # noqa: SLF001 - the table of the class above
    "default": OneField._defaulted,  # noqa: SLF001
    "float": OneField._float,  # noqa: SLF001
    "int": OneField._whole,  # noqa: SLF001
    "length": OneField._measured,  # noqa: SLF001
    "lower": OneField._cased,  # noqa: SLF001
    "replace": OneField._replaced,  # noqa: SLF001
    "round": OneField._rounded,  # noqa: SLF001
    "string": OneField._string,  # noqa: SLF001
    "tojson": OneField._jsoned,  # noqa: SLF001
    "upper": OneField._cased,  # noqa: SLF001
}
_NAMES: Mapping[type[nodes.Node], str] = {
    nodes.For: "a loop",
    nodes.Assign: "a variable of its own (set)",
    nodes.AssignBlock: "a variable of its own (set)",
    nodes.With: "a variable of its own (with)",
    nodes.Macro: "a macro",
    nodes.CallBlock: "a call of a macro",
    nodes.FilterBlock: "a block with a filter",
    nodes.Getattr: "a part of a value",
    nodes.Getitem: "a part of a value",
    nodes.Call: "a call",
    nodes.Slice: "a part of a value",
}


def named(node: nodes.Node, *, several: bool = False) -> str:
    """Say what stands in the way."""
    if isinstance(node, nodes.Filter | nodes.Test):
        return f"the {type(node).__name__.lower()} {node.name}"
    if type(node) in _NAMES:
        return _NAMES[type(node)]
    if isinstance(node, nodes.Expr) and several:
        return "two fields in one expression"
    return f"what Jinja2 calls {type(node).__name__}"


def _of_kind(kind: str) -> str:
    return {"int": "a number", "float": "a number", "text": "a text", "instant": "an instant"}.get(
        kind, "what has no such type"
    )


def _inner(node: nodes.Filter) -> nodes.Node:
    return node.node if node.node is not None else node


def body_of(node: nodes.Node) -> list[nodes.Node]:
    """Return a node as a template of its own."""
    if isinstance(node, nodes.Expr):
        return [nodes.Output([node], lineno=node.lineno)]
    return [node]


def question(node: nodes.Node) -> list[nodes.Node]:
    """Return a template that has a text where an expression holds."""
    text = nodes.Output([nodes.TemplateData("1", lineno=1)], lineno=1)
    return [nodes.If(node, [text], [], [], lineno=node.lineno)]


def without_first(node: nodes.If) -> nodes.If:
    """Return what follows the first branch of a condition as a condition of its own."""
    first, *others = node.elif_
    made = nodes.If(first.test, first.body, others, node.else_, lineno=first.lineno)
    made.environment = node.environment
    return made


def truth_of(text: str | None) -> bool | None:
    return None if text is None else bool(text)
