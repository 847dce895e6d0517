"""Templates: a text in Jinja2's language that the specification holds under a name.

A template that stays within what columns can do becomes a plan for each emitter; any other is
rendered by Jinja2. Jinja2 is imported only here, when a template is used or checked.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, Literal

import numpy as np
import pyarrow as pa

from datagen.arrays import Ints
from datagen.batch import Batch, Group, Section
from datagen.columns.column import GatheredColumn
from datagen.columns.json_text import Text, join
from datagen.errors import Path, RunError
from datagen.formats.base import FORMATS, Format, Formatter, in_order
from datagen.formats.column_plan import ColumnPlan
from datagen.formats.rendered import Encoding, Payload, RecordBytes
from datagen.spec.document import Template
from datagen.spec.record_schema import EMITTER, RecordSchema, Specification
from datagen.validation import Text as Name
from datagen.validation import did_you_mean, quoted


@FORMATS.register
class TemplateFormat(Format):
    """A template of the specification, by its name."""

    needs_schema: ClassVar[bool] = True
    type: Literal["template"] = "template"
    name: Name

    def compile(self, spec: Specification) -> Formatter:
        return TemplateFormatter(self.name, spec.templates[self.name], spec.record_schema)

    def check(self, spec: Specification) -> Iterator[tuple[Path, str]]:
        if self.name not in spec.templates:
            none = "" if spec.templates else "; the specification has no templates"
            hint = did_you_mean(self.name, spec.templates)
            yield ("name",), f"no template {quoted(self.name)}{hint}{none}"

    def described(self, spec: Specification) -> str:
        template = spec.templates[self.name]
        formatter = TemplateFormatter(self.name, template, spec.record_schema)
        return f"template {formatter.name}: {formatter.way}"


def template_problems(spec: Specification) -> Iterator[tuple[Path, str]]:
    """Yield what is wrong with the templates of a specification."""
    table = spec.record_schema
    for name, template in spec.templates.items():
        for key in ("body", "header"):
            for text in _mistakes(template, key, table):
                yield ("templates", name, key), text


def _mistakes(template: Template, key: str, table: RecordSchema) -> Sequence[str]:
    from datagen.templating import Sandbox, TemplateError, checked  # noqa: PLC0415 - Jinja2

    try:
        if key == "body":
            checked(template.body, table.columns, Sandbox())
        elif template.header:
            header_of(template, table)
    except TemplateError as error:
        return error.texts
    return ()


def header_of(template: Template, table: RecordSchema) -> bytes:
    """Render what stands before the first record. Raises TemplateError."""
    from datagen.templating import (  # noqa: PLC0415 - Jinja2
        Renderer,
        RenderError,
        Sandbox,
        TemplateError,
        checked,
    )

    if not template.header:
        return b""
    sandbox = Sandbox()
    tree = checked(template.header, table.columns, sandbox, header=True)
    try:
        text = Renderer(tree, sandbox, {}).one((), ())
    except RenderError as error:
        raise TemplateError([(error.line, error.text)]) from None
    return f"{text}\n".encode("utf-8", "replace")


class TemplateFormatter(Formatter):
    """Writes each record by a template: as columns where that is possible, else by Jinja2."""

    def __init__(self, name: str, template: Template, table: RecordSchema) -> None:
        from datagen.templating import Sandbox, checked  # noqa: PLC0415 - Jinja2

        self.name = quoted(name)[1:-1]
        self._table, self._sandbox = table, Sandbox()
        self._checked = checked(template.body, table.columns, self._sandbox)
        self._renderers: dict[str, Any] = {}
        header = header_of(template, table)
        self.encoding = Encoding(is_json=False, media_type="text/plain", header=header)
        self._reasons: dict[str, str] = {}
        self._plans = {emitter: self._plan(emitter) for emitter in table.emitters}

    @property
    def way(self) -> str:
        """Tell which way records are written, and what keeps them from being columns."""
        if not self._reasons:
            return "as columns"
        emitter, why = next(iter(self._reasons.items()))
        some = f' for the emitter "{emitter}"' if len(self._reasons) < len(self._plans) else ""
        return f"by Jinja2, record by record{some} ({why})"

    def render(self, batch: Batch) -> Payload:
        if not batch.groups:
            return self.empty()
        texts, stops = [], []
        for group in batch.groups:
            text, stop = self._texts(group)
            texts.append(text)
            stops += [stop] if stop else []
        first = min(stops, key=lambda stop: stop[0], default=None)
        return RecordBytes.of_texts(in_order(batch, texts), self.encoding, first)

    def _plan(self, emitter: str) -> ColumnPlan | None:
        from datagen.formats.translation import Translation  # noqa: PLC0415 - Jinja2
        from datagen.templating import NoColumnsError  # noqa: PLC0415 - Jinja2

        columns, fixed = self._table.emitters[emitter], self._fixed(emitter)
        try:
            return Translation(columns, self._sandbox, fixed).plan(self._checked.tree)
        except NoColumnsError as error:
            self._reasons[emitter] = str(error)
        except RecursionError:
            self._reasons[emitter] = "it is nested deeply"
        return None

    def _fixed(self, emitter: str) -> Mapping[str, Any]:
        return {} if EMITTER in self._table.columns else {EMITTER: emitter}

    def _texts(self, group: Group) -> tuple[Text, tuple[int, RunError] | None]:
        """Return the text of each record of a group, and at which record of the batch that ends."""
        plan = self._plans[group.emitter]
        try:
            texts = None if plan is None else plan.texts(group)
        except RecursionError:
            texts = None
        if texts is None or texts.null_count:
            return self._rendered(group)
        return texts, None

    def _rendered(self, group: Group) -> tuple[Text, tuple[int, RunError] | None]:
        from datagen.templating import MISSING, Renderer, RenderError  # noqa: PLC0415 - Jinja2

        if group.emitter not in self._renderers:
            fixed = self._fixed(group.emitter)
            self._renderers[group.emitter] = Renderer(self._checked, self._sandbox, fixed)
        render = self._renderers[group.emitter].one
        texts: list[str] = []
        names = [
            name for name in self._checked.names if name in self._table.emitters[group.emitter]
        ]
        firsts, which = _combinations(group, names)
        stop = None
        try:
            for row in _rows(group, names, firsts, MISSING):
                texts.append(render(names, row))  # noqa: PERF401 - they stay when one fails
        except RenderError as error:
            failed = int(firsts[len(texts)])
            where = f"template {self.name}: {error}"
            stop = int(group.rows[failed]), RunError(where)
            texts += [""] * (len(firsts) - len(texts))
        made = join([_array(texts), "\n"], len(texts))
        return (made if which is None else made.take(pa.array(which))), stop


def _rows(group: Group, names: Sequence[str], rows: Ints, absent: Any) -> Iterator[tuple[Any, ...]]:
    """Yield the values of some fields at some records."""
    if not names:
        yield from ((),) * len(rows)
        return
    columns = [group.column(name) for name in names]
    whole = len(rows) == len(group.rows)
    lists = [
        (column if whole else column.take(rows)).plain(absent)
        for column in columns
        if column is not None
    ]
    yield from zip(*lists, strict=True)


def _combinations(group: Group, names: Sequence[str]) -> tuple[Ints, Ints | None]:
    """Find the records whose fields differ, in order, and for each record which of them it is like.

    That is told from what columns are gathered from; None where too many differ, and all are given.
    """
    everything = np.arange(len(group.rows)), None
    code = np.zeros(len(group.rows), dtype=np.int64)
    for section in group.sections:
        if not set(names) & set(section.names):
            continue
        indices = [section.index] if section.index is not None else _indices(section, names)
        for index in indices:
            if index is None:
                return everything
            _, code = np.unique(
                code * (int(index.max(initial=0)) + 3) + index + 2, return_inverse=True
            )
    _, firsts, which = np.unique(code, return_index=True, return_inverse=True)
    if 2 * len(firsts) > len(code):
        return everything
    order = np.argsort(firsts)
    ranks = np.empty_like(order)
    ranks[order] = np.arange(len(order))
    return firsts[order], ranks[which]


def _indices(section: Section, names: Sequence[str]) -> Iterator[Ints | None]:
    for name, column in zip(section.names, section.columns, strict=True):
        if name in names:
            yield column.index if isinstance(column, GatheredColumn) else None


def _array(texts: list[str]) -> Text:
    try:
        return pa.array(texts, pa.string())
    except UnicodeEncodeError:
        return pa.array([each.encode("utf-8", "replace") for each in texts]).cast(pa.string())
