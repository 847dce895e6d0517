"""Tells how much a template can take for a record, at most, from how long the texts of its fields are.

Columns compute without a meter. So a template is written by columns only where no record could come
near the limits: then both ways give the same, and none of its arrays grows out of proportion.
"""

from collections.abc import Container
from dataclasses import dataclass
from typing import Any

from jinja2 import nodes

from datagen.templating.checking import constant_argument
from datagen.templating.meter import PART, STEP, Meter
from datagen.templating.sandbox import Sandbox

_ESCAPED = 6  # characters that one can become, in JSON or in another case
_OF_TIME = 64  # characters that one of a pattern of strftime can become
_OF_DIRECTIVE = 1_400  # characters that one of a pattern of `format` can become
_MOST_OF_CALL = 4 * 65_536  # bytes that a function makes
_MAX_BYTES = 1 << 30  # of an array


@dataclass(frozen=True)
class _Bound:
    """The work of a part of a template, the size of its value, and the largest size on the way there."""

    work: int
    size: int
    largest: int


class WorkBound:
    """Bounds the work of a template of expressions and conditions over `fields`.

    `constant` is the work of its parts that read no field, as it was measured.
    """

    def __init__(
        self, tree: nodes.Template, fields: Container[str], constant: int, sandbox: Sandbox
    ) -> None:
        self._tree, self._fields, self._constant = tree, fields, constant
        self._functions, self._calls = sandbox.functions, sandbox.calls
        self._found: dict[int, _Bound] = {}

    def allows(self, longest: int, rows: int, meter: Meter) -> bool:
        """Return whether columns may write so many rows, of fields of up to `longest` bytes."""
        power = max(longest, PART).bit_length()
        if power not in self._found:
            self._found[power] = self._of(self._tree, 1 << power)
        found = self._found[power]
        return (
            found.work + self._constant <= meter.work
            and found.largest <= meter.size
            and found.largest * rows <= _MAX_BYTES
        )

    def _of(self, node: nodes.Node, longest: int) -> _Bound:
        parts = [self._of(each, longest) for each in node.iter_child_nodes()]
        size = self._size(node, [each.size for each in parts], longest)
        work = STEP + size + sum(each.work for each in parts)
        if isinstance(node, nodes.Filter) and parts:
            work += parts[0].size * (1 + sum(each.size for each in parts[1:]))
            work += self._work_of_call(node, sum(each.size for each in parts))
        own = size if isinstance(node, nodes.Expr) else 0
        return _Bound(work, size, max([own, *(each.largest for each in parts)]))

    def _work_of_call(self, node: nodes.Filter, characters: int) -> int:
        if node.name not in self._calls or self._functions is None:
            return 0
        return self._functions.most_work(self._calls[node.name], characters)

    def _size(self, node: nodes.Node, parts: list[int], longest: int) -> int:
        size = sum(parts) + PART
        match node:
            case nodes.Name():
                size = longest if node.name in self._fields else PART + self._constant
            case nodes.Const():
                size = max(PART, len(str(node.value)))
            case nodes.TemplateData():
                size = len(node.data)
            case nodes.Filter(
                name="replace", args=[nodes.Const(value=old), nodes.Const(value=new)]
            ):
                size = parts[0] * _growth(old, new)
            case nodes.Filter(name="tojson" | "upper" | "lower"):
                size = _ESCAPED * parts[0] + PART
            case nodes.Filter() if node.name in self._calls:
                size = min(_MOST_OF_CALL, _growth_of_call(self._calls[node.name], node, parts))
            case nodes.Call():
                size += _OF_TIME * len(constant_argument(node, "strftime") or "")
        return size


def _growth_of_call(function: str, node: nodes.Filter, parts: list[int]) -> int:
    """Return the size of what a function makes of arguments of these sizes, or more."""
    constants = "".join(str(each.value) for each in node.args if isinstance(each, nodes.Const))
    first = node.node.value if isinstance(node.node, nodes.Const) else None
    if function == "format" and isinstance(first, str):
        return sum(parts) + _OF_DIRECTIVE * first.count("%") + PART
    if function == "strftime":
        return _OF_TIME * len(constants) + PART
    if function == "split":
        return 3 * PART * sum(parts) + PART
    if function in ("join", "replace", "lookup", "format"):
        return _MOST_OF_CALL
    return _ESCAPED * sum(parts) + 4 * PART


def _growth(old: Any, new: Any) -> int:
    return max(1, -(-len(str(new)) // max(1, len(str(old)))))
