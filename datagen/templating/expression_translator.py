"""Translates the parts of a template to expressions, where these surely give what Jinja2 does."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from jinja2 import nodes

from datagen.columns.column_type import ColumnType
from datagen.columns.strftime import TimePattern
from datagen.expressions import arithmetic
from datagen.expressions import nodes as ex
from datagen.expressions.vectors import EXACT
from datagen.templating.checking import constant_argument
from datagen.templating.filter_translator import NUMBERS, Typed, check_default, filtered, input_of
from datagen.templating.obstacles import NotTranslatableError, described, obstacle
from datagen.templating.rendering import constant_text, constant_truth
from datagen.templating.sandbox import Sandbox
from datagen.validation import quoted

_MAX_STEPS, _STEPS_OF_A_PART = 1_000, 4
_OPERATORS: Mapping[type[nodes.BinExpr], str] = {
    nodes.Add: "+", nodes.Sub: "-", nodes.Mul: "*", nodes.Div: "/", nodes.FloorDiv: "//",
    nodes.Mod: "%",
}  # fmt: skip
_KINDS: Mapping[type, str] = {bool: "bool", int: "int", float: "float", str: "text"}
_ORDERED = frozenset((*NUMBERS, "bool"))
_ORDERS = frozenset(("lt", "lteq", "gt", "gteq"))
_TESTS_OF_VALUES = {"defined": True, "undefined": False, "none": False}  # of what has a value


class ExpressionTranslator:
    """Translates over fields of these column types; `fixed` are values that are always the same.

    Whatever is not surely the same as in Jinja2 raises NotTranslatableError.
    """

    def __init__(
        self, columns: Mapping[str, ColumnType], sandbox: Sandbox, fixed: Mapping[str, Any]
    ) -> None:
        self._columns, self.sandbox, self._fixed = columns, sandbox, fixed
        self._steps = 0
        self._fields: dict[nodes.Node, list[str]] = {}

    def fields(self, node: nodes.Node) -> list[str]:
        """Return the fields that a part of a template reads."""
        if node not in self._fields:
            names = [name for each in node.iter_child_nodes() for name in self.fields(each)]
            names += [node.name] if isinstance(node, nodes.Name) else []
            self._fields[node] = [name for name in dict.fromkeys(names) if name in self._columns]
        return self._fields[node]

    def _count(self, node: nodes.Node) -> None:
        """Count a step: what is asked for its truth and its text is translated twice, and all in it again."""
        self._steps += 1
        if self._steps > _MAX_STEPS + _STEPS_OF_A_PART * len(self._fields):
            raise NotTranslatableError(node, "too many choices in each other")

    # texts

    def text(self, node: nodes.Node) -> ex.Expression:  # noqa: PLR0911 - one line a kind
        """Return the expression of the text of a part of a template."""
        self._count(node)
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
                check_default(self, node)
                inner = input_of(node)
                return ex.IfElse(self.truth(inner), self.text(inner), self.text(node.args[0]))
            case nodes.Not() | nodes.Compare() | nodes.Test():
                return ex.Concat((self.truth(node),))
        return ex.Concat((self.value(node)[0],))

    def _concat(self, parts: Iterable[nodes.Node]) -> ex.Expression:
        return ex.Concat(tuple(self.text(part) for part in parts))

    def _constant_text(self, node: nodes.Node) -> ex.Expression:
        text = constant_text(node, self.sandbox, self._fixed)
        if text is None:
            raise NotTranslatableError(node, "an error")
        return ex.Literal(text)

    # truths

    def truth(self, node: nodes.Node) -> ex.Expression:
        """Return the expression of whether something is true."""
        self._count(node)
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
        value, kind = self.value(node)
        return ex.Literal(value=True) if kind == "instant" else ex.Truth(value)

    def _constant_truth(self, node: nodes.Node) -> ex.Expression:
        is_true = constant_truth(node, self.sandbox, self._fixed)
        if is_true is None:
            raise NotTranslatableError(node, "an error")
        return ex.Literal(is_true)

    def _comparison(self, node: nodes.Compare) -> ex.Expression:
        if len(node.ops) == 1 and node.ops[0].op in ("in", "notin"):
            contained = self._containment(node.expr, node.ops[0].expr)
            return contained if node.ops[0].op == "in" else ex.Not(contained)
        sides = [node.expr, *(each.expr for each in node.ops)]
        return self._in_order(tuple(each.op for each in node.ops), sides)

    def _in_order(self, operators: tuple[str, ...], sides: Sequence[nodes.Expr]) -> ex.Expression:
        if not set(operators) <= _ORDERS | {"eq", "ne"}:
            raise NotTranslatableError(sides[0], "several comparisons in one")
        parts, kinds = zip(*map(self._operand, sides), strict=True)
        if "instant" in kinds:
            return ex.Compare(operators, tuple(map(self._micros, sides)))
        for operator, kind, other in zip(operators, kinds, kinds[1:], strict=False):
            if operator in _ORDERS and not ({kind, other} <= _ORDERED or kind == other == "text"):
                unsuitable = kind if kind not in _ORDERED else other
                raise NotTranslatableError(sides[0], f"an order of {described(unsuitable)}")
        return ex.Compare(operators, parts)

    def _containment(self, left: nodes.Expr, right: nodes.Expr) -> ex.Expression:
        """Translate `x in (...)` and `"..." in x`."""
        if not self.fields(left):
            part, (inner, kind) = self.constant(left), self.value(right)
            if kind != "text" or not isinstance(part, str):
                raise NotTranslatableError(right, f'"in" {described(kind)}')
            return ex.Contains(inner, part)
        values = self._items(right)
        inner, kind = self.value(left)
        if "instant" in (kind, *(each for _, each in values)):
            raise NotTranslatableError(left, "a comparison of an instant")
        return ex.IsOneOf(inner, tuple(each for each, _ in values))

    def _items(self, node: nodes.Expr) -> list[Typed]:
        """Return the expressions of the items of a list, of which there are some."""
        if isinstance(node, nodes.List | nodes.Tuple) and node.items:
            return [self._operand(each) for each in node.items]
        constants = None if self.fields(node) else self.constant(node)
        if not constants or not isinstance(constants, list):
            raise NotTranslatableError(node, '"in" without a list')
        return [(ex.Literal(each), "") for each in constants]

    def _operand(self, node: nodes.Expr) -> Typed:
        """Return the expression of a value or of a constant."""
        if self.fields(node):
            return self.value(node)
        constant = self.constant(node)
        return ex.Literal(constant), _KINDS.get(type(constant), "json")

    # values

    def value(self, node: nodes.Node) -> Typed:  # noqa: PLR0911 - one line a kind
        self._count(node)
        match node:
            case nodes.Name() if node.name in self._columns:
                kind, name = self._columns[node.name].kind, node.name
                return (ex.PlainText(name) if kind == "instant" else ex.FieldRef(name)), kind
            case nodes.Filter() if node.node is not None:
                return filtered(self, node)
            case nodes.Call():
                return self._method_call(node)
            case nodes.BinExpr() if type(node) in _OPERATORS:
                return self._arithmetic(node)
            case nodes.Neg():
                value, kind = self.number(node.node)
                return arithmetic.Arithmetic("*", value, ex.Literal(-1)), kind
            case nodes.Concat():
                return self.text(node), "text"
            case nodes.Not() | nodes.Compare():
                return self.truth(node), "bool"
            case nodes.CondExpr() if node.expr2 is not None:
                (then, other), kind = self.alike(node, node.expr1, node.expr2)
                return ex.Choice(self.truth(node.test), then, other), kind
            case nodes.And() | nodes.Or():
                (left, right), kind = self.alike(node, node.left, node.right)
                return ex.Junction(left, right, every=isinstance(node, nodes.And)), kind
        raise NotTranslatableError(node, obstacle(node))

    def alike(self, node: nodes.Node, *parts: nodes.Expr) -> tuple[list[ex.Expression], str]:
        """Return the expressions of values of the same kind, and that."""
        values, kinds = zip(*map(self._operand, parts), strict=True)
        if len(set(kinds)) > 1 or kinds[0] not in (*NUMBERS, "text"):
            raise NotTranslatableError(node, "a choice between values of several types")
        return list(values), kinds[0]

    def number(self, node: nodes.Expr) -> Typed:
        return self._as_number(node, self._operand(node))

    def _as_number(self, node: nodes.Expr, typed: Typed) -> Typed:
        value, kind = typed
        if not self.fields(node):
            self._check_constant(node, value)
        elif kind not in NUMBERS:
            raise NotTranslatableError(node, f"arithmetic with {described(kind)}")
        return typed

    def _check_constant(self, node: nodes.Expr, value: ex.Expression) -> None:
        """Raise NotTranslatableError for a constant that arrays do not compute with."""
        constant = value.value if isinstance(value, ex.Literal) else None
        if isinstance(constant, bool) or not isinstance(constant, int | float):
            raise NotTranslatableError(node, "arithmetic with a value that is not a number")
        if not abs(constant) < EXACT:
            raise NotTranslatableError(node, "a number that is too large")

    def _arithmetic(self, node: nodes.BinExpr) -> Typed:
        left, right = self._operand(node.left), self._operand(node.right)
        if isinstance(node, nodes.Add) and left[1] == right[1] == "text":
            return ex.Concat((left[0], right[0])), "text"
        numbers = self._as_number(node.left, left), self._as_number(node.right, right)
        (one, kind), (other, other_kind) = numbers
        sign = _OPERATORS[type(node)]
        is_int = kind == other_kind == "int" and sign != "/"
        return arithmetic.Arithmetic(sign, one, other), "int" if is_int else "float"

    def _method_call(self, node: nodes.Call) -> Typed:
        """Translate the methods of instants, and of the time between two."""
        method, pattern = node.node, constant_argument(node, "strftime")
        if not isinstance(method, nodes.Getattr):
            raise NotTranslatableError(node, obstacle(node))
        if pattern is not None and self._is_instant(method.node):
            return ex.TimeText(self.fields(method)[0], TimePattern(pattern)), "text"
        if not (node.args or node.kwargs or node.dyn_args or node.dyn_kwargs):
            match method:
                case nodes.Getattr(node=nodes.Sub() as lapse, attr="total_seconds"):
                    micros = arithmetic.Arithmetic(
                        "-", *map(self._micros, (lapse.left, lapse.right))
                    )
                    return ex.Seconds(micros), "float"
                case nodes.Getattr(attr="timestamp"):
                    return ex.Seconds(self._micros(method.node)), "float"
                case nodes.Getattr(node=nodes.Name(name=name), attr="isoformat") if (
                    self._is_instant(method.node)
                ):
                    return ex.PlainText(name), "text"
        what = (
            f"the method {quoted(method.attr)}" if self._is_instant(method.node) else obstacle(node)
        )
        raise NotTranslatableError(node, what)

    def _micros(self, node: nodes.Expr) -> ex.Expression:
        if not isinstance(node, nodes.Name) or not self._is_instant(node):
            raise NotTranslatableError(node, "a comparison of an instant")
        return ex.Micros(node.name)

    def _is_instant(self, node: nodes.Node) -> bool:
        if not isinstance(node, nodes.Name) or node.name not in self._columns:
            return False
        return self._columns[node.name].kind == "instant"

    def constant(self, node: nodes.Node) -> Any:
        """Return the value of a part that reads no field. Raises NotTranslatableError for others."""
        if self.fields(node):
            raise NotTranslatableError(node, "a field as an argument of a filter")
        as_json = nodes.Filter(node, "tojson", [], [], None, None, lineno=node.lineno)
        as_json.environment = node.environment
        text = constant_text(as_json, self.sandbox, self._fixed)
        if text is None:
            raise NotTranslatableError(node, obstacle(node))
        return json.loads(text)


def without_first_branch(node: nodes.If) -> nodes.If:
    """Return what follows the first branch of a condition as a condition of its own."""
    first, *others = node.elif_
    rest = nodes.If(first.test, first.body, others, node.else_, lineno=first.lineno)
    rest.environment = node.environment
    return rest
