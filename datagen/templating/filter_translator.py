"""Translates the filters of templates and the functions of the language, where they surely give what Jinja2 does."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from jinja2 import nodes

from datagen.columns.column_type import ColumnType
from datagen.expressions import arithmetic
from datagen.expressions import nodes as ex
from datagen.expressions.function_call import FunctionCall
from datagen.templating.obstacles import NotTranslatableError, described, obstacle
from datagen.templating.sandbox import Sandbox

Typed = tuple[ex.Expression, str]  # an expression, and the kind of column type of its values
Operand = tuple[ex.Expression, ColumnType]
NUMBERS = ("int", "float")
_OPERANDS = frozenset(
    ("int", "float", "bool", "text", "instant")
)  # kinds that functions get by columns


class Translator(Protocol):
    """What translates the parts that filters take."""

    sandbox: Sandbox

    def fields(self, node: nodes.Node) -> list[str]:
        """Return the fields that a part reads."""

    def text(self, node: nodes.Node) -> ex.Expression:
        """Return the expression of its text."""

    def value(self, node: nodes.Node) -> Typed:
        """Return that of its value."""

    def number(self, node: nodes.Expr) -> Typed:
        """Return that of a number."""

    def alike(self, node: nodes.Node, *parts: nodes.Expr) -> tuple[list[ex.Expression], str]:
        """Return those of values of the same kind, and that."""

    def constant(self, node: nodes.Node) -> Any:
        """Return the value of a part that reads no field."""


def filtered(to: Translator, node: nodes.Filter) -> Typed:
    """Return the expression of a filter or a function. Raises NotTranslatableError."""
    if node.name in _FILTERS:
        return _FILTERS[node.name](to, node)
    if node.name in to.sandbox.calls:
        return _function(to, node)
    raise NotTranslatableError(node, obstacle(node))


def check_arguments(node: nodes.Filter, *counts: int) -> None:
    """Raise NotTranslatableError unless a filter has so many plain arguments, none by default."""
    starred = node.kwargs or node.dyn_args or node.dyn_kwargs
    if starred or len(node.args) not in (counts or (0,)):
        raise NotTranslatableError(node, f"the filter {node.name} with these arguments")


def check_default(to: Translator, node: nodes.Filter) -> None:
    """Raise NotTranslatableError unless the default is a constant or a field: no error is possible."""
    check_arguments(node, 1, 2)
    if len(node.args) == 2 and to.constant(node.args[1]) is not True:
        raise NotTranslatableError(node, "the filter default with these arguments")
    if not isinstance(node.args[0], nodes.Name) or not to.fields(node.args[0]):
        to.constant(node.args[0])


def _default(to: Translator, node: nodes.Filter) -> Typed:
    check_default(to, node)
    if len(node.args) == 1:  # a value that there is needs no default
        return to.value(input_of(node))
    (value, other), kind = to.alike(node, input_of(node), node.args[0])
    return ex.Junction(value, other, every=False), kind


def _int(to: Translator, node: nodes.Filter) -> Typed:
    check_arguments(node)
    value, kind = to.value(input_of(node))
    if kind not in (*NUMBERS, "text"):
        raise NotTranslatableError(node, f"the filter int of {described(kind)}")
    return arithmetic.ToInt(value), "int"


def _float(to: Translator, node: nodes.Filter) -> Typed:
    check_arguments(node)
    value, kind = to.value(input_of(node))
    if kind not in (*NUMBERS, "text"):
        raise NotTranslatableError(node, f"the filter float of {described(kind)}")
    return arithmetic.ToFloat(value), "float"


def _round(to: Translator, node: nodes.Filter) -> Typed:
    check_arguments(node, 0, 1)
    decimals = to.constant(node.args[0]) if node.args else 0
    if isinstance(decimals, bool) or decimals not in range(16):
        raise NotTranslatableError(node, "the filter round with these arguments")
    value, kind = to.number(input_of(node))
    return arithmetic.Round(value, decimals), kind


def _string(to: Translator, node: nodes.Filter) -> Typed:
    check_arguments(node)
    return to.text(input_of(node)), "text"


def _change_case(to: Translator, node: nodes.Filter) -> Typed:
    check_arguments(node)
    return ex.ChangeCase(to.text(input_of(node)), upper=node.name == "upper"), "text"


def _replace(to: Translator, node: nodes.Filter) -> Typed:
    check_arguments(node, 2)
    old, new = map(to.constant, node.args)
    if not isinstance(old, str) or not isinstance(new, str) or not old:
        raise NotTranslatableError(node, "the filter replace with these arguments")
    return ex.Replace(to.text(input_of(node)), old, new), "text"


def _tojson(to: Translator, node: nodes.Filter) -> Typed:
    check_arguments(node)
    value, kind = to.value(input_of(node))
    return ex.ToJson(value), "text" if kind != "instant" else "json text"


def _length(to: Translator, node: nodes.Filter) -> Typed:
    check_arguments(node)
    value, kind = to.value(input_of(node))
    if kind != "text":
        raise NotTranslatableError(node, f"the length of {described(kind)}")
    return ex.Length(value), "int"


def _function(to: Translator, node: nodes.Filter) -> Typed:
    """Translate a call of a function, with all calls in it."""
    operands: list[Operand] = []
    text = _call_text(to, node, operands)
    functions, types = to.sandbox.functions, tuple(each for _, each in operands)
    assert functions is not None  # they are what there are calls of
    try:
        kind = functions.compiled(text, types).column_type.kind
    except ValueError:
        raise NotTranslatableError(node, obstacle(node)) from None
    if kind not in _OPERANDS - {"instant"}:
        raise NotTranslatableError(node, f"a function whose value is {described(kind)}")
    given = tuple((expression, each.kind) for expression, each in operands)
    return FunctionCall(given, lambda: functions.compiled(text, types).values), kind


def _call_text(to: Translator, node: nodes.Filter, operands: list[Operand]) -> str:
    """Return the text of a call; what it takes is put to the operands, and named by its place there."""
    name, functions = to.sandbox.calls[node.name], to.sandbox.functions
    assert functions is not None
    parts = []
    for each in (input_of(node), *node.args):
        if not to.fields(each):
            parts.append(functions.constant(to.constant(each)))
        elif isinstance(each, nodes.Filter) and each.name in to.sandbox.calls:
            if name == "default":  # whose type may be another where it is null
                raise NotTranslatableError(node, "a default of a function")
            parts.append(_call_text(to, each, operands))
        else:
            value, kind = to.value(each)
            if kind not in _OPERANDS or (kind == "instant" and not isinstance(each, nodes.Name)):
                raise NotTranslatableError(node, f"a function of {described(kind)}")
            parts.append(f"a{len(operands)}")
            operands.append((value, ColumnType(kind)))
    return f"{name}({', '.join(parts)})"


def input_of(node: nodes.Filter) -> nodes.Expr:
    """Return what is filtered."""
    return node.node if node.node is not None else node


_FILTERS: Mapping[str, Callable[[Translator, nodes.Filter], Typed]] = {
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
