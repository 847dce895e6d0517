"""Turns the tree of a template into a plan of columns, where its text is then surely Jinja2's.

Whatever depends on one field becomes an expression, computed value by value where arrays cannot;
around these stand constants, conditions and texts one after the other.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import pyarrow as pa
from jinja2 import nodes

from datagen.columns.column_type import ColumnType
from datagen.formats.column_plan import (
    AsJson,
    ColumnPlan,
    Constant,
    FieldSegment,
    PlainText,
    Segment,
)
from datagen.formats.conditions import (
    ABSENT,
    AllTests,
    AlwaysFails,
    Computed,
    ComputedTest,
    ComputedText,
    Conditional,
    FixedTest,
    NotTest,
)
from datagen.formats.conditions import Test as Condition
from datagen.templating.onefield import (
    NoColumnsError,
    OneField,
    body_of,
    named,
    question,
    truth_of,
    without_first,
)
from datagen.templating.rendering import single
from datagen.templating.sandbox import Sandbox


class Translation:
    """Translates for the records of one emitter, whose fields have these column_types."""

    def __init__(
        self, columns: Mapping[str, ColumnType], sandbox: Sandbox, fixed: Mapping[str, Any]
    ) -> None:
        self._columns, self._sandbox, self._fixed = columns, sandbox, fixed
        self._one = OneField(columns, sandbox, fixed)

    def plan(self, tree: nodes.Template) -> ColumnPlan:
        """Return the plan, a newline at the end of each record. Raises NoColumnsError."""
        for node in tree.find_all((nodes.Assign, nodes.AssignBlock, nodes.Macro)):
            raise NoColumnsError(node, named(node))
        return ColumnPlan([*self._all(tree.body), Constant("\n")])

    # texts of several fields

    def _all(self, body: Iterable[nodes.Node]) -> Iterator[Segment]:
        for node in body:
            yield from self._pieces(node)

    def _pieces(self, node: nodes.Node) -> Iterator[Segment]:
        match node:
            case nodes.Output():
                yield from self._all(node.nodes)
                return
            case nodes.TemplateData():
                yield Constant(node.data)
                return
            case nodes.Name() if node.name in self._columns:
                yield FieldSegment(node.name, PlainText())
                return
            case nodes.Filter(name="tojson", node=nodes.Name(name=name)) if name in self._columns:
                self._one.plain(node)
                yield FieldSegment(name, AsJson(), "null")
                return
        names = self._one.names(node)
        if not names:
            yield self._constant(node)
        elif len(names) == 1:
            expression = self._one.text(node)
            compute = single(body_of(node), self._sandbox, names[0], self._fixed, ABSENT)
            yield ComputedText(names[0], Computed(expression, compute, pa.string()))
        else:
            yield from self._several(node)

    def _several(self, node: nodes.Node) -> Iterator[Segment]:
        match node:
            case nodes.If():
                yield Conditional(
                    self._test(node.test), tuple(self._all(node.body)), self._rest(node)
                )
            case nodes.CondExpr():
                other = () if node.expr2 is None else tuple(self._pieces(node.expr2))
                yield Conditional(self._test(node.test), tuple(self._pieces(node.expr1)), other)
            case nodes.Or():
                left, right = tuple(self._pieces(node.left)), tuple(self._pieces(node.right))
                yield Conditional(self._test(node.left), left, right)
            case nodes.And():
                left, right = tuple(self._pieces(node.left)), tuple(self._pieces(node.right))
                yield Conditional(self._test(node.left), right, left)
            case nodes.Concat():
                yield from self._all(node.nodes)
            case _:
                raise NoColumnsError(node, named(node, several=True))

    def _rest(self, node: nodes.If) -> tuple[Segment, ...]:
        """Return the pieces of what follows the first branch of a condition."""
        if not node.elif_:
            return tuple(self._all(node.else_))
        return tuple(self._pieces(without_first(node)))

    def _constant(self, node: nodes.Node) -> Segment:
        text = self._one.folded(node)
        return AlwaysFails() if text is None else Constant(text)

    def _test(self, node: nodes.Node) -> Condition:
        names = self._one.names(node)
        if len(names) == 1:
            compute = single(question(node), self._sandbox, names[0], self._fixed, ABSENT)
            computed = Computed(self._one.truth(node), _boolean(compute), pa.bool_())
            return ComputedTest(names[0], computed)
        if not names:
            return FixedTest(self._one.asked(node))
        match node:
            case nodes.Not():
                return NotTest(self._test(node.node))
            case nodes.And() | nodes.Or():
                parts = (self._test(node.left), self._test(node.right))
                return AllTests(parts, any=isinstance(node, nodes.Or))
        raise NoColumnsError(node, named(node, several=True))


def _boolean(compute: Callable[[Any], str | None]) -> Callable[[Any], bool | None]:
    return lambda value: truth_of(compute(value))
