"""The operators of expressions for parts of known types: which function it is, and what type it gives."""

from datagen.columns.column_type import (
    BOOL,
    FLOAT,
    INSTANT,
    INT,
    JSON,
    NOTHING,
    TEXT,
)
from datagen.language.maker import Maker
from datagen.language.operators import OPERATORS, add_seconds, contained_in, subtract_seconds
from datagen.language.problems import MistakeError, described
from datagen.language.signatures import DOUBLE, EXACT_NUMBER, LIST, MOMENT, NUMBER, PLAIN_TEXT
from datagen.language.tree import Constant, Node

_NUMBERS = frozenset(("int", "float", "bool"))
_ORDER_WORDS = {"less": "<", "less_equal": "<=", "greater": ">", "greater_equal": ">="}
_ARITHMETIC = {
    "-": "subtract", "*": "multiply", "/": "divide", "//": "floor_divide", "%": "modulo",
}  # fmt: skip


def binary(maker: Maker, symbol: str, left: Node, right: Node, at: int) -> Node:
    """Return `left symbol right` for `+ - * / // % **`. Raises MistakeError."""
    kinds = {left.column_type.kind, right.column_type.kind}
    if "nothing" in kinds:
        return maker.call(OPERATORS[_ARITHMETIC.get(symbol, "add")], NOTHING, at, left, right)
    if symbol == "**":
        powers = [DOUBLE.fit(maker, each, '"**"') for each in (left, right)]
        return maker.call(OPERATORS["power"], FLOAT, at, *powers)
    if symbol == "+":
        return _sum(maker, left, right, at)
    if symbol == "-" and "instant" in kinds:
        return _difference(maker, left, right, at)
    return _arithmetic(maker, symbol, left, right, at)


def _arithmetic(maker: Maker, symbol: str, left: Node, right: Node, at: int) -> Node:
    name = _ARITHMETIC.get(symbol, "add")
    if not {left.column_type.kind, right.column_type.kind} <= {*_NUMBERS, "json"}:
        raise MistakeError(at, _refusal(symbol, left, right))
    left, right = (NUMBER.fit(maker, each, f'"{symbol}"') for each in (left, right))
    whole = left.column_type == INT == right.column_type and symbol != "/"
    return maker.call(OPERATORS[name], INT if whole else FLOAT, at, left, right)


def _sum(maker: Maker, left: Node, right: Node, at: int) -> Node:
    kinds = {left.column_type.kind, right.column_type.kind}
    if kinds == {"json"}:
        return maker.call(OPERATORS["add_mixed"], JSON, at, left, right)
    if "instant" in kinds and kinds & {*_NUMBERS, "json"}:
        moment, other = (left, right) if left.column_type == INSTANT else (right, left)
        seconds = NUMBER.fit(maker, other, '"+"')
        return maker.call(add_seconds(*maker.style.limits), INSTANT, at, moment, seconds)
    if "text" in kinds and kinds <= {"text", "json"}:
        texts = [PLAIN_TEXT.fit(maker, each, '"+"') for each in (left, right)]
        return maker.call(OPERATORS["add_texts"], TEXT, at, *texts)
    if "list" in kinds and kinds <= {"list", "json"}:
        lists = [maker.settled(LIST.fit(maker, each, '"+"')) for each in (left, right)]
        target, lists = maker.united(lists)
        return maker.call(OPERATORS["add_lists"], target, at, *lists)
    return _arithmetic(maker, "+", left, right, at)


def _difference(maker: Maker, left: Node, right: Node, at: int) -> Node:
    if left.column_type.kind not in ("instant", "json"):
        raise MistakeError(at, _refusal("-", left, right))
    if right.column_type.kind in _NUMBERS:
        return maker.call(
            subtract_seconds(*maker.style.limits),
            INSTANT,
            at,
            left,
            NUMBER.fit(maker, right, '"-"'),
        )
    if not {left.column_type.kind, right.column_type.kind} <= {"instant", "json"}:
        raise MistakeError(at, _refusal("-", left, right))
    moments = [MOMENT.fit(maker, each, '"-"') for each in (left, right)]
    return maker.call(OPERATORS["seconds_between"], FLOAT, at, *moments)


def _refusal(symbol: str, left: Node, right: Node) -> str:
    what = f'{described(left.column_type)} "{symbol}" {described(right.column_type)} has no value'
    kinds = {left.column_type.kind, right.column_type.kind}
    if symbol == "+" and "text" in kinds:
        return f'{what}; "~" joins as text, float(...) reads a number'
    if "instant" in kinds and "text" in kinds:
        return f"{what}; instant(...) reads a text"
    if symbol == "%" and left.column_type == TEXT:
        return f"{what}; format(text, ...) fills in values"
    return what


def negated(maker: Maker, node: Node, at: int) -> Node:
    """Return `-node`. Raises MistakeError."""
    number = NUMBER.fit(maker, node, '"-"')
    return maker.call(OPERATORS["negate"], number.column_type, at, number)


def compared(maker: Maker, name: str, left: Node, right: Node, at: int) -> Node:
    """Return a comparison: `equal`, `not_equal`, `less`, `less_equal`, `greater`, `greater_equal`, `in`, `not_in`.

    Raises MistakeError.
    """
    if name in _ORDER_WORDS:
        return _ordered(maker, name, left, right, at)
    if name in ("in", "not_in"):
        return _contained(maker, name, left, right, at)
    if left.column_type.kind != right.column_type.kind:
        left, right = maker.written(left), maker.written(right)
    left, right = maker.settled(left), maker.settled(right)
    maker.warn_if_never_equal(at, left.column_type, right.column_type)
    return maker.call(OPERATORS[name], BOOL, at, left, right)


def _ordered(maker: Maker, name: str, left: Node, right: Node, at: int) -> Node:
    kinds = {left.column_type.kind, right.column_type.kind}
    if kinds <= {"json", "nothing"}:
        return maker.call(OPERATORS[f"{name}_mixed"], BOOL, at, left, right)
    for group, parameter in (
        (_NUMBERS, EXACT_NUMBER), (frozenset(("text",)), PLAIN_TEXT), (frozenset(("instant",)), MOMENT),
    ):  # fmt: skip
        if kinds <= {*group, "json", "nothing"}:
            parts = [
                parameter.fit(maker, each, f'"{_ORDER_WORDS[name]}"') for each in (left, right)
            ]
            mixed = any(each.column_type.kind == "json" for each in parts)
            return maker.call(OPERATORS[f"{name}_mixed" if mixed else name], BOOL, at, *parts)
    raise MistakeError(at, _refusal(_ORDER_WORDS[name], left, right))


def _contained(maker: Maker, name: str, needle: Node, container: Node, at: int) -> Node:
    kind = container.column_type.kind
    if kind not in ("text", "list", "object", "json", "nothing"):
        raise MistakeError(
            at, f'"in" looks into a list or a text, not into {described(container.column_type)}'
        )
    needle, container = maker.written(needle), maker.settled(container)
    if kind in ("text", "object") and needle.column_type.kind not in ("text", "json", "nothing"):
        words = described(needle.column_type)
        raise MistakeError(at, f'"in" {described(container.column_type)} takes a text, not {words}')
    function = OPERATORS[name]
    if isinstance(container, Constant) and isinstance(container.value, list):
        function = contained_in(name, container.value)
    return maker.call(function, BOOL, at, needle, container)
