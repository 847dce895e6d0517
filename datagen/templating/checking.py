"""Turns the text of a template into a checked tree, or into what is wrong with it, line by line."""

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from jinja2 import TemplateSyntaxError, meta, nodes

from datagen.columns.strftime import TimePattern
from datagen.spec.record_schema import EMITTER
from datagen.templating.sandbox import JOIN, STEP, Sandbox
from datagen.validation import did_you_mean, quoted

ENV = "env"
_LOADED: Mapping[type, str] = {
    nodes.Include: "include",
    nodes.Import: "import",
    nodes.FromImport: "from ... import",
    nodes.Extends: "extends",
    nodes.Block: "block",
}
_TOO_DEEP = "is nested too deeply"


@dataclass(frozen=True)
class Checked:
    """A template that has passed: its tree, and the fields that it uses."""

    tree: nodes.Template
    names: tuple[str, ...]
    env: bool


class TemplateError(ValueError):
    """A template has mistakes, each at a line."""

    def __init__(self, problems: list[tuple[int, str]]) -> None:
        self.texts = [f"line {line}: {text}" for line, text in sorted(problems)]
        super().__init__(self.texts[0])


def checked(
    text: str, fields: Mapping[str, Any], sandbox: Sandbox, *, header: bool = False
) -> Checked:
    """Read a template over these fields. Raises TemplateError."""
    if not text:
        raise TemplateError([(1, "is empty")])
    try:
        tree = sandbox.parse(text)
        used = meta.find_undeclared_variables(_known_only(tree, sandbox)) - set(sandbox.globals)
        problems = list(_problems(tree, used, fields, sandbox, header))
        if not problems:
            prepared = rebuilt(tree, fields)
            sandbox.compile(copied(prepared))
    except TemplateSyntaxError as error:
        raise TemplateError([(error.lineno, _sentence(error.message))]) from None
    except (RecursionError, SyntaxError, MemoryError):  # of the Python that it becomes
        raise TemplateError([(1, _TOO_DEEP)]) from None
    if problems:
        raise TemplateError(list(dict.fromkeys(problems)))
    names = tuple(name for name in (*fields, EMITTER) if name in used)
    return Checked(prepared, names, ENV in used and ENV not in fields)


def _known_only(tree: nodes.Template, sandbox: Sandbox) -> Any:
    """Return a tree without the filters and tests that there are not."""

    def change(node: nodes.Node) -> nodes.Node:
        if isinstance(node, nodes.Filter) and node.name not in sandbox.filters:
            return nodes.List([each for each in (node.node, *node.args) if each is not None])
        if isinstance(node, nodes.Test) and node.name not in sandbox.tests:
            return nodes.List([node.node, *node.args])
        return node

    return _walked(tree, change)


def _problems(
    tree: nodes.Template,
    used: set[str],
    fields: Mapping[str, Any],
    sandbox: Sandbox,
    header: bool,
) -> Iterator[tuple[int, str]]:
    known = [] if header else [*fields, EMITTER]
    for node in tree.find_all(nodes.Node):
        for find in _FINDS:
            for text in find(node, sandbox):
                yield node.lineno, text
        if isinstance(node, nodes.Name) and node.name == ENV and ENV not in known:
            if node.ctx != "load":
                yield node.lineno, f'"{ENV}" is the environment, and cannot be set'
        elif isinstance(node, nodes.Name) and node.name in used and node.name not in known:
            if header and node.name in (*fields, EMITTER):
                text = f'"{node.name}" belongs to a record; a header stands before all of them'
            else:
                text = f"no emitter has a field {quoted(node.name)}{did_you_mean(node.name, known)}"
            yield node.lineno, text
    if ENV not in known:
        yield from _env_problems(tree)


def _env_problems(tree: nodes.Node) -> Iterator[tuple[int, str]]:
    """Yield what is wrong with the variables of the environment that a tree asks for."""
    asked = list(tree.find_all((nodes.Getattr, nodes.Getitem)))
    direct = {id(each) for node in asked if env_name(node) for each in node.iter_child_nodes()}
    for name in tree.find_all(nodes.Name):
        if name.name == ENV and name.ctx == "load" and id(name) not in direct:
            yield (
                name.lineno,
                f'"{ENV}" is no value of its own; name a variable: {{{{ {ENV}.HOME }}}}',
            )
    for node in asked:
        variable = env_name(node)
        if variable is not None and variable not in os.environ:
            yield node.lineno, f"the environment variable {quoted(variable)} is not set"


def env_name(node: nodes.Node) -> str | None:
    """Return the variable of the environment that a node stands for, if it does."""
    if not isinstance(node, nodes.Getattr | nodes.Getitem):
        return None
    if not isinstance(node.node, nodes.Name) or node.node.name != ENV:
        return None
    if isinstance(node, nodes.Getattr):
        return node.attr
    constant = node.arg.value if isinstance(node.arg, nodes.Const) else None
    return constant if isinstance(constant, str) else None


def _loaded(node: nodes.Node, sandbox: Sandbox) -> Iterator[str]:
    del sandbox
    if type(node) in _LOADED:
        yield f"{_LOADED[type(node)]}: a template is whole in itself, and loads no other"


def _unknown(node: nodes.Node, sandbox: Sandbox) -> Iterator[str]:
    for kind, known, what in (
        (nodes.Filter, sandbox.filters, "filter"),
        (nodes.Test, sandbox.tests, "test"),
    ):
        if isinstance(node, kind) and node.name not in known:
            names = sorted(name for name in known if name.isidentifier())
            yield f"there is no {what} {quoted(node.name)}{did_you_mean(node.name, names)}"


def _private(node: nodes.Node, sandbox: Sandbox) -> Iterator[str]:
    del sandbox
    name = node.attr if isinstance(node, nodes.Getattr) else None
    if isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const):
        name = node.arg.value
    if isinstance(name, str) and name.startswith("_") and env_name(node) is None:
        yield f"{quoted(name)} is not for templates"


def _own_words(node: nodes.Node, sandbox: Sandbox) -> Iterator[str]:
    del sandbox
    if isinstance(node, nodes.Name) and node.name == "self":
        yield '"self" is a word of Jinja2\'s own'


def _powers(node: nodes.Node, sandbox: Sandbox) -> Iterator[str]:
    del sandbox
    if isinstance(node, nodes.Pow):
        yield "** is not for templates"


def _patterns(node: nodes.Node, sandbox: Sandbox) -> Iterator[str]:
    del sandbox
    pattern = constant_call(node, "strftime")
    if pattern is not None:
        try:
            TimePattern(pattern)
        except ValueError as error:
            yield f"strftime: {error}"


def _surrogates(node: nodes.Node, sandbox: Sandbox) -> Iterator[str]:
    del sandbox
    value = node.value if isinstance(node, nodes.Const) else None
    if isinstance(value, str) and any("\ud800" <= each <= "\udfff" for each in value):
        yield "half of a surrogate pair is no character"


_FINDS: tuple[Callable[[nodes.Node, Sandbox], Iterator[str]], ...] = (
    _loaded, _unknown, _private, _own_words, _powers, _patterns, _surrogates,
)  # fmt: skip


def constant_call(node: nodes.Node, method: str) -> str | None:
    """Return the text that a method is called with, where it is called with one that is constant."""
    if not isinstance(node, nodes.Call) or not isinstance(node.node, nodes.Getattr):
        return None
    if node.node.attr != method or node.kwargs or node.dyn_args or node.dyn_kwargs:
        return None
    if len(node.args) != 1 or not isinstance(node.args[0], nodes.Const):
        return None
    value = node.args[0].value
    return value if isinstance(value, str) else None


def rebuilt(tree: nodes.Template, fields: Mapping[str, Any]) -> nodes.Template:
    """Return the tree with the variables of the environment in their places."""

    def change(node: nodes.Node) -> nodes.Node:
        variable = None if ENV in fields else env_name(node)
        if variable is None:
            return node
        value = os.environ[variable].encode("utf-8", "replace").decode()
        return nodes.Const(value, lineno=node.lineno)

    return _walked(tree, change)  # type: ignore[no-any-return]


def copied(tree: Any) -> Any:
    """Return a tree as it is compiled: with our way of joining values, and with loops that count."""

    def change(node: nodes.Node) -> nodes.Node:
        if isinstance(node, nodes.Concat):
            parts = nodes.List(node.nodes, lineno=node.lineno)
            return nodes.Filter(parts, JOIN, [], [], None, None, lineno=node.lineno)
        if isinstance(node, nodes.For):
            node.iter = nodes.Filter(node.iter, STEP, [], [], None, None, lineno=node.lineno)
        return node

    return _walked(tree, change)


def _walked(tree: Any, change: Callable[[nodes.Node], nodes.Node]) -> Any:
    """Copy a tree, from its leaves up."""
    if isinstance(tree, list | tuple):
        return type(tree)(_walked(each, change) for each in tree)
    if not isinstance(tree, nodes.Node):
        return tree
    parts = [_walked(getattr(tree, name), change) for name in tree.fields]
    attributes = {name: getattr(tree, name) for name in tree.attributes if hasattr(tree, name)}
    made = change(type(tree)(*parts, **attributes))
    made.environment = tree.environment
    return made


def _sentence(message: str | None) -> str:
    """Write what Jinja2 says in the tone of this program."""
    text = " ".join((message or "is no template").split()).removesuffix(".")
    return text[0].lower() + text[1:]
