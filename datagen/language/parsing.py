"""Turns the text of an expression into Jinja2's tree, whose lines are the numbers of its tokens.

Jinja2's nodes know their lines only. So each token gets a line of its own before Jinja2 parses them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple

from jinja2 import TemplateSyntaxError, nodes
from jinja2.parser import Parser

from datagen.language.problems import ExpressionError
from datagen.language.tree import INSTANT_NAME
from datagen.one_line import printable
from datagen.templating.checking import TemplateError, reworded, within_limits
from datagen.templating.sandbox import Sandbox
from datagen.timeline import Use

NULL = "null"  # a name that is none, as in JSON
FIELD = "field"  # a function that reads any name
PERIOD_FUNCTIONS = ("during", "ramp", "progress")
_MAX_CHARACTERS = 100_000  # of an expression
_ESCAPED = re.compile(r"\\.|\n", re.DOTALL)
_BRACES = ("{{", "}}")
_OPENING, _CLOSING = ("(", "[", "{"), (")", "]", "}")
_UNEXPECTED = {
    "&": '; write "and"', "!": '; write "not"', "?": '; write "x if condition else y"',
    "=": '; "==" compares', "|": '; "or" joins conditions, and the name of a function follows "|"',
    ";": "; an expression is one value", "$": "; names have no sign before them",
    **dict.fromkeys(("{{", "}}"), "; what stands here is already an expression, without {{ and }}"),
}  # fmt: skip


class Token(NamedTuple):
    """A token of Jinja2's: its text, and its column, from 1."""

    text: str
    column: int


@dataclass(frozen=True)
class ParsedExpression:
    """Jinja2's tree of an expression, and its tokens: the line of a node is the number of its token, from 1."""

    tree: nodes.Expr
    tokens: tuple[Token, ...]

    def column(self, number: int) -> int:
        """Return the column of a token, by its number from 1."""
        return self.tokens[max(min(number, len(self.tokens)), 1) - 1].column

    def start(self, node: nodes.Node) -> int:
        """Return the number of the first token of a part, without parentheses around it."""
        return min(each.lineno for each in _with_descendants(node))

    def end(self, node: nodes.Node) -> int:
        """Return the number of the last token of a part but for what closes it."""
        return max(each.lineno for each in _with_descendants(node) if not isinstance(each, _ROVING))

    def operator_after(self, node: nodes.Node, symbol: str) -> int:
        """Return the number of the operator that follows a part."""
        rest = range(self.end(node), len(self.tokens) + 1)
        return next((each for each in rest if self.tokens[each - 1].text == symbol), rest[0])

    def is_enclosed(self, node: nodes.Node, end: int, limit: int | None = None) -> bool:
        """Return whether parentheses around a part close after a token, by its number, and before a limit."""
        opening = self.start(node) - 1
        limit = len(self.tokens) + 1 if limit is None else limit
        while opening >= 1 and self.tokens[opening - 1].text == "(" and not self._calls(opening):
            if end < self._closing.get(opening, 0) < limit:
                return True
            opening -= 1
        return False

    def _calls(self, opening: int) -> bool:
        """Return whether a parenthesis belongs to a call."""
        before = self.tokens[opening - 2].text if opening > 1 else ""
        return before.isidentifier() and before not in _WORDS

    @cached_property
    def _closing(self) -> dict[int, int]:
        """Return for each parenthesis the number of the one that closes it."""
        found, opened = {}, []
        for number, token in enumerate(self.tokens, start=1):
            if token.text in _OPENING:
                opened.append(number)
            elif token.text in _CLOSING and opened:
                found[opened.pop()] = number
        return found


_WORDS = frozenset(("and", "or", "not", "if", "else", "in", "is"))
_ROVING = (
    nodes.BinExpr,
    nodes.Compare,
    nodes.Concat,
)  # whose line may be that of the next operator


@lru_cache(maxsize=1024)
def parsed(text: str) -> ParsedExpression:
    """Return an expression as Jinja2 reads it. Raises ExpressionError."""
    if not text.strip():
        raise ExpressionError([(1, "is empty")])
    if len(text) > _MAX_CHARACTERS:
        raise ExpressionError([(1, f"is longer than {_MAX_CHARACTERS:,} characters")])
    tokens: tuple[Token, ...] = ()
    try:
        tokens = tuple(_tokens(text))
        if [each.text for each in tokens[:2]] == ["{", "{"]:
            raise ExpressionError([(tokens[0].column, _unexpected("{{"))])
        lines = "\n".join(_on_one_line(each.text) for each in tokens)
        tree = within_limits(lines, lambda lines: _tree(lines, tokens, len(text) + 1))
    except TemplateError as error:
        columns = [
            (tokens[min(line, len(tokens)) - 1].column if tokens else 1, problem)
            for line, problem in error.problems
        ]
        raise ExpressionError(columns) from None
    except RecursionError:
        raise ExpressionError([(1, "is nested too deeply")]) from None
    return ParsedExpression(tree, tokens)


_DEFAULT = "default"


def names_in(tree: nodes.Expr) -> tuple[str, ...]:
    """Return the names whose values an expression reads, in order of appearance."""
    every = sorted(_with_descendants(tree), key=lambda node: node.lineno)
    called = {id(each.node) for each in every if isinstance(each, nodes.Call)}
    found = (_name(each) for each in every if id(each) not in called)
    return tuple(dict.fromkeys(name for name in found if name is not None))


def uses_in(tree: nodes.Expr) -> tuple[Use, ...]:
    """Return the functions of periods that look at the instant of the visit, each with the name of its period."""
    return tuple(dict.fromkeys(filter(None, map(_use, _with_descendants(tree)))))


def names_needed_in(tree: nodes.Expr) -> tuple[str, ...]:
    """Return the names that an expression reads elsewhere than in the first argument of `default`."""
    every = list(_with_descendants(tree))
    replaced = [part for each in every for part in _defaulted(each)]
    guarded = {id(inner) for part in replaced for inner in _with_descendants(part)}
    found = {_name(each) for each in every if id(each) not in guarded}
    return tuple(name for name in names_in(tree) if name in found)


def _defaulted(node: nodes.Node) -> Iterator[nodes.Node]:
    """Yield what `default` replaces where it is null, for a node that is such a call or filter."""
    if isinstance(node, nodes.Filter) and node.name == _DEFAULT and node.node is not None:
        yield node.node
    if isinstance(node, nodes.Call) and isinstance(node.node, nodes.Name):
        yield from node.args[:1] if node.node.name == _DEFAULT else ()


def field_name(node: nodes.Node) -> str | None:
    """Return the name that `field("a name")` reads, None for anything else."""
    if not isinstance(node, nodes.Call) or not isinstance(node.node, nodes.Name):
        return None
    if node.node.name != FIELD or len(node.args) != 1 or not isinstance(node.args[0], nodes.Const):
        return None
    name = node.args[0].value
    return name if isinstance(name, str) else None


def _use(node: nodes.Node) -> Use | None:
    """Return the function of periods that a node calls without an instant, and the period: "" for a computed one."""
    name, given = "", list[nodes.Node | None]()
    if isinstance(node, nodes.Filter):
        name, given = node.name, [node.node, *node.args]
    elif isinstance(node, nodes.Call) and isinstance(node.node, nodes.Name):
        name, given = node.node.name, [*node.args]
    if name not in PERIOD_FUNCTIONS or len(given) != 1:
        return None
    return name, str(given[0].value) if isinstance(given[0], nodes.Const) else ""


def _name(node: nodes.Node) -> str | None:
    if _use(node):
        return INSTANT_NAME
    if isinstance(node, nodes.Name):
        return None if node.name == NULL else str(node.name)
    return field_name(node)


def _with_descendants(node: nodes.Node) -> Iterator[nodes.Node]:
    """Yield a node and all in it that have a line."""
    yield node
    yield from (each for each in node.find_all(nodes.Node) if not isinstance(each, nodes.Operand))


@lru_cache(maxsize=1)
def _sandbox() -> Sandbox:
    return Sandbox()


def _tokens(text: str) -> Iterator[Token]:
    place = 0
    try:
        for _, kind, value in _sandbox().lexer.tokeniter(text, None, state="variable"):
            if kind in ("variable_end", "data"):
                break
            if kind != "whitespace":
                yield Token(value, place + 1)
            place += len(value)
        else:
            return
    except TemplateSyntaxError:
        pass
    size = 2 if text[place : place + 2] in _BRACES else 1
    raise ExpressionError([(place + 1, _unexpected(text[place : place + size]))])


def _on_one_line(token: str) -> str:
    """Return a token with escapes in place of the newlines of a text."""
    if "\n" not in token:
        return token
    return _ESCAPED.sub(lambda found: {"\n": "\\n", "\\\n": ""}.get(found[0], found[0]), token)


def _tree(lines: str, tokens: tuple[Token, ...], after: int) -> nodes.Expr:
    try:
        parser = Parser(_sandbox(), lines, state="variable")
        tree = parser.parse_expression()
    except TemplateSyntaxError as error:
        raise ExpressionError([_syntax_problem(error, tokens, after)]) from None
    current = parser.stream.current
    if current.type != "eof":
        token = tokens[current.lineno - 1]
        raise ExpressionError([(token.column, _unexpected(token.text))])
    return tree


def _syntax_problem(
    error: TemplateSyntaxError, tokens: tuple[Token, ...], after: int
) -> tuple[int, str]:
    token = tokens[min(error.lineno, len(tokens)) - 1]
    if error.lineno >= len(tokens) and token.text not in _CLOSING:
        return after, "ends too early"
    if token.text in _UNEXPECTED:
        return token.column, _unexpected(token.text)
    if token.text == "for":
        return token.column, "there are no loops; lines.price is the list of the prices of lines"
    return token.column, reworded(error.message)


def _unexpected(text: str) -> str:
    if text in ('"', "'"):
        return "the text that begins here has no end"
    return f'unexpected "{printable(text, 30)}"{_UNEXPECTED.get(text, "")}'
