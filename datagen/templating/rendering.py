"""Renders templates and parts of them by Jinja2, record by record, and reports what fails there."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from types import TracebackType
from typing import Any

from jinja2 import Template, nodes
from jinja2.exceptions import SecurityError, UndefinedError
from jinja2.runtime import Context
from jinja2.utils import missing

from datagen.columns.column import ABSENT
from datagen.errors import DatagenError
from datagen.one_line import shortened
from datagen.templating.checking import CheckedTemplate
from datagen.templating.metering import with_limits
from datagen.templating.sandbox import Sandbox

MISSING = missing  # Jinja2's value of a field that is missing
_MAX_REASON = 200  # characters of an error of Python's that are shown
_KINDS: Mapping[type[Exception], str] = {
    SecurityError: "something that is not allowed in templates",
    UndefinedError: "a value that is undefined",
    ZeroDivisionError: "division by zero",
    RecursionError: "calls that are nested too deeply",
    TypeError: "a value of an unsuitable type",
}


class RenderError(Exception):
    """A record cannot be rendered: the line of the template, and why."""

    def __init__(self, line: int, text: str) -> None:
        super().__init__(f"line {line}: {text}")
        self.line, self.text = line, text


class Renderer:
    """Renders records by one template; `fixed` are values that are the same for all of them."""

    def __init__(
        self, template: CheckedTemplate, sandbox: Sandbox, fixed: Mapping[str, Any]
    ) -> None:
        self._template, self._sandbox = template, sandbox
        self._compiled = _compile(template.tree, sandbox)
        self._root = self._compiled.root_render_func
        self._values: dict[str, Any] = {**sandbox.globals, **fixed}
        self._context = Context(sandbox, self._values, None, {})

    def render(self, names: Sequence[str], row: Sequence[Any]) -> str:
        """Return the text of one record: `row` has the values of the fields `names`. Raises RenderError."""
        context, meter = self._context, self._sandbox.meter
        self._values.update(zip(names, row, strict=True))
        meter.begin()
        if context.vars:
            context.vars.clear()
            context.exported_vars.clear()
        try:
            return meter.joined(list(self._root(context)))
        except DatagenError:
            raise
        except Exception as error:
            raise RenderError(self._line_of(error.__traceback__), self._reason(error)) from error

    def _line_of(self, trace: TracebackType | None) -> int:
        line = 1
        while trace is not None:
            if trace.tb_frame.f_code is self._root.__code__ or (
                trace.tb_frame.f_code.co_filename == self._compiled.filename
            ):
                line = self._compiled.get_corresponding_lineno(trace.tb_lineno)
            trace = trace.tb_next
        return line

    def _reason(self, error: Exception) -> str:
        """Return what went wrong, without any value of the environment."""
        kinds = [text for kind, text in _KINDS.items() if isinstance(error, kind)]
        if isinstance(error, ZeroDivisionError | RecursionError) or (
            self._template.uses_env and kinds
        ):
            return kinds[0]
        if self._template.uses_env:
            return "a value that is not suitable"
        text = " ".join(str(error).split()) or type(error).__name__
        return shortened(text, _MAX_REASON)


def text_function(
    node: nodes.Node, sandbox: Sandbox, names: Sequence[str], fixed: Mapping[str, Any]
) -> Callable[..., str | None]:
    """Return the function from the values of fields, in this order, to the text of a part of a template.

    The part reads no other field. A value may be `ABSENT`; an error gives None.
    """
    if isinstance(node, nodes.Expr):
        node = nodes.Output([node], lineno=node.lineno)
    return _function(node, sandbox, names, fixed)


def truth_function(
    node: nodes.Node, sandbox: Sandbox, names: Sequence[str], fixed: Mapping[str, Any]
) -> Callable[..., bool | None]:
    """Return the function from the values of fields, in this order, to whether an expression is true of them.

    The expression reads no other field. A value may be `ABSENT`; an error gives None.
    """
    then = nodes.Output([nodes.TemplateData("1", lineno=1)], lineno=1)
    render = _function(nodes.If(node, [then], [], [], lineno=node.lineno), sandbox, names, fixed)

    def is_true(*values: Any) -> bool | None:
        text = render(*values)
        return None if text is None else bool(text)

    return is_true


def constant_text(node: nodes.Node, sandbox: Sandbox, fixed: Mapping[str, Any]) -> str | None:
    """Return the text of a part of a template that reads no field; None for an error."""
    return text_function(node, sandbox, (), fixed)()


def constant_truth(node: nodes.Node, sandbox: Sandbox, fixed: Mapping[str, Any]) -> bool | None:
    """Return whether an expression that reads no field is true; None for an error."""
    return truth_function(node, sandbox, (), fixed)()


def _function(
    part: nodes.Node, sandbox: Sandbox, names: Sequence[str], fixed: Mapping[str, Any]
) -> Callable[..., str | None]:
    @cache
    def renderer() -> Renderer:  # compiled when it is needed first
        tree = nodes.Template([part], lineno=1)
        tree.set_environment(sandbox)
        return Renderer(CheckedTemplate(tree, tuple(names), uses_env=False), sandbox, fixed)

    def render(*values: Any) -> str | None:
        row = [MISSING if value is ABSENT else value for value in values]
        try:
            text = renderer().render(names, row)
            return text.encode("utf-8", "replace").decode()
        except RenderError:
            return None

    return render


def _compile(tree: nodes.Template, sandbox: Sandbox) -> Template:
    code = sandbox.compile(with_limits(tree), filename="<template>")
    template = sandbox.template_class.from_code(sandbox, code, {}, None)
    template.filename = "<template>"
    return template
