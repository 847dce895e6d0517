"""Renders trees by Jinja2, record by record, and tells what goes wrong there."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import TracebackType
from typing import Any

from jinja2 import Template, nodes
from jinja2.exceptions import SecurityError, UndefinedError
from jinja2.runtime import Context
from jinja2.utils import missing

from datagen.errors import DatagenError
from datagen.templating.checking import Checked, copied
from datagen.templating.sandbox import MAX_CHARACTERS, Sandbox

MISSING = missing
_KINDS: Mapping[type[Exception], str] = {
    SecurityError: "something that templates may not do",
    UndefinedError: "a value that there is not",
    ZeroDivisionError: "division by zero",
    RecursionError: "calls that are nested too deeply",
    TypeError: "a value of a type that does not suit",
}


class RenderError(Exception):
    """A record cannot be rendered: the line of the template, and why."""

    def __init__(self, line: int, text: str) -> None:
        super().__init__(f"line {line}: {text}")
        self.line, self.text = line, text


class Renderer:
    """Renders one tree; `fixed` are values that are the same for all records."""

    def __init__(self, template: Checked, sandbox: Sandbox, fixed: Mapping[str, Any]) -> None:
        self._template, self._sandbox = template, sandbox
        self._compiled = compiled(template.tree, sandbox)
        self._root = self._compiled.root_render_func
        self._values: dict[str, Any] = {**sandbox.globals, **fixed}
        self._context = Context(sandbox, self._values, None, {})
        self._loops = any(True for _ in template.tree.find_all((nodes.For, nodes.Macro)))

    def one(self, names: Sequence[str], row: Sequence[Any]) -> str:
        """Return the text of one record. Raises RenderError."""
        context, sandbox = self._context, self._sandbox
        self._values.update(zip(names, row, strict=True))
        sandbox.steps = sandbox.characters = 0
        if context.vars:
            context.vars.clear()
            context.exported_vars.clear()
        try:
            parts = self._root(context)
            return "".join(self._counted(parts) if self._loops else parts)
        except DatagenError:
            raise
        except Exception as error:
            raise RenderError(self._line(error.__traceback__), self._reason(error)) from error

    def _counted(self, parts: Iterator[str]) -> Iterator[str]:
        size = 0
        for part in parts:
            size += len(part)
            if size > MAX_CHARACTERS:
                raise SecurityError(f"more than {MAX_CHARACTERS:,} characters in a record")
            yield part

    def _line(self, trace: TracebackType | None) -> int:
        line = 1
        while trace is not None:
            if trace.tb_frame.f_code is self._root.__code__ or (
                trace.tb_frame.f_code.co_filename == self._compiled.filename
            ):
                line = self._compiled.get_corresponding_lineno(trace.tb_lineno)
            trace = trace.tb_next
        return line

    def _reason(self, error: Exception) -> str:
        """Say what went wrong, without a value of the environment."""
        kinds = [text for kind, text in _KINDS.items() if isinstance(error, kind)]
        if isinstance(error, ZeroDivisionError | RecursionError) or (self._template.env and kinds):
            return kinds[0]
        if self._template.env:
            return "a value that does not suit"
        text = " ".join(str(error).split()) or type(error).__name__
        return text if len(text) <= 200 else text[:197] + "..."


def compiled(tree: nodes.Template, sandbox: Sandbox) -> Template:
    """Compile a tree."""
    code = sandbox.compile(copied(tree), filename="<template>")
    made = sandbox.template_class.from_code(sandbox, code, {}, None)
    made.filename = "<template>"
    return made


def single(
    body: list[nodes.Node], sandbox: Sandbox, name: str, fixed: Mapping[str, Any], absent: object
) -> Callable[[Any], str | None]:
    """Return what renders a part of a template from one field; None where that raises an error."""
    made: list[Renderer] = []

    def render(value: Any) -> str | None:
        if not made:
            tree = nodes.Template(body, lineno=1)
            tree.set_environment(sandbox)
            made.append(Renderer(Checked(tree, (name,), env=False), sandbox, fixed))
        try:
            text = made[0].one((name,), (MISSING if value is absent else value,))
            return text.encode("utf-8", "replace").decode()
        except RenderError:
            return None

    return render


def folded(body: list[nodes.Node], sandbox: Sandbox, fixed: Mapping[str, Any]) -> str | None:
    """Render a part of a template that uses no field; None where that raises an error."""
    return single(body, sandbox, "", fixed, None)(None)
