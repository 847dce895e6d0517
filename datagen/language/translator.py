"""Translates Jinja2's tree of an expression to parts with types; all mistakes are found."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from jinja2 import nodes

from datagen.columns.column_type import (
    BOOL,
    JSON,
    NOTHING,
    TEXT,
    list_type,
    object_type,
    type_of_value,
)
from datagen.language.bounds import MAX_CHARACTERS
from datagen.language.functions import FUNCTIONS, unknown_function
from datagen.language.maker import Maker
from datagen.language.operators import OPERATORS
from datagen.language.parsing import FIELD, NULL, ParsedExpression, field_name
from datagen.language.problems import ExpressionError, MistakeError
from datagen.language.reaching import member, part_of, sliced_part
from datagen.language.scope import Scope
from datagen.language.signatures import NUMBER
from datagen.language.testing import TESTS, unknown_test
from datagen.language.tree import (
    INSTANT_NAME,
    Choice,
    Constant,
    Junction,
    ListOf,
    NameRef,
    Node,
    ObjectOf,
)
from datagen.language.typed_operators import binary, compared, negated
from datagen.language.values import truncated
from datagen.templating.checking import LONE_SURROGATE, has_surrogates
from datagen.validation import did_you_mean, quoted

_BINARY: Mapping[type[nodes.Node], str] = {
    nodes.Add: "+", nodes.Sub: "-", nodes.Mul: "*", nodes.Div: "/", nodes.FloorDiv: "//",
    nodes.Mod: "%", nodes.Pow: "**",
}  # fmt: skip
_COMPARISONS = {
    "eq": ("equal", "=="), "ne": ("not_equal", "!="), "lt": ("less", "<"), "lteq": ("less_equal", "<="),
    "gt": ("greater", ">"), "gteq": ("greater_equal", ">="), "in": ("in", "in"), "notin": ("not_in", "not"),
}  # fmt: skip
_MAX_COMPARISONS = 20  # in a row
_PRODUCTS = ("*", "/", "//", "%")


def translated(parsed: ParsedExpression, scope: Scope) -> tuple[Node, list[tuple[int, str]]]:
    """Return the parts of an expression, and its warnings: columns and sentences. Raises ExpressionError."""
    translator = _Translator(parsed, scope)
    node = translator.part(parsed.tree)
    if translator.problems:
        raise ExpressionError(translator.problems)
    return translator.maker.settled(node), sorted(dict.fromkeys(translator.maker.warnings))


class _Translator:
    """Translates the parts of an expression; one that is wrong becomes null, whose type fits everywhere."""

    def __init__(self, parsed: ParsedExpression, scope: Scope) -> None:
        self._parsed, self._scope = parsed, scope
        self.maker = Maker(scope)
        self.problems: list[tuple[int, str]] = []

    def part(self, node: nodes.Node) -> Node:
        """Return a part of the expression; its mistakes are added to the problems.

        What is wrong with it because one of its own parts is wrong is not told.
        """
        known = len(self.problems)
        try:
            return self._KINDS[type(node)](self, node)
        except KeyError:
            self.problems.append(
                (self._at(node), f"{type(node).__name__} is not known in expressions")
            )
        except MistakeError as mistake:
            if len(self.problems) == known:
                self.problems.append((mistake.at, mistake.text))
        return Constant(JSON, self._at(node), None)

    def _at(self, node: nodes.Node) -> int:
        return self._parsed.column(node.lineno)

    # values

    def _constant(self, node: nodes.Const) -> Node:
        if has_surrogates(node.value):
            raise MistakeError(self._at(node), LONE_SURROGATE)
        if isinstance(node.value, str) and len(node.value) > MAX_CHARACTERS:
            raise MistakeError(self._at(node), f"a text of more than {MAX_CHARACTERS:,} characters")
        column_type = type_of_value(node.value)
        if column_type == JSON:
            raise MistakeError(self._at(node), "a whole number that does not fit in 64 bits")
        return Constant(column_type, self._at(node), node.value)

    def _text(self, node: nodes.TemplateData) -> Node:
        return Constant(TEXT, self._at(node), node.data)

    def _name(self, node: nodes.Name) -> Node:
        if node.name == NULL:
            return Constant(NOTHING, self._at(node), None)
        return self._value_of(node.name, self._at(node))

    def _value_of(self, name: str, at: int) -> Node:
        types = self._scope.types
        if name in types:
            return NameRef(types[name], at, name)
        if name in FUNCTIONS:
            raise MistakeError(at, f"{quoted(name)} is a function: {FUNCTIONS[name].usage}")
        if name in self._scope.below:
            raise MistakeError(at, f"{quoted(name)} does not stand above this; move it above")
        if name in (self._scope.outside or ()):
            text = f"{quoted(name)} is not seen in a field with cardinality, whose values are made before the run"
            raise MistakeError(at, f"{text}; those beside it in there are")
        known = [each for each in types if each != INSTANT_NAME]
        raise MistakeError(at, f"no value {quoted(name)}{did_you_mean(name, known)}")

    def _list(self, node: nodes.List | nodes.Tuple) -> Node:
        column_type, items = self.maker.united(
            [self.maker.written(self.part(each)) for each in node.items]
        )
        constants = [each for each in items if isinstance(each, Constant)]
        self.maker.count(len(items) - len(constants))
        whole = truncated(list_type(column_type))
        if len(constants) == len(items):
            return Constant(whole, self._at(node), [each.value for each in constants])
        return ListOf(whole, self._at(node), tuple(items))

    def _object(self, node: nodes.Dict) -> Node:
        parts: dict[str, Node] = {}
        for pair in node.items:
            if not isinstance(pair.key, nodes.Const) or not isinstance(pair.key.value, str):
                raise MistakeError(self._at(pair.key), "the names of an object are constant texts")
            parts[pair.key.value] = self.maker.written(self.part(pair.value))
            self.maker.count(1)
        column_type = truncated(
            object_type({name: each.column_type for name, each in parts.items()})
        )
        return ObjectOf(column_type, self._at(node), tuple(parts), tuple(parts.values()))

    def _attribute(self, node: nodes.Getattr) -> Node:
        return member(self.maker, self.part(node.node), node.attr, self._at(node))

    def _item(self, node: nodes.Getitem) -> Node:
        whole = self.part(node.node)
        if isinstance(node.arg, nodes.Slice):
            bounds = (node.arg.start, node.arg.stop, node.arg.step)
            parts = [None if each is None or _is_null(each) else self.part(each) for each in bounds]
            return sliced_part(self.maker, whole, parts, self._at(node))
        return part_of(self.maker, whole, self.part(node.arg), self._at(node))

    # operators

    def _operator(self, node: nodes.BinExpr) -> Node:
        symbol = _BINARY[type(node)]
        number = self._parsed.operator_after(node.left, symbol)
        if symbol == "**":
            self._check_power(node, number)
        elif symbol in _PRODUCTS and isinstance(node.right, nodes.Filter):
            self._check_factor(node.right, symbol)
        left, right = self.part(node.left), self.part(node.right)
        return binary(self.maker, symbol, left, right, self._parsed.column(number))

    def _check_power(self, node: nodes.BinExpr, number: int) -> None:
        """Raise MistakeError for a chain of powers, or one of a signed number, without parentheses."""
        if not isinstance(node.left, nodes.Pow | nodes.Neg | nodes.Pos):
            return
        if not self._parsed.is_enclosed(node.left, self._parsed.end(node.left), number):
            what = "a chain of **" if isinstance(node.left, nodes.Pow) else "** of what has a sign"
            raise MistakeError(
                self._parsed.column(number), f"{what} needs parentheses: (a ** b) ** c, -(a ** b)"
            )

    def _check_factor(self, node: nodes.Filter, symbol: str) -> None:
        """Warn of a filter on the last factor of a product."""
        if not self._parsed.is_enclosed(node, node.lineno):
            self.maker.warn(
                self._at(node),
                f'"|{node.name}" is of what stands right before it only, not of the product; write (a {symbol} b)|{node.name}, '
                f"or a {symbol} (b|{node.name})",
            )

    def _negative(self, node: nodes.Neg) -> Node:
        return negated(self.maker, self.part(node.node), self._at(node))

    def _positive(self, node: nodes.Pos) -> Node:
        return NUMBER.fit(self.maker, self.part(node.node), '"+"')

    def _concat(self, node: nodes.Concat) -> Node:
        texts = [
            FUNCTIONS["string"].part(self.maker, [self.part(each)], self._at(each))
            for each in node.nodes
        ]
        return self.maker.call(OPERATORS["concat"], TEXT, texts[0].at, *texts)

    def _comparison(self, node: nodes.Compare) -> Node:
        if len(node.ops) > _MAX_COMPARISONS:
            at = self._parsed.column(self._parsed.start(node))
            raise MistakeError(at, f"more than {_MAX_COMPARISONS} comparisons in a row")
        before = node.expr
        found: Node | None = None
        for operand in node.ops:
            name, symbol = _COMPARISONS[operand.op]
            at = self._parsed.column(self._parsed.operator_after(before, symbol))
            one = compared(self.maker, name, self.part(before), self.part(operand.expr), at)
            found = one if found is None else self._joined(found, one, every=True)
            before = operand.expr
        assert found is not None
        return found

    def _not(self, node: nodes.Not) -> Node:
        truth = self.maker.truth(self.part(node.node))
        return self.maker.call(OPERATORS["not"], BOOL, self._at(node), truth)

    def _and(self, node: nodes.And) -> Node:
        return self._joined(self.part(node.left), self.part(node.right), every=True)

    def _or(self, node: nodes.Or) -> Node:
        return self._joined(self.part(node.left), self.part(node.right), every=False)

    def _joined(self, left: Node, right: Node, *, every: bool) -> Node:
        """Return `left and right`, or `left or right`."""
        if left.column_type.kind == "instant":  # always true, unless it is null
            if not every:
                return FUNCTIONS["default"].part(self.maker, [left, right], left.at)
            return self._chosen(self.maker.truth(left), right, Constant(NOTHING, left.at, None))
        if left.column_type == NOTHING:
            column_type = NOTHING if every else right.column_type
            return Junction(column_type, left.at, left, right, every)
        column_type, (left, right) = self.maker.united([left, right])
        return Junction(column_type, left.at, left, right, every)

    def _choice(self, node: nodes.CondExpr) -> Node:
        test = self.maker.truth(self.part(node.test))
        other = Constant(NOTHING, self._at(node), None)
        return self._chosen(
            test, self.part(node.expr1), self.part(node.expr2) if node.expr2 else other
        )

    def _chosen(self, test: Node, then: Node, other: Node) -> Node:
        if test.column_type == NOTHING:
            return Choice(other.column_type, test.at, test, then, other)
        column_type, (then, other) = self.maker.united([then, other])
        return Choice(column_type, test.at, test, then, other)

    # functions

    def _call(self, node: nodes.Call) -> Node:
        if isinstance(node.node, nodes.Getattr):
            raise MistakeError(self._at(node.node), self._method_problem(node.node.attr))
        if not isinstance(node.node, nodes.Name):
            raise MistakeError(self._at(node), "only a name can be called")
        self._check_arguments(node)
        name, at = node.node.name, self._at(node.node)
        if name == FIELD:
            return self._field(node, at)
        if name not in FUNCTIONS:
            raise MistakeError(at, unknown_function(name))
        return FUNCTIONS[name].part(self.maker, [self.part(each) for each in node.args], at)

    def _filter(self, node: nodes.Filter) -> Node:
        self._check_arguments(node)
        if node.name not in FUNCTIONS:
            raise MistakeError(self._at(node), unknown_function(node.name, "filter"))
        given: list[Any] = [node.node, *node.args]
        return FUNCTIONS[node.name].part(
            self.maker, [self.part(each) for each in given], self._at(node)
        )

    def _field(self, node: nodes.Call, at: int) -> Node:
        name = field_name(node)
        if name is None:
            raise MistakeError(at, 'field takes one name as a text: field("user-agent")')
        return self._value_of(name, self._at(node.args[0]))

    def _check_arguments(self, node: nodes.Call | nodes.Filter | nodes.Test) -> None:
        if node.kwargs or node.dyn_args or node.dyn_kwargs:
            raise MistakeError(self._at(node), "values of functions have no names: f(x, y)")

    def _method_problem(self, name: str) -> str:
        if name in FUNCTIONS:
            return f"there are no methods; write {FUNCTIONS[name].usage}"
        return f"there are no methods; {unknown_function(name)}"

    def _test(self, node: nodes.Test) -> Node:
        if node.name not in TESTS:
            raise MistakeError(self._at(node), unknown_test(node.name))
        self._check_arguments(node)
        arguments = [self.part(each) for each in (node.node, *(node.args or ()))]
        return TESTS[node.name].part(self.maker, arguments, self._at(node))

    _KINDS: ClassVar[Mapping[type[nodes.Node], Callable[["_Translator", Any], Node]]] = {
        nodes.Const: _constant, nodes.TemplateData: _text, nodes.Name: _name,
        nodes.List: _list, nodes.Tuple: _list, nodes.Dict: _object,
        nodes.Getattr: _attribute, nodes.Getitem: _item,
        **dict.fromkeys(_BINARY, _operator), nodes.Neg: _negative, nodes.Pos: _positive,
        nodes.Concat: _concat, nodes.Compare: _comparison, nodes.Not: _not,
        nodes.And: _and, nodes.Or: _or, nodes.CondExpr: _choice,
        nodes.Call: _call, nodes.Filter: _filter, nodes.Test: _test,
    }  # fmt: skip


def _is_null(node: nodes.Node) -> bool:
    """Return whether a part is written as null."""
    if isinstance(node, nodes.Name):
        return bool(node.name == NULL)
    return isinstance(node, nodes.Const) and node.value is None
