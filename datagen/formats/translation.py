"""Translates the tree of a template to a column plan, where its text is then surely Jinja2's.

Whatever reads one field becomes an expression, evaluated value by value where arrays cannot. What reads
several is taken apart as far as it is constants, conditions, and texts one after the other: what remains
are expressions too.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

import pyarrow as pa
from jinja2 import nodes

from datagen.columns.column_type import ColumnType
from datagen.expressions.evaluation import Evaluation
from datagen.formats.column_plan import (
    ColumnPlan,
    Constant,
    FieldSegment,
    JsonText,
    PlainText,
    Segment,
)
from datagen.formats.conditions import (
    AlwaysFails,
    AnyAllCondition,
    ComputedCondition,
    ComputedText,
    Condition,
    ConditionalText,
    ConstantCondition,
    NotCondition,
)
from datagen.templating.expression_translator import ExpressionTranslator, without_first_branch
from datagen.templating.filter_translator import check_arguments, check_default
from datagen.templating.obstacles import NotTranslatableError, obstacle
from datagen.templating.rendering import (
    constant_text,
    constant_truth,
    text_function,
    truth_function,
)
from datagen.templating.sandbox import Sandbox


class PlanTranslator:
    """Translates for the records of one emitter, whose fields have these column types."""

    def __init__(
        self, columns: Mapping[str, ColumnType], sandbox: Sandbox, fixed: Mapping[str, Any]
    ) -> None:
        self._columns, self._sandbox, self._fixed = columns, sandbox, fixed
        self._expressions = ExpressionTranslator(columns, sandbox, fixed)

    def plan(self, tree: nodes.Template) -> ColumnPlan:
        """Return the plan, a newline at the end of each record. Raises NotTranslatableError."""
        for node in tree.find_all((nodes.Assign, nodes.AssignBlock, nodes.Macro)):
            raise NotTranslatableError(node, obstacle(node))
        return ColumnPlan([*self._all(tree.body), Constant("\n")])

    # texts

    def _all(self, body: Iterable[nodes.Node]) -> Iterator[Segment]:
        for node in body:
            yield from self._segments(node)

    def _segments(self, node: nodes.Node) -> Iterator[Segment]:
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
                check_arguments(node)
                yield FieldSegment(name, JsonText(), "null")
                return
            case nodes.Filter(
                name="default" | "d", node=nodes.Name(), args=[nodes.Name(name=name), *_]
            ):
                if name in self._columns:
                    yield from self._default(node)
                    return
        fields = self._expressions.fields(node)
        if not fields:
            text = constant_text(node, self._sandbox, self._fixed)
            yield AlwaysFails() if text is None else Constant(text)
        elif len(fields) == 1:
            yield self._computed(node)
        else:
            yield from self._of_several_fields(node)

    def _computed(self, node: nodes.Node) -> Segment:
        fields, expression = self._expressions.fields(node), self._expressions.text(node)
        compute = text_function(node, self._sandbox, fields, self._fixed)
        return ComputedText(Evaluation(expression, fields, compute, pa.string()))

    def _of_several_fields(self, node: nodes.Node) -> Iterator[Segment]:
        match node:
            case nodes.If():
                then = tuple(self._all(node.body))
                yield ConditionalText(self._condition(node.test), then, self._rest(node))
            case nodes.CondExpr():
                other = () if node.expr2 is None else tuple(self._segments(node.expr2))
                then = tuple(self._segments(node.expr1))
                yield ConditionalText(self._condition(node.test), then, other)
            case nodes.Or():
                left, right = tuple(self._segments(node.left)), tuple(self._segments(node.right))
                yield ConditionalText(self._condition(node.left), left, right)
            case nodes.And():
                left, right = tuple(self._segments(node.left)), tuple(self._segments(node.right))
                yield ConditionalText(self._condition(node.left), right, left)
            case nodes.Concat():
                yield from self._all(node.nodes)
            case _:
                yield self._computed(node)

    def _default(self, node: nodes.Filter) -> Iterator[Segment]:
        """Translate the filter `default` of a field with another field."""
        check_default(self._expressions, node)
        value = cast("nodes.Name", node.node)
        then, other = tuple(self._segments(value)), tuple(self._segments(node.args[0]))
        test = value if len(node.args) == 2 else _defined(value)
        yield ConditionalText(self._condition(test), then, other)

    def _rest(self, node: nodes.If) -> tuple[Segment, ...]:
        """Return the segments of what follows the first branch of a condition."""
        if not node.elif_:
            return tuple(self._all(node.else_))
        return tuple(self._segments(without_first_branch(node)))

    # conditions

    def _condition(self, node: nodes.Node) -> Condition:
        fields = self._expressions.fields(node)
        if not fields:
            return ConstantCondition(constant_truth(node, self._sandbox, self._fixed))
        match node:
            case nodes.Not() if len(fields) > 1:
                return NotCondition(self._condition(node.node))
            case nodes.And() | nodes.Or() if len(fields) > 1:
                parts = (self._condition(node.left), self._condition(node.right))
                return AnyAllCondition(parts, every=isinstance(node, nodes.And))
        expression = self._expressions.truth(node)
        compute = truth_function(node, self._sandbox, fields, self._fixed)
        return ComputedCondition(Evaluation(expression, fields, compute, pa.bool_()))


def _defined(name: nodes.Name) -> nodes.Test:
    test = nodes.Test(name, "defined", [], [], None, None, lineno=name.lineno)
    test.environment = name.environment
    return test
