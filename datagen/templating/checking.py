"""Turns the text of a template into a checked tree, or into its problems, line by line."""

import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, islice
from math import isfinite
from typing import Any, TypeVar

from jinja2 import TemplateSyntaxError, meta, nodes

from datagen.batch import EMITTER
from datagen.columns.strftime import TimePattern
from datagen.templating.function_calls import problems_of_calls, unknown_calls, with_functions
from datagen.templating.meter import MAX_INTEGER_BITS
from datagen.templating.metering import map_tree, with_limits
from datagen.templating.sandbox import Functions, Sandbox
from datagen.templating.scopes import unset_names
from datagen.validation import did_you_mean, quoted

ENV = "env"
_LOADING: Mapping[type, str] = {
    nodes.Include: "include",
    nodes.Import: "import",
    nodes.FromImport: "from ... import",
    nodes.Extends: "extends",
    nodes.Block: "block",
}
_TOO_DEEP, _TOO_LARGE = "is nested too deeply", "a number is too large"
LONE_SURROGATE = "a lone surrogate is not a character"
_MAX_CHARACTERS, _MAX_PARTS, _MAX_DEPTH = 1_000_000, 10_000, 150  # of a template
_MAX_PROBLEMS = 100  # that are told of one
_LONG_NUMBER = re.compile(r"[\d_]{4000}")
Tree = TypeVar("Tree", bound=nodes.Node)


@dataclass(frozen=True)
class CheckedTemplate:
    """A template without problems: its tree, the fields that it uses, and whether it reads `env` and calls functions."""

    tree: nodes.Template
    names: tuple[str, ...]
    uses_env: bool
    calls_functions: bool = False


class TemplateError(ValueError):
    """A template has problems, each at a line."""

    def __init__(self, problems: list[tuple[int, str]]) -> None:
        self.problems = problems
        self.texts = [f"line {line}: {text}" for line, text in sorted(problems)]
        super().__init__(self.texts[0])


def check_template(
    text: str, fields: Mapping[str, Any], sandbox: Sandbox, *, header: bool = False
) -> CheckedTemplate:
    """Parse and check a template, or a `header`, of records with these fields.

    Raises TemplateError with all problems.
    """
    try:
        tree = with_functions(_parsed(text, sandbox), sandbox)
        used = meta.find_undeclared_variables(_without_unknown(tree, sandbox)) - set(
            sandbox.globals
        )
        unset = {id(node) for node in unset_names(tree) if node.name in used}
        own = {node.name for node in tree.find_all(nodes.Name) if node.ctx != "load"}
        calls = unknown_calls(tree, sandbox, {*own, *fields, EMITTER, ENV})
        found = chain(
            _problems(tree, _Names(fields, unset, own, calls, header), sandbox),
            problems_of_calls(tree, sandbox, {} if header else fields, unset),
        )
        problems = list(islice(dict.fromkeys(found), _MAX_PROBLEMS))
        if not problems:
            prepared = _with_environment(tree, fields)
            sandbox.compile(with_limits(prepared))
    except TemplateSyntaxError as error:
        raise TemplateError([(error.lineno, reworded(error.message))]) from None
    except (RecursionError, SyntaxError, MemoryError):  # of the Python that it becomes
        raise TemplateError([(1, _TOO_DEEP)]) from None
    if problems:
        raise TemplateError(problems)
    names = tuple(name for name in (*fields, EMITTER) if name in used)
    calls_functions = any(each.name in sandbox.calls for each in tree.find_all(nodes.Filter))
    return CheckedTemplate(prepared, names, ENV in used and ENV not in fields, calls_functions)


def free_names(text: str, functions: Functions | None = None) -> tuple[str, ...]:
    """Return the names that a template reads and does not set, in order; none if it is no template."""
    sandbox = Sandbox(functions=functions)
    try:
        tree = with_functions(_parsed(text, sandbox), sandbox)
        used = meta.find_undeclared_variables(_without_unknown(tree, sandbox))
    except (TemplateError, TemplateSyntaxError, RecursionError):
        return ()
    names = dict.fromkeys(node.name for node in tree.find_all(nodes.Name))
    return tuple(name for name in names if name in used and name not in sandbox.globals)


def _parsed(text: str, sandbox: Sandbox) -> nodes.Template:
    """Return the tree of a template. Raises TemplateError, TemplateSyntaxError, RecursionError."""
    return within_limits(text, sandbox.parse)


def within_limits(text: str, parse: Callable[[str], Tree]) -> Tree:
    """Return the tree that Jinja2 makes of a text. Raises TemplateError, and what `parse` raises."""
    if not text:
        raise TemplateError([(1, "is empty")])
    if len(text) > _MAX_CHARACTERS:
        raise TemplateError([(1, f"is longer than {_MAX_CHARACTERS:,} characters")])
    long = _LONG_NUMBER.search(text)
    try:
        tree = parse(text)
    except ValueError:  # Python reads no number of so many digits
        if long is None:
            raise
        line = text.count("\n", 0, long.start()) + 1
        raise TemplateError([(line, _TOO_LARGE)]) from None
    if _depth(tree) > _MAX_DEPTH:
        raise TemplateError([(1, _TOO_DEEP)])
    if sum(1 for _ in tree.find_all(nodes.Node)) > _MAX_PARTS:
        raise TemplateError([(1, f"has more than {_MAX_PARTS:,} parts")])
    constants = [tree] if isinstance(tree, nodes.Const) else tree.find_all(nodes.Const)
    lines = [node.lineno for node in constants if _is_too_large(node.value)]
    if lines:
        raise TemplateError([(line, _TOO_LARGE) for line in dict.fromkeys(lines)])
    return tree


def _is_too_large(value: Any) -> bool:
    """Return whether a constant cannot be computed with, or not even be written."""
    if isinstance(value, float):
        return not isfinite(value)
    return isinstance(value, int) and value.bit_length() > MAX_INTEGER_BITS


def _depth(tree: nodes.Node) -> int:
    depth, level = 0, [tree]
    while level:
        depth += 1
        level = [child for node in level for child in node.iter_child_nodes()]
    return depth


def _without_unknown(tree: nodes.Template, sandbox: Sandbox) -> Any:
    """Return a tree without unknown filters and tests, which jinja2.meta does not accept."""

    def change(node: nodes.Node) -> nodes.Node:
        if isinstance(node, nodes.Filter) and node.name not in sandbox.filters:
            return nodes.List([each for each in (node.node, *node.args) if each is not None])
        if isinstance(node, nodes.Test) and node.name not in sandbox.tests:
            return nodes.List([node.node, *node.args])
        return node

    return map_tree(tree, change)


@dataclass(frozen=True)
class _Names:
    """The names that a template may use, those that it sets, and the nodes that read one before it is set.

    `calls` says of nodes that are called what is wrong with that.
    """

    fields: Mapping[str, Any]
    unset: set[int]
    own: set[str]
    calls: Mapping[int, str]
    header: bool

    @property
    def known(self) -> list[str]:
        """Return the names that have a value."""
        return [] if self.header else [*self.fields, EMITTER]

    @property
    def has_env(self) -> bool:
        """Return whether ENV is the environment, and not a field."""
        return ENV not in self.known


def _problems(tree: nodes.Template, names: _Names, sandbox: Sandbox) -> Iterator[tuple[int, str]]:
    for node in tree.find_all(nodes.Node):
        for check in _CHECKS:
            for text in check(node, sandbox):
                yield node.lineno, text
        if isinstance(node, nodes.Name):
            for text in _name_problems(node, names):
                yield node.lineno, text
    if names.has_env:
        yield from _env_problems(tree)


def _name_problems(node: nodes.Name, names: _Names) -> Iterator[str]:
    if node.name == ENV and names.has_env:
        if node.ctx != "load":
            yield f'"{ENV}" is the environment, and cannot be set'
    elif id(node) in names.unset and node.name not in names.known:
        if id(node) in names.calls:
            yield names.calls[id(node)]
        elif node.name in (*names.fields, EMITTER):
            yield f'"{node.name}" belongs to a record; a header precedes all of them'
        elif node.name in names.own:
            yield f"{quoted(node.name)} is not set here, only later or within a loop or a block"
        else:
            hint = did_you_mean(node.name, names.known)
            yield f"no emitter has a field {quoted(node.name)}{hint}"


def _env_problems(tree: nodes.Node) -> Iterator[tuple[int, str]]:
    """Yield the problems of the environment variables that a tree reads."""
    accesses = list(tree.find_all((nodes.Getattr, nodes.Getitem)))
    direct = {
        id(each) for node in accesses if env_variable(node) for each in node.iter_child_nodes()
    }
    for name in tree.find_all(nodes.Name):
        if name.name == ENV and name.ctx == "load" and id(name) not in direct:
            yield (
                name.lineno,
                f'"{ENV}" is not a value by itself; name a variable: {{{{ {ENV}.HOME }}}}',
            )
    for node in accesses:
        variable = env_variable(node)
        if variable is not None and variable not in os.environ:
            yield node.lineno, f"the environment variable {quoted(variable)} is not set"


def lines_of_name(text: str, name: str) -> list[int]:
    """Return the lines of a template that have a name; none where the template is wrong."""
    try:
        tree = _parsed(text, Sandbox())
    except (TemplateSyntaxError, TemplateError, RecursionError):
        return []
    return sorted({node.lineno for node in tree.find_all(nodes.Name) if node.name == name})


def env_variable(node: nodes.Node) -> str | None:
    """Return the environment variable that a node reads, or None."""
    if not isinstance(node, nodes.Getattr | nodes.Getitem):
        return None
    if not isinstance(node.node, nodes.Name) or node.node.name != ENV:
        return None
    if isinstance(node, nodes.Getattr):
        return node.attr
    constant = node.arg.value if isinstance(node.arg, nodes.Const) else None
    return constant if isinstance(constant, str) else None


def _check_loading(node: nodes.Node, sandbox: Sandbox) -> Iterator[str]:
    del sandbox
    if type(node) in _LOADING:
        yield f"{_LOADING[type(node)]}: a template cannot load other templates"


def _check_known(node: nodes.Node, sandbox: Sandbox) -> Iterator[str]:
    for kind, known, what in (
        (nodes.Filter, sandbox.filters, "filter"),
        (nodes.Test, sandbox.tests, "test"),
    ):
        if isinstance(node, kind) and node.name not in known:
            names = sorted(name for name in known if name.isidentifier())
            yield f"there is no {what} {quoted(node.name)}{did_you_mean(node.name, names)}"


def _check_private(node: nodes.Node, sandbox: Sandbox) -> Iterator[str]:
    del sandbox
    name = node.attr if isinstance(node, nodes.Getattr) else None
    if isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const):
        name = node.arg.value
    if isinstance(name, str) and name.startswith("_") and env_variable(node) is None:
        yield f"{quoted(name)} is not allowed in templates"


def _check_self(node: nodes.Node, sandbox: Sandbox) -> Iterator[str]:
    del sandbox
    if isinstance(node, nodes.Name) and node.name == "self":
        yield '"self" is reserved by Jinja2'


def _check_powers(node: nodes.Node, sandbox: Sandbox) -> Iterator[str]:
    del sandbox
    if isinstance(node, nodes.Pow):
        yield "** is not allowed in templates"


def _check_patterns(node: nodes.Node, sandbox: Sandbox) -> Iterator[str]:
    del sandbox
    pattern = constant_argument(node, "strftime")
    if pattern is not None:
        try:
            TimePattern(pattern)
        except ValueError as error:
            yield f"strftime: {error}"


def _check_surrogates(node: nodes.Node, sandbox: Sandbox) -> Iterator[str]:
    del sandbox
    if isinstance(node, nodes.Const) and has_surrogates(node.value):
        yield LONE_SURROGATE


def has_surrogates(value: Any) -> bool:
    """Return whether a constant is a text with a lone surrogate."""
    return isinstance(value, str) and any("\ud800" <= each <= "\udfff" for each in value)


_CHECKS: tuple[Callable[[nodes.Node, Sandbox], Iterator[str]], ...] = (
    _check_loading, _check_known, _check_private, _check_self, _check_powers, _check_patterns, _check_surrogates,
)  # fmt: skip


def constant_argument(node: nodes.Node, method: str) -> str | None:
    """Return the one argument of a call of a method if it is a constant text, else None."""
    if not isinstance(node, nodes.Call) or not isinstance(node.node, nodes.Getattr):
        return None
    if node.node.attr != method or node.kwargs or node.dyn_args or node.dyn_kwargs:
        return None
    if len(node.args) != 1 or not isinstance(node.args[0], nodes.Const):
        return None
    value = node.args[0].value
    return value if isinstance(value, str) else None


def _with_environment(tree: nodes.Template, fields: Mapping[str, Any]) -> nodes.Template:
    """Return the tree with the values of environment variables in their places."""

    def change(node: nodes.Node) -> nodes.Node:
        variable = None if ENV in fields else env_variable(node)
        if variable is None:
            return node
        value = os.environ[variable].encode("utf-8", "replace").decode()
        return nodes.Const(value, lineno=node.lineno)

    return map_tree(tree, change)  # type: ignore[no-any-return]


def reworded(message: str | None) -> str:
    """Return a message of Jinja2 as this program words its messages."""
    text = " ".join((message or "is not a template").split()).removesuffix(".")
    return text[0].lower() + text[1:]
