"""The format `template`: records by a text in Jinja2's language, which the specification names.

A template that columns can compute becomes a column plan for each emitter; any other is rendered by
Jinja2. Jinja2 is imported inside functions, when a template is used or checked.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, ClassVar, Literal

import numpy as np
import pyarrow as pa

from datagen.arrays import Ints, TextArray
from datagen.batch import EMITTER, EVENT_NUMBER, POPULATION, Batch, Group, Section
from datagen.columns.column import GatheredColumn
from datagen.columns.column_type import INT, TEXT, ColumnType
from datagen.columns.combinations import combinations
from datagen.columns.json_text import join
from datagen.errors import Path, RunError
from datagen.formats.base import FORMATS, Format, Formatter, in_order
from datagen.formats.column_plan import ColumnPlan
from datagen.formats.encoding import Encoding
from datagen.formats.rendered import Payload, RecordBytes, Stop
from datagen.instants import NAIVE, Style
from datagen.language import NO_TIMELINE, TIME
from datagen.spec.document import Template
from datagen.spec.record_schema import RecordSchema, Specification
from datagen.timeline import Timeline
from datagen.validation import UnicodeText, did_you_mean, quoted

_MAX_BATCH = 1 << 30  # characters of the records that are made at a time
_TOO_LARGE = "records grow too large, too fast: more than 1 GB at a time"
NO_TABLES: Mapping[str, Any] = MappingProxyType({})
_BESIDES: Mapping[str, ColumnType] = {POPULATION: TEXT, EVENT_NUMBER: INT}
_SHORT = ("int", "float", "bool", "instant")  # kinds of values that have short texts


@FORMATS.register
class TemplateFormat(Format):
    """A template of the specification, by its name."""

    needs_schema: ClassVar[bool] = True
    names_fields: ClassVar[bool] = False
    type: Literal["template"] = "template"
    name: UnicodeText

    @property
    def templates(self) -> tuple[str, ...]:
        return (self.name,)

    def compile(self, spec: Specification) -> Formatter:
        template = spec.templates[self.name]
        return TemplateFormatter(
            self.name, template, spec.record_schema, spec.tables, spec.run_timeline, spec.clock
        )

    def numbers_events(self, spec: Specification) -> bool:
        names = _besides(spec.templates[self.name]) if self.name in spec.templates else ()
        return EVENT_NUMBER in names and EVENT_NUMBER not in spec.record_schema.columns

    def check(self, spec: Specification) -> Iterator[tuple[Path, str]]:
        if self.name not in spec.templates:
            none = "" if spec.templates else "; the specification has no templates"
            hint = did_you_mean(self.name, spec.templates)
            yield ("name",), f"no template {quoted(self.name)}{hint}{none}"

    def described(self, spec: Specification) -> str:
        template = spec.templates[self.name]
        formatter = TemplateFormatter(
            self.name, template, spec.record_schema, spec.tables, spec.run_timeline, spec.clock
        )
        return f"template {formatter.name}: {formatter.method}"


def template_problems(spec: Specification) -> Iterator[tuple[Path, str]]:
    """Yield the problems of the templates of a specification, with their paths."""
    sandbox = _sandbox(spec.tables, spec.run_timeline, spec.clock) if spec.templates else None
    for name, template in spec.templates.items():
        record_schema = _with_besides(spec.record_schema, _besides(template))
        for key in ("body", "header"):
            for text in _texts_of_problems(template, key, record_schema, sandbox):
                yield ("templates", name, key), text


def _besides(template: Template) -> tuple[str, ...]:
    """Return what a template may show of a record besides its fields."""
    return tuple(name for name in _BESIDES if name in template.body)


def _with_besides(record_schema: RecordSchema, names: Sequence[str]) -> RecordSchema:
    """Return the columns of records with these names besides."""
    for name in names:
        record_schema = record_schema.with_column(name, _BESIDES[name])
    return record_schema


def lines_of_environment(spec: Specification) -> Iterator[tuple[Path, int]]:
    """Yield where the templates of a specification read the environment, used or not."""
    from datagen.templating import ENV, lines_of_name  # noqa: PLC0415 - Jinja2

    for name, template in spec.templates.items():
        yield from (
            (("templates", name, "header"), line)
            for line in lines_of_name(template.header or "", ENV)
        )
        if ENV not in spec.record_schema.columns:
            yield from (
                (("templates", name, "body"), line) for line in lines_of_name(template.body, ENV)
            )


def _texts_of_problems(
    template: Template, key: str, record_schema: RecordSchema, sandbox: Any
) -> Sequence[str]:
    from datagen.templating import TemplateError, check_template  # noqa: PLC0415 - Jinja2

    try:
        if key == "body":
            check_template(template.body, record_schema.columns, sandbox)
        elif template.header:
            header_of(template, record_schema, sandbox)
    except TemplateError as error:
        return error.texts
    return ()


def header_of(template: Template, record_schema: RecordSchema, sandbox: Any = None) -> bytes:
    """Return the bytes before the first record, rendered in an environment. Raises TemplateError."""
    from datagen.templating import (  # noqa: PLC0415 - Jinja2
        Renderer,
        RenderError,
        TemplateError,
        check_template,
    )

    if not template.header:
        return b""
    sandbox = _sandbox() if sandbox is None else sandbox
    tree = check_template(template.header, record_schema.columns, sandbox, header=True)
    try:
        text = Renderer(tree, sandbox, {}).render((), ())
    except RenderError as error:
        raise TemplateError([(error.line, error.text)]) from None
    return f"{text}\n".encode("utf-8", "replace")


def _sandbox(
    tables: Mapping[str, Any] = NO_TABLES, timeline: Timeline = NO_TIMELINE, clock: str = TIME
) -> Any:
    """Return an environment for templates, with the functions of the language, of these tables and periods."""
    from datagen.language.calls import Calls  # noqa: PLC0415 - Jinja2
    from datagen.templating import Sandbox  # noqa: PLC0415 - Jinja2

    return Sandbox(functions=Calls(tables, timeline=timeline, clock=clock))


class TemplateFormatter(Formatter):
    """Writes each record by a template: as columns where that is possible, else by Jinja2."""

    def __init__(
        self,
        name: str,
        template: Template,
        record_schema: RecordSchema,
        tables: Mapping[str, Any] = NO_TABLES,
        timeline: Timeline = NO_TIMELINE,
        clock: str = TIME,
    ) -> None:
        from datagen.templating import check_template  # noqa: PLC0415 - Jinja2

        self.name = quoted(name)[1:-1]
        self._besides = _besides(template)
        self._record_schema = record_schema = _with_besides(record_schema, self._besides)
        self._sandbox = _sandbox(tables, timeline, clock)
        self._checked = check_template(template.body, record_schema.columns, self._sandbox)
        self._renderers: dict[str, Any] = {}
        header = header_of(template, record_schema, _sandbox(tables, timeline, clock))
        self.encoding = Encoding(is_json=False, media_type="text/plain", header=header)
        self._reasons: dict[str, str] = {}
        self._bounds: dict[str, Any] = {}
        self._plans = {NAIVE: self._plans_now()}

    @property
    def method(self) -> str:
        """Return how records are written, and what prevents a column plan."""
        if not self._reasons:
            return "as columns"
        emitter, why = next(iter(self._reasons.items()))
        emitters = self._record_schema.emitters
        some = f' for the emitter "{emitter}"' if len(self._reasons) < len(emitters) else ""
        return f"by Jinja2, record by record{some} ({why})"

    def stop_when(self, stopped: Callable[[], bool]) -> None:
        self._sandbox.meter.stopped = stopped

    def render(self, batch: Batch) -> Payload:
        if not batch.groups:
            return self.empty()
        if self._besides:
            batch = batch.with_names(self._besides)
        texts, stops = [], []
        for group in batch.groups:
            text, stop = self.texts(group, batch.style)
            texts.append(text)
            stops += [stop] if stop else []
        first = min(stops, key=lambda stop: stop[0], default=None)
        return RecordBytes.of_texts(in_order(batch, texts), self.encoding, first)

    def _plans_now(self) -> Mapping[str, ColumnPlan | None]:
        return {emitter: self._plan(emitter) for emitter in self._record_schema.emitters}

    def _plans_in(self, style: Style) -> Mapping[str, ColumnPlan | None]:
        """Return the plan of each emitter where instants are written in a style, on which functions depend."""
        key = style if self._checked.calls_functions else NAIVE
        if key not in self._plans:
            self._plans[key] = self._plans_now()
        return self._plans[key]

    def _plan(self, emitter: str) -> ColumnPlan | None:
        from datagen.formats.translation import PlanTranslator  # noqa: PLC0415 - Jinja2
        from datagen.templating import NotTranslatableError, WorkBound  # noqa: PLC0415 - Jinja2

        columns, fixed = self._record_schema.emitters[emitter], self._fixed(emitter)
        tree, before = self._checked.tree, self._sandbox.meter.total
        try:
            plan = PlanTranslator(columns, self._sandbox, fixed).plan(tree)
        except NotTranslatableError as error:
            self._reasons[emitter] = str(error)
        except RecursionError:
            self._reasons[emitter] = "it is nested deeply"
        else:
            constant = self._sandbox.meter.total - before
            self._bounds[emitter] = WorkBound(tree, columns, constant, self._sandbox)
            return plan
        return None

    def _fixed(self, emitter: str) -> Mapping[str, Any]:
        return {} if EMITTER in self._record_schema.columns else {EMITTER: emitter}

    def texts(self, group: Group, style: Style) -> tuple[TextArray, Stop | None]:
        """Return the text of each record of a group, and the first record that fails, with its error.

        `style` is how instants are written, whose zone is that of functions.
        """
        from datagen.templating import StoppedError  # noqa: PLC0415 - Jinja2

        self._sandbox.functions.style = style

        plan = self._plans_in(style)[group.emitter] if self._fits_columns(group) else None
        try:
            texts = None if plan is None else plan.texts(group)
        except RecursionError:
            texts = None
        except StoppedError as error:
            texts = pa.array([""] * len(group.rows), pa.string())
            return texts, (int(group.rows[0]), error)
        if texts is None or texts.null_count:
            return self._by_jinja(group)
        return texts, None

    def _fits_columns(self, group: Group) -> bool:
        """Return whether no record of a group can come near the limits of templates."""
        if group.emitter not in self._bounds:
            return False
        columns = self._record_schema.emitters[group.emitter]
        longest = max(
            (
                column.longest_text
                for section in group.sections
                for name, column in zip(section.names, section.columns, strict=True)
                if name in self._checked.names and columns[name].kind not in _SHORT
            ),
            default=0,
        )
        meter = self._sandbox.meter
        return bool(self._bounds[group.emitter].allows(longest, len(group.rows), meter))

    def _by_jinja(self, group: Group) -> tuple[TextArray, Stop | None]:
        from datagen.templating import (  # noqa: PLC0415 - Jinja2
            MISSING,
            Renderer,
            RenderError,
            StoppedError,
        )

        if group.emitter not in self._renderers:
            fixed = self._fixed(group.emitter)
            self._renderers[group.emitter] = Renderer(self._checked, self._sandbox, fixed)
        render = self._renderers[group.emitter].render
        texts: list[str] = []
        size = 0
        names = [
            name
            for name in self._checked.names
            if name in self._record_schema.emitters[group.emitter]
        ]
        firsts, which = _combinations(group, names)
        stop: Stop | None = None
        try:
            rows = _rows(group, names, firsts, MISSING)
            for row, times in zip(rows, _times(which, len(firsts)), strict=True):
                texts.append(render(names, row))
                size += len(texts[-1]) * times
                if size > _MAX_BATCH:
                    raise RenderError(1, _TOO_LARGE)  # noqa: TRY301 - as one that cannot be rendered
        except (RenderError, StoppedError) as error:
            texts = texts[: len(firsts) - 1]
            failed = int(firsts[len(texts)])
            stop = int(group.rows[failed]), RunError(f"template {self.name}: {error}")
            texts += [""] * (len(firsts) - len(texts))
        lines = join([_array(texts), "\n"], len(texts))
        return (lines if which is None else lines.take(pa.array(which))), stop


def _times(which: Ints | None, combinations: int) -> list[int]:
    """Return how many records have each combination of values."""
    return [1] * combinations if which is None else np.bincount(which).tolist()


def _rows(group: Group, names: Sequence[str], rows: Ints, absent: Any) -> Iterator[tuple[Any, ...]]:
    """Yield the values of some fields for some records, as Python objects."""
    if not names:
        yield from ((),) * len(rows)
        return
    columns = [group.column(name) for name in names]
    is_all = len(rows) == len(group.rows)
    lists = [
        (column if is_all else column.take(rows)).to_python(absent)
        for column in columns
        if column is not None
    ]
    yield from zip(*lists, strict=True)


def _combinations(group: Group, names: Sequence[str]) -> tuple[Ints, Ints | None]:
    """Return the first records of each combination of values, and for each record its combination.

    Combinations are recognised by the indices of gathered columns. If they cannot be, or there are many,
    the second is None and the first are all records.
    """
    sections = [each for each in group.sections if set(names) & set(each.names)]
    indices = (
        index
        for section in sections
        for index in ([section.index] if section.index is not None else _indices(section, names))
    )
    return combinations(indices, len(group.rows)) or (np.arange(len(group.rows)), None)


def _indices(section: Section, names: Sequence[str]) -> Iterator[Ints | None]:
    for name, column in zip(section.names, section.columns, strict=True):
        if name in names:
            yield column.index if isinstance(column, GatheredColumn) else None


def _array(texts: list[str]) -> TextArray:
    try:
        return pa.array(texts, pa.string())
    except UnicodeEncodeError:
        return pa.array([each.encode("utf-8", "replace") for each in texts]).cast(pa.string())
