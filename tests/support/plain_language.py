"""The rules of expressions in plain Python: one value at a time, over Jinja2's own parse tree.

Written from the rules alone (docs/expressions.md), not from the program: it shares the model's own elementary
functions with it, which have tests of their own, and nothing else.
"""

import operator
import re
from functools import cache, singledispatchmethod
from typing import Any

from jinja2 import Environment, nodes

from tests.support.plain_functions import (
    CLOCK,
    FUNCTIONS,
    average,
    checked,
    moved,
    number,
    order,
    plain,
    power,
    short,
    text_of,
    total,
    whole,
)
from tests.support.plain_kinds import PlainKinds, called
from tests.support.plain_values import FaultError, Kind, Moment, as_kind, still

MOST_ELEMENTS = 4_096
ORDERS = {"lt": operator.lt, "lteq": operator.le, "gt": operator.gt, "gteq": operator.ge}
ARITHMETIC = {
    nodes.Add: operator.add, nodes.Sub: operator.sub, nodes.Mul: operator.mul, nodes.Div: operator.truediv,
    nodes.FloorDiv: operator.floordiv, nodes.Mod: operator.mod,
}  # fmt: skip
TESTS = {
    "none": lambda x: x is None,
    "undefined": lambda x: x is None,
    "defined": lambda x: x is not None,
    "true": lambda x: x is True,
    "false": lambda x: x is False,
    "boolean": lambda x: isinstance(x, bool),
    "number": lambda x: isinstance(x, int | float),
    "integer": lambda x: isinstance(x, int) and not isinstance(x, bool),
    "float": lambda x: isinstance(x, float),
    "string": lambda x: isinstance(x, str | Moment),
    "mapping": lambda x: isinstance(x, dict),
}


@cache
def parse(text: str) -> Any:
    """Return what Jinja2 reads between `{{` and `}}`."""
    return Environment().parse("{{ " + text + " }}").body[0].nodes[0]  # type: ignore[attr-defined]


class PlainLanguage(PlainKinds):
    """Evaluates expressions over names of some kinds."""

    def value(self, text: str, row: dict[str, Any]) -> Any:
        """Return the value for a row. Raises FaultError where there is none."""
        tree = parse(text)
        try:
            found = self.of(tree, row)
        except (ArithmeticError, ValueError, IndexError, TypeError) as error:
            raise FaultError from error
        kind = self.kind(tree)
        return found if kind == "instant" else as_kind(found, kind, still(kind))

    @singledispatchmethod
    def of(self, node: Any, row: dict[str, Any]) -> Any:
        """Return the value of a part: of those without a rule of their own, arithmetic."""
        return self.binary(node, self.of(node.left, row), self.of(node.right, row))

    @of.register
    def _(self, node: nodes.Const, row: dict[str, Any]) -> Any:
        return node.value

    @of.register
    def _(self, node: nodes.Name, row: dict[str, Any]) -> Any:
        return None if node.name == "null" else row[node.name]

    @of.register
    def _(self, node: nodes.List, row: dict[str, Any]) -> Any:
        inner = self.kind(node)[1]
        return [as_kind(self.of(each, row), self.kind(each), inner) for each in node.items]

    @of.register
    def _(self, node: nodes.Dict, row: dict[str, Any]) -> Any:
        found = {}
        pairs: list[Any] = node.items
        for pair in pairs:
            kind = self.kind(pair.value)
            found[pair.key.value] = as_kind(self.of(pair.value, row), kind, still(kind))
        return found

    @of.register
    def _(self, node: nodes.Getattr, row: dict[str, Any]) -> Any:
        return self.member(self.of(node.node, row), node.attr)

    @of.register
    def _(self, node: nodes.And, row: dict[str, Any]) -> Any:
        left = self.of(node.left, row)
        if not left:
            return self.met(node, node.left, left)
        return self.met(node, node.right, self.of(node.right, row))

    @of.register
    def _(self, node: nodes.Or, row: dict[str, Any]) -> Any:
        left = self.of(node.left, row)
        if left:
            return self.met(node, node.left, left)
        return self.met(node, node.right, self.of(node.right, row))

    @of.register
    def _(self, node: nodes.CondExpr, row: dict[str, Any]) -> Any:
        chosen = node.expr1 if self.of(node.test, row) else node.expr2
        return None if chosen is None else self.met(node, chosen, self.of(chosen, row))

    @of.register
    def _(self, node: nodes.Not, row: dict[str, Any]) -> Any:
        return not self.of(node.node, row)

    @of.register
    def _(self, node: nodes.Concat, row: dict[str, Any]) -> Any:
        values = [self.of(each, row) for each in node.nodes]
        return short("".join("" if each is None else text_of(each) for each in values))

    @of.register
    def _(self, node: nodes.Neg, row: dict[str, Any]) -> Any:
        value = self.of(node.node, row)
        return None if value is None else checked(-self.counted(node.node, value))

    @of.register
    def _(self, node: nodes.Pos, row: dict[str, Any]) -> Any:
        value = self.of(node.node, row)
        return None if value is None else self.counted(node.node, value)

    def met(self, whole_node: Any, part: Any, value: Any) -> Any:
        return as_kind(value, self.kind(part), self.kind(whole_node))

    def counted(self, node: Any, value: Any) -> Any:
        """Return a number; of mixed values it is a double."""
        return float(checked(float(number(value)))) if self.kind(node) == "mixed" else number(value)

    def member(self, whole_value: Any, name: str) -> Any:
        if whole_value is None:
            return None
        if isinstance(whole_value, list):
            if not all(each is None or isinstance(each, dict) for each in whole_value):
                raise FaultError
            return [None if each is None else each.get(name) for each in whole_value]
        if not isinstance(whole_value, dict):
            raise FaultError
        return whole_value.get(name)

    @of.register
    def _(self, node: nodes.Getitem, row: dict[str, Any]) -> Any:
        value = self.of(node.node, row)
        if isinstance(node.arg, nodes.Slice):
            return self.sliced(value, node.arg, row)
        place = self.of(node.arg, row)
        if value is None or place is None:
            return None
        if isinstance(place, str):
            return self.member(value, place)
        return value[place] if -len(value) <= place < len(value) else None

    def sliced(self, value: Any, node: nodes.Slice, row: dict[str, Any]) -> Any:
        bounds: list[Any] = []
        for each in (node.start, node.stop, node.step):
            is_open = each is None or (isinstance(each, nodes.Const) and each.value is None)
            bounds.append(None if is_open or each is None else self.of(each, row))
            if bounds[-1] is None and not is_open:
                return None
        return None if value is None else value[slice(*bounds)]

    @of.register
    def _(self, node: nodes.Compare, row: dict[str, Any]) -> Any:
        left_node, left = node.expr, self.of(node.expr, row)
        result: Any = True
        for each in node.ops:
            right = self.of(each.expr, row)
            result = self.compare_two(each.op, left_node, left, each.expr, right)
            if not result:
                return result
            left_node, left = each.expr, right
        return result

    def compare_two(self, op: str, left_node: Any, left: Any, right_node: Any, right: Any) -> Any:
        if op in ("eq", "ne"):
            if isinstance(left, Moment) != isinstance(right, Moment):
                left, right = plain(left), plain(right)
            return (left == right) is (op == "eq")
        if op in ("in", "notin"):
            left, right = plain(left), plain(right)
            if right is None or (isinstance(right, str) and not isinstance(left, str)):
                raise FaultError
            return (left in right) is (op == "in")
        self.fit(left_node, left, self.kind(right_node))
        self.fit(right_node, right, self.kind(left_node))
        if left is None or right is None:
            return None
        order([left, right])
        return ORDERS[op](left, right)

    @of.register
    def _(self, node: nodes.Test, row: dict[str, Any]) -> Any:
        value = self.of(node.node, row)
        if node.name in TESTS:
            return TESTS[node.name](value)
        if node.name == "in":
            return self.compare_two(
                "in", node.node, value, node.args[0], self.of(node.args[0], row)
            )
        divisor = self.of(node.args[0], row) if node.args else 2
        if value is None or divisor is None:
            return False  # null is not equal to the rest
        return whole(value) % whole(divisor) == {"even": 0, "odd": 1, "divisibleby": 0}[node.name]

    @of.register(nodes.Call)
    @of.register(nodes.Filter)
    def _(self, node: Any, row: dict[str, Any]) -> Any:
        name, arguments = called(node)
        if name == "default":
            value = self.of(arguments[0], row)
            chosen = arguments[1] if value is None else arguments[0]
            return self.met(node, chosen, self.of(chosen, row))
        values = [self.of(each, row) for each in arguments]
        if values[:1] == ["outage"] and len(values) == 1 and name in ("during", "ramp", "progress"):
            values.append(row[CLOCK])
        kinds = [self.kind(each) for each in arguments]
        if name in ("min", "max") and len(values) > 1:
            wanted = "text" if "text" in kinds else "float"
            for each, value in zip(arguments, values, strict=True):
                self.fit(each, value, wanted)
        if any(each is None for each in values):
            return None
        if name in ("min", "max"):
            return self.extreme(name, node, arguments, values)
        if name in ("sum", "avg"):
            if not isinstance(values[0], list):
                raise FaultError
            return (total if name == "sum" else average)(
                values[0], kinds[0][1] if kinds[0][0] == "list" else "mixed"
            )
        if name == "format":
            return self.fill_in(values, arguments)
        if name in ("abs", "round") and kinds[0] == "mixed":
            values[0] = self.counted(arguments[0], values[0])
        return FUNCTIONS[name](*values)

    def extreme(self, name: str, node: Any, arguments: list[Any], values: list[Any]) -> Any:
        choose = min if name == "min" else max
        if len(values) == 1:
            found = [each for each in values[0] if each is not None]
            return choose(order(found)) if found else None
        kind = self.kind(node)
        if kind in ("int", "float"):
            values = [
                as_kind(self.counted(each, value), "int", kind)
                for each, value in zip(arguments, values, strict=True)
            ]
        return choose(order(values))

    def fill_in(self, values: list[Any], arguments: list[Any]) -> str:
        pattern, *rest = values
        letters = re.findall(r"%[-#0 +]*\d*(?:\.\d*)?([a-zA-Z])", pattern.replace("%%", ""))
        filled = [
            text_of(each)
            if letter == "s"
            else whole(each)
            if letter in "xXo"
            else self.counted(node, each) + 0
            for letter, each, node in zip(letters, rest, arguments[1:], strict=True)
        ]
        return short(pattern % tuple(filled))

    def fit(self, node: Any, value: Any, other: Kind) -> None:
        """Raise FaultError where a value of mixed kinds does not go with one of another kind."""
        if value is not None and self.kind(node) == "mixed" and other not in ("mixed", "null"):
            order([value, "" if other == "text" else 0])

    def binary(self, node: Any, left: Any, right: Any) -> Any:
        self.fit(node.left, left, self.kind(node.right))
        self.fit(node.right, right, self.kind(node.left))
        if left is None or right is None:
            return None
        kinds = self.kind(node.left), self.kind(node.right)
        if isinstance(left, Moment) or isinstance(right, Moment):
            return self.of_moments(node, left, right)
        if isinstance(node, nodes.Add) and isinstance(left, str | list):
            return self.added(node, left, right)
        if kinds != ("mixed", "mixed") or not isinstance(node, nodes.Add):
            left, right = self.counted(node.left, left), self.counted(node.right, right)
        if isinstance(node, nodes.Pow):
            return power(float(left), float(right))
        return checked(ARITHMETIC[type(node)](number(left), number(right)))

    def added(self, node: nodes.Add, left: Any, right: Any) -> Any:
        """Return two texts or two lists as one."""
        if type(left) is not type(right):
            raise FaultError
        if isinstance(left, str):
            return short(left + right)
        joined = self.met(node, node.left, left) + self.met(node, node.right, right)
        if len(joined) > MOST_ELEMENTS:
            raise FaultError
        return joined

    def of_moments(self, node: Any, left: Any, right: Any) -> Any:
        if isinstance(node, nodes.Add):
            moment, seconds, other = (
                (left, right, node.right) if isinstance(left, Moment) else (right, left, node.left)
            )
            return moved(moment, self.counted(other, seconds))
        if isinstance(right, Moment):
            return (left.micros - right.micros) / 1_000_000
        return moved(left, -self.counted(node.right, right))
