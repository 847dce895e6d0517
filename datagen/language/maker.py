"""Makes the typed parts of expressions: calls whose arguments are constant are computed at once."""

from collections.abc import Sequence
from typing import Any

from datagen.columns.column_type import BOOL, NOTHING, TEXT, ColumnType, union
from datagen.language.conversions import CONVERSIONS, converted
from datagen.language.problems import MistakeError, described
from datagen.language.scope import Scope
from datagen.language.text_functions import string
from datagen.language.tree import Call, Constant, Function, Node
from datagen.language.values import has_instants, settled_type

_GROUPS = {"int": "number", "float": "number", "bool": "number"}  # that may equal each other
_MAX_PARTS = 1_000  # of an expression, those included that it has twice


class Maker:
    """Makes parts, and counts them; `style` is how instants are written. `warnings` are columns and sentences.

    What is `in_set`, a fixed set of values, is made before the run.
    """

    def __init__(self, scope: Scope) -> None:
        self.style, self.tables = scope.style, scope.tables
        self.timeline, self.types, self.clock = scope.timeline, scope.types, scope.clock
        self.in_set = scope.outside is not None
        self.warnings: list[tuple[int, str]] = []
        self._parts = 0

    def call(self, function: Function, column_type: ColumnType, at: int, *arguments: Node) -> Node:
        """Return a call. Raises MistakeError where it can never have a value."""
        self.count(1 + (len(arguments) if function.name == "concat" else 0))
        nothing = any(each.column_type.kind == "nothing" for each in arguments)
        if nothing and not function.takes_nulls:
            column_type = NOTHING
        constant = function.at_once and bool(arguments)
        if not constant or not all(isinstance(each, Constant) for each in arguments):
            return Call(column_type, at, function, arguments)
        values = [each.value for each in arguments if isinstance(each, Constant)]
        return Constant(column_type, at, _computed(function, values, at))

    def count(self, parts: int) -> None:
        """Count parts that are made. Raises MistakeError where an expression has too many."""
        self._parts += parts
        if self._parts > _MAX_PARTS:
            raise MistakeError(1, f"has more than {_MAX_PARTS:,} parts")

    def converted(self, node: Node, target: ColumnType) -> Node:
        """Return a part as one of a type that is the union of its own with others."""
        if node.column_type.kind == "nothing":
            return node
        function = converted(node.column_type, target, self.style)
        if function is None:
            return node
        kind = settled_type(node.column_type) if target.kind == "json" else target
        return self.call(function, kind, node.at, node)

    def settled(self, node: Node) -> Node:
        """Return a part with texts in place of the instants in it; an instant by itself stays."""
        if node.column_type.kind == "instant" or not has_instants(node.column_type):
            return node
        return self.converted(node, settled_type(node.column_type))

    def written(self, node: Node) -> Node:
        """Return a part with texts in place of the instants in it, itself one of them."""
        if node.column_type.kind == "instant":
            return self.call(string(self.style), TEXT, node.at, node)
        return self.settled(node)

    def united(self, parts: Sequence[Node]) -> tuple[ColumnType, list[Node]]:
        """Return the union of the types of parts, and these as parts of it."""
        target = union(each.column_type for each in parts)
        if any(has_instants(each.column_type) for each in parts) and target.kind == "json":
            parts = [self.written(each) for each in parts]
            target = union(each.column_type for each in parts)
        return target, [self.converted(each, target) for each in parts]

    def truth(self, node: Node) -> Node:
        """Return whether a part is true, null where it is null: an instant always is."""
        kind = node.column_type.kind
        if kind in ("bool", "nothing"):
            return node
        name = "always" if kind == "instant" else "truth"
        return self.call(CONVERSIONS[name], BOOL, node.at, node)

    def warn(self, at: int, text: str) -> None:
        """Note what is allowed but most likely not meant."""
        self.warnings.append((at, text))

    def warn_if_never_equal(self, at: int, left: ColumnType, right: ColumnType) -> None:
        """Note that values of two types are compared that never equal each other, if they do not."""
        groups = {_GROUPS.get(each.kind, each.kind) for each in (left, right)}
        if len(groups) > 1 and not groups & {"json", "nothing"}:
            self.warn(at, f"{described(left)} and {described(right)} are never equal")


def _computed(function: Function, values: list[Any], at: int) -> Any:
    if None in values and not function.takes_nulls:
        return None
    try:
        return function.compute(*values)
    except (ArithmeticError, ValueError) as error:
        raise MistakeError(at, f"never has a value: {error}") from None
